"""Stale while revalidating: many are answered at once, one order is sent, and a turn that nobody takes comes back."""

from __future__ import annotations

from datetime import timedelta

from hallpass.domain.leases import LEASE_FOR, Slot
from hypothesis import given

from tests.flights.house import HERE, House, answers, errors, listing
from tests.flights.stage import Decision, Kind, decisions, explored

CALM = {Kind.GO: 14, Kind.JUMP: 1}
ROUGH = {Kind.GO: 14, Kind.JUMP: 1, Kind.LEAP: 1, Kind.DIE: 1, Kind.FAIL: 1, Kind.LOSE: 1}
STALE = timedelta(minutes=10)


def a_stale_page(*deliveries: float) -> House:
    house = House(deliveries=list(deliveries) or [0.0])
    house.ask()
    house.stage.run()
    house.stage.clock.move(STALE)
    return house


@explored
@given(decisions(CALM))
def test_many_callers_of_a_stale_page_set_one_refresh_going(script: list[Decision]) -> None:
    house = a_stale_page()
    callers = [house.ask() for _ in range(8)]
    house.stage.run(script)
    assert errors(callers) == []
    assert len(answers(callers)) == len(callers)
    assert (len(house.orders), len(house.upstream.calls)) == (1, 2)
    assert all(call.caller not in callers for call in house.upstream.calls[1:]), "no caller waits for it"


@explored
@given(decisions(CALM))
def test_a_refresh_that_is_ordered_twice_is_read_at_most_once_a_copy(script: list[Decision]) -> None:
    house = a_stale_page(0.0, 0.0, 30.0)
    caller = house.ask()
    house.stage.run(script)
    assert errors([caller]) == []
    assert len(house.orders) == 1
    assert len(house.upstream.calls) <= 3, "the copy that comes when it is done calls nobody"
    assert house.walks.pointers[listing().key].page is None


@explored
@given(decisions(CALM))
def test_a_background_that_takes_no_order_gets_no_turn(script: list[Decision]) -> None:
    house = a_stale_page()
    house.background_refuses = True
    callers = [house.ask() for _ in range(3)]
    house.stage.run(script)
    assert errors(callers) == []
    assert house.walks.pointers[listing().key].lease(Slot.PAGE) is None
    assert len(house.upstream.calls) == 1


@explored
@given(decisions(ROUGH))
def test_a_refresh_that_dies_is_sent_again_after_its_lease(script: list[Decision]) -> None:
    house = a_stale_page()
    for _ in range(3):
        house.ask()
    house.stage.run(script)
    house.stage.clock.move(LEASE_FOR)
    calls, now = len(house.upstream.calls), house.stage.clock.now()
    late = house.ask()
    house.stage.run()
    assert errors([late]) == []
    page = house.store.find_page(listing(), house.walks.pointers[listing().key].snapshot or "", 1)
    assert page is not None
    assert page.fetched_at > now - STALE
    assert len(house.upstream.calls) <= calls + 1
    assert answers([late])[0].uuids == house.upstream.state((HERE, ""))[:2]
