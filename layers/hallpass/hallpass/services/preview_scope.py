"""What a vendor with a scope would see, before it is granted, told from what is cached: never by a call upstream.

Rule: numbers are counted or not given. A real incident is shown to an admin of its own district alone, and that is a
disclosure: whom it is about is in the ledger before it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hallpass.domain.access import Actor, District, Integration, Role
from hallpass.domain.errors import RoleInsufficientError
from hallpass.domain.example_incident import as_shown, as_upstream, invented
from hallpass.domain.field_table import GroupLine, field_table
from hallpass.domain.listing import Account
from hallpass.domain.model import Incident
from hallpass.domain.people import people_of
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.reach import Reach, reach, span_words
from hallpass.domain.rendered import count_persons
from hallpass.domain.scope import Scope
from hallpass.domain.showing import Change
from hallpass.domain.value_words import change_words, rows_words
from hallpass.domain.values import Json
from hallpass.domain.view import view_of
from hallpass.services.count_preview import Counted, Plan, count, plan, wide_lists
from hallpass.services.counting_gaps import gaps, how
from hallpass.services.deadline import deadline
from hallpass.services.manage_access import Desk, visible_district, visible_integration

_NO_REAL_ONE = (
    "A real incident is shown in a preview only to an admin of that very district: to an operator it would be a "
    "disclosure that the district did not make. Ask for the synthetic example."
)
NOTHING_CHANGES = "Nothing changes in what is cached: the same incidents, and the same fields of them."
SAME_COUNTED = "The same incidents in what was counted, and the same fields of them"


@dataclass(frozen=True, slots=True)
class PreviewAsked:
    """`compare_with`: the integration whose scope this one would replace. `real`: a real incident as the example."""

    scope: Scope
    compare_with: str | None = None
    real: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """`upstream`: what EducatorsHandbook.com sends; `current`, `proposed`: what is shown of it under a scope."""

    real: bool
    upstream: Mapping[str, Json]
    current: Mapping[str, Json] | None
    proposed: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Whom a real example is about: the ledger's name of the set, and how many persons it shows."""

    people: str
    persons: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`sentences`: the difference against the current scope. `gaps`: what was not counted; `how`: to have it cached."""

    district: District
    counted: Counted
    compared: Integration | None
    reach: Reach
    fields: Sequence[GroupLine]
    changes: Sequence[tuple[Change, str]]
    sentences: Sequence[str]
    gaps: Sequence[str]
    how: str | None
    example: Example | None
    disclosed: Disclosed | None


def preview(desk: Desk, actor: Actor, district_id: str, asked: PreviewAsked, seconds: float) -> Preview:
    """`seconds`: what the invocation has left.

    Raises NotFoundError, RoleInsufficientError, and UnavailableError when whom a real example is about is not kept.
    """
    district = visible_district(desk, actor, district_id)
    if asked.real and actor.person.role is not Role.DISTRICT_ADMIN:
        raise RoleInsufficientError(_NO_REAL_ONE)
    compared = visible_integration(desk, actor, district_id, asked.compare_with)[1] if asked.compare_with else None
    today, counted = desk.today(district), _counted(desk, district, asked.scope, compared, seconds)
    changes = _changes(counted)
    example, disclosed = _example(desk, district, counted, today, real=asked.real)
    return Preview(
        district=district,
        counted=counted,
        compared=compared,
        reach=reach(asked.scope, today),
        fields=field_table(view_of(asked.scope.fields)),
        changes=changes,
        sentences=_sentences(counted, changes),
        gaps=gaps(counted),
        how=_how(counted),
        example=example,
        disclosed=disclosed,
    )


def _counted(desk: Desk, district: District, scope: Scope, compared: Integration | None, seconds: float) -> Counted:
    seconds_left = deadline(desk.clock, seconds)
    kept, today, now = desk.kept.within(seconds_left), desk.today(district), desk.clock.now()
    account = Account(district.id, desk.upstream.origin, district.account_epoch)
    scopes = [scope, *([compared.scope] if compared else [])]
    wide = wide_lists(kept, account, scopes, today)
    proposed, *others = [plan(kept, account, each, today, now, wide) for each in scopes]
    current = others[0] if others else None
    return count(kept, proposed, current, seconds_left)


def _changes(counted: Counted) -> Sequence[tuple[Change, str]]:
    """None without what both scopes are counted over: a difference to nothing is none."""
    if not _comparable(counted):
        return []
    return [(change, change_words(change)) for change in counted.showing.changes()]


def _sentences(counted: Counted, changes: Sequence[tuple[Change, str]]) -> Sequence[str]:
    if not _comparable(counted):
        return []
    said = [*rows_words(*counted.showing.rows_added()), *(words for _, words in changes)]
    moved = _moved(counted)
    if moved is None:
        return said or [NOTHING_CHANGES]
    return [*said, f"What it can reach {moved}."] if said else [f"{SAME_COUNTED}; what it can reach {moved}."]


def _moved(counted: Counted) -> str | None:
    """What no count of what is cached shows."""
    assert counted.current is not None  # nothing else is compared
    before, after = (span_words(each.scope, each.today) for each in (counted.current, counted.proposed))
    return None if before == after else f"changes from {before} to {after}"


def _comparable(counted: Counted) -> bool:
    return counted.current is not None and bool(counted.proposed.sources) and bool(counted.current.sources)


def _how(counted: Counted) -> str | None:
    plans = [each for each in (counted.proposed, counted.current) if each is not None]
    short = [each for each in plans if not _whole(each)]
    return how(short[0]) if short else None


def _whole(counted: Plan) -> bool:
    return bool(counted.sources) and all(source.reading.complete for source in counted.sources)


def _example(
    desk: Desk, district: District, counted: Counted, today: date, *, real: bool
) -> tuple[Example | None, Disclosed | None]:
    if not real:
        return _shown(invented(counted.proposed.rows(counted.proposed.query), today), counted, real=False), None
    if counted.example is None:
        return None, None
    return _shown(counted.example, counted, real=True), _disclose(desk, district, counted.example)


def _shown(incident: Incident, counted: Counted, *, real: bool) -> Example:
    current = counted.current
    if current is not None and current.rows(current.query).withholds(incident) is not None:
        current = None
    return Example(
        real,
        as_upstream(incident),
        as_shown(incident, view_of(current.scope.fields)) if current else None,
        as_shown(incident, view_of(counted.proposed.scope.fields)),
    )


def _disclose(desk: Desk, district: District, incident: Incident) -> Disclosed:
    """Raises UnavailableError."""
    view = view_of(UPSTREAM_VIEW)
    people = people_of([incident], [incident], view, desk.ledger_keys.marks(district.id))
    return Disclosed(desk.people.keep(district.id, people), count_persons([incident], view))
