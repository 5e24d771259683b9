"""What is read in the background: page 1, a walk, and what is asked for often before it goes stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import Status
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.http_caching import UpstreamControl
from hallpass.domain.leases import Granted, Held, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.refresh_order import Action, Order
from hallpass.domain.upstream import UpstreamFailedError
from hallpass.domain.walk import State

from tests import records
from tests.vendor.world import World, incident, page
from tests.walk_store_fake import MemoryWalkStore


@pytest.fixture
def world() -> World:
    world = World()
    world.upstream.pages = {number: page(incident(number), number=number, total=3) for number in (1, 2, 3)}
    return world


def listing(world: World) -> Listing:
    return Listing(Account(records.DISTRICT_ID, world.upstream.origin, 1), UpstreamQuery())


def calls(world: World) -> list[int]:
    return [number for _, number in world.upstream.calls]


def warm(world: World) -> int:
    return world.refresher.warm(lambda: 300.0)


def change(world: World, **changes: object) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    changed = replace(district, version=district.version + 1, **changes)  # type: ignore[arg-type]  # by name
    world.registry.save_district(changed)


def test_what_is_polled_is_read_anew_before_it_goes_stale_and_only_its_first_page(world: World) -> None:
    token = world.token()
    world.get(token)
    assert warm(world) == 0, "it is fresh for long enough"
    world.later(minutes=3)
    assert (warm(world), calls(world)) == (1, [1, 1])
    assert world.get(token).header("Cache-Status") == "hallpass; hit; ttl=300"
    assert world.walks.walks == {}


def test_what_is_walked_is_read_whole_and_becomes_current_only_then(world: World) -> None:
    token = world.token()
    world.walk_to(token, 3)
    first = world.audit.records[-1].snapshot
    world.upstream.calls.clear()
    world.later(minutes=3)
    world.background.at_once = False
    assert warm(world) == 1
    assert world.get(token).header("Cache-Status") == "hallpass; hit; ttl=119", "still the one before"
    world.background.run()
    assert calls(world) == [1, 2, 3, 1, 3]
    assert world.get(token).header("Cache-Status") == "hallpass; hit; ttl=300"
    walked = world.get(token, query="page=2")
    assert (str(walked.header("Cache-Status")).startswith("hallpass; hit"), len(calls(world))) == (True, 5)
    assert world.audit.records[-1].snapshot != first


def test_a_list_that_moves_while_it_is_read_ahead_is_nobodys_until_it_stands(world: World) -> None:
    token = world.token()
    world.walk_to(token, 3)
    before = world.audit.records[-1].snapshot
    world.later(minutes=3)
    moves = iter(range(100))
    fetch = type(world.upstream).fetch

    def moving(upstream: object, *arguments: object) -> object:
        number = next(moves)
        world.upstream.pages = {n: page(incident(100 * number + n), number=n, total=3) for n in (1, 2, 3)}
        return fetch(upstream, *arguments)  # type: ignore[arg-type]  # as it was called

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(world.upstream), "fetch", moving)
        warm(world)
    assert world.telemetry.counts["ListingsUnstable"] == 1
    assert world.get(token).status == 200
    assert world.audit.records[-1].snapshot == before


def test_the_budget_of_a_run_is_the_districts(world: World) -> None:
    token = world.token()
    for kind in ("", "type=minor", "type=referral"):
        world.get(token, query=kind)
        world.later(seconds=1)
    world.later(minutes=3)
    world.calls = 2
    assert warm(world) == 2
    assert [query.type for query, _ in world.upstream.calls[3:]] == ["referral", "minor"], "the latest asked for first"


def test_a_walk_that_the_budget_does_not_reach_is_polled_only(world: World) -> None:
    world.walk_to(world.token(), 3)
    world.upstream.calls.clear()
    world.later(minutes=3)
    world.calls = 4
    assert (warm(world), calls(world)) == (1, [1])


@pytest.mark.parametrize(("check", "cost"), [(Check.OFF, 3), (Check.GUARDED, 5), (Check.VERIFIED, 6)])
def test_the_check_belongs_to_the_cost(world: World, check: Check, cost: int) -> None:
    change(world, cache=CachePolicy(check=check))
    world.walk_to(world.token(), 3)
    world.upstream.calls.clear()
    world.later(minutes=3)
    world.calls = cost
    warm(world)
    assert len(calls(world)) == cost


def test_a_list_that_the_store_tells_nothing_of_is_not_warmed(world: World) -> None:
    world.get(world.token())
    world.later(minutes=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "pointer", lambda *_: None)
        assert (warm(world), calls(world)) == (0, [1])


def test_what_nobody_asks_for_any_more_goes_stale(world: World) -> None:
    world.get(world.token())
    world.later(minutes=31)
    assert warm(world) == 0


def test_no_budget_warms_nothing(world: World) -> None:
    world.get(world.token())
    world.later(minutes=3)
    world.calls = 0
    assert warm(world) == 0


def test_a_background_out_of_reach_or_a_turn_taken_warms_nothing(world: World) -> None:
    world.get(world.token())
    world.later(minutes=3)
    world.background.unreachable = True
    assert warm(world) == 0
    world.background.unreachable, world.background.at_once = False, False
    assert (warm(world), warm(world)) == (1, 0), "it has been sent for already"


def test_a_turn_that_somebody_else_takes_meanwhile_warms_nothing(world: World) -> None:
    world.get(world.token())
    world.later(minutes=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "take", lambda *_: Held())
        assert warm(world) == 0
    world.walks.unreachable = True
    assert warm(world) == 0


@pytest.mark.parametrize("gone", ["paused", "another account"])
@pytest.mark.parametrize("action", ["warm", "order"])
def test_a_district_that_is_not_read_any_more_is_not_read(world: World, gone: str, action: str) -> None:
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.background.at_once = False
    if action == "order":
        world.get(token)
    if gone == "paused":
        change(world, status=Status.PAUSED)
    else:
        change(world, account_epoch=2)
    world.background.run()
    assert warm(world) == 0
    assert calls(world) == [1]


def test_an_order_for_a_district_that_is_not_there_is_passed_over(world: World) -> None:
    other = Listing(Account("Nope", world.upstream.origin, 1), UpstreamQuery())
    world.refresher.carry_out(Order(Action.PAGE, other, Granted("o", 1)), lambda: 300.0)
    assert calls(world) == []


@pytest.mark.parametrize("action", [Action.PAGE, Action.AHEAD, Action.WALK])
def test_an_order_that_comes_too_late_does_nothing(world: World, action: Action) -> None:
    """L-09: the turn that it was given is somebody else's by now."""
    world.get(world.token())
    world.walks.take(listing(world), Slot.PAGE, world.walks.pointers[listing(world).key], "somebody else")
    world.walks.take(listing(world), Slot.WALK, world.walks.pointers[listing(world).key], "somebody else")
    world.refresher.carry_out(Order(action, listing(world), Granted("late", 1), "s"), lambda: 300.0)
    assert calls(world) == [1]


