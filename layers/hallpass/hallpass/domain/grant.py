"""A grant: a scope applied to one query. What is named outside the scope is refused; the rest is narrowed.

Rule: the upstream query is the vendor's own, unchanged; rows are judged one by one after the hit, so that
one stored listing serves every scope, and an upstream that sends what nobody asked for is caught.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from hallpass.domain.errors import DatesRequiredError, InsufficientScopeError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.model import Incident, incident_date, incident_deleted, incident_school, incident_type
from hallpass.domain.scope import (
    UPSTREAM_VIEW,
    AllSchools,
    DateRange,
    IncidentType,
    RollingWindow,
    Rows,
    Scope,
    Unbounded,
    Window,
)

RENDERER_VERSION = 1
UNREQUESTED = "unrequested"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a page a grant shows. None: not judged by that. `window`: already turned into dates.

    `types` with None among them: also rows without one. `asked`, `deleted`: the query's own `type` and `deleted`;
    the rest is the scope's.
    """

    asked: str | None
    types: frozenset[str | None]
    schools: frozenset[str] | None
    window: DateRange | None
    deleted: bool

    def withholds(self, row: Incident) -> str | None:
        """Why a row is out, or None when it is shown. A row that lacks what it is judged by is out.

        `unrequested`: the upstream sent what the query had not asked for.
        """
        kind = incident_type(row)
        if (self.asked is not None and kind != self.asked) or (not self.deleted and incident_deleted(row)):
            return UNREQUESTED
        if kind not in self.types:
            return "type"
        if self.schools is not None and incident_school(row) not in self.schools:
            return "school"
        if self.window is not None and not _dated_within(row, self.window):
            return "date"
        return None

    def named_types(self) -> list[str]:
        return sorted(kind for kind in self.types if kind is not None)

    def parts(self) -> list[object]:
        """The filter as plain values: a part of the identity of every representation."""
        schools = None if self.schools is None else sorted(self.schools)
        window = self.window and [self.window.first.isoformat(), self.window.last.isoformat()]
        return [self.asked, self.named_types(), None in self.types, schools, window, self.deleted]


@dataclass(frozen=True, slots=True)
class Grant:
    """The upstream query to send, and what the vendor sees of its answer."""

    upstream: UpstreamQuery
    rows: RowFilter
    fields: str
    dataset: str

    @property
    def verbatim(self) -> bool:
        """Whether XML is the upstream's own bytes."""
        return self.fields == UPSTREAM_VIEW

    def view_key(self) -> str:
        """SHA-256 (hex) of everything that decides how a model comes out, but for the format."""
        parts = [self.rows.parts(), self.fields, self.dataset, RENDERER_VERSION]
        return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def narrow(scope: Scope, query: UpstreamQuery, today: date, dataset: str) -> Grant:
    """Applies a scope. `today`: in the district's time zone.

    Raises InsufficientScopeError for a named value that is not granted, DatesRequiredError when the
    query names no dates and the scope's window does not contain today.
    """
    window = resolve(scope.rows.window, today)
    _refuse(scope.rows, query, window)
    if window is not None and query.first is None and today not in window:
        raise DatesRequiredError(window.first.isoformat(), window.last.isoformat())
    schools = None if isinstance(scope.rows.schools, AllSchools) else scope.rows.schools
    asked = query.type and query.type.value
    # A row without a type lacks what a scope judges by, and is out; only unrestricted rows take it in.
    types: frozenset[str | None] = frozenset(kind.value for kind in scope.rows.types)
    if scope.rows.unrestricted:
        types |= {None}
    rows = RowFilter(asked, types, schools, window, query.deleted)
    return Grant(query, rows, scope.fields, dataset)


def resolve(window: Window, today: date) -> DateRange | None:
    """A window's dates on `today`; None when it is unbounded."""
    match window:
        case DateRange():
            return window
        case RollingWindow():
            return window.on(today)
        case Unbounded():
            return None
        case _:
            assert_never(window)


def _refuse(rows: Rows, query: UpstreamQuery, window: DateRange | None) -> None:
    requested: dict[str, Sequence[str]] = {}
    granted: dict[str, Sequence[str]] = {}
    if query.type is not None and query.type not in rows.types:
        requested["type"] = [query.type.value]
        granted["type"] = [kind.value for kind in IncidentType if kind in rows.types]
    if query.deleted and not rows.deleted:
        requested["deleted"], granted["deleted"] = ["1"], []
    if window is not None and query.first is not None and query.last is not None:
        asked = DateRange(query.first, query.last)
        if not asked.overlaps(window):
            for name, mine, yours in (("from", asked.first, window.first), ("to", asked.last, window.last)):
                requested[name], granted[name] = [mine.isoformat()], [yours.isoformat()]
    if requested:
        raise InsufficientScopeError(requested, granted)


def _dated_within(row: Incident, window: DateRange) -> bool:
    text = incident_date(row)
    # date.fromisoformat also reads week dates; what is not plainly a day is no date and is out.
    if text is None or not _DAY.fullmatch(text):
        return False
    try:
        return date.fromisoformat(text) in window
    except ValueError:
        return False
