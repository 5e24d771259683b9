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
from hallpass.domain.ledger import Appearance, Known
from hallpass.domain.ledger_cursor import cursor_text, read_cursor
from hallpass.domain.scope import DateRange
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
    within = [each for each in known.appearances if _touches(each, asked.period, district.time_zone)]
    found, following = _read(desk, district.district_id, within, place)
    return PersonAnswer(
        verdict=Verdict.DISCLOSED if within else Verdict.NOT_DISCLOSED if known.seen else Verdict.NEVER_SEEN,
        sent=found,
        outside=len(within) < len(known.appearances),
        next=None if following is None else cursor_text(question, following),
        unnumbered=desk.index.unnumbered(district.district_id),
        records_since=account.opened_at if account else None,
        complete_until=until,
        integrations=desk.registry.integrations(district.district_id),
        time_zone=district.time_zone,
    )


def _known(desk: Desk, district: Readable, asked: PersonAsked) -> Known:
    marks = desk.ledger_keys.marks(district.district_id)
    return desk.index.known(district.district_id, marks.of(asked.person, asked.number.reveal()))


def _touches(appearance: Appearance, period: DateRange | None, time_zone: str) -> bool:
    """Whether any of the day (UTC) may lie in the period: whole days are told, rather too much than too little."""
    if period is None:
        return True
    zone = ZoneInfo(time_zone)
    begin = datetime.combine(period.first, time(), zone).astimezone(UTC)
    end = datetime.combine(period.last + timedelta(days=1), time(), zone).astimezone(UTC)
    return begin.date() <= appearance.day and datetime.combine(appearance.day, time(), UTC) < end


_Place = tuple[str, str, str, str]
# Behind every key of a row, which begins with a digit.
_END = "~"


def _order(appearance: Appearance) -> tuple[str, str, str]:
    return appearance.day.isoformat(), appearance.recipient, appearance.people


def _read(
    desk: Desk, district_id: str, appearances: Sequence[Appearance], place: _Place | None
) -> tuple[Sequence[Sent], _Place | None]:
    """The answers that follow `place`, and the place of the last one when others follow it."""
    found: list[Sent] = []
    for answer, where in _following(desk, district_id, appearances, place):
        if answer is None or len(found) == MOST_ANSWERS:
            return found, where
        found.append(answer)
    return found, None


def _following(
    desk: Desk, district_id: str, appearances: Sequence[Appearance], place: _Place | None
) -> Iterator[tuple[Sent | None, _Place]]:
    """Each answer with the place before it; None after MOST_SETS sets, with the place before the next."""
    behind = place or ("", "", "", "")
    ahead = [each for each in sorted(appearances, key=_order) if _order(each) >= behind[:3]]
    for number, each in enumerate(ahead):
        if number == MOST_SETS:
            yield None, behind
        for row in desk.index.disclosures(district_id, each):
            here = (*_order(each), row.key)
            if here > behind:
                yield sent(row, each.shown), behind
                behind = here
        behind = (*_order(each), _END)


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
