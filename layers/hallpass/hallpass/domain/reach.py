"""What a vendor with a scope asks for to get all of it, and from which day on the scope can reach.

Rule: what the fields do not show cannot be asked for, so it limits the reach too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hallpass.domain.grant import resolve
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.refusal import DELETED
from hallpass.domain.scope import Scope, filters_days
from hallpass.domain.view import view_of

_ONLY_THIS_YEAR = (
    "These fields take no `from` and `to`, so a vendor gets the school term or year that EducatorsHandbook.com answers "
    "with unasked, and nothing older."
)
_ALSO_OLDER = "A vendor that names `from` and `to` may ask for older terms and years too."


@dataclass(frozen=True, slots=True)
class Reach:
    """`first`, `last`: of the scope's dates; None: without a bound. `words`: what else bounds it."""

    first: date | None
    last: date | None
    words: str


def reach(scope: Scope, today: date) -> Reach:
    """`today`: in the district's time zone."""
    window = resolve(scope.rows.window, today)
    words = _ALSO_OLDER if filters_days(scope.fields) else _ONLY_THIS_YEAR
    return Reach(window.first if window else None, window.last if window else None, words)


def whole_query(scope: Scope, today: date) -> UpstreamQuery:
    """The one upstream query whose answer holds everything that the scope shows now, as far as it is told unasked."""
    window, view = resolve(scope.rows.window, today), view_of(scope.fields)
    deleted = scope.rows.deleted and view.shows(DELETED)
    if window is None or today in window:
        return UpstreamQuery(deleted=deleted)
    return UpstreamQuery(None, deleted, window.first, window.last)
