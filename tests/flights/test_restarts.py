"""Walks whose list moves while they are read, and readers that die between two writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.cache_policy import Check
from hallpass.domain.leases import Granted, Slot
from hallpass.domain.refresh_order import Action, Order
from hallpass.domain.walk import MAX_RESTARTS, State

from tests.flights.house import House, answers, errors, listing
from tests.flights.stage import Decision, Kind
from tests.flights.test_walk_flights import NAME, a_house, revive

LATER, FIRST = 3, 1
"""A row of page 2, and one of page 1."""


def moving(changes: dict[int, int], deliveries: tuple[float, ...] = (0.0,)) -> House:
    """`changes`: before which call of the upstream which row goes. A pass over the three pages is three calls."""
    house = a_house(Check.VERIFIED, 5, deliveries)
    house.upstream.before = {call: partial(house.upstream.change, NAME, row) for call, row in changes.items()}
    return house


def states(house: House) -> list[State]:
    return [walk.state for walk in sorted(house.walks.walks.values(), key=lambda walk: walk.snapshot)]


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        pytest.param({3: LATER}, [State.COMPLETE, State.COMPLETE], id="page 1 is the same: one goes on"),
        pytest.param({3: FIRST}, [State.BROKEN, State.COMPLETE], id="page 1 is another: one begins again"),
        pytest.param({3: LATER, 9: LATER}, [State.COMPLETE] * 3, id="page 1 is the same twice"),
        pytest.param({3: LATER, 9: FIRST}, [State.BROKEN, State.BROKEN, State.COMPLETE], id="the same, then another"),
        pytest.param({3: FIRST, 9: LATER}, [State.BROKEN, State.COMPLETE, State.COMPLETE], id="another, then the same"),
    ],
)
@pytest.mark.parametrize("by_links", [True, False])
def test_a_walk_goes_on_only_with_pages_that_go_with_its_page_one(
    changes: dict[int, int], ends: list[State], by_links: bool
) -> None:
    house = moving(changes)
    vendor = house.walk(by_links=by_links)
    house.stage.run()
    assert errors([vendor]) == []
    assert vendor.result == house.upstream.state(NAME)
    assert states(house)[: len(ends)] == ends


def test_a_list_that_will_not_stand_still_ends_the_walk_and_page_one_is_read_anew() -> None:
    # Each time the page is read again it has moved: before the first confirmation of every pass.
    house = moving({call: FIRST for call in range(4, 60, 4)})
    vendor = house.walk(tries=2)
    house.stage.run()
    assert [error.slug for error in errors([vendor])] == ["listing-unstable"]
    assert house.walks.pointers[listing().key].snapshot is None or State.BUILDING in states(house)
    assert states(house)[: MAX_RESTARTS + 1] == [State.BROKEN] * (MAX_RESTARTS + 1)


def newest(house: House) -> State:
    return states(house)[-1]


@pytest.mark.parametrize(
    ("changes", "call", "when"),
    [
        pytest.param({3: LATER}, "WalkStore.find_walk", lambda house: newest(house) is State.COMPLETE, id="settled"),
        pytest.param(
            {3: FIRST},
            "WalkStore.publish",
            lambda house: states(house) == [State.BROKEN, State.BUILDING],
            id="the new page 1 was published",
        ),
        pytest.param({3: FIRST}, "WalkStore.save_walk", lambda house: len(states(house)) == 2, id="it was broken"),
        pytest.param({}, "WalkStore.release", lambda house: newest(house) is State.COMPLETE, id="its turn was back"),
        pytest.param({}, "PageStore.save_page", lambda house: len(house.upstream.calls) == 3, id="a page was kept"),
        pytest.param(
            {call: FIRST for call in range(4, 17, 4)},
            "WalkStore.withdraw",
            lambda house: states(house) == [State.BROKEN] * 4,
            id="what would not stand still was withdrawn",
        ),
    ],
)
def test_a_reader_that_died_before(changes: dict[int, int], call: str, when: Callable[[House], bool]) -> None:
    """It is in nobody's way for longer than a lease, and a page that was given is gone on with or ended."""
    house = moving(changes)
    vendor = house.walk(tries=40)
    house.stage.run(house.stage.dying_at(call, lambda: house.stage.first.name != vendor.name and when(house)))
    assert house.stage.deaths == 1
    assert errors([vendor]) == []
    assert vendor.result == house.upstream.state(NAME)
    began = house.stage.clock.at
    assert revive(house) == house.upstream.state(NAME)
    assert house.stage.clock.at - began < timedelta(seconds=60)


def test_who_waits_sends_one_order_and_not_one_for_each_look() -> None:
    house = a_house(Check.VERIFIED, 7, (8.0,))
    vendor = house.walk()
    house.stage.run()
    assert errors([vendor]) == []
    assert len(house.orders) == 1


def test_who_has_read_alone_and_ran_out_of_time_gives_the_turn_back() -> None:
    house = a_house(Check.VERIFIED, 7)
    house.background_refuses, house.upstream.seconds = True, 7.0
    first = house.ask()
    house.stage.run()
    second = house.ask(number=2)
    house.stage.run()
    assert len(answers([first])) == 1
    assert [type(error) for error in errors([second])] == [PageInFlightError]
    assert house.walks.pointers[listing().key].walk is None
    assert len(house.upstream.calls) == 4, "three more while there was time"


def test_a_turn_that_ends_by_a_vault_out_of_reach_is_given_back() -> None:
    house = a_house(Check.VERIFIED, 7)
    house.background_refuses = True
    first = house.ask()
    house.stage.run()

    def at_the_vault() -> bool:
        return house.stage.first.at == "DistrictVault.read"

    house.ask(number=2)
    script = (Decision(Kind.FAIL if at_the_vault() else Kind.GO) for _ in iter(int, 1))
    house.stage.run(script)
    assert len(answers([first])) == 1
    assert house.walks.pointers[listing().key].walk is None


def test_an_order_for_what_is_complete_gives_its_turn_back() -> None:
    """Who sent it looked just before the walk came to its end, and took the turn just after."""
    house = a_house(Check.GUARDED)
    vendor = house.walk()
    house.stage.run()
    assert errors([vendor]) == []
    calls = len(house.upstream.calls)
    turn = house.walks.take(listing(), Slot.WALK, house.walks.pointers[listing().key], "late")
    assert isinstance(turn, Granted)
    house.deliver(Order(Action.WALK, listing(), turn, max(house.walks.walks)[1]), 0.0)
    house.stage.run()
    assert house.walks.pointers[listing().key].walk is None
    assert len(house.upstream.calls) == calls
