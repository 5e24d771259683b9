"""What a vendor with a scope asks for to get all of it, and how far the scope reaches beyond what is counted.

Rule: what the fields do not show cannot be asked for, so it limits the reach too; a list that names no dates is never
taken for all that can be asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from hallpass.domain.grant import resolve
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.refusal import DELETED
from hallpass.domain.scope import RollingWindow, Scope, filters_days
from hallpass.domain.view import view_of

LONGEST_YEAR = timedelta(days=366)
"""What EducatorsHandbook.com answers with unasked is one school term or year, and so goes back no further."""
LONGEST_BREAK = timedelta(days=30)
"""Days without an incident inside a term. After a longer break a list is not trusted to be of one term still."""
_UNASKED = "the school term or year that EducatorsHandbook.com answers with unasked"


@dataclass(frozen=True, slots=True)
class Reach:
    """`first`, `last`: of the scope's dates; None: without a bound. `words`: what else bounds it."""

    first: date | None
    last: date | None
    words: str


@dataclass(frozen=True, slots=True)
class Days:
    """`first`: None: from the beginning."""

    first: date | None
    last: date

    def words(self) -> str:
        return f"all days through {self.last}" if self.first is None else f"{self.first} through {self.last}"


def reach(scope: Scope, today: date) -> Reach:
    """`today`: in the district's time zone."""
    window = resolve(scope.rows.window, today)
    return Reach(window.first if window else None, window.last if window else None, _words(scope, today))


def _words(scope: Scope, today: date) -> str:
    if not filters_days(scope.fields):
        return f"These fields do not let a vendor name dates, so it gets {span_words(scope, today)}, and nothing older."
    window = resolve(scope.rows.window, today)
    if window is None:
        return f"A vendor gets {_UNASKED}; one that names dates gets older terms and years too, without a bound."
    moves = " These days move on with today." if isinstance(scope.rows.window, RollingWindow) else ""
    reached = f"{window.first} through {window.last}, of whatever term or year, and no day before or after."
    if today not in window:
        return f"A vendor has to name dates, and gets {reached}"
    return f"A vendor that names dates gets {reached}{moves}"


def span_words(scope: Scope, today: date) -> str:
    """What it can reach, in short. Two scopes of which it is the same reach the same days, today and later."""
    window, granted = resolve(scope.rows.window, today), scope.rows.window
    days = "every day" if window is None else f"{window.first} through {window.last}"
    if isinstance(granted, RollingWindow):
        days = f"the last {granted.days} days ({days})"
    if filters_days(scope.fields):
        return days
    return _UNASKED if window is None else f"{days} as far as they are in {_UNASKED}"


def whole_query(scope: Scope, today: date) -> UpstreamQuery:
    """The one upstream query whose answer holds everything that the scope shows now, as far as it is told unasked."""
    window, view = resolve(scope.rows.window, today), view_of(scope.fields)
    deleted = scope.rows.deleted and view.shows(DELETED)
    if window is None or today in window:
        return UpstreamQuery(deleted=deleted)
    return UpstreamQuery(None, deleted, window.first, window.last)


def reaches_other_years(scope: Scope, today: date) -> bool:
    """Whether more can be asked for than any list without dates holds."""
    window = resolve(scope.rows.window, today)
    return _names_days_to_today(scope, today) and (window is None or window.first < today - LONGEST_YEAR)


def wider(scope: Scope, today: date, listed: UpstreamQuery) -> UpstreamQuery | None:
    """The query that a list stands for with which more of the scope is counted than unasked; None: it is no such list.

    It goes back further than a school year and up to today, so it holds the unasked one too, whether the upstream
    filters on the incident's date or on its last change, which is no earlier.
    """
    if listed.type is not None or listed.first is None or listed.last is None:
        return None
    if listed.first >= today - LONGEST_YEAR or listed.last < today or not _names_days_to_today(scope, today):
        return None
    deleted = listed.deleted and whole_query(scope, today).deleted
    return UpstreamQuery(None, deleted, listed.first, listed.last)


def not_held(scope: Scope, today: date, asked: UpstreamQuery, held: Collection[date]) -> Days | None:
    """Days that can be reached by naming dates, and that the list of this query is not known to hold.

    `held`: the days of the incidents in it.
    """
    if not _names_days_to_today(scope, today):
        return None
    window, since = resolve(scope.rows.window, today), asked.first or _unbroken_since(held, today)
    if window is not None and window.first >= since:
        return None
    return Days(window.first if window else None, since - timedelta(days=1))


def _names_days_to_today(scope: Scope, today: date) -> bool:
    """A window without today is asked for by its dates, so the list is all of it."""
    window = resolve(scope.rows.window, today)
    return filters_days(scope.fields) and (window is None or today in window)


def _unbroken_since(held: Collection[date], today: date) -> date:
    """From which day on a list has no long break: a single late entry of an older year is not where it begins."""
    since = today
    for day in sorted((day for day in held if day <= today), reverse=True):
        if since - day > LONGEST_BREAK:
            break
        since = day
    return since
