"""Who may read which part of the ledger, and how its rows are gone through in bounded steps.

Rule: nothing that was cut looks complete: whoever stops has the place where to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hallpass.domain.access import Actor
from hallpass.domain.errors import BodyInvalidError, NotFoundError
from hallpass.domain.ledger import NO_DISTRICT, Row, days
from hallpass.domain.ledger_cursor import cursor_text, read_cursor
from hallpass.domain.row_query import MOST_DAYS
from hallpass.domain.scope import DateRange
from hallpass.ledger_ports import LedgerReader
from hallpass.services.manage_access import Desk, refuse_field, visible_district

MOST_READ = 4_000
"""Rows that one call reads, whatever it finds in them."""
ROWS_AT_ONCE = 500
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
NO_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Readable:
    """A part of the ledger that the actor may read. `time_zone`: the district's, where there is one."""

    district_id: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: after the row `key` of `day`; "" is before every row of it."""

    day: date
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one day that were read together. `next`: where the following ones are; None: there are none."""

    day: date
    rows: Sequence[Row]
    next: Place | None


def readable_district(desk: Desk, actor: Actor, district_id: str) -> Readable:
    """Who sees all also reads what belongs to no district, or to one that the registry does not know any more.

    Raises NotFoundError, UnavailableError.
    """
    if actor.person.sees_all and district_id == NO_DISTRICT:
        return Readable(NO_DISTRICT, NO_ZONE)
    try:
        district = visible_district(desk, actor, district_id)
    except NotFoundError:
        if actor.person.sees_all and desk.ledger.account(district_id) is not None:
            return Readable(district_id, NO_ZONE)
        raise
    return Readable(district.id, district.time_zone)


def check_days(span: DateRange, most: int | None = MOST_DAYS) -> None:
    """Raises BodyInvalidError."""
    if not FIRST_DAY <= span.first <= span.last <= LAST_DAY:
        raise refuse_field("to", f"is a day from `from` on; both are days from {FIRST_DAY} to {LAST_DAY}")
    if most is not None and span.last - span.first >= timedelta(days=most):
        raise refuse_field("to", f"is at most {most} days from `from` on, both counted")


def stretches(
    ledger: LedgerReader, district_id: str, span: DateRange, place: Place | None, *, newest: bool = False
) -> Iterator[Stretch]:
    """The rows from `place` on, or all; a day without any is an empty stretch. Raises UnavailableError."""
    ordered = list(days(span.first, span.last))
    if newest:
        ordered.reverse()
    started = ordered.index(place.day) if place else 0
    for number, day in enumerate(ordered[started:], started):
        tomorrow = Place(ordered[number + 1]) if number + 1 < len(ordered) else None
        after, more = place.key if place and place.day == day else "", True
        while more:
            read = ledger.rows(district_id, day, after=after, limit=ROWS_AT_ONCE, newest=newest)
            more = read.more
            after = read.rows[-1].key if more else ""
            yield Stretch(day, read.rows, Place(day, after) if more else tomorrow)


def place_text(question: Sequence[str], place: Place | None) -> str | None:
    return None if place is None else cursor_text(question, [place.day.isoformat(), place.key])


def place_of(text: str | None, question: Sequence[str], span: DateRange) -> Place | None:
    """Raises BodyInvalidError for what was not given out for this question."""
    if text is None:
        return None
    try:
        told, key = read_cursor(text, question, 2)
        day = date.fromisoformat(told)
    except ValueError as error:
        raise refuse_cursor() from error
    if day not in span or not key.startswith(told if key else ""):
        raise refuse_cursor()
    return Place(day, key)


def refuse_cursor() -> BodyInvalidError:
    return refuse_field("cursor", "is `next` of an answer to the same question, unchanged")
