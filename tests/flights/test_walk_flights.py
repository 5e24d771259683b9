"""Walks: pages that many ask for at once, read by orders that come twice, late or never."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from hallpass.domain.cache_errors import PageInFlightError, SnapshotExpiredError
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.errors import UnavailableError
from hallpass.domain.leases import LEASE_FOR, Slot
from hallpass.domain.listing import Listing
from hallpass.domain.upstream import ListingUnstableError, UpstreamError
from hallpass.domain.walk import State, calls_of
from hypothesis import given
from hypothesis import strategies as st

from tests.flights.house import HERE, House, errors, listing
from tests.flights.stage import Caller, Decision, Kind, decisions, explored
from tests.flights.upstreams import Uuids

CALM = {Kind.GO: 14, Kind.JUMP: 1}
MOVING = {Kind.GO: 14, Kind.JUMP: 1, Kind.EVENT: 2}
DEADLY = {Kind.GO: 14, Kind.JUMP: 1, Kind.LEAP: 1, Kind.DIE: 2}
ROUGH = {Kind.GO: 16, Kind.JUMP: 1, Kind.LEAP: 1, Kind.DIE: 1, Kind.FAIL: 1, Kind.LOSE: 1, Kind.EVENT: 2}
DELIVERIES = st.builds(
    lambda first, more: [first, *more],
    st.sampled_from([0.0, 0.3, 3.0, 20.0]),
    st.lists(st.sampled_from([0.0, 0.3, 3.0, 20.0, 50.0]), max_size=2),
)
"""One copy of an order comes while its turn lasts, the others may come later."""
ALLOWED = (PageInFlightError, SnapshotExpiredError, UnavailableError, ListingUnstableError, UpstreamError)
NAME = (HERE, "")


def a_house(check: Check, rows: int = 5, deliveries: tuple[float, ...] = (0.0,), moves: int = 0) -> House:
    """`moves`: how many changes wait to happen, of page 1 and of page 2 by turns."""
    house = House(policy=CachePolicy(check=check), deliveries=list(deliveries))
    house.upstream.rows = rows
    house.upstream.state(NAME)
    house.stage.events += [partial(house.upstream.change, NAME, 3 - 2 * (move % 2)) for move in range(moves)]
    return house


def walks_read(callers: list[Caller]) -> list[Uuids]:
    return [caller.result for caller in callers if isinstance(caller.result, tuple)]


def revive(house: House, asked: Listing | None = None) -> Uuids:
    """What a vendor reads who comes when the others are gone and every lease is over. Raises what it meets."""
    house.stage.clock.move(LEASE_FOR)
    house.deliveries = [0.0]
    late = house.walk(asked)
    house.stage.run()
    errors([late])
    assert isinstance(late.result, tuple), late.error
    return late.result


@pytest.mark.parametrize("check", list(Check))
@explored
@given(decisions(CALM), st.integers(3, 7))
def test_a_walk_over_a_list_that_stands_is_read_once_for_all(check: Check, script: list[Decision], rows: int) -> None:
    house = a_house(check, rows)
    vendors = [house.walk(by_links=bool(number % 2)) for number in range(3)]
    house.stage.run(script)
    assert errors(vendors) == []
    assert walks_read(vendors) == [house.upstream.state(NAME)] * 3
    assert len(house.upstream.calls) == calls_of(-(-rows // 2), check)
    # Who took a turn for what had just been done gave it back.
    assert house.walks.pointers[listing().key].walk is None


@explored
@given(decisions(CALM), DELIVERIES)
def test_an_order_that_comes_twice_or_late_does_no_harm(script: list[Decision], deliveries: list[float]) -> None:
    house = a_house(Check.GUARDED, 5, tuple(deliveries))
    vendors = [house.walk() for _ in range(2)]
    house.stage.run(script)
    assert errors(vendors) == []
    assert walks_read(vendors) == [house.upstream.state(NAME)] * 2
    # A run that finds that another went on stops there: it wastes one call at most.
    assert len(house.upstream.calls) <= calls_of(3, Check.GUARDED) + len(house.runs) - 1


def test_an_order_that_comes_when_all_is_done_takes_no_turn_and_calls_nobody() -> None:
    house = a_house(Check.GUARDED, 5, (0.0, 10.0))
    vendor = house.walk()
    house.stage.run()
    assert errors([vendor]) == []
    assert len(house.runs) == 2
    assert len(house.upstream.calls) == calls_of(3, Check.GUARDED)
    assert house.walks.pointers[listing().key].walk is None
    fence = house.walks.pointers[listing().key].fence
    assert [grant.fence for grant in house.grants][-1] == fence
    assert house.grants[-1].caller is house.runs[0]


@explored
@given(decisions(MOVING), DELIVERIES, st.booleans(), st.integers(0, 3))
def test_a_verified_walk_is_the_list_at_one_instant_or_an_error(
    script: list[Decision], deliveries: list[float], by_links: bool, moves: int
) -> None:
    house = a_house(Check.VERIFIED, 5, tuple(deliveries), moves)
    vendors = [house.walk(by_links=by_links) for _ in range(3)]
    house.stage.run(script)
    errors(vendors)
    for read in walks_read(vendors):
        assert read in house.upstream.states[NAME]


@explored
@given(decisions(ROUGH), DELIVERIES, st.integers(0, 4), st.sampled_from([Check.GUARDED, Check.VERIFIED]))
def test_whatever_dies_no_page_is_of_a_walk_that_was_not_vouched_for(
    script: list[Decision], deliveries: list[float], moves: int, check: Check
) -> None:
    """And afterwards nothing is in the way: who comes when every lease is over reads the list whole.

    Who counts pages depends on a pin, which a store that fails may not take: see `test_pins.py`.
    """
    house = a_house(check, 5, tuple(deliveries), moves)
    vendors = [house.walk(by_links=True, tries=8) for number in range(3)]
    house.stage.run(script)
    for error in errors(vendors):
        assert isinstance(error, ALLOWED)
    if check is Check.VERIFIED:
        assert all(read in house.upstream.states[NAME] for read in walks_read(vendors))
    house.stage.events.clear()
    assert revive(house) in house.upstream.states[NAME]


@explored
@given(decisions(DEADLY), st.integers(0, 3))
def test_a_reader_that_dies_is_taken_over_by_who_waits(script: list[Decision], moves: int) -> None:
    house = a_house(Check.VERIFIED, 5, (0.0,), moves)
    vendors = [house.walk(tries=60) for _ in range(3)]
    house.stage.run(script)
    errors(vendors)
    for vendor in vendors:
        assert vendor.dead or vendor.result in house.upstream.states[NAME], vendor.error
    wasted = len(house.granted(Slot.WALK))
    assert len(house.upstream.calls) <= (1 + moves) * calls_of(3, Check.VERIFIED) + wasted + house.stage.deaths + 8


@explored
@given(decisions(CALM))
def test_a_run_that_is_cut_short_goes_on_in_the_next_one(script: list[Decision]) -> None:
    house = a_house(Check.VERIFIED, 9)
    house.background_seconds = 27.0
    vendor = house.walk()
    house.stage.run(script)
    assert errors([vendor]) == []
    assert vendor.result == house.upstream.state(NAME)
    assert len(house.upstream.calls) == calls_of(5, Check.VERIFIED)
    assert len(house.runs) > 1


@explored
@given(decisions(MOVING), st.integers(1, 3))
def test_without_a_background_a_walk_is_read_by_who_asks(script: list[Decision], rows: int) -> None:
    house = a_house(Check.GUARDED, 4 + rows)
    house.background_refuses = True
    vendors = [house.walk() for _ in range(2)]
    house.stage.run(script)
    assert errors(vendors) == []
    assert walks_read(vendors) == [house.upstream.state(NAME)] * 2
    assert house.runs == []


@explored
@given(decisions(MOVING), st.integers(0, 3))
def test_a_page_that_is_answered_is_of_a_complete_snapshot(script: list[Decision], moves: int) -> None:
    """Asked by number, each on its own: as a vendor with many workers does."""
    house = a_house(Check.VERIFIED, 6, (0.0, 0.2), moves)
    first = house.ask()
    house.stage.run()
    assert errors([first]) == []
    # Some when a page of it has been read already, and the walk not to its end.
    callers = [house.ask(number=number, after=after) for number, after in ((2, 0), (3, 0.2), (2, 0.9), (2, 1.6))]
    house.stage.run(script)
    errors(callers)
    walks = {walk.snapshot: walk for walk in house.walks.walks.values()}
    for caller in callers:
        if caller.result is not None:
            snapshot = caller.result.snapshot  # type: ignore[attr-defined]  # an Answer
            assert walks[snapshot].state is State.COMPLETE
            # The page 1 that this token has is that of the walk that its later pages are from.
            page_one = house.store.find_page(listing(), walks[snapshot].held_in, 1)
            had = house.store.find_page(listing(), snapshot, 1)
            assert page_one is not None
            assert had is not None
            assert page_one.model.name == had.model.name


def test_a_walk_that_nothing_holds_up_any_more_is_resumed_in_a_lease() -> None:
    house = a_house(Check.VERIFIED, 7)
    house.walk(tries=1)
    house.stage.run([Decision()] * 30 + [Decision(Kind.DIE)] * 2)
    began = house.stage.clock.at
    assert revive(house) == house.upstream.state(NAME)
    assert house.stage.clock.at - began < LEASE_FOR + timedelta(seconds=20)
