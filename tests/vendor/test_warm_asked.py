"""Warming that somebody asked for: what is read of it, and that asking again costs the upstream nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import Status
from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.refresh_order import Asked
from hallpass.domain.scope import IncidentType
from hallpass.domain.upstream import UpstreamFailedError
from hallpass.domain.walk import State

from tests import records
from tests.vendor.world import World, incident, page
from tests.walk_store_fake import MemoryWalkStore

BARE, MINOR = UpstreamQuery(), UpstreamQuery(IncidentType.MINOR)
WHOLE = [1, 2, 3, 1, 3]
"""Three pages, and the ends again: the check is `guarded`."""


@pytest.fixture
def world() -> World:
    world = World()
    world.upstream.pages = {number: page(incident(number), number=number, total=3) for number in (1, 2, 3)}
    return world


def account(world: World, epoch: int = 1) -> Account:
    return Account(records.DISTRICT_ID, world.upstream.origin, epoch)


def warm(world: World, queries: Sequence[UpstreamQuery] = (BARE,), seconds: float = 300.0) -> int:
    return world.refresher.warm_asked(Asked(account(world), tuple(queries)), lambda: seconds)


def calls(world: World) -> list[int]:
    return [number for _, number in world.upstream.calls]


def test_what_nobody_has_read_is_read_whole_and_the_next_walk_meets_it_all(world: World) -> None:
    assert (warm(world), calls(world)) == (1, WHOLE)
    token = world.token()
    for number in (1, 2, 3):
        answer = world.get(token, query=f"page={number}")
        assert (answer.status, str(answer.header("Cache-Status"))[:13]) == (200, "hallpass; hit")
    assert calls(world) == WHOLE


def test_asking_again_soon_calls_nobody(world: World) -> None:
    warm(world)
    assert [warm(world) for _ in range(5)] == [0] * 5
    world.later(seconds=59)
    assert (warm(world), calls(world)) == (0, WHOLE)


def test_asking_again_while_it_is_read_calls_nobody(world: World) -> None:
    world.background.at_once = False
    assert [warm(world) for _ in range(4)] == [1, 0, 0, 0]
    world.background.run()
    assert calls(world) == WHOLE


def test_page_1_does_not_wait_for_the_pages_after_it(world: World) -> None:
    """Where there was none before: a vendor has it while the others are read."""
    world.background.at_once = False
    warm(world)
    world.refresher.carry_out(world.background.orders.pop(0), lambda: 20.0)
    assert (str(world.get(world.token()).header("Cache-Status"))[:13], calls(world)) == ("hallpass; hit", [1])
    world.background.run()
    assert calls(world) == WHOLE


def test_one_page_is_all_there_is_to_read_and_to_check(world: World) -> None:
    world.upstream.pages = {1: page(incident(1))}
    assert (warm(world), warm(world), calls(world)) == (1, 0, [1])
    assert world.walks.walks == {}
    assert str(world.get(world.token()).header("Cache-Status")).startswith("hallpass; hit")


def test_a_list_that_is_beyond_the_budget_has_its_page_1(world: World) -> None:
    world.calls = 4
    assert (warm(world), calls(world)) == (1, [1])
    assert str(world.get(world.token()).header("Cache-Status")).startswith("hallpass; hit")
    assert (warm(world), calls(world)) == (0, [1])


def test_what_is_polled_has_its_page_1_and_what_is_walked_all(world: World) -> None:
    token = world.token()
    world.get(token, query="type=minor")
    world.walk_to(token, 3)
    world.upstream.calls.clear()
    world.later(minutes=6)
    assert warm(world, [BARE, MINOR]) == 2
    asked = [(query.type, number) for query, number in world.upstream.calls]
    assert sorted(asked, key=str) == sorted([(None, n) for n in WHOLE] + [(IncidentType.MINOR, 1)], key=str)


def test_what_vendors_ask_for_comes_before_what_nobody_did(world: World) -> None:
    world.get(world.token(), query="type=minor")
    world.upstream.calls.clear()
    world.later(minutes=6)
    assert warm(world, [BARE, MINOR]) == 2
    # The budget was begun: of a list of a length that nobody knows it is page 1 only.
    assert [(query.type, number) for query, number in world.upstream.calls] == [(IncidentType.MINOR, 1), (None, 1)]


def test_who_has_a_fresh_page_1_and_no_more_gets_the_others(world: World) -> None:
    """Somebody named the list, and a walk of it would have to wait."""
    world.get(world.token())
    world.walks._busy.clear()
    assert (warm(world), calls(world)) == (1, [1, *WHOLE])
    (walk,) = world.walks.walks.values()
    assert (walk.state, walk.quiet) == (State.COMPLETE, True)


def test_what_was_made_stale_is_read_though_it_was_read_just_now(world: World) -> None:
    warm(world)
    world.later(seconds=1)
    listing = Listing(account(world), BARE)
    world.walks.pointers[listing.key] = replace(world.walks.pointers[listing.key], stale_since=world.clock.now())
    world.later(seconds=1)
    assert (warm(world), len(calls(world))) == (1, 2 * len(WHOLE))
    assert (warm(world), len(calls(world))) == (0, 2 * len(WHOLE))


def test_a_policy_under_which_nothing_is_fresh_does_not_make_every_request_a_reading(world: World) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    policy = CachePolicy(fresh_for=timedelta(0))
    world.registry.save_district(replace(district, version=district.version + 1, cache=policy))
    assert [warm(world) for _ in range(3)] == [1, 0, 0]
    world.later(seconds=61)
    assert warm(world) == 1


def test_a_run_spends_its_budget_and_goes_on_when_it_is_asked_again(world: World) -> None:
    token = world.token()
    for kind in ("minor", "referral", "pending"):
        world.get(token, query=f"type={kind}")
        world.later(seconds=1)
    world.upstream.calls.clear()
    world.later(minutes=6)
    world.calls = 2
    queries = [UpstreamQuery(kind) for kind in IncidentType]
    assert [warm(world, queries) for _ in range(3)] == [2, 1, 0]
    assert len(calls(world)) == 3


def test_nothing_is_begun_that_there_is_no_time_for(world: World) -> None:
    assert (warm(world, seconds=9.0), calls(world)) == (0, [])


@pytest.mark.parametrize("gone", ["paused", "another account", "not there"])
def test_a_district_that_is_not_read_is_not_warmed(world: World, gone: str) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    changes = {"paused": {"status": Status.PAUSED}, "another account": {"account_epoch": 2}}.get(gone, {})
    changed = replace(district, version=district.version + 1, **changes)  # type: ignore[arg-type]  # by name
    world.registry.save_district(changed)
    asked = account(world) if gone != "not there" else replace(account(world), district_id="Nope")
    assert world.refresher.warm_asked(Asked(asked, (BARE,)), lambda: 300.0) == 0
    assert calls(world) == []


def test_an_upstream_that_fails_is_left_alone_however_often_somebody_asks(world: World) -> None:
    world.upstream.fault = UpstreamFailedError(upstream_status=500)
    for _ in range(20):
        warm(world)
    failed = len(calls(world))
    for _ in range(20):
        warm(world)
    assert (len(calls(world)), failed < 20) == (failed, True)
    assert world.walks.pointers[Listing(account(world), BARE).key].walk is None


def test_a_store_that_says_nothing_while_it_is_read_keeps_page_1_from_nobody(world: World) -> None:
    """Whether another page 1 is current is not known then: the new one waits for its walk."""
    pointer, asked = MemoryWalkStore.pointer, iter(range(100))

    def silent(store: MemoryWalkStore, listing: Listing) -> object:
        return None if next(asked) == 2 else pointer(store, listing)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "pointer", silent)
        warm(world)
    assert calls(world) == WHOLE
    assert str(world.get(world.token()).header("Cache-Status")).startswith("hallpass; hit")
