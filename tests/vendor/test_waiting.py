"""Page 1 while somebody else reads it: who asks waits inside the deadline, then takes what is stale or is told when."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.leases import LEASE_FOR, Granted, Pointer, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.refresh_order import Action, Order

from tests import records
from tests.vendor.test_freshness import allow
from tests.vendor.world import World, incident, page


@pytest.fixture
def world() -> World:
    return World()


def listing(world: World) -> Listing:
    return Listing(Account(records.DISTRICT_ID, world.upstream.origin, 1), UpstreamQuery())


def anothers_turn(world: World) -> Granted:
    seen = world.walks.pointer(listing(world))
    turn = world.walks.take(listing(world), Slot.PAGE, seen or Pointer(), "another")
    assert isinstance(turn, Granted)
    return turn


def ask(world: World, token: str, seconds: float, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.send("GET", "/v1/incidents.json", "", {"authorization": f"Bearer {token}", **named}, seconds=seconds)


def test_who_has_nothing_else_is_told_when_to_ask_again(world: World) -> None:
    token = world.token()
    anothers_turn(world)
    answer = ask(world, token, 5)
    assert (answer.status, json.loads(answer.body)["type"].rpartition(":")[2]) == (503, "page-in-flight")
    assert int(answer.header("Retry-After")) > 0
    assert world.upstream.calls == []
    world.clock.move(LEASE_FOR)
    assert ask(world, token, 29).status == 200, "the turn of one who died is over"


def test_who_has_a_stale_page_gets_it(world: World) -> None:
    token = world.token()
    ask(world, token, 29)
    world.clock.move(timedelta(hours=2))
    anothers_turn(world)
    answer = ask(world, token, 5)
    assert answer.status == 200
    assert answer.header("Cache-Status") == "hallpass; fwd=stale; ttl=-6901; detail=stale-while-in-flight"
    assert len(world.upstream.calls) == 1


def test_who_asked_for_a_refresh_takes_the_one_that_is_under_way(world: World) -> None:
    token = world.token()
    allow(world, token, may_refresh=True)
    ask(world, token, 29)
    world.later(minutes=2)
    order = Order(Action.PAGE, listing(world), anothers_turn(world))
    world.upstream.pages[1] = page(incident(3))
    world.patience.meanwhile = [lambda: world.refresher.carry_out(order, lambda: 300.0)]
    answer = ask(world, token, 29, cache_control="no-cache")
    assert [row["uuid"] for row in json.loads(answer.body)["incidents"]] == ["u-3"]
    assert "collapsed" in answer.header("Cache-Status")
    assert len(world.upstream.calls) == 2
