"""The invented incidents as the upstream would list them: filtered as it filters, cut into pages as it cuts.

Rule: a page is a function of the document and the query, so that every container has the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hallpass.domain.listing import UpstreamQuery

PAGE_SIZE = 10
_INCIDENT = re.compile(
    rb'<incident [^>]*?type="(?P<type>[a-z]+)"[^>]*>\s*<date>(?P<date>[0-9-]{10})</date>.*?</incident>', re.DOTALL
)
_DELETED = re.compile(rb'<incident [^>]*deleted="')


@dataclass(frozen=True, slots=True)
class Row:
    """An incident as it is written, and what the upstream filters by."""

    text: bytes
    kind: str
    day: date
    deleted: bool


def rows_of(document: bytes) -> Sequence[Row]:
    """The incidents of a document whose every incident has a type and a date, in its order."""
    return [_row(match) for match in _INCIDENT.finditer(document)]


def listed(rows: Sequence[Row], query: UpstreamQuery) -> Sequence[Row]:
    return [row for row in rows if _is_asked_for(row, query)]


def total_pages(rows: Sequence[Row]) -> int:
    return -(-len(rows) // PAGE_SIZE)


def page(rows: Sequence[Row], number: int) -> bytes:
    """Page `number` (from 1) of these, as XML; past the last one, an empty page."""
    shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    root = f'<incidents count="{len(shown)}" page="{number}" total-pages="{total_pages(rows)}">'
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'
    return head.encode() + b"".join(row.text + b"\n" for row in shown) + b"</incidents>\n"


def _row(match: re.Match[bytes]) -> Row:
    day = date.fromisoformat(match["date"].decode())
    return Row(match[0], match["type"].decode(), day, deleted=_DELETED.match(match[0]) is not None)


def _is_asked_for(row: Row, query: UpstreamQuery) -> bool:
    of_type = query.type is None or row.kind == query.type.value
    in_time = query.first is None or query.last is None or query.first <= row.day <= query.last
    return of_type and in_time and (query.deleted or not row.deleted)
