"""A grant: a scope applied to one query. What is named outside the scope is refused; the rest is narrowed.

Rule: the upstream query is the vendor's own, unchanged; rows are judged one by one after the hit, so that
one stored listing serves every scope, and an upstream that sends what nobody asked for is caught.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from hallpass.domain.access import Integration
from hallpass.domain.errors import DatesRequiredError, ResyncRequiredError, UnavailableError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.query import IncidentQuery
from hallpass.domain.refusal import is_pollable, refuse
from hallpass.domain.row_filter import Changed, RowFilter
from hallpass.domain.scope import AllSchools, DateRange, RollingWindow, Rows, Scope, Unbounded, Window
from hallpass.domain.view import FieldView, view_of

RENDERER_VERSION = 4


@dataclass(frozen=True, slots=True)
class Grant:
    """The upstream query to send, and what the vendor sees of its answer.

    `key`: that its pseudonyms are made with; None when it shows none. `recurring`: whether what it shows of a page is
    likely to be asked for again. `pollable`: whether it may be asked for what changed.
    """

    upstream: UpstreamQuery
    rows: RowFilter
    fields: str
    dataset: str
    key: SealedKey | None = None
    recurring: bool = True
    pollable: bool = True

    @property
    def view(self) -> FieldView:
        return view_of(self.fields)

    @property
    def verbatim(self) -> bool:
        """Whether XML is the upstream's own bytes."""
        return self.fields == UPSTREAM_VIEW

    def view_key(self) -> str:
        """SHA-256 (hex) of everything that decides how a model comes out, but for the format."""
        # The seal tells keys of one epoch apart: a registry that was restored counts from an earlier one again.
        keyed_to = self.key and [self.key.integration_id, self.key.epoch, self.key.sealed.hex()]
        parts = [self.rows.parts(), self.fields, self.dataset, keyed_to, RENDERER_VERSION]
        return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def narrow(integration: Integration, query: IncidentQuery, today: date) -> Grant:
    """Applies an integration's scope. `today`: in the district's time zone.

    Raises InsufficientScopeError for a named value that is not granted or a filter on what is not shown,
    DatesRequiredError when the query names no dates and the scope's window does not contain today,
    ResyncRequiredError for a poll of another dataset, and UnavailableError when there is no key for its pseudonyms.
    """
    scope, upstream = integration.scope, query.upstream
    # First: a poll from before the scope changed has to hear that, whatever else it may not ask any more.
    if query.dataset is not None and query.dataset != integration.dataset:
        raise ResyncRequiredError(integration.dataset)
    window, view = resolve(scope.rows.window, today), view_of(scope.fields)
    refuse(scope.rows, view, query, window)
    if window is not None and upstream.first is None and today not in window:
        raise DatesRequiredError(window.first.isoformat(), window.last.isoformat())
    return Grant(
        upstream,
        rows_of(scope, query, window),
        scope.fields,
        integration.dataset,
        _key(integration, view),
        # A poll has a new watermark every time, and a school is a text of the caller's making.
        recurring=query.since is None and not query.schools,
        pollable=is_pollable(scope.rows, view),
    )


def rows_of(scope: Scope, query: IncidentQuery, window: DateRange | None) -> RowFilter:
    """Which rows of a page that was read for this query the scope shows. `window`: the scope's, as dates."""
    return RowFilter(
        asked=query.upstream.type and query.upstream.type.value,
        types=_types(scope.rows),
        schools=_schools(scope.rows, query),
        window=window,
        deleted=query.upstream.deleted,
        changed=_changed(scope.rows, view_of(scope.fields), query),
    )


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


def _key(integration: Integration, view: FieldView) -> SealedKey | None:
    """Raises UnavailableError for an integration whose scope needs a key that it does not have."""
    if not view.pseudonymised:
        return None
    if integration.pseudonym_key is None:
        raise UnavailableError
    return integration.pseudonym_key


def _types(rows: Rows) -> frozenset[str | None]:
    """A row without a type lacks what a scope judges by, and is out; only unrestricted rows take it in."""
    types: frozenset[str | None] = frozenset(kind.value for kind in rows.types)
    return types | {None} if rows.unrestricted else types


def _schools(rows: Rows, query: IncidentQuery) -> frozenset[str] | None:
    """Those that the query names, which are all granted, else those of the scope."""
    if query.schools:
        return query.schools
    return None if isinstance(rows.schools, AllSchools) else rows.schools


def _changed(rows: Rows, view: FieldView, query: IncidentQuery) -> Changed | None:
    if query.since is None:
        return None
    # A rolling window takes a row in on the day of its date, which is no change of the row.
    enters = isinstance(rows.window, RollingWindow)
    return Changed(query.since, view.whole_days, query.since.earliest_day() if enters else None)