def test_an_order_that_comes_twice_reads_a_page_once_more_at_most(world: World) -> None:
    token = world.token()
    world.get(token)
    world.background.at_once = False
    world.send("GET", "/v1/incidents.json", "page=2", {"authorization": f"Bearer {token}"}, seconds=5)
    (order,) = world.background.orders
    for _ in range(3):
        world.refresher.carry_out(order, lambda: 300.0)
    assert calls(world) == [1, 2, 3, 1, 3]
    assert world.get(token, query="page=2").status == 200


def test_a_walk_that_does_not_fit_goes_on_in_another_invocation(world: World) -> None:
    token = world.token()
    world.get(token)
    world.background.at_once = False
    world.send("GET", "/v1/incidents.json", "page=2", {"authorization": f"Bearer {token}"}, seconds=5)
    for read in ([1, 2], [1, 2, 3], [1, 2, 3, 1], [1, 2, 3, 1, 3], [1, 2, 3, 1, 3]):
        left = iter([300.0])
        world.refresher.carry_out(world.background.orders.pop(0), lambda left=left: next(left, 20.0))  # type: ignore[misc]
        assert calls(world) == read
    (walk,) = world.walks.walks.values()
    assert walk.state is State.COMPLETE


def test_a_walk_that_cannot_go_on_gives_its_turn_back(world: World) -> None:
    token = world.token()
    world.get(token)
    world.background.at_once = False
    world.send("GET", "/v1/incidents.json", "page=2", {"authorization": f"Bearer {token}"}, seconds=5)
    world.background.unreachable = True
    world.refresher.carry_out(world.background.orders.pop(0), lambda: 5.0)
    assert world.walks.pointers[listing(world).key].walk is None


def test_a_fault_while_reading_ahead_is_counted_and_leaves_the_turn(world: World) -> None:
    world.walk_to(world.token(), 3)
    world.later(minutes=3)
    world.upstream.fault = UpstreamFailedError(upstream_status=500)
    warm(world)
    assert world.telemetry.counts["BackgroundFaults"] == 1
    assert world.walks.pointers[listing(world).key].walk is None


def test_what_may_not_be_kept_is_not_read_ahead(world: World) -> None:
    world.walk_to(world.token(), 3)
    world.later(minutes=3)
    world.upstream.headers = (("Cache-Control", "no-store"),)
    change(world, cache=CachePolicy(control=UpstreamControl.HONOUR))
    before = len(world.walks.walks)
    warm(world)
    assert len(world.walks.walks) == before
    assert world.walks.pointers[listing(world).key].walk is None


def test_an_order_to_warm_is_none_for_one_listing(world: World) -> None:
    with pytest.raises(ValueError, match="no order for one listing"):
        world.refresher.carry_out(Order(Action.WARM, listing(world), Granted("o", 1)), lambda: timedelta(1).seconds)
