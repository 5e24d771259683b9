"""What was tried against the caps and the breaker: doubt gives nothing stale, and one listing's fault is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.health import FAULTS_IN_A_ROW, SEATS
from hallpass.domain.http_caching import Headers
from hallpass.domain.leases import Granted, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import Artefact
from hallpass.domain.upstream import UpstreamAnswer, UpstreamFailedError

from tests import records
from tests.vendor.test_walk_attacks import with_policy
from tests.vendor.test_walks import Listed, calls, ended, linked, listed, named, next_query, token_of, uuids
from tests.vendor.world import World

ONE_DAY = "from=2026-01-01&to=2026-01-01"
ANOTHER_DAY = "from=2026-01-02&to=2026-01-02"


@pytest.fixture
def world() -> World:
    return World(upstream=Listed())


def whole_listing(world: World) -> Listing:
    return Listing(Account(records.DISTRICT_ID, world.upstream.origin, 1), UpstreamQuery())


def capped(world: World, cap: timedelta) -> str:
    """A token whose integration takes nothing staler."""
    token = token_of(world)
    last = list(world.registry._integrations)[-1]
    world.registry._integrations[last] = replace(world.registry._integrations[last], stale_cap=cap)
    return token


def refuse_credential(world: World) -> None:
    world.upstream.accepts = "another"


def fail(world: World) -> None:
    world.upstream.fault = UpstreamFailedError()


@pytest.mark.parametrize(("cause", "status"), [(refuse_credential, 502), (fail, 503)])
@pytest.mark.parametrize("minutes", [10, 120], ids=["while it is read anew", "instead of an error"])
def test_nothing_stale_is_given_while_nobody_can_tell_if_the_credential_was_refused(
    world: World, cause: Callable[[World], None], status: int, minutes: int
) -> None:
    token = token_of(world)
    assert world.get(token).status == 200
    world.later(minutes=minutes)
    cause(world)
    world.accounts.unreachable = True
    assert ended(world.get(token))[0] == status


@pytest.mark.parametrize("ahead", [-5, 5])
def test_nothing_stale_is_given_after_a_refusal_whatever_the_clocks_of_two_containers_say(
    world: World, ahead: int
) -> None:
    token = token_of(world)
    world.later(minutes=30 + ahead)
    assert world.get(token).status == 200
    world.later(minutes=1 - ahead)
    refuse_credential(world)
    assert ended(world.get(token_of(world), query="type=minor"))[0] == 502
    world.upstream.accepts = "upstream-credential"
    fail(world)
    for minutes in (20, 120):
        world.later(minutes=minutes)
        assert ended(world.get(token)) == (503, "upstream-error")


@pytest.mark.parametrize("asks", ["max-stale=999999, only-if-cached", "only-if-cached", "max-stale, only-if-cached"])
def test_no_request_gets_around_its_integrations_cap(world: World, asks: str) -> None:
    token = capped(world, timedelta(0))
    assert world.get(token).status == 200
    assert world.get(token, cache_control=asks).status == 200, "while it is fresh"
    world.later(minutes=6)
    assert ended(world.get(token, cache_control=asks))[0] == 504
    assert uuids(world.get(token)) == named(10, 9, 8)


def test_a_page_of_a_walk_that_is_staler_than_the_cap_ends_it(world: World) -> None:
    token, other = capped(world, timedelta(minutes=10)), token_of(world)
    first = world.get(token)
    query = next_query(first)
    assert query is not None
    assert world.get(token, query=query).status == 200
    world.later(minutes=14)
    assert world.get(token, query=query).status == 200
    world.later(minutes=2)
    assert ended(world.get(token, query=query)) == (410, "snapshot-expired")
    assert ended(world.get(token, query="page=2")) == (410, "snapshot-expired")
    assert world.get(other, query=query).status == 200, "who has no cap goes on"


def test_who_is_capped_and_begins_a_walk_does_not_shorten_it_for_others(world: World) -> None:
    with_policy(world, CachePolicy(stale_while_revalidate=timedelta(hours=24), stale_if_error=timedelta(0)))
    early, capped_token = token_of(world), capped(world, timedelta(0))
    first = world.get(early)
    linked(world, capped_token, world.get(capped_token))
    asked = len(calls(world))
    world.later(hours=5)
    assert linked(world, early, first) == named(*range(10, 0, -1))
    assert len(calls(world)) == asked


@dataclass(slots=True)
class Choking(Listed):
    """Cannot answer what has a window."""

    def fetch(self, credential: Any, query: Any, number: int, seconds: float, held: Headers = ()) -> UpstreamAnswer:
        if query.first is not None:
            self.calls.append((query, number))
            failed = UpstreamFailedError()
            failed.attempts = 1
            raise failed
        return Listed.fetch(self, credential, query, number, seconds, held)


@pytest.fixture
def choking() -> World:
    world = World(upstream=Choking())
    with_policy(world, CachePolicy(stale_while_revalidate=timedelta(0), stale_if_error=timedelta(0)))
    return world


def test_a_listing_that_the_upstream_cannot_answer_stops_no_other(choking: World) -> None:
    bad, good = token_of(choking), token_of(choking)
    for _ in range(20):
        for _ in range(4):
            assert ended(choking.get(bad, query=ONE_DAY)) == (503, "upstream-error")
        assert choking.get(good).status == 200
        choking.later(minutes=6)
    assert len(calls(choking)) == 20 * (FAULTS_IN_A_ROW + 1), "the listing itself is left alone"


def test_faults_at_several_listings_are_an_outage_for_all(choking: World) -> None:
    token = token_of(choking)
    for query in (ONE_DAY, ANOTHER_DAY, ONE_DAY):
        assert ended(choking.get(token, query=query)) == (503, "upstream-error")
    asked = len(calls(choking))
    assert ended(choking.get(token)) == (503, "upstream-error")
    assert len(calls(choking)) == asked, "nobody was asked"


def test_a_list_that_has_grown_is_not_read_ahead_beyond_the_budget(world: World) -> None:
    world.calls = 20
    token = token_of(world)
    linked(world, token, world.get(token))
    asked = len(calls(world))
    world.later(minutes=3)
    listed(world).rows[:] = list(range(300, 0, -1))
    world.refresher.warm(lambda: 300.0)
    assert len(calls(world)) - asked == 1, "its page 1, which says so"
    world.later(minutes=3)
    assert uuids(world.get(token)) == named(10, 9, 8), "stale, and read anew behind"
    assert uuids(world.get(token)) == named(300, 299, 298)


def take_every_seat(world: World) -> None:
    account, now = whole_listing(world).account, world.clock.now()
    for seat in range(SEATS):
        world.accounts.take_seat(account, seat, now + timedelta(seconds=30), now)


def lose_every_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_artefact: Artefact) -> None:
        return None

    monkeypatch.setattr(world.store, "read", nothing)


def test_who_reads_a_lost_page_anew_takes_a_seat(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(world)
    query = next_query(world.get(token))
    assert query is not None
    assert world.get(token, query=query).status == 200
    lose_every_read(world, monkeypatch)
    take_every_seat(world)
    asked = len(calls(world))
    assert ended(world.get(token, "/v1/incidents.csv", query=query)) == (503, "page-in-flight")
    assert len(calls(world)) == asked


def somebody_reads(world: World) -> Callable[[], None]:
    """Page 1 is somebody else's turn now, who reads it when that is called."""
    listing = whole_listing(world)
    seen = world.walks.pointer(listing)
    assert seen is not None
    turn = world.walks.take(listing, Slot.PAGE, seen, "another")
    assert isinstance(turn, Granted)

    def read() -> None:
        source = world.parts.assembled(lambda: 29).source
        source.lead(listing, turn, None, CachePolicy().control, lambda: 29)

    return read


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/v1/incidents.csv", 503, id="not now"),
        pytest.param("/v1/snapshot", 200, id="the cheap poll reads it by itself then"),
    ],
)
def test_a_page_that_is_lost_twice_crashes_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    """The second time it was somebody else who read it, and what was kept of that is lost as well."""
    listed(world).rows[:] = [3, 2, 1]
    assert world.get(token_of(world)).status == 200
    lose_every_read(world, monkeypatch)
    world.patience.meanwhile = [somebody_reads(world)]
    answer = world.get(token_of(world), path)
    assert (answer.status, world.telemetry.crashes) == (status, [])
    assert status == 200 or ended(answer) == (503, "page-in-flight")


def test_while_the_upstream_is_left_alone_nobody_is_sent_to_read_in_the_background(world: World) -> None:
    token = token_of(world)
    assert world.get(token).status == 200
    world.later(minutes=6)
    fail(world)
    for _ in range(3):
        assert uuids(world.get(token)) == named(10, 9, 8)
    world.background.at_once = False
    for _ in range(10):
        answer = world.get(token)
        assert (uuids(answer), world.background.orders) == (named(10, 9, 8), [])
    world.upstream.fault = None
    world.later(minutes=6)
    world.get(token)
    assert len(world.background.orders) == 1
