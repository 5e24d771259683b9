"""Where a walk meets what it cannot read, keep or be sure of: it ends with an error or begins anew, and heals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hallpass.domain import model
from hallpass.domain.arrival import artefact
from hallpass.domain.leases import LEASE_FOR, Granted, Held, Slot, Unknown
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.refresh_order import Action, Order
from hallpass.domain.upstream import UpstreamRefusedError
from hallpass.domain.walk import MAX_PAGES, Walk

from tests import records
from tests.page_store_fake import MemoryPageStore
from tests.vendor.world import World, incident, page
from tests.vendor_fakes import ScriptedUpstream
from tests.walk_store_fake import MemoryWalkStore

HALF_A_MINUTE = 30


@pytest.fixture
def world() -> World:
    world = World()
    world.upstream.pages = {number: page(incident(number), number=number, total=3) for number in (1, 2, 3)}
    return world


def listing(world: World) -> Listing:
    return Listing(Account(records.DISTRICT_ID, world.upstream.origin, 1), UpstreamQuery())


def problem(world: World, token: str, query: str = "page=2", **headers: str) -> tuple[int, str]:
    answer = world.get(token, query=query, **headers)
    assert b"u-" not in answer.body
    return answer.status, json.loads(answer.body)["type"].rpartition(":")[2]


def begun(world: World) -> str:
    token = world.token()
    assert world.get(token).status == 200
    return token


def moved(world: World) -> None:
    """Behind page 1: a walk is begun anew, and those who have it may go on."""
    world.upstream.pages[3] = page(incident(2), number=3, total=3)


def walks_whole(world: World, token: str) -> bool:
    world.later(seconds=HALF_A_MINUTE)
    world.get(token)
    return all(world.get(token, query=f"page={number}").status == 200 for number in (2, 3))


def test_a_lost_page_one_of_a_list_that_nobody_remembers_any_more_is_read_alone() -> None:
    world = World()
    token = begun(world)
    world.store.lose(ArtefactKind.MODEL)
    world.store.lose(ArtefactKind.REPRESENTATION)
    answers = iter([world.walks.pointers[listing(world).key]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "pointer", lambda *_: next(answers, None))
        answer = world.get(token)
    assert answer.header("Cache-Status") == "hallpass; fwd=uri-miss; fwd-status=200; detail=not-stored"


def test_a_page_of_another_model_version_begins_the_walk_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-20."""
    token = begun(world)
    monkeypatch.setattr(model, "MODEL_SCHEMA", model.MODEL_SCHEMA + 1)
    world.get(token, query="page=2")
    assert world.telemetry.counts["WalksRestarted"] == 1
    assert walks_whole(world, token)


def test_the_cheap_poll_makes_a_representation_that_does_not_unpack_anew() -> None:
    """D-10."""
    world = World()
    token = begun(world)
    before = world.get(token, "/v1/snapshot")
    for known in world.store.representations():
        broken = artefact(known.stored.district_id, known.stored.kind, known.stored.name, b"no gzip")
        world.store.save_representation(replace(known, stored=broken), b"no gzip")
    after = world.get(token, "/v1/snapshot")
    assert (after.status, after.header("ETag")) == (200, before.header("ETag"))


def test_a_snapshot_that_is_used_near_its_end_is_kept_an_hour_longer(world: World) -> None:
    token = world.token()
    world.walk_to(token, 3)
    for minutes in (24 * 60 + 30, 50, 50):
        world.later(minutes=minutes)
        assert world.get(token, query="page=2").status == 200
    world.later(hours=3)
    assert problem(world, token) == (410, "snapshot-expired")


def test_a_page_one_that_nobody_went_on_from_is_no_beginning_after_its_life(world: World) -> None:
    token = begun(world)
    world.later(hours=25, minutes=6)
    assert problem(world, token) == (410, "snapshot-expired")
    assert len(world.upstream.calls) == 1


def test_a_page_one_that_is_gone_before_the_walk_ends_it(world: World) -> None:
    token = begun(world)
    snapshot = world.walks.pointers[listing(world).key].snapshot
    assert snapshot
    world.store.forget_page(listing(world), snapshot, 1)
    assert problem(world, token) == (410, "snapshot-expired")
    assert walks_whole(world, token)


def test_who_wants_only_what_is_cached_begins_no_walk(world: World) -> None:
    token = begun(world)
    assert problem(world, token, cache_control="only-if-cached") == (504, "not-cached")
    assert len(world.upstream.calls) == 1


def test_a_list_of_more_pages_than_any_districts_is_no_list(world: World) -> None:
    world.upstream.pages[1] = page(incident(1), total=MAX_PAGES + 1)
    token = begun(world)
    assert problem(world, token) == (502, "upstream-invalid")
    assert len(world.upstream.calls) == 1


def test_an_order_for_a_snapshot_that_nobody_walks_gives_its_turn_back(world: World) -> None:
    begun(world)
    turn = world.walks.take(listing(world), Slot.WALK, world.walks.pointers[listing(world).key], "me")
    assert isinstance(turn, Granted)
    world.refresher.carry_out(Order(Action.WALK, listing(world), turn, "0" * 14 + "-" + "0" * 8), lambda: 300.0)
    assert world.walks.pointers[listing(world).key].walk is None
    assert len(world.upstream.calls) == 1


