"""The breaker and the seats: as a table of moments, and as laws over any course of faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hallpass.domain.health import (
    FAULTS_IN_A_ROW,
    LONGEST_REST,
    PROBE_FOR,
    REFUSAL_RESTS,
    SEAT_FOR,
    SEATS,
    SHORTEST_REST,
    Closed,
    Gate,
    HalfOpen,
    Health,
    Open,
    Refused,
    gate,
    left_alone,
    rest,
)
from hallpass.domain.upstream import UpstreamCredentialsError, UpstreamFailedError, UpstreamTimeoutError
from hallpass.services.deadline import ANSWER_WITHIN_SECONDS
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
SLUG = "upstream-timeout"
SPANS = st.timedeltas(timedelta(0), timedelta(hours=1))


def faulty(ago: timedelta, faults: int = FAULTS_IN_A_ROW, probe_until: datetime | None = None) -> Health:
    return Health(faults=faults, fault=SLUG, faulted_at=NOW - ago, probe_until=probe_until)


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        pytest.param(Health(), Closed(), id="nothing is known"),
        pytest.param(faulty(timedelta(0), FAULTS_IN_A_ROW - 1), Closed(), id="one fault fewer than opens it"),
        pytest.param(faulty(timedelta(0)), Open(SLUG, 15), id="the fault that opens it"),
        pytest.param(faulty(SHORTEST_REST - INSTANT), Open(SLUG, 1), id="the last moment of the rest"),
        pytest.param(faulty(SHORTEST_REST), HalfOpen(3, SLUG), id="the end of the rest"),
        pytest.param(faulty(SHORTEST_REST, 4), Open(SLUG, 15), id="a fault more rests twice as long"),
        pytest.param(faulty(SHORTEST_REST, probe_until=NOW + PROBE_FOR), Open(SLUG, 30), id="somebody tries"),
        pytest.param(faulty(SHORTEST_REST, probe_until=NOW), HalfOpen(3, SLUG), id="who tried died"),
        pytest.param(Health(faults=5), Closed(), id="faults without a moment: a broken item"),
        pytest.param(Health(fault="upstream-busy", rest_until=NOW + INSTANT), Open("upstream-busy", 1), id="a 429"),
        pytest.param(Health(fault="upstream-busy", rest_until=NOW), Closed(), id="a 429 that is over"),
        pytest.param(Health(refused_at=NOW), Refused(), id="the credential was refused"),
        pytest.param(Health(refused_at=NOW - REFUSAL_RESTS + INSTANT), Refused(), id="refused within the minute"),
        pytest.param(Health(refused_at=NOW - REFUSAL_RESTS), Closed(), id="refused a minute ago"),
        pytest.param(Health(refused_at=NOW, rest_until=NOW + PROBE_FOR), Refused(), id="refusal goes before a 429"),
    ],
)
def test_whether_it_may_be_called(health: Health, expected: Gate) -> None:
    assert gate(health, NOW) == expected


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        pytest.param(replace(faulty(timedelta(0)), listing="this"), Open(SLUG, 15), id="all met here"),
        pytest.param(replace(faulty(timedelta(0)), listing="that"), Closed(), id="all met at another"),
        pytest.param(replace(faulty(timedelta(0)), listing=""), Open(SLUG, 15), id="met at several"),
        pytest.param(Health(refused_at=NOW, listing="that"), Refused(), id="a refusal is the account's"),
        pytest.param(
            Health(fault=SLUG, rest_until=NOW + INSTANT, listing="that"), Open(SLUG, 1), id="a 429 is the account's"
        ),
    ],
)
def test_faults_at_another_listing_alone_are_that_ones(health: Health, expected: Gate) -> None:
    assert gate(health, NOW, "this") == expected


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6))
def test_one_listing_is_named_while_all_faults_were_met_there(met: list[str]) -> None:
    health = Health(listing="of faults that a success has ended")
    for listing in met:
        health = replace(health, faults=health.faults + 1, listing=health.named(listing))
    assert health.listing == (met[0] if len(set(met)) == 1 else "")


@pytest.mark.parametrize(
    ("decision", "told", "retry_after"),
    [
        pytest.param(Closed(), None, None, id="closed"),
        pytest.param(HalfOpen(3, SLUG), None, None, id="half open"),
        pytest.param(Refused(), UpstreamCredentialsError, None, id="refused"),
        pytest.param(Open(SLUG, 7), UpstreamTimeoutError, "7", id="open: the fault that opened it"),
        pytest.param(Open("", 7), UpstreamFailedError, "7", id="open, and why was lost"),
    ],
)
def test_what_is_told_who_may_not_call(decision: Gate, told: type | None, retry_after: str | None) -> None:
    error = left_alone(decision)
    assert (type(error) if error else None) is told
    assert (dict(error.headers).get("Retry-After") if error else None) == retry_after


@pytest.mark.parametrize(
    ("faults", "seconds"), [(3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (8, 300), (9, 300), (1_000_000, 300)]
)
def test_the_rest_doubles_up_to_a_bound(faults: int, seconds: int) -> None:
    assert rest(faults) == timedelta(seconds=seconds)


def test_the_rest_never_shrinks() -> None:
    rests = [rest(faults) for faults in range(FAULTS_IN_A_ROW, 50)]
    assert all(shorter <= longer for shorter, longer in pairwise(rests))
    assert {rests[0], rests[-1]} == {SHORTEST_REST, LONGEST_REST}


@given(SPANS, st.integers(0, 20), st.none() | SPANS, st.none() | SPANS)
def test_who_waits_as_long_as_told_does_not_come_too_early(
    ago: timedelta, faults: int, rests: timedelta | None, probes: timedelta | None
) -> None:
    rest_until = NOW + rests if rests is not None else None
    probe_until = NOW + probes if probes is not None else None
    health = Health(faults=faults, fault=SLUG, faulted_at=NOW - ago, rest_until=rest_until, probe_until=probe_until)
    decision, waits = gate(health, NOW), 0
    at = NOW
    while isinstance(decision, Open):
        assert decision.seconds >= 1
        assert gate(health, at + timedelta(seconds=decision.seconds - 1)) != Closed() or decision.seconds == 1
        at, waits = at + timedelta(seconds=decision.seconds), waits + 1
        decision = gate(health, at)
    assert waits <= 3, "a rest, then a breaker, then a try: each is told once"
    assert isinstance(decision, Closed | HalfOpen)


@given(st.dictionaries(st.integers(0, SEATS + 3), st.timedeltas(-SEAT_FOR, SEAT_FOR)))
def test_a_seat_is_free_when_nobody_has_it_or_its_time_is_over(left: dict[int, timedelta]) -> None:
    health = Health(seats={seat: NOW + span for seat, span in left.items()})
    free = health.free_seats(NOW)
    assert set(free) == {seat for seat in range(SEATS) if left.get(seat, timedelta(0)) <= timedelta(0)}
    assert list(free) == sorted(set(free))


def test_a_seat_and_a_try_outlast_a_request() -> None:
    assert min(SEAT_FOR, PROBE_FOR) > timedelta(seconds=ANSWER_WITHIN_SECONDS)
