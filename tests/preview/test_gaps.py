"""What a preview is counted over, and each thing that it says it did not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hallpass.domain.facets import Bearer
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.scope import DateRange, IncidentType, RollingWindow, Scope
from hallpass.domain.walk import State
from hallpass.services import kept_readings
from hallpass.services.preview_scope import NOTHING_CHANGES, Preview, PreviewAsked, preview

from tests.preview.house import OPERATOR, SECONDS, House
from tests.preview.material import incident, students
from tests.records import DISTRICT_ID
from tests.vendor.world import EVERYTHING, rows

ALL = "all-documented@1"
UNASKED = "groups@2025-12:envelope:victims-none:numbers-kept"
"""It takes no dates, so a list without any is all that it reaches."""
SCOPE = Scope(rows("referral minor"), UNASKED)
DELETED = Scope(rows("referral minor", deleted=True), UNASKED)
PAGES = [[incident(number, "referral", "2026-02-10", "007", "", [])] for number in range(3)]


@pytest.fixture
def house() -> House:
    house = House()
    house.pages(*PAGES)
    return house


def told(house: House, scope: Scope = SCOPE, compared: str | None = None, seconds: float = SECONDS) -> Preview:
    return preview(house.desk, OPERATOR, DISTRICT_ID, PreviewAsked(scope, compared), seconds)


def counted(found: Preview) -> tuple[int, int]:
    """Pages, and incidents in."""
    plan = found.counted.proposed
    return sum(source.reading.counted for source in plan.sources), plan.census.shown


def test_where_nothing_is_cached_nothing_is_counted_and_it_says_how(house: House) -> None:
    found = told(house, DELETED)
    assert not found.counted.proposed.sources
    assert found.gaps == ["Nothing is cached of the list `deleted=1`, which a vendor with this scope would ask for."]
    assert found.how is not None
    assert "/v1/incidents.json?deleted=1," in found.how
    assert (found.changes, found.sentences) == ([], [])
    assert not house.world.upstream.calls


def test_a_cache_out_of_reach_is_as_one_that_holds_nothing(house: House) -> None:
    house.receive_all(SCOPE)
    house.world.walks.unreachable = True
    found = told(house)
    assert not found.counted.proposed.sources
    assert found.gaps == [
        "Nothing is cached of the list without parameters, which a vendor with this scope would ask for."
    ]


def test_page_1_alone_is_a_part(house: House) -> None:
    house.world.get(house.token(SCOPE))
    found = told(house)
    assert counted(found) == (1, 1)
    assert found.gaps == [
        "Of the list without parameters only page 1 of 3 is cached; what is on the others is not counted."
    ]
    assert found.how is not None


def test_a_walk_that_is_being_read_is_a_part(house: House) -> None:
    house.receive_all(SCOPE)
    walks = house.world.walks.walks
    for key, walk in walks.items():
        walks[key] = replace(walk, state=State.BUILDING, digests=walk.digests[:2])
    found = told(house)
    assert counted(found) == (2, 2)
    assert "only pages 1 to 2 of 3" in found.gaps[0]


def test_a_walk_that_broke_is_none(house: House) -> None:
    house.receive_all(SCOPE)
    walks = house.world.walks.walks
    for key, walk in walks.items():
        walks[key] = replace(walk, state=State.BROKEN)
    assert counted(told(house)) == (1, 1)


def test_the_newest_whole_walk_is_counted_though_page_1_is_newer(house: House) -> None:
    token = house.token(SCOPE)
    house.receive(token)
    house.world.clock.move(timedelta(minutes=10))
    more = [[*PAGES[0], incident(9, "referral", "2026-02-10", "007", "", [])], *PAGES[1:]]
    house.pages(*more)
    house.world.get(token)
    house.world.get(token)
    found = told(house)
    assert counted(found) == (3, 3)
    assert found.gaps == []


def test_a_newer_list_of_one_page_is_counted_before_an_older_walk(house: House) -> None:
    token = house.token(SCOPE)
    house.receive(token)
    house.world.clock.move(timedelta(minutes=10))
    house.pages(PAGES[0])
    house.world.get(token)
    house.world.get(token)
    assert counted(told(house)) == (1, 1)


def test_what_is_over_is_not_counted(house: House) -> None:
    house.receive_all(SCOPE)
    house.world.clock.move(timedelta(days=4))
    assert not told(house).counted.proposed.sources


def test_pages_that_cannot_be_read_back_are_told(house: House) -> None:
    house.receive_all(SCOPE)
    house.world.store._pages = {key: page for key, page in house.world.store._pages.items() if key[2] != 2}
    found = told(house)
    assert counted(found) == (2, 2)
    assert found.gaps == ["Of the list without parameters these pages could not be read back and are not counted: 2."]
    house.world.store.lose(ArtefactKind.MODEL)
    assert "not counted: 1, 2, 3." in told(house).gaps[0]


def test_many_lost_pages_are_cut(house: House) -> None:
    house.pages(*[[incident(number, "minor", "", "", "", [])] for number in range(12)])
    house.receive_all(SCOPE)
    house.world.store.lose(ArtefactKind.MODEL)
    assert "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more." in told(house).gaps[0]


def test_bytes_that_are_no_model_any_more_are_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.receive_all(SCOPE)
    monkeypatch.setattr("hallpass.domain.model.MODEL_SCHEMA", 99)
    assert "could not be read back" in told(house).gaps[0]


def test_who_has_no_time_counts_less_and_says_so(house: House) -> None:
    house.receive_all(SCOPE)
    found = told(house, seconds=kept_readings.RESERVE_SECONDS - 1)
    assert counted(found) == (0, 0)
    assert found.gaps == [
        "Of the list without parameters the pages after page 0 are not counted: one preview does not read so much."
    ]


def test_one_preview_reads_so_many_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.receive_all(SCOPE)
    monkeypatch.setattr("hallpass.services.count_preview.MOST_PAGES", 2)
    found = told(house)
    assert counted(found) == (2, 2)
    assert "the pages after page 2 are not counted" in found.gaps[0]


def test_deleted_incidents_that_no_list_holds_are_told(house: House) -> None:
    house.receive_all(SCOPE)
    found = told(house, DELETED)
    assert counted(found) == (3, 3)
    assert found.gaps == ["Deleted incidents are not counted: no list that holds them is cached."]


def test_a_list_with_the_deleted_stands_for_one_without(house: House) -> None:
    house.pages([incident(1, "referral", "", "", "1", []), incident(2, "referral", "", "", "", [])])
    assert len(house.receive_all(DELETED)) == 2
    found = told(house)
    assert counted(found) == (1, 1)
    assert found.gaps == []


def test_lists_of_single_types_are_counted_type_by_type(house: House) -> None:
    token = house.token(SCOPE)
    house.receive(token, "type=referral")
    found = told(house)
    assert counted(found) == (3, 3)
    assert found.gaps == ["Counted type by type: no list of all types is cached, and none of minor."]
    house.receive(token, "type=minor")
    found = told(house)
    assert counted(found) == (6, 3), "the other list holds nothing that was asked for"
    assert found.gaps == ["Counted type by type: no list of all types is cached."]


def test_a_closed_window_is_counted_over_a_list_of_its_days(house: House) -> None:
    closed = Scope(rows(window=DateRange(date(2025, 9, 1), date(2025, 12, 31))), ALL)
    assert told(house, closed).counted.proposed.query == UpstreamQuery(
        None, False, date(2025, 9, 1), date(2025, 12, 31)
    )
    house.receive_all(closed)
    assert counted(told(house, closed)) == (3, 0)


def test_incidents_of_no_documented_type_are_told(house: House) -> None:
    house.pages([incident(1, "referral", "", "", "", []), incident(2, "invented", "", "", "", [])])
    house.receive_all(SCOPE)
    found = told(house)
    assert counted(found) == (1, 1)
    assert "that have no documented type are not counted (1)" in found.gaps[0]


def test_two_lists_are_two_readings_and_that_is_told(house: House) -> None:
    house.receive_all(DELETED)
    compared = house.latest()
    house.receive_all(SCOPE)
    found = told(house, SCOPE, compared)
    assert found.gaps == ["The two scopes are counted over lists that were read at different times."]
    assert found.sentences == [NOTHING_CHANGES]


def test_nothing_is_compared_with_what_is_not_cached(house: House) -> None:
    closed = Scope(rows(window=DateRange(date(2025, 9, 1), date(2025, 12, 31))), ALL)
    house.receive_all(SCOPE)
    house.token(closed)
    found = told(house, SCOPE, house.latest())
    assert found.sentences == []
    assert found.how is not None
    assert "from=2025-09-01" in found.how


def test_who_is_shown_is_counted_once(house: House) -> None:
    parties = [students("S1", "", "no"), students("", "", ""), students("S1", "", "no")]
    house.pages([incident(1, "referral", "", "", "", parties)], [incident(2, "referral", "", "", "", parties[:1])])
    house.receive_all(SCOPE)
    there = told(house).counted.showing.of_proposed()
    assert (there[Bearer.INCIDENT], there[Bearer.STUDENT], there[Bearer.UNNUMBERED]) == (2, 1, 1)


def test_the_sentences_say_whom_a_change_is_about(house: House) -> None:
    parties = [students("S1", "Invented", ""), students("S2", "Invented", ""), students("", "Invented", "")]
    pages = [[incident(1, "referral", "2026-02-10", "007", "", parties)], [incident(2, "minor", "", "012", "", [])]]
    house.pages(*pages)
    house.token(Scope(rows("referral"), "groups@2025-12:context,envelope:victims-none:numbers-kept"))
    compared = house.latest()
    wider = Scope(rows("referral minor"), "groups@2025-12:demographics,envelope:victims-none:numbers-kept")
    house.receive_all(wider)
    assert told(house, wider, compared).sentences == [
        "Adds 1 incident.",
        "Adds incident id and type for 1 incident.",
        "Adds student race for 2 students, 1 student's entry without a number.",
        "Removes date, school name and school code for 1 incident.",
        "What it can reach changes from every day to the school term or year that EducatorsHandbook.com answers with "
        "unasked.",
    ]


def test_what_the_window_reaches_is_told(house: House) -> None:
    rolling = told(house, Scope(rows(window=RollingWindow(30)), "no-people@1")).reach
    assert (rolling.first, rolling.last) == (date(2026, 2, 1), date(2026, 3, 2))
    assert "2026-02-01 through 2026-03-02" in rolling.words


def test_pending_is_counted_only_where_it_is_named(house: House) -> None:
    house.pages([incident(1, "pending", "", "", "", []), incident(2, "referral", "", "", "", [])])
    house.receive_all(Scope(EVERYTHING, ALL))
    assert counted(told(house)) == (1, 1)
    pending = replace(SCOPE, rows=replace(SCOPE.rows, types=frozenset({IncidentType.PENDING})))
    assert counted(told(house, pending)) == (1, 1)
