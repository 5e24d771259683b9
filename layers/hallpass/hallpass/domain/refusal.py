"""What of a query a scope refuses, and how it is told: each parameter with what was asked, granted and is missing.

Rule: what is named and not granted is refused, never narrowed; and nobody filters by what they are not shown, for the
answer would tell it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hallpass.domain.errors import InsufficientScopeError
from hallpass.domain.query import IncidentQuery
from hallpass.domain.scope import DATE, LAST_MODIFIED, AllSchools, DateRange, IncidentType, RollingWindow, Rows
from hallpass.domain.view import FieldView

TYPE, DELETED, SCHOOL = "incident/@type", "incident/@deleted", "incident/school/@code"
MOST_SHOWN = 100
_ENVELOPE, _CONTEXT = "fields:envelope", "fields:context"


@dataclass(frozen=True, slots=True)
class _Refused:
    parameter: str
    requested: Sequence[str]
    granted: Sequence[str]
    missing: Sequence[str]


def refuse(rows: Rows, view: FieldView, query: IncidentQuery, window: DateRange | None) -> None:
    """`window`: the scope's, as dates. Raises InsufficientScopeError naming every parameter that is refused."""
    refused = [
        *_type(rows, view, query),
        *_deleted(rows, view, query),
        *_schools(rows, view, query),
        *_dates(view, query, window),
        *_modified_since(rows, view, query),
    ]
    if refused:
        raise InsufficientScopeError(
            {each.parameter: each.requested for each in refused},
            {each.parameter: each.granted[:MOST_SHOWN] for each in refused},
            list(dict.fromkeys(token for each in refused for token in each.missing)),
        )


def _type(rows: Rows, view: FieldView, query: IncidentQuery) -> Iterator[_Refused]:
    asked = query.upstream.type
    if asked is None:
        return
    if not view.shows(TYPE):
        yield _Refused("type", [asked.value], [], [_ENVELOPE])
    elif asked not in rows.types:
        granted = [kind.value for kind in IncidentType if kind in rows.types]
        yield _Refused("type", [asked.value], granted, [f"type:{asked.value}"])


def _deleted(rows: Rows, view: FieldView, query: IncidentQuery) -> Iterator[_Refused]:
    if query.upstream.deleted and not view.shows(DELETED):
        yield _Refused("deleted", ["1"], [], [_ENVELOPE])
    elif query.upstream.deleted and not rows.deleted:
        yield _Refused("deleted", ["1"], [], ["deleted:1"])


def _schools(rows: Rows, view: FieldView, query: IncidentQuery) -> Iterator[_Refused]:
    if not query.schools:
        return
    if not view.shows(SCHOOL):
        yield _Refused("school", sorted(query.schools), [], [_CONTEXT])
    elif not isinstance(rows.schools, AllSchools) and not query.schools <= rows.schools:
        missing = [f"school:{code}" for code in sorted(query.schools - rows.schools)]
        yield _Refused("school", sorted(query.schools), sorted(rows.schools), missing)


def _dates(view: FieldView, query: IncidentQuery, window: DateRange | None) -> Iterator[_Refused]:
    first, last = query.upstream.first, query.upstream.last
    if first is None or last is None:
        return
    hidden = [token for path, token in ((LAST_MODIFIED, _ENVELOPE), (DATE, _CONTEXT)) if not view.shows(path)]
    if hidden:
        yield _Refused("from", [first.isoformat()], [], hidden)
        yield _Refused("to", [last.isoformat()], [], hidden)
    elif window is not None and not DateRange(first, last).overlaps(window):
        for name, mine, yours in (("from", first, window.first), ("to", last, window.last)):
            yield _Refused(name, [mine.isoformat()], [yours.isoformat()], [f"{name}:{mine.isoformat()}"])


def is_pollable(rows: Rows, view: FieldView) -> bool:
    """Whether `modified_since` misses nothing: a rolling window takes rows in by a date, which must be shown then."""
    return view.shows(LAST_MODIFIED) and (view.shows(DATE) or not isinstance(rows.window, RollingWindow))


def _modified_since(rows: Rows, view: FieldView, query: IncidentQuery) -> Iterator[_Refused]:
    if query.since is None:
        return
    if not is_pollable(rows, view):
        missing = _CONTEXT if view.shows(LAST_MODIFIED) else _ENVELOPE
        yield _Refused("modified_since", [query.since.text()], [], [missing])
    elif view.whole_days and query.since.below_the_day:
        yield _Refused("modified_since", [query.since.text()], ["a day as YYYY-MM-DD"], ["modified_since:time"])
