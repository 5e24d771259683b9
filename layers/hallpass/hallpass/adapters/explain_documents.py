"""What an explanation tells as the admin API's JSON: of persons numbers only."""

from __future__ import annotations

from hallpass.adapters.admin_documents import Document, timestamp
from hallpass.adapters.preview_documents import group_document
from hallpass.domain.problem import problem_document
from hallpass.domain.row_filter import REASONS
from hallpass.services.explain_lookup import Lookup
from hallpass.services.explain_request import Explanation, RowsFound


def explanation_document(told: Explanation) -> Document:
    query, listing = told.query, told.listing
    return {
        "integration": told.integration.id,
        "refusal": None if told.refusal is None else problem_document(told.refusal, None),
        "query": None if query is None else "&".join(f"{name}={value}" for name, value in query.filters()),
        "page": None if query is None else query.page,
        "listing": None if listing is None else {"query": listing.query.canonical(), "key": listing.key},
        "cache": None if told.lookup is None else _lookup(told, told.lookup),
        "rows": None if told.rows is None else _rows(told.rows),
        "fields": [group_document(line) for line in told.fields],
    }


def _lookup(told: Explanation, lookup: Lookup) -> Document:
    page = lookup.page
    return {
        "found": lookup.found.value,
        "why": lookup.why,
        "snapshot": lookup.snapshot,
        "fresh_for_seconds": lookup.ttl,
        "read_at": None if page is None else timestamp(page.received.received_at),
        "total_pages": None if page is None else page.total_pages,
        "representation": told.representation,
        "computed_before": told.stored,
    }


def _rows(rows: RowsFound) -> Document:
    removed = [
        {"reason": reason, "words": REASONS[reason], "rows": count} for reason, count in sorted(rows.removed.items())
    ]
    return {"on_page": rows.on_page, "shown": rows.shown, "removed": removed, "persons": rows.persons}
