"""Walks by number: what a store in doubt does to the pin that keeps a token in its snapshot."""

from __future__ import annotations

from datetime import timedelta

from hallpass.domain.cache_errors import SnapshotExpiredError
from hallpass.domain.cache_policy import Check
from hallpass.domain.errors import UnavailableError

from tests.flights.house import House, answers, errors
from tests.flights.stage import Decision, Decisions, Kind
from tests.flights.test_walk_flights import NAME, a_house


def failing(house: House, call: str) -> Decisions:
    """Every such call comes to nothing."""
    while True:
        yield Decision(Kind.FAIL if house.stage.first.at == call else Kind.GO)


def a_walk_begun() -> House:
    """A token has page 1 of an earlier snapshot and of a later one."""
    house = a_house(Check.VERIFIED)
    house.ask()
    house.stage.run()
    house.upstream.change(NAME)
    house.stage.clock.move(timedelta(hours=2))
    later = house.ask()
    house.stage.run()
    assert answers([later])[0].uuids == house.upstream.state(NAME)[:2]
    return house


def test_a_pin_that_cannot_be_read_is_no_leave_to_go_on_elsewhere() -> None:
    house = a_walk_begun()
    second = house.ask(number=2)
    house.stage.run(failing(house, "WalkStore.pin"))
    assert [type(error) for error in errors([second])] == [UnavailableError]


def test_a_page_one_whose_pin_cannot_be_kept_is_not_given() -> None:
    house = a_house(Check.VERIFIED)
    first = house.ask()
    house.stage.run(failing(house, "WalkStore.save_pin"))
    assert [type(error) for error in errors([first])] == [UnavailableError]


def test_of_a_list_of_one_page_it_is_given_all_the_same() -> None:
    house = a_house(Check.VERIFIED, rows=1)
    only = house.ask()
    house.stage.run(failing(house, "WalkStore.save_pin"))
    assert answers([only])[0].uuids == house.upstream.state(NAME)


def test_who_has_no_page_one_gets_no_page_two() -> None:
    house = a_house(Check.VERIFIED)
    other = house.ask()
    house.stage.run()
    second = house.ask(number=2, walker="Another")
    house.stage.run()
    assert answers([other])
    assert [type(error) for error in errors([second])] == [SnapshotExpiredError]


def test_a_page_one_that_is_kept_nowhere_is_not_given_where_there_are_more() -> None:
    house = a_house(Check.VERIFIED)
    first = house.ask()
    house.stage.run(failing(house, "WalkStore.take"))
    assert [type(error) for error in errors([first])] == [UnavailableError]
