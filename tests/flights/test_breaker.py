"""Breaker and bulkhead: an upstream that fails is left alone by all and tried by one, in its own district."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.failure import HallpassError
from hallpass.domain.health import FAULTS_IN_A_ROW, REFUSAL_RESTS, SEAT_FOR, SEATS, SHORTEST_REST
from hallpass.domain.listing import Listing, UpstreamQuery
from hallpass.domain.outcome import StaleIfError
from hallpass.domain.scope import IncidentType
from hallpass.domain.upstream import (
    UpstreamBusyError,
    UpstreamCredentialsError,
    UpstreamError,
    UpstreamFailedError,
    UpstreamInvalidError,
    UpstreamRefusedError,
    UpstreamTimeoutError,
    UpstreamUnreachableError,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.flights.house import HERE, THERE, House, answers, errors, listing
from tests.flights.stage import Caller, Decision, Kind, decisions, explored, seeded

CALM = {Kind.GO: 14}
ROUGH = {Kind.GO: 14, Kind.JUMP: 1, Kind.LEAP: 1, Kind.DIE: 1, Kind.FAIL: 1, Kind.LOSE: 1}
COUNTED = [UpstreamUnreachableError, UpstreamTimeoutError, UpstreamFailedError]
REST_SECONDS = 120
STALE_FOR_GOOD = timedelta(hours=2)
"""Past what is served while it is revalidated, not past what is served after a fault."""
QUERIES = [UpstreamQuery(), *(UpstreamQuery(kind) for kind in IncidentType)]


def one(house: House, asked: Listing | None = None) -> Caller:
    caller = house.ask(asked)
    house.stage.run()
    return caller


def broken(
    fault: Callable[[], UpstreamError], *, page: bool = False, queries: Sequence[UpstreamQuery] = QUERIES[:1]
) -> House:
    """After as many faults as open the breaker, met at `queries` by turns.

    `page`: one is stored, too stale to be given without asking.
    """
    house = House()
    if page:
        one(house)
        house.stage.clock.move(STALE_FOR_GOOD)
    house.upstream.fault[HERE] = fault
    for number in range(FAULTS_IN_A_ROW):
        one(house, listing(HERE, queries[number % len(queries)]))
    house.upstream.calls.clear()
    return house


@pytest.mark.parametrize("fault", COUNTED)
@pytest.mark.parametrize("page", [False, True])
def test_after_some_faults_nobody_calls_and_what_is_stale_answers(fault: type[UpstreamError], page: bool) -> None:
    house = broken(fault, page=page)
    callers = [house.ask() for _ in range(30)]
    began = house.stage.clock.at
    house.stage.run()
    assert house.upstream.calls == []
    assert house.stage.clock.at - began < timedelta(seconds=3), "nobody waits for a dead upstream"
    if page:
        assert errors(callers) == []
        assert all(isinstance(answer.outcome, StaleIfError) for answer in answers(callers))
    else:
        allowed = {fault.slug, PageInFlightError.slug}
        assert {error.slug for error in errors(callers)} <= allowed


def test_a_query_that_the_upstream_cannot_answer_is_no_outage_of_another() -> None:
    house = broken(UpstreamFailedError)
    del house.upstream.fault[HERE]
    assert errors([one(house)])
    assert house.upstream.calls == []
    assert answers([one(house, listing(HERE, QUERIES[1]))])
    assert answers([one(house)]), "and one that it answers begins the count anew"


def test_faults_at_two_listings_are_an_outage_of_all() -> None:
    house = broken(UpstreamFailedError, queries=QUERIES[:2])
    assert errors([one(house, listing(HERE, QUERIES[2]))])
    assert house.upstream.calls == []


def half_open(seed: int, size: int = SEATS) -> tuple[House, list[Caller]]:
    house = broken(UpstreamFailedError, queries=QUERIES)
    del house.upstream.fault[HERE]
    house.stage.clock.move(SHORTEST_REST)
    # Of five listings: no turn of a listing keeps them apart.
    callers = [house.ask(listing(HERE, QUERIES[number % len(QUERIES)])) for number in range(size)]
    house.stage.run(seeded(seed, CALM))
    return house, callers


@pytest.mark.parametrize("seed", range(6))
def test_half_open_lets_one_of_fifty_through_until_it_is_back(seed: int) -> None:
    house = broken(UpstreamFailedError, queries=QUERIES)
    house.stage.clock.move(SHORTEST_REST)
    callers = [house.ask(listing(HERE, QUERIES[number % len(QUERIES)])) for number in range(SEATS)]
    house.stage.run(seeded(seed, CALM))
    assert len(house.upstream.calls) == 1
    assert answers(callers) == []
    assert len(errors(callers)) == SEATS


@pytest.mark.parametrize("seed", range(6))
def test_a_try_that_succeeds_closes_it(seed: int) -> None:
    house, callers = half_open(seed)
    errors(callers)
    first = house.upstream.calls[0].caller
    assert first.error is None
    health = house.accounts.health(listing().account)
    assert health is not None
    assert (health.faults, health.probe_until) == (0, None)
    assert answers([one(house)])


@explored
@given(decisions(CALM))
def test_before_the_try_has_ended_nobody_else_calls(script: list[Decision]) -> None:
    house = broken(UpstreamFailedError, queries=QUERIES)
    del house.upstream.fault[HERE]
    house.stage.clock.move(SHORTEST_REST)
    house.upstream.seconds = 10.0
    callers = [house.ask(listing(HERE, query)) for query in QUERIES]
    house.stage.run(script)
    errors(callers)
    assert len(house.upstream.calls) == 1


@explored
@given(decisions(ROUGH))
def test_a_refused_credential_is_never_followed_by_a_stale_answer(script: list[Decision]) -> None:
    house = House()
    one(house)
    house.stage.clock.move(timedelta(minutes=10))
    house.upstream.fault[HERE] = UpstreamCredentialsError
    callers = [house.ask(after=after) for after in (0, 0, 1, 5)]
    house.stage.run(script)
    errors(callers)
    refused_at = house.accounts.kept[HERE, 1].refused_at if (HERE, 1) in house.accounts.kept else None
    if refused_at is None or house.stage.mishaps:
        return
    late = [house.ask() for _ in range(2)]
    house.stage.run()
    assert answers(late) == []
    assert {error.slug for error in errors(late)} <= {UpstreamCredentialsError.slug, PageInFlightError.slug}


def test_the_refused_credential_is_tried_again_after_a_minute_and_by_one() -> None:
    house = House()
    house.upstream.fault[HERE] = UpstreamCredentialsError
    callers = [house.ask() for _ in range(10)]
    house.stage.run()
    assert {error.slug for error in errors(callers)} == {UpstreamCredentialsError.slug}
    assert len(house.upstream.calls) == 1
    house.stage.clock.move(REFUSAL_RESTS)
    callers = [house.ask() for _ in range(10)]
    house.stage.run()
    assert len(house.upstream.calls) == 2


def busy() -> UpstreamError:
    return UpstreamBusyError(upstream_status=429, retry_after=REST_SECONDS)


@explored
@given(decisions(CALM), st.integers(0, 4))
def test_a_429_rests_for_as_long_as_it_asks_whatever_else_is_in_flight(script: list[Decision], at: int) -> None:
    """`at`: which of the calls in flight it answers; the others succeed, before it or after."""
    house = House()
    house.upstream.fault[HERE] = UpstreamFailedError
    one(house)
    del house.upstream.fault[HERE]
    house.upstream.calls.clear()
    house.upstream.busy_at = at + 1, REST_SECONDS
    callers = [house.ask(listing(HERE, query)) for query in QUERIES]
    house.stage.run(script)
    refused = [error for error in errors(callers) if isinstance(error, UpstreamBusyError)]
    if not refused:
        return
    calls = len(house.upstream.calls)
    late = [house.ask(listing(HERE, UpstreamQuery(deleted=True))) for _ in range(3)]
    house.stage.run()
    assert len(house.upstream.calls) == calls
    for error in errors(late):
        assert error.slug == UpstreamBusyError.slug
        assert 1 <= int(dict(error.headers)["Retry-After"]) <= REST_SECONDS
    house.stage.clock.move(timedelta(seconds=REST_SECONDS))
    assert answers([one(house, listing(HERE, UpstreamQuery(deleted=True)))])


@explored
@given(decisions(ROUGH), st.sampled_from([*COUNTED, UpstreamCredentialsError, busy]))
def test_another_districts_outage_costs_a_district_nothing(
    script: list[Decision], fault: Callable[[], UpstreamError]
) -> None:
    house = House()
    house.upstream.fault[HERE] = fault
    troubled = [house.ask() for _ in range(5)]
    house.stage.run(script)
    errors(troubled)
    well = one(house, listing(THERE))
    assert answers([well])[0].uuids == house.upstream.state((THERE, ""))[:2]
    assert (THERE, 1) not in house.accounts.kept or house.accounts.kept[THERE, 1].faults == 0


OUTCOMES: list[Callable[[], UpstreamError] | None] = [
    None,
    UpstreamFailedError,
    UpstreamCredentialsError,
    UpstreamInvalidError,
    UpstreamRefusedError,
    busy,
]


@explored
@given(decisions({Kind.GO: 14, Kind.JUMP: 1}), st.sampled_from(OUTCOMES))
def test_seats_are_given_back_after_every_outcome(
    script: list[Decision], fault: Callable[[], UpstreamError] | None
) -> None:
    house = House()
    if fault is not None:
        house.upstream.fault[HERE] = fault
    callers: list[Caller] = [house.ask() for _ in range(4)]
    house.stage.run(script)
    assert all(isinstance(error, HallpassError) for error in errors(callers))
    assert house.accounts.kept[HERE, 1].seats == {}


def test_a_full_house_turns_away_at_once_and_only_its_own_district() -> None:
    house = House()
    now = house.stage.clock.now()
    for seat in range(SEATS):
        assert house.accounts.take_seat(listing().account, seat, now + SEAT_FOR, now)
    turned_away = one(house)
    assert [type(error) for error in errors([turned_away])] == [PageInFlightError]
    assert house.upstream.calls == []
    assert answers([one(house, listing(THERE))])
    house.stage.clock.move(SEAT_FOR)
    assert answers([one(house)]), "seats of who died are free after a while"


@pytest.mark.parametrize("past", [timedelta(0), timedelta(milliseconds=900), timedelta(minutes=1)])
def test_a_page_of_a_walk_is_not_given_stale_after_the_credential_was_refused(past: timedelta) -> None:
    house = House()
    walked = house.walk()
    house.stage.run()
    assert errors([walked]) == []
    pages = [house.store.find_page(listing(), walk.snapshot, 2) for walk in house.walks.walks.values()]
    assert pages[0] is not None
    house.accounts.note_refusal(listing().account, house.stage.clock.now())
    ends = pages[0].fetched_at + house.policy.fresh_for
    house.stage.clock.move(ends - house.stage.clock.now() - timedelta(seconds=1))
    fresh = house.ask(number=2, snapshot=pages[0].snapshot)
    house.stage.run()
    assert answers([fresh])
    house.stage.clock.move(ends + past - house.stage.clock.now())
    stale = house.ask(number=2, snapshot=pages[0].snapshot)
    house.stage.run()
    assert [type(error) for error in errors([stale])] == [UpstreamCredentialsError]
    # The operator hears of it, and of whom, as of one that asked the upstream.
    assert house.telemetry.faults == [(listing().account.district_id, UpstreamCredentialsError.slug)]


def test_a_fault_after_a_refusal_brings_no_page_back_from_before_it() -> None:
    house = House()
    one(house)
    house.stage.clock.move(STALE_FOR_GOOD)
    house.upstream.fault[HERE] = UpstreamCredentialsError
    one(house)
    house.stage.clock.move(REFUSAL_RESTS)
    house.upstream.fault[HERE] = UpstreamFailedError
    assert [type(error) for error in errors([one(house)])] == [UpstreamFailedError]
