"""`Link` (RFC 8288): where the walk goes on, in absolute addresses with the query in its canonical form."""

from __future__ import annotations

from urllib.parse import urlencode

from hallpass.domain.query import IncidentQuery


def page_links(base_url: str, path: str, query: IncidentQuery, snapshot: str | None, total_pages: int) -> str:
    """first, prev, next and last of a snapshot, as far as they are there. Past the last page, prev is the last."""
    pages = {"first": 1, "prev": min(query.page - 1, total_pages), "next": query.page + 1, "last": total_pages}
    if query.page <= 1 or total_pages < 1:
        del pages["prev"]
    if query.page >= total_pages:
        del pages["next"]
    if total_pages < 1:
        del pages["last"]
    return ", ".join(
        f'<{page_address(base_url, path, query, snapshot, page)}>; rel="{relation}"' for relation, page in pages.items()
    )


def page_address(base_url: str, path: str, query: IncidentQuery, snapshot: str | None, page: int) -> str:
    return f"{base_url}{path}?{urlencode(query.parameters(page, snapshot))}"


def schema_address(base_url: str, fields: str) -> str:
    """Where the JSON Schema of what a view looks like is served."""
    return f"{base_url}/v1/incidents.schema.json?{urlencode({'fields': fields})}"


def schema_link(base_url: str, fields: str, fragment: str = "") -> str:
    """The schema of an answer. `fragment`: the part of it that describes the answer, as `#` and a JSON Pointer."""
    return f'<{schema_address(base_url, fields)}{fragment}>; rel="describedby"'
