"""Law 2: a walk is one snapshot, read together and checked; what the check cannot vouch for ends it with an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.http import HttpResponse
from hallpass.domain.http_caching import Headers
from hallpass.domain.scope import Scope
from hallpass.domain.upstream import UpstreamAnswer, UpstreamRefusedError
from hallpass.domain.walk import State
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import records
from tests.vendor.moving import ORDERS, invent
from tests.vendor.walkers import Ended, Unreliable, Walker, moving_world
from tests.vendor.world import EVERYTHING, World, incident, page
from tests.vendor_fakes import ScriptedUpstream

SIZE = 3
LONG = settings.get_current_profile_name() == "long"


@dataclass(slots=True)
class Listed(ScriptedUpstream):
    """The newest first, `SIZE` on a page. `before`: what happens to the list before each call, by turns.

    `modified`: the Last-Modified of every page; who has it is told that nothing changed. `refuses`: 404 past the last.
    """

    rows: list[int] = field(default_factory=lambda: list(range(10, 0, -1)))
    before: list[Callable[[Listed], None]] = field(default_factory=list)
    modified: str = ""
    refuses: bool = False

    def fetch(
        self, credential: Any, query: Any, number: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        if self.before:
            self.before.pop(0)(self)
        total = max(1, -(-len(self.rows) // SIZE))
        shown = self.rows[(number - 1) * SIZE : number * SIZE]
        self.pages = {number: page(*map(incident, shown), number=number, total=total)}
        answer = ScriptedUpstream.fetch(self, credential, query, number, seconds, validators)
        if self.refuses and number > total:
            raise UpstreamRefusedError(upstream_status=404)
        if not self.modified:
            return answer
        unchanged = ("If-Modified-Since", self.modified) in validators
        body, status = (b"", 304) if unchanged else (answer.body, 200)
        return UpstreamAnswer(body, 1, 1, (("Last-Modified", self.modified),), status)


@pytest.fixture
def world() -> World:
    return World(upstream=Listed())


def listed(world: World) -> Listed:
    assert isinstance(world.upstream, Listed)
    return world.upstream


def nothing(_listed: Listed) -> None:
    pass


def without(row: int) -> Callable[[Listed], None]:
    return lambda upstream: upstream.rows.remove(row)


def instead_of(row: int, other: int) -> Callable[[Listed], None]:
    return lambda upstream: upstream.rows.__setitem__(upstream.rows.index(row), other)


def calls(world: World) -> list[int]:
    return [number for _, number in world.upstream.calls]


def checking(world: World, check: Check) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    world.registry.save_district(replace(district, cache=CachePolicy(check=check), version=district.version + 1))


def token_of(world: World) -> str:
    return world.token(Scope(EVERYTHING, "all-documented@1"))


def uuids(answer: HttpResponse) -> list[str]:
    assert answer.status == 200, answer.body
    return [row["uuid"] for row in json.loads(answer.body)["incidents"]]


def named(*rows: int) -> list[str]:
    return [f"u-{row}" for row in rows]


def next_query(answer: HttpResponse) -> str | None:
    links = (answer.header("Link") or "").split(", ")
    return next((link[1:].split(">")[0].split("?")[1] for link in links if link.endswith('rel="next"')), None)


def linked(world: World, token: str, answer: HttpResponse) -> list[str]:
    """The incidents of this page and of all that follow it by links."""
    found = uuids(answer)
    while (query := next_query(answer)) is not None:
        answer = world.get(token, query=query)
        found += uuids(answer)
    return found


def ended(answer: HttpResponse) -> tuple[int, str]:
    assert b"u-" not in answer.body, "no incident in an error"
    return answer.status, json.loads(answer.body)["type"].rsplit(":", 1)[1]


@pytest.mark.parametrize(
    ("check", "asked"),
    [
        pytest.param(Check.OFF, [1, 2, 3, 4], id="off: each page once"),
        pytest.param(Check.GUARDED, [1, 2, 3, 4, 1, 4], id="guarded: the first and the last once more"),
        pytest.param(Check.VERIFIED, [1, 2, 3, 4, 1, 2, 3, 4], id="verified: each page once more"),
    ],
)
def test_a_walk_over_a_list_that_stands_is_read_together_once(world: World, check: Check, asked: list[int]) -> None:
    checking(world, check)
    for _ in range(3):
        token = token_of(world)
        assert linked(world, token, world.get(token)) == named(*range(10, 0, -1))
    assert calls(world) == asked, "the other vendors' walks ask nobody"


def test_who_polls_page_one_never_causes_a_walk(world: World) -> None:
    token = token_of(world)
    for _ in range(20):
        assert len(uuids(world.get(token))) == SIZE
        world.later(minutes=7)
    world.refresher.warm(lambda: 300.0)
    assert set(calls(world)) == {1}


def test_an_incident_that_slips_to_the_page_before_is_no_silent_gap(world: World) -> None:
    """Deleted on page 1 after that was read: the first of page 2 moves to page 1, and page 2 lacks it."""
    token = token_of(world)
    assert world.get(token).status == 200
    listed(world).rows.remove(9)
    refused = world.get(token, query="page=2")
    assert ended(refused) == (503, "listing-unstable")
    assert (refused.header("Retry-After"), json.loads(refused.body)["retry"]) == ("1", "after")
    assert world.telemetry.counts["WalksRestarted"] == 1
    asked = len(calls(world))
    assert linked(world, token, world.get(token)) == named(10, 8, 7, 6, 5, 4, 3, 2, 1)
    assert len(calls(world)) == asked, "the error's own reading serves the walk that begins again"


def test_what_moves_behind_page_one_is_read_anew_and_the_walk_goes_on(world: World) -> None:
    token = token_of(world)
    first = world.get(token)
    # Before the last is read again, it is another.
    listed(world).before = [nothing, nothing, nothing, nothing, instead_of(1, 0)]
    assert linked(world, token, first) == named(10, 9, 8, 7, 6, 5, 4, 3, 2, 0)
    assert world.telemetry.counts["WalksRestarted"] == 1


def test_who_has_a_page_one_of_before_does_not_go_on_behind_another(world: World) -> None:
    """Begun anew twice: with the same page 1 the first time, and with another the second."""
    token = token_of(world)
    first = world.get(token)
    # Pages 2, 3, 4, 1 and 4, which differs; 1 as before, 2, 3, 4, and 1, which differs.
    quiet = [nothing] * 4
    listed(world).before = [*quiet, instead_of(1, 0), *quiet, instead_of(10, 11)]
    query = next_query(first)
    assert query is not None
    assert ended(world.get(token, query=query)) == (503, "listing-unstable")
    assert world.telemetry.counts["WalksRestarted"] == 2
    assert linked(world, token, world.get(token)) == named(11, 9, 8, 7, 6, 5, 4, 3, 2, 0)


def test_a_list_that_will_not_stand_still_ends_the_walk_and_later_it_works(world: World) -> None:
    token = token_of(world)
    first = world.get(token)
    listed(world).before = [lambda upstream: upstream.rows.insert(0, 100 + len(upstream.calls))] * 40
    query = next_query(first)
    assert query is not None
    refused = world.get(token, query=query)
    assert ended(refused) == (503, "listing-unstable")
    assert json.loads(refused.body)["restart"] == "https://hallpass.example/v1/incidents.json?page=1"
    listed(world).before.clear()
    found = linked(world, token, world.get(token))
    assert found == named(*listed(world).rows)


def test_a_snapshot_is_walked_to_its_end_while_newer_ones_exist(world: World) -> None:
    early, late = token_of(world), token_of(world)
    begun = world.get(early)
    query = next_query(begun)
    assert query is not None
    second = world.get(early, query=query)
    for row in (11, 12):
        world.later(minutes=20)
        listed(world).rows.insert(0, row)
        world.get(late, cache_control="no-cache")
        world.later(minutes=41)
        assert world.get(late).status == 200
    assert uuids(world.get(late))[0] == "u-12"
    assert uuids(begun) + linked(world, early, second) == named(*range(10, 0, -1))


def test_a_plain_page_is_of_the_snapshot_that_its_own_token_began(world: World) -> None:
    early, late = token_of(world), token_of(world)
    assert uuids(world.get(early)) == named(10, 9, 8)
    assert uuids(world.get(early, query="page=2")) == named(7, 6, 5)
    listed(world).rows.insert(0, 11)
    world.later(hours=2)
    assert uuids(world.get(late)) == named(11, 10, 9)
    assert uuids(world.get(late, query="page=2")) == named(8, 7, 6)
    assert uuids(world.get(early, query="page=3")) == named(4, 3, 2)
    assert uuids(world.get(early, query="page=4")) == named(1)


def test_page_one_by_its_link_pins_as_well(world: World) -> None:
    token = token_of(world)
    first = world.get(token)
    world.later(hours=2)
    listed(world).rows.remove(9)
    assert uuids(world.get(token)) == named(10, 8, 7)
    (snapshot,) = re.findall(r"snapshot=([0-9a-f-]+)&page=2", str(first.header("Link")))
    assert uuids(world.get(token, query=f"snapshot={snapshot}&page=1")) == named(10, 9, 8)
    assert ended(world.get(token, query="page=2")) == (503, "listing-unstable")


def test_a_page_one_that_cannot_be_pinned_is_not_given_where_there_are_more(world: World) -> None:
    """Else a plain `page=2` would be of the snapshot before."""
    token = token_of(world)
    world.get(token)
    world.walks.pins_fail = True
    assert ended(world.get(token)) == (503, "unavailable")
    world.later(hours=2)
    listed(world).rows = [1, 2]
    assert uuids(world.get(token)) == named(1, 2)


def test_a_page_one_that_is_all_there_is_ends_the_walk_before_it(world: World) -> None:
    """A client that counts until an empty page must not be given the second page of its walk of an hour ago."""
    token = token_of(world)
    assert uuids(world.get(token)) == named(10, 9, 8)
    assert uuids(world.get(token, query="page=2")) == named(7, 6, 5)
    listed(world).rows[:] = [10, 9]
    world.later(hours=2)
    assert uuids(world.get(token)) == named(10, 9)
    assert uuids(world.get(token, query="page=2")) == []


@pytest.mark.parametrize("plain", [True, False], ids=["by counting", "by links"])
def test_a_snapshot_that_is_not_kept_any_more_ends_with_the_way_to_begin_again(world: World, plain: bool) -> None:
    token = token_of(world)
    query = next_query(world.get(token))
    assert query is not None
    assert world.get(token, query=query).status == 200
    world.later(days=8)
    gone = world.get(token, query="page=2" if plain else query)
    assert ended(gone) == (410, "snapshot-expired")
    assert json.loads(gone.body)["restart"] == "https://hallpass.example/v1/incidents.json?page=1"
    assert linked(world, token, world.get(token)) == named(*range(10, 0, -1))


def test_a_last_page_that_is_gone_when_it_is_read_again_has_moved(world: World) -> None:
    token = token_of(world)
    listed(world).refuses = True
    assert world.get(token).status == 200
    listed(world).before = [nothing, nothing, nothing, nothing, without(1)]
    assert ended(world.get(token, query="page=2")) == (503, "listing-unstable")
    assert linked(world, token, world.get(token)) == named(*range(10, 1, -1))


def test_a_weak_validator_proves_nothing_of_a_walk(world: World) -> None:
    """The latest change on page 1 is what it was, and one that was not the latest is gone."""
    checking(world, Check.VERIFIED)
    token = token_of(world)
    listed(world).modified = "Mon, 02 Mar 2026 10:00:00 GMT"
    listed(world).rows.append(0)
    assert world.get(token).status == 200
    listed(world).rows.remove(9)
    assert ended(world.get(token, query="page=2")) == (503, "listing-unstable")


def test_a_strong_validator_saves_the_bytes_of_what_is_read_again(world: World) -> None:
    checking(world, Check.VERIFIED)
    token = token_of(world)
    world.upstream.tags = {number: f'"{number}"' for number in range(1, 5)}
    assert linked(world, token, world.get(token)) == named(*range(10, 0, -1))


def test_what_the_check_cannot_see_is_an_incident_that_went_and_came_back_as_it_was(world: World) -> None:
    """The stated exception of `verified`: incident 9 is away whenever a later page is read, and not when page 1 is."""
    checking(world, Check.VERIFIED)
    listed(world).rows.append(0)
    token = token_of(world)
    first = world.get(token)
    away, back = without(9), lambda upstream: upstream.rows.insert(1, 9)
    listed(world).before = [away, nothing, nothing, back, away]
    assert linked(world, token, first) == named(10, 9, 8, 6, 5, 4, 3, 2, 1, 0)


def test_an_order_that_comes_after_the_end_holds_up_nobody(world: World) -> None:
    world.background.at_once = False
    token = token_of(world)
    assert world.get(token).status == 200
    assert ended(world.get(token, query="page=2")) == (503, "page-in-flight")
    (order,) = world.background.orders  # once, however long somebody waits
    world.background.run()
    world.refresher.carry_out(order, lambda: 300.0)
    pointer = next(iter(world.walks.pointers.values()))
    assert pointer.walk is None
    assert len(calls(world)) == 6


def test_without_a_background_the_request_reads_the_walk_itself(world: World) -> None:
    world.background.unreachable = True
    token = token_of(world)
    assert linked(world, token, world.get(token)) == named(*range(10, 0, -1))
    assert (calls(world), world.patience.pauses) == ([1, 2, 3, 4, 1, 4], 0)


def test_a_walk_whose_end_was_not_told_to_those_before_it_is_told_by_the_next_reader(world: World) -> None:
    token = token_of(world)
    first = world.get(token)
    listed(world).before = [nothing, nothing, nothing, nothing, instead_of(1, 0)]
    whole = linked(world, token, first)
    (key,) = (key for key, walk in world.walks.walks.items() if walk.pages_in)
    world.walks.walks[key] = replace(world.walks.walks[key], state=State.BUILDING)
    assert linked(world, token, first) == whole
    assert world.walks.walks[key].state is State.COMPLETE


def test_an_order_for_a_broken_walk_reads_the_one_that_took_its_place(world: World) -> None:
    world.background.at_once = False
    token = token_of(world)
    assert world.get(token).status == 200
    assert world.get(token, query="page=2").status == 503
    (order,) = world.background.orders
    listed(world).rows.remove(9)
    seconds = iter([300.0] * 30 + [0.0] * 10)
    world.background.orders.clear()
    world.refresher.carry_out(order, lambda: next(seconds, 0.0))
    world.background.orders.clear()
    world.refresher.carry_out(order, lambda: 300.0)
    assert linked(world, token, world.get(token)) == named(10, 8, 7, 6, 5, 4, 3, 2, 1)
    assert world.background.orders == []


def test_the_cheap_poll_says_whether_anything_changed_that_the_token_sees(world: World) -> None:
    token = world.token(Scope(replace(EVERYTHING, deleted=False), "all-documented@1"))

    def tag() -> str | None:
        world.later(hours=2)
        answer = world.get(token, "/v1/snapshot")
        assert answer.status == 200, answer.body
        return answer.header("ETag")

    before = tag()
    assert tag() == before, "read anew, and nothing had changed"
    listed(world).rows.remove(2)
    after = tag()
    assert after != before
    listed(world).rows.insert(8, 2)
    assert tag() == before


@settings(max_examples=2_500 if LONG else 100)
@given(st.randoms(use_true_random=False) | st.integers(0, 2**64).map(Random))
def test_every_walk_that_came_to_its_end_is_the_list_as_it_was_at_one_instant(rng: Random) -> None:
    """Four walks an example, one after another over the same changes; the background and others get in between."""
    scene = invent(rng, ORDERS, lambda: rng.choice((0, 2, 5, 10, 20, 60)), changes=24)
    fresh, stale = rng.choice((0, 0, 20, 300)), rng.choice((0, 0, 3600))
    policy = CachePolicy(timedelta(seconds=fresh), timedelta(seconds=stale), check=Check.VERIFIED)
    world, moving = moving_world(scene, policy, lambda: rng.choice((0.1, 0.5, 2, 8)))
    beside = Unreliable(world, moving, rng)
    beside.begin()

    def think() -> None:
        moving.wait(rng.choice((0, 0, 1, 1, 5, 30, 310)))
        beside.happen()

    for counting in (True, False, True, False):
        rows = Walker(world, scene.query, counting, think).walk()
        if isinstance(rows, Ended):
            assert rows.problem in {"listing-unstable", "page-in-flight", "snapshot-expired", "upstream-timeout"}
        else:
            assert moving.had(rows)
    assert world.telemetry.crashes == []
