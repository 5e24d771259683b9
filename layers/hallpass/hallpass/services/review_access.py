"""Searching the ledger: who asked for what, how it was answered, who changed what.

Rule: the days are of UTC, as rows are filed. What began before `complete_until` of the first answer is told once, and
nothing is told twice, whatever is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.access import Actor
from hallpass.domain.ledger import LATE, Row
from hallpass.domain.row_query import Search
from hallpass.services.ledger_access import (
    MOST_READ,
    Place,
    Stretch,
    check_days,
    place_of,
    place_text,
    readable_district,
    stretches,
)
from hallpass.services.manage_access import Desk


@dataclass(frozen=True, slots=True)
class RowsFound:
    """`read`: rows that were looked at. `next`: where to go on; None: that was all. `complete_until`: see above."""

    rows: Sequence[Row]
    read: int
    next: str | None
    complete_until: datetime


def search(desk: Desk, actor: Actor, district_id: str, asked: Search) -> RowsFound:
    """Raises NotFoundError, BodyInvalidError, UnavailableError."""
    district = readable_district(desk, actor, district_id)
    check_days(asked.span)
    question = asked.question(district.district_id)
    place, settled = place_of(asked.cursor, question, asked.span), desk.clock.now() - LATE
    found: list[Row] = []
    read, following = 0, place
    for stretch in stretches(desk.ledger, district.district_id, asked.span, place, newest=asked.newest):
        looked_at, following = _take(stretch, asked, found)
        read += looked_at
        if len(found) == asked.limit or read >= MOST_READ:
            break
    return RowsFound(found, read, place_text(question, following), settled)


def _take(stretch: Stretch, asked: Search, found: list[Row]) -> tuple[int, Place | None]:
    """Adds what matches to `found`, up to the limit: how many rows were looked at, and where to go on."""
    for number, row in enumerate(stretch.rows, 1):
        if asked.query.matches(row):
            found.append(row)
        if len(found) == asked.limit and number < len(stretch.rows):
            return number, Place(stretch.day, row.key)
    return len(stretch.rows), stretch.next
