"""Who received anything about one person: a district's answer to who asks about a child.

Rule: the number becomes a mark here and is told to nobody, not even to the caller's own cursor. An answer that is cut
says where to go on, and every answer says from when to when there are records, and whom none can find.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hallpass.domain.access import Actor, Integration
from hallpass.domain.disclosures import PersonAsked, Sent, Verdict, sent
from hallpass.domain.ledger import Appearance, Known, Row
from hallpass.domain.ledger_cursor import cursor_text, read_cursor
from hallpass.domain.scope import DateRange
from hallpass.ledger_ports import DisclosureIndex
from hallpass.services.ledger_access import Readable, check_days, readable_district, refuse_cursor
from hallpass.services.manage_access import Desk

MOST_ANSWERS = 500
MOST_SETS = 200
"""Sets of persons that one call looks into."""
_NOBODY = Known(seen=False, appearances=())


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """`outside`: there are disclosures outside the period. `unnumbered`: incidents that were sent and held somebody
    without a number. `records_since`: None for a district of which nothing was recorded; `complete_until`: None when
    nothing is known to be in the index.
    """

    verdict: Verdict
    sent: Sequence[Sent]
    outside: bool
    next: str | None
    unnumbered: int
    records_since: datetime | None
    complete_until: datetime | None
    integrations: Sequence[Integration]
    time_zone: str


def disclosures(desk: Desk, actor: Actor, district_id: str, asked: PersonAsked) -> PersonAnswer:
    """Raises NotFoundError, BodyInvalidError, UnavailableError."""
    district = readable_district(desk, actor, district_id)
    if asked.period is not None:
        check_days(asked.period, most=None)
    question = asked.question(district.district_id)
    place = _place(asked.cursor, question)
    account = desk.ledger.account(district.district_id)
    # First: what comes into the index while it is read must not be promised.
    until = desk.index.indexed_until(district.district_id)
    known = _known(desk, district, asked) if account else _NOBODY
    filed = _Filed(desk.index, district.district_id, known.appearances, _Period.of(asked.period, district.time_zone))
    found, following = filed.read(place)
    return PersonAnswer(
        verdict=Verdict.DISCLOSED if filed.any(True) else Verdict.NOT_DISCLOSED if known.seen else Verdict.NEVER_SEEN,
        sent=found,
        outside=filed.any(False),
        next=None if following is None else cursor_text(question, following),
        unnumbered=desk.index.unnumbered(district.district_id, asked.person),
        records_since=account.opened_at if account else None,
        complete_until=until,
        integrations=desk.registry.integrations(district.district_id),
        time_zone=district.time_zone,
    )


def _known(desk: Desk, district: Readable, asked: PersonAsked) -> Known:
    marks = desk.ledger_keys.marks(district.district_id)
    return desk.index.known(district.district_id, marks.of(asked.person, asked.number.reveal()))


@dataclass(frozen=True, slots=True)
class _Period:
    """From `begin` up to `end`, without it."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, period: DateRange | None, time_zone: str) -> _Period:
        """`period`: days in the time zone, or all."""
        if period is None:
            return cls(_EVER.begin, _EVER.end)
        zone = ZoneInfo(time_zone)
        begin, end = (datetime.combine(day, time(), zone) for day in (period.first, period.last + timedelta(days=1)))
        return cls(begin.astimezone(UTC), end.astimezone(UTC))

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end

    def holds(self, day: date) -> bool | None:
        """All of that day (UTC), nothing of it, or (None) a part."""
        first = datetime.combine(day, time(), UTC)
        last = first + timedelta(days=1) - timedelta(microseconds=1)
        if last < self.begin or first >= self.end:
            return False
        return True if first in self and last in self else None


_EVER = _Period(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_Place = tuple[str, str, str, str]
# Behind every key of a row, which begins with a digit.
_END = "~"


def _order(appearance: Appearance) -> tuple[str, str, str]:
    return appearance.day.isoformat(), appearance.recipient, appearance.people


@dataclass(frozen=True, slots=True)
class _Filed:
    """What the index has of a person, and the period asked about."""

    index: DisclosureIndex
    district_id: str
    appearances: Sequence[Appearance]
    period: _Period

    def any(self, within: bool) -> bool:
        """Whether there is an answer within the period, or without."""
        held = [(each, self.period.holds(each.day)) for each in self.appearances]
        if any(holds is within for _, holds in held):
            return True
        # Of a day that is not whole in the period the answers' own times decide.
        parts = [row for each, holds in held if holds is None for row in self._rows(each)]
        return any((row.time in self.period) is within for row in parts)

    def read(self, place: _Place | None) -> tuple[Sequence[Sent], _Place | None]:
        """The answers that follow `place`, and the place of the last one when others follow it."""
        found: list[Sent] = []
        for answer, where in self._following(place):
            if answer is None or len(found) == MOST_ANSWERS:
                return found, where
            found.append(answer)
        return found, None

    def _following(self, place: _Place | None) -> Iterator[tuple[Sent | None, _Place]]:
        """Each answer with the place before it; None after MOST_SETS sets, with the place before the next."""
        behind = place or ("", "", "", "")
        within = [each for each in self.appearances if self.period.holds(each.day) is not False]
        ahead = [each for each in sorted(within, key=_order) if _order(each) >= behind[:3]]
        for number, each in enumerate(ahead):
            if number == MOST_SETS:
                yield None, behind
            for row in self._rows(each):
                here = (*_order(each), row.key)
                if here > behind and row.time in self.period:
                    yield sent(row, each.shown), behind
                    behind = here
            behind = (*_order(each), _END)

    def _rows(self, appearance: Appearance) -> Sequence[Row]:
        return self.index.disclosures(self.district_id, appearance)


def _place(text: str | None, question: Sequence[str]) -> _Place | None:
    """Raises BodyInvalidError."""
    if text is None:
        return None
    try:
        day, recipient, people, key = read_cursor(text, question, 4)
        date.fromisoformat(day)
    except ValueError as error:
        raise refuse_cursor() from error
    return day, recipient, people, key
