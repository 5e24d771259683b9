"""`Link` (RFC 8288): where the walk goes on, in absolute addresses with the query in its canonical form."""

from __future__ import annotations

from urllib.parse import urlencode

from hallpass.domain.query import IncidentQuery


def page_links(base_url: str, path: str, query: IncidentQuery, total_pages: int) -> str:
    """first, prev, next and last, as far as they are there. Past the last page, prev is the last."""
    pages = {"first": 1, "prev": min(query.page - 1, total_pages), "next": query.page + 1, "last": total_pages}
    if query.page <= 1 or total_pages < 1:
        del pages["prev"]
    if query.page >= total_pages:
        del pages["next"]
    if total_pages < 1:
        del pages["last"]
    return ", ".join(
        f'<{base_url}{path}?{urlencode(query.parameters(page))}>; rel="{relation}"' for relation, page in pages.items()
    )


def schema_link(base_url: str, fields: str) -> str:
    """The JSON Schema of what a view looks like."""
    return f'<{base_url}/v1/incidents.schema.json?{urlencode({"fields": fields})}>; rel="describedby"'