def test_a_reader_whose_turn_is_not_renewed_stops(world: World) -> None:
    token = begun(world)
    world.background.at_once = False
    world.send("GET", "/v1/incidents.json", "page=2", {"authorization": f"Bearer {token}"}, seconds=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "take", lambda *_: Held())
        world.background.run()
    assert len(world.upstream.calls) == 1
    world.background.at_once = True
    world.later(minutes=1)
    assert world.get(token, query="page=2").status == 200


def test_a_refused_query_ends_the_reading_with_that(world: World) -> None:
    token = begun(world)
    world.upstream.fault = UpstreamRefusedError(upstream_status=400)
    assert problem(world, token) == (502, "upstream-refused")
    world.upstream.fault = None
    assert walks_whole(world, token)


def test_a_page_that_another_wrote_and_that_cannot_be_read_back_is_not_judged(world: World) -> None:
    token = begun(world)
    save = MemoryPageStore.save_page

    def another(store: MemoryPageStore, at: Listing, kept: Any, raw: bytes, packed: bytes) -> Any:
        saved = save(store, at, kept, raw, packed)
        store.lose(ArtefactKind.MODEL)
        return replace(saved, rows=99) if saved and kept.number == 2 else saved

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryPageStore, "save_page", another)
        assert problem(world, token) == (503, "page-in-flight")
    world.later(minutes=1)
    assert walks_whole(world, token)


def test_a_page_that_is_not_kept_is_read_again_by_a_later_request(world: World) -> None:
    token = begun(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryPageStore, "save_page", lambda *_: None)
        assert problem(world, token) == (503, "page-in-flight")
    world.later(minutes=1)
    assert walks_whole(world, token)


@pytest.mark.parametrize("lost", ["page", "walk"])
def test_a_walk_that_cannot_be_begun_anew_is_left_to_the_next_reader(world: World, lost: str) -> None:
    token = begun(world)
    save_page, save_walk = MemoryPageStore.save_page, MemoryWalkStore.save_walk

    def no_page(store: MemoryPageStore, at: Listing, kept: Any, raw: bytes, packed: bytes) -> Any:
        return None if kept.number == 1 else save_page(store, at, kept, raw, packed)

    def no_walk(store: MemoryWalkStore, at: Listing, walk: Walk) -> bool:
        return not walk.earlier and save_walk(store, at, walk)

    moved(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryPageStore, "save_page", no_page if lost == "page" else save_page)
        patch.setattr(MemoryWalkStore, "save_walk", no_walk if lost == "walk" else save_walk)
        assert problem(world, token) == (503, "page-in-flight")
    world.later(minutes=1)
    world.upstream.pages[3] = page(incident(3), number=3, total=3)
    assert walks_whole(world, token)


@pytest.mark.parametrize("method", ["pointer", "take"])
def test_a_store_that_stops_saying_whose_turn_it_is_leaves_the_walk_to_a_later_request(
    world: World, method: str
) -> None:
    token = begun(world)
    doubt = None if method == "pointer" else Unknown()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, method, lambda *_: doubt)
        assert problem(world, token) == (503, "unavailable")
    assert walks_whole(world, token)


def test_a_walk_whose_turn_the_store_does_not_grant_waits_for_a_later_request(world: World) -> None:
    token = begun(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "take", lambda *_: Held())
        assert problem(world, token) == (503, "page-in-flight")
    assert walks_whole(world, token)


def test_a_walk_that_takes_longer_than_a_turn_keeps_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = begun(world)
    fetch = ScriptedUpstream.fetch

    def slowly(upstream: ScriptedUpstream, *arguments: Any) -> Any:
        world.clock.move(LEASE_FOR / 2)
        return fetch(upstream, *arguments)

    monkeypatch.setattr(ScriptedUpstream, "fetch", slowly)
    world.get(token, query="page=2")
    assert [number for _, number in world.upstream.calls] == [1, 2, 3, 1, 3]
    assert world.walks.pointers[listing(world).key].walk is None
    assert all(world.get(token, query=f"page={number}").status == 200 for number in (2, 3))


def test_a_walk_that_another_reader_took_on_is_left_to_that_one(world: World) -> None:
    token = begun(world)
    save = MemoryWalkStore.save_walk

    def anothers(store: MemoryWalkStore, at: Listing, walk: Walk) -> bool:
        return walk.step == 0 and save(store, at, walk)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryWalkStore, "save_walk", anothers)
        assert problem(world, token) == (503, "page-in-flight")
    assert [number for _, number in world.upstream.calls] == [1, 2]
    world.later(minutes=1)
    assert walks_whole(world, token)


def test_a_page_that_a_silent_store_does_not_give_is_not_lost(world: World) -> None:
    token = world.token()
    world.walk_to(token, 3)
    find = MemoryPageStore.find_page

    def silent(store: MemoryPageStore, at: Listing, snapshot: str, number: int) -> Any:
        return None if number == 2 else find(store, at, snapshot, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryPageStore, "find_page", silent)
        patch.setattr(MemoryWalkStore, "pointer", lambda *_: None)
        assert problem(world, token) == (503, "unavailable")
    assert world.get(token, query="page=2").status == 200
