"""One flight: whoever asks for the same page at the same time, the upstream is asked once."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.errors import UnavailableError
from hallpass.domain.leases import LEASE_FOR, Slot
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.outcome import Forwarded
from hallpass.domain.scope import IncidentType
from hallpass.domain.upstream import CALL_SECONDS, UpstreamError
from hypothesis import given
from hypothesis import strategies as st

from tests.flights.house import HERE, THERE, House, answers, errors, listing
from tests.flights.stage import Decision, Kind, decisions, explored, seeded
from tests.flights.upstreams import name_of

CALM = {Kind.GO: 12}
SLOW = {Kind.GO: 14, Kind.JUMP: 2}
ROUGH = {Kind.GO: 14, Kind.JUMP: 2, Kind.LEAP: 1, Kind.DIE: 1, Kind.FAIL: 1, Kind.LOSE: 1}
DEADLY = {Kind.GO: 12, Kind.JUMP: 2, Kind.LEAP: 1, Kind.DIE: 2}


def crowd(seed: int, size: int = 100) -> None:
    house = House()
    callers = [house.ask() for _ in range(size)]
    house.stage.run(seeded(seed, CALM))
    refused, got = errors(callers), answers(callers)
    assert len(house.upstream.calls) == 1
    assert len(got) + len(refused) == size
    assert len(got) >= 1
    assert {answer.uuids for answer in got} == {house.upstream.state((HERE, ""))[:2]}
    for error in refused:
        assert isinstance(error, PageInFlightError)
        assert dict(error.headers)["Retry-After"].isdigit()
    assert house.accounts.health(listing().account).seats == {}  # type: ignore[union-attr]  # it says


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_callers_of_a_cold_page_make_one_upstream_call(seed: int) -> None:
    crowd(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 600))
def test_a_hundred_callers_of_a_cold_page_make_one_upstream_call_in_many_orders(seed: int) -> None:
    crowd(seed)


@explored
@given(decisions(SLOW))
def test_whatever_the_order_a_cold_page_is_read_once(script: list[Decision]) -> None:
    house = House()
    callers = [house.ask(after=after) for after in (0, 0, 0, 0.4)]
    house.stage.run(script)
    got = answers(callers)
    for error in errors(callers):
        assert isinstance(error, PageInFlightError | UpstreamError)
    if house.stage.jumped < timedelta(seconds=15):
        assert len(house.upstream.calls) == 1
        assert len(got) == len(callers)
    assert {answer.uuids for answer in got} <= {house.upstream.state((HERE, ""))[:2]}


@explored
@given(decisions(ROUGH))
def test_nobody_gets_a_page_of_another_listing_or_district(script: list[Decision]) -> None:
    house = House()
    lists = [listing(), listing(THERE), listing(HERE, UpstreamQuery(IncidentType.MINOR)), listing(THERE)]
    callers = [house.ask(each) for each in lists]
    house.stage.run(script)
    errors(callers)
    for asked, caller in zip(lists, callers, strict=True):
        for answer in answers([caller]):
            assert answer.uuids == house.upstream.state(name_of(asked))[:2]


@explored
@given(decisions(ROUGH))
def test_a_turn_is_one_upstream_call_and_the_pointer_never_goes_back(script: list[Decision]) -> None:
    """The slow owner's late write included: a leap gives its turn away while it has still to write."""
    house = House()
    callers = [house.ask(after=after) for after in (0, 0, 0, 10, 50, 60)]
    house.stage.run(script)
    errors(callers)
    fences = [grant.fence for grant in house.grants]
    assert all(earlier < later for earlier, later in pairwise(fences))
    for snapshots in house.current.values():
        assert all(earlier < later for earlier, later in pairwise(snapshots))
    if not house.stage.mishaps:
        # A store that does not say whose turn it is lets everybody call; this one always says.
        by_caller = {id(call.caller) for call in house.upstream.calls}
        assert len(by_caller) == len(house.upstream.calls)
        assert by_caller <= {id(grant.caller) for grant in house.granted(Slot.PAGE)}


@explored
@given(decisions(ROUGH))
def test_nobody_waits_or_calls_beyond_its_deadline(script: list[Decision]) -> None:
    """`House.pause` refuses to wait longer; a call keeps its reserve."""
    house = House()
    house.upstream.seconds = 12.0
    callers = [house.ask(after=after) for after in (0, 0, 20, 50)]
    house.stage.run(script)
    errors(callers)
    assert all(0 < call.budget <= CALL_SECONDS for call in house.upstream.calls)


@explored
@given(decisions({Kind.GO: 1}), st.floats(0, 20))
def test_where_time_only_passes_everybody_is_answered_in_time(script: list[Decision], seconds: float) -> None:
    house = House()
    house.upstream.seconds = seconds
    callers = [house.ask() for _ in range(4)]
    began = house.stage.clock.at
    house.stage.run(script)
    errors(callers)
    assert all(caller.ended_at and caller.ended_at - began < timedelta(seconds=26) for caller in callers)


@explored
@given(decisions(DEADLY))
def test_when_an_owner_dies_the_next_takes_over_after_the_lease(script: list[Decision]) -> None:
    house = House()
    for _ in range(3):
        house.ask()
    house.stage.run(script)
    house.stage.clock.move(LEASE_FOR)
    late = house.ask()
    house.stage.run()
    assert errors([late]) == []
    assert answers([late])[0].uuids == house.upstream.state((HERE, ""))[:2]


@explored
@given(decisions(ROUGH))
def test_without_a_store_that_says_everybody_is_answered_all_the_same(script: list[Decision]) -> None:
    house = House()
    callers = [house.ask() for _ in range(3)]
    house.stage.run(script)
    for error in errors(callers):
        assert isinstance(error, PageInFlightError | UpstreamError | UnavailableError)


@explored
@given(decisions(SLOW))
def test_many_who_want_it_read_anew_wait_for_one_reading(script: list[Decision]) -> None:
    house = House()
    first = house.ask()
    house.stage.run()
    house.stage.clock.move(timedelta(seconds=61))
    anew = RequestDirectives(no_cache=True)
    callers = [house.ask(directives=anew) for _ in range(3)]
    house.stage.run(script)
    assert errors([first]) == []
    errors(callers)
    if house.stage.jumped < timedelta(seconds=15):
        assert len(house.upstream.calls) == 2
        read = [answer for answer in answers(callers) if isinstance(answer.outcome, Forwarded)]
        assert len(read) == 1
        assert {answer.snapshot for answer in answers(callers)} == {read[0].snapshot}
