"""How far a scope reaches, in words, and what of it a list is not known to hold."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hallpass.domain.errors import InsufficientScopeError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.query import IncidentQuery
from hallpass.domain.reach import Days, not_held, reach, reaches_other_years, span_words, whole_query, wider
from hallpass.domain.refusal import refuse
from hallpass.domain.scope import DateRange, IncidentType, RollingWindow, Scope, Unbounded, Window
from hallpass.domain.view import view_of
from hypothesis import given
from hypothesis import strategies as st

from tests.preview.material import WINDOWS, scopes
from tests.vendor.world import rows

TODAY = date(2026, 11, 26)
DATED, BLIND = "identified@1", "groups@2025-12:demographics:victims-none:numbers-kept"
UNASKED = "the school term or year that EducatorsHandbook.com answers with unasked"
SINCE_AUGUST = [date(2026, 8, 17) + timedelta(days=7 * week) for week in range(15)]
NOW_IN_IT = DateRange(date(2020, 1, 1), date(2026, 12, 31))
CLOSED = DateRange(date(2025, 9, 1), date(2025, 12, 31))


def scope(window: Window | None = None, fields: str = DATED) -> Scope:
    return Scope(rows(window=window), fields)


REACHES = [
    pytest.param(
        scope(),
        f"A vendor gets {UNASKED}; one that names dates gets older terms and years too, without a bound.",
        "every day",
        id="without a bound",
    ),
    pytest.param(
        scope(RollingWindow(90)),
        "A vendor that names dates gets 2026-08-29 through 2026-11-26, of whatever term or year, and no day before or "
        "after. These days move on with today.",
        "the last 90 days (2026-08-29 through 2026-11-26)",
        id="the last days",
    ),
    pytest.param(
        scope(NOW_IN_IT),
        "A vendor that names dates gets 2020-01-01 through 2026-12-31, of whatever term or year, and no day before or "
        "after.",
        "2020-01-01 through 2026-12-31",
        id="a day to a day, today among them",
    ),
    pytest.param(
        scope(CLOSED),
        "A vendor has to name dates, and gets 2025-09-01 through 2025-12-31, of whatever term or year, and no day "
        "before or after.",
        "2025-09-01 through 2025-12-31",
        id="a day to a day without today",
    ),
    pytest.param(
        scope(fields=BLIND),
        f"These fields do not let a vendor name dates, so it gets {UNASKED}, and nothing older.",
        UNASKED,
        id="fields without dates",
    ),
    pytest.param(
        scope(RollingWindow(90), BLIND),
        "These fields do not let a vendor name dates, so it gets the last 90 days (2026-08-29 through 2026-11-26) as "
        f"far as they are in {UNASKED}, and nothing older.",
        f"the last 90 days (2026-08-29 through 2026-11-26) as far as they are in {UNASKED}",
        id="the last days of fields without dates",
    ),
]


@pytest.mark.parametrize(("granted", "words", "span"), REACHES)
def test_the_words_are_true_of_the_window(granted: Scope, words: str, span: str) -> None:
    assert reach(granted, TODAY).words == words
    assert span_words(granted, TODAY) == span


HOLDS = [
    pytest.param(RollingWindow(90), SINCE_AUGUST, None, id="a window inside the list"),
    pytest.param(RollingWindow(120), SINCE_AUGUST, (date(2026, 7, 30), date(2026, 8, 16)), id="a window before it"),
    pytest.param(NOW_IN_IT, SINCE_AUGUST, (date(2020, 1, 1), date(2026, 8, 16)), id="a day long before it"),
    pytest.param(Unbounded(), SINCE_AUGUST, (None, date(2026, 8, 16)), id="no bound"),
    pytest.param(CLOSED, [], None, id="a window that is asked for by its dates"),
    pytest.param(RollingWindow(1), [], None, id="today alone"),
    pytest.param(RollingWindow(30), [], (date(2026, 10, 28), date(2026, 11, 25)), id="a list without incidents"),
    pytest.param(
        RollingWindow(3660),
        [date(1926, 9, 1), date(2026, 5, 20), *SINCE_AUGUST, date(2062, 1, 1)],
        (date(2016, 11, 19), date(2026, 8, 16)),
        id="late entries and days that were mistyped",
    ),
    pytest.param(
        RollingWindow(120), SINCE_AUGUST[:5], (date(2026, 7, 30), date(2026, 11, 25)), id="a term that is over"
    ),
]


@pytest.mark.parametrize(("window", "held", "beyond"), HOLDS)
def test_what_a_list_without_dates_is_not_known_to_hold(
    window: Window, held: list[date], beyond: tuple[date | None, date] | None
) -> None:
    granted = scope(window)
    assert not_held(granted, TODAY, whole_query(granted, TODAY), held) == (beyond and Days(*beyond))


def test_fields_without_dates_reach_nothing_else() -> None:
    assert not_held(scope(fields=BLIND), TODAY, UpstreamQuery(), SINCE_AUGUST) is None


def test_a_list_with_dates_holds_them() -> None:
    listed = UpstreamQuery(None, False, date(2020, 1, 1), TODAY)
    assert not_held(scope(NOW_IN_IT), TODAY, listed, []) is None
    assert not_held(scope(), TODAY, listed, []) == Days(None, date(2019, 12, 31))


def _list(first: date, last: date = TODAY, kind: IncidentType | None = None, *, deleted: bool = False) -> UpstreamQuery:
    return UpstreamQuery(kind, deleted, first, last)


LONG_AGO = date(2020, 1, 1)
NOT_WIDER = [
    pytest.param(scope(), UpstreamQuery(), id="without dates"),
    pytest.param(scope(), _list(LONG_AGO, kind=IncidentType.MINOR), id="of one type"),
    pytest.param(scope(), _list(TODAY - timedelta(days=366)), id="no longer than a school year"),
    pytest.param(scope(), _list(LONG_AGO, TODAY - timedelta(days=1)), id="ends yesterday"),
    pytest.param(scope(CLOSED), _list(LONG_AGO), id="the window is asked for by its dates"),
    pytest.param(scope(fields=BLIND), _list(LONG_AGO), id="fields without dates"),
]


@pytest.mark.parametrize(("granted", "listed"), NOT_WIDER)
def test_a_list_that_does_not_do_instead_of_the_one_without_dates(granted: Scope, listed: UpstreamQuery) -> None:
    assert wider(granted, TODAY, listed) is None


def test_a_wider_list_stands_for_a_query_with_the_deleted_only_where_they_are_shown() -> None:
    deleted = Scope(rows(deleted=True), DATED)
    assert wider(deleted, TODAY, _list(LONG_AGO, deleted=True)) == _list(LONG_AGO, deleted=True)
    assert wider(deleted, TODAY, _list(LONG_AGO)) == _list(LONG_AGO)
    assert wider(scope(), TODAY, _list(LONG_AGO, deleted=True)) == _list(LONG_AGO)


OTHER_YEARS = [
    pytest.param(scope(), True, id="without a bound"),
    pytest.param(scope(NOW_IN_IT), True, id="from long ago"),
    pytest.param(scope(RollingWindow(368)), True, id="a day longer than a year can be"),
    pytest.param(scope(RollingWindow(367)), False, id="as long as a year can be"),
    pytest.param(scope(CLOSED), False, id="asked for by its dates"),
    pytest.param(scope(fields=BLIND), False, id="fields without dates"),
]


@pytest.mark.parametrize(("granted", "reaches"), OTHER_YEARS)
def test_which_scopes_reach_further_than_a_list_without_dates(granted: Scope, reaches: bool) -> None:
    assert reaches_other_years(granted, TODAY) is reaches


days = st.dates(date(2019, 1, 1), date(2027, 1, 1))


@given(scopes(), st.lists(days, max_size=30), days)
def test_every_day_that_may_be_asked_for_is_held_or_told(granted: Scope, held: list[date], day: date) -> None:
    window = resolved(granted)
    if day > TODAY or not askable(granted, day, window) or (window is not None and TODAY not in window):
        return
    told = not_held(granted, TODAY, whole_query(granted, TODAY), held)
    if told is not None and (told.first or day) <= day <= told.last:
        return
    known = [day, *sorted(each for each in held if day <= each <= TODAY), TODAY]
    assert all(later - earlier <= timedelta(days=30) for earlier, later in pairwise(known))
    assert day == TODAY or any(each <= day for each in held)


def resolved(granted: Scope) -> DateRange | None:
    told = reach(granted, TODAY)
    return DateRange(told.first, told.last) if told.first and told.last else None


def askable(granted: Scope, day: date, window: DateRange | None) -> bool:
    """Whether the data plane would answer for that day alone."""
    query = IncidentQuery(UpstreamQuery(None, False, day, day))
    try:
        refuse(granted.rows, view_of(granted.fields), query, window)
    except InsufficientScopeError:
        return False
    return True


@pytest.mark.parametrize("window", WINDOWS)
def test_two_windows_with_the_same_words_are_the_same(window: Window) -> None:
    others = [other for other in WINDOWS if span_words(scope(other), TODAY) == span_words(scope(window), TODAY)]
    assert others == [window]
