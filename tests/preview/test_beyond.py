"""A preview of a scope that reaches more than the list without dates: it says so, or counts a list that holds more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hallpass.domain.reach import span_words
from hallpass.domain.scope import DateRange, RollingWindow, Scope, Unbounded, Window
from hallpass.services.preview_scope import NOTHING_CHANGES, SAME_COUNTED, Preview, PreviewAsked, preview

from tests.preview.house import OPERATOR, SECONDS, House
from tests.preview.material import incident
from tests.records import DISTRICT_ID
from tests.vendor.world import rows

SUNDAYS = [date(2026, 1, 18) + timedelta(days=7 * week) for week in range(7)]
TERM = [incident(number, "minor", day.isoformat(), "007", "", []) for number, day in enumerate(SUNDAYS)]
OLDER = [incident(100 + year, "minor", f"20{year}-10-05", "007", "", []) for year in range(18, 25)]
GONE = incident(200, "minor", "2025-10-06", "007", "1", [])
ALL_YEARS = "from=2018-01-01&to=2026-03-02"
FIELDS, BLIND = "all-documented@1", "groups@2025-12:envelope:victims-none:numbers-kept"
NARROW = Scope(rows(window=RollingWindow(45)), FIELDS)
WIDER: list[Window] = [Unbounded(), RollingWindow(3660), DateRange(date(2020, 1, 1), date(2026, 12, 31))]
OTHER_YEAR = (
    "are not counted as far as they are of another school term or year: a vendor whose scope takes them in reaches "
    "them by naming dates, and the list without parameters holds the one that EducatorsHandbook.com answers with "
    "unasked."
)


@pytest.fixture
def house() -> House:
    """Its vendor has the last days, and has read the list without dates."""
    house = House()
    house.pages(TERM)
    house.receive(house.token(NARROW))
    return house


def told(house: House, scope: Scope, compared: str | None = None) -> Preview:
    return preview(house.desk, OPERATOR, DISTRICT_ID, PreviewAsked(scope, compared), SECONDS)


def read_all_years(house: House, query: str = ALL_YEARS) -> None:
    house.pages([*TERM, *OLDER, GONE])
    house.receive(house.token(Scope(rows(deleted=True), FIELDS)), query)


@pytest.mark.parametrize(
    ("window", "days"),
    [
        pytest.param(Unbounded(), "all days through 2026-01-17", id="no bound"),
        pytest.param(RollingWindow(3660), "2016-02-24 through 2026-01-17", id="ten years"),
        pytest.param(WIDER[2], "2020-01-01 through 2026-01-17", id="from a day long ago"),
    ],
)
def test_what_can_be_reached_and_was_not_counted_is_told(house: House, window: Window, days: str) -> None:
    found = told(house, Scope(rows(window=window), FIELDS))
    assert found.gaps == [f"Incidents of {days} {OTHER_YEAR}"]
    assert found.counted.proposed.census.shown == len(TERM)


@pytest.mark.parametrize("window", WIDER)
def test_a_window_that_widens_changes_something_though_the_count_stays(house: House, window: Window) -> None:
    compared = house.latest()
    [said] = told(house, Scope(rows(window=window), FIELDS), compared).sentences
    before, _, after = said.partition(" (2026-01-17 through 2026-03-02) to ")
    assert before == f"{SAME_COUNTED}; what it can reach changes from the last 45 days"
    assert after == f"{span_words(Scope(rows(window=window), FIELDS), date(2026, 3, 2))}."


def test_the_same_window_changes_nothing(house: House) -> None:
    assert told(house, NARROW, house.latest()).sentences == [NOTHING_CHANGES]


@pytest.mark.parametrize("window", WIDER)
def test_a_cached_list_of_older_years_is_counted_for_both(house: House, window: Window) -> None:
    compared = house.latest()
    read_all_years(house)
    found = told(house, Scope(rows(window=window), FIELDS), compared)
    first = found.reach.first or date.min
    older = sum(date.fromisoformat(f"20{year}-10-05") >= first for year in range(18, 25))
    assert found.counted.proposed.sources[0].reading.listing.query.canonical() == ALL_YEARS
    assert found.sentences[0] == f"Adds {older} incidents."
    assert "The two scopes are counted over lists that were read at different times." not in found.gaps


def test_what_is_older_than_the_wider_list_is_told(house: House) -> None:
    read_all_years(house)
    assert told(house, Scope(rows(), FIELDS)).gaps == [
        "Incidents of all days through 2017-12-31 are not counted: a vendor whose scope takes them in reaches "
        f"them by naming dates, and the list `{ALL_YEARS}` begins later."
    ]


def test_fields_without_dates_are_counted_over_what_their_vendor_gets(house: House) -> None:
    read_all_years(house)
    house.token(Scope(rows(), FIELDS))
    found = told(house, Scope(rows(), BLIND), house.latest())
    assert [source.asked.canonical() for source in found.counted.proposed.sources] == [""]
    assert found.counted.current is not None
    assert [source.asked.canonical() for source in found.counted.current.sources] == [ALL_YEARS]
    assert "The two scopes are counted over lists that were read at different times." in found.gaps


def test_of_two_wide_lists_the_one_with_the_deleted_comes_first(house: House) -> None:
    read_all_years(house)
    read_all_years(house, f"deleted=1&{ALL_YEARS}")
    for deleted, seen in ((True, 15), (False, 14)):
        found = told(house, Scope(rows(deleted=deleted), FIELDS))
        [source] = found.counted.proposed.sources
        assert source.reading.listing.query.deleted
        assert found.counted.proposed.census.shown == seen


def test_no_more_lists_are_looked_for_than_are_said(monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    read_all_years(house)
    read_all_years(house, "from=2017-01-01&to=2026-03-02")
    monkeypatch.setattr("hallpass.services.count_preview.MOST_WIDE", 1)
    assert told(house, Scope(rows(), FIELDS)).counted.proposed.sources[0].asked.first == date(2017, 1, 1)
    monkeypatch.setattr("hallpass.services.count_preview.MOST_WIDE", 0)
    assert told(house, Scope(rows(), FIELDS)).counted.proposed.sources[0].asked.first is None


def test_a_short_window_is_counted_over_what_its_vendor_gets(house: House) -> None:
    read_all_years(house)
    assert told(house, NARROW).counted.proposed.sources[0].asked.first is None


def test_where_nobody_knows_what_was_asked_for_it_is_counted_unasked(house: House) -> None:
    read_all_years(house)
    house.world.walks.unreachable = True
    found = told(house, Scope(rows(), FIELDS))
    assert not found.counted.proposed.sources


def test_the_docs_quote_what_is_said(house: House) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "districts.md").read_text(encoding="utf-8")
    quoted = " ".join(line.removeprefix("> ") for line in docs.splitlines() if line.startswith("> "))
    assert told(house, Scope(rows(), FIELDS), house.latest()).sentences == [quoted]
