"""`GET /v1/snapshot`: one validator over all pages of a walk, as the token sees them."""

from __future__ import annotations

import json

import pytest
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.scope import Scope
from hallpass.domain.upstream import UpstreamTimeoutError

from tests.vendor.world import BASE, EVERYTHING, World, incident, page, rows

PATH = "/v1/snapshot"


@pytest.fixture
def world() -> World:
    world = World()
    world.upstream.pages = {
        number: page(incident(number), incident(10 + number, type="minor"), number=number, total=3)
        for number in (1, 2, 3)
    }
    return world


def test_it_says_how_much_there_is_and_where_to_read_it(world: World) -> None:
    answer = world.get(world.token(Scope(rows("minor"), "all-documented@1")), PATH)
    told = json.loads(answer.body)
    assert (answer.status, told["dataset"], told["incidents"]) == (200, "1.1", 3)
    (snapshot,) = {key[1] for key in world.walks.walks}
    assert answer.header("Link") == f'<{BASE}/v1/incidents?snapshot={snapshot}&page=1>; rel="first"'
    assert (world.audit.records[-1].action, world.audit.records[-1].incidents) == ("snapshot.read", None)


def test_a_poll_of_a_stored_walk_reads_nothing_upstream_and_renders_nothing(world: World) -> None:
    token = world.token()
    first = world.get(token, PATH)
    calls, made = len(world.upstream.calls), world.store.calls["save_representation"]
    again = world.get(token, PATH, if_none_match=str(first.header("ETag")))
    assert (again.status, again.body, again.header("ETag")) == (304, b"", first.header("ETag"))
    assert (len(world.upstream.calls), world.store.calls["save_representation"]) == (calls, made)


def test_the_validator_changes_with_what_the_token_sees_and_only_with_that(world: World) -> None:
    minor = world.token(Scope(rows("minor"), "all-documented@1"))
    everything = world.token(Scope(EVERYTHING, "all-documented@1"))
    before = [world.get(token, PATH).header("ETag") for token in (minor, everything)]
    world.later(hours=2)
    world.upstream.pages[3] = page(incident(3, text="changed"), incident(13, type="minor"), number=3, total=3)
    after = [world.get(token, PATH).header("ETag") for token in (minor, everything)]
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_what_only_moves_from_page_to_page_leaves_it(world: World) -> None:
    """A hidden incident that comes moves those behind it: that it came is not to be seen."""
    minor = world.token(Scope(rows("minor"), "all-documented@1"))
    before = world.get(minor, PATH).header("ETag")
    world.later(hours=2)
    moved = [incident(99), *(one for n in (1, 2, 3) for one in (incident(n), incident(10 + n, type="minor")))]
    world.upstream.pages = {n: page(*moved[2 * n - 2 : 2 * n], number=n, total=4) for n in (1, 2, 3, 4)}
    assert world.get(minor, PATH).header("ETag") == before


def test_a_new_reading_that_found_nothing_new_leaves_it(world: World) -> None:
    token = world.token()
    before = world.get(token, PATH)
    world.later(hours=2)
    after = world.get(token, PATH)
    assert (after.header("ETag"), after.body) == (before.header("ETag"), before.body)
    assert after.header("Link") != before.header("Link")


@pytest.mark.parametrize("scope", [Scope(EVERYTHING, "upstream@1"), Scope(EVERYTHING, "pseudonymised@1")])
def test_it_goes_with_every_view(world: World, scope: Scope) -> None:
    token = world.token(scope)
    before = world.get(token, PATH)
    assert json.loads(before.body)["incidents"] == 6
    world.later(hours=2)
    world.upstream.pages[2] = page(incident(2, date="2026-02-11"), incident(12), number=2, total=3)
    assert world.get(token, PATH).header("ETag") != before.header("ETag")


def test_undocumented_nodes_count_for_who_gets_the_upstreams_bytes(world: World) -> None:
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    before = world.get(token, PATH).header("ETag")
    world.later(hours=2)
    odd = incident(2).replace("<offenders", "<new/><offenders", 1)
    world.upstream.pages[2] = page(odd, incident(12, type="minor"), number=2, total=3)
    assert world.get(token, PATH).header("ETag") != before


def test_a_list_of_one_page_needs_no_walk(world: World) -> None:
    world.upstream.pages = {1: page(incident(1))}
    answer = world.get(world.token(), PATH)
    assert (json.loads(answer.body)["incidents"], len(world.upstream.calls), world.walks.walks) == (1, 1, {})
    assert answer.header("Link") == f'<{BASE}/v1/incidents?page=1>; rel="first"' or "snapshot" in str(
        answer.header("Link")
    )


def test_head_is_the_same_without_a_body(world: World) -> None:
    token = world.token()
    got = world.get(token, PATH)
    head = world.send("HEAD", PATH, headers={"authorization": f"Bearer {token}"})
    assert (head.status, head.body, head.header("ETag")) == (200, b"", got.header("ETag"))


@pytest.mark.parametrize("query", ["page=2", "format=json", "school=007", "modified_since=2026-03-01&dataset=1.1"])
def test_what_belongs_to_a_page_or_a_poll_is_refused(world: World, query: str) -> None:
    answer = world.get(world.token(), PATH, query)
    assert (answer.status, b"unknown; the parameters are: type, deleted, from, to" in answer.body) == (400, True)


def test_without_a_store_there_is_nothing_to_say_of_a_walk(world: World) -> None:
    world.store.unreachable = world.walks.unreachable = True
    assert world.get(world.token(), PATH).status == 503
    world.upstream.pages = {1: page(incident(1))}
    assert world.get(world.token(), PATH).status == 200


@pytest.mark.parametrize("lost", ["model", "model representation"])
def test_a_page_that_the_store_lost_is_read_again_if_it_is_the_same(world: World, lost: str) -> None:
    token = world.token()
    before = world.get(token, PATH)
    other = world.token(Scope(rows("minor"), "all-documented@1"))
    for kind in lost.split():
        world.store.lose(ArtefactKind(kind))
    assert json.loads(world.get(other, PATH).body)["incidents"] == 3
    assert world.get(token, PATH).header("ETag") == before.header("ETag")


def test_a_page_that_is_another_by_now_ends_the_snapshot_and_names_where_to_begin(world: World) -> None:
    world.get(world.token(), PATH)
    world.store.lose(ArtefactKind.MODEL)
    world.upstream.pages[2] = page(incident(99), number=2, total=3)
    refused = world.get(world.token(Scope(rows("minor"), "all-documented@1")), PATH)
    assert (refused.status, json.loads(refused.body)["restart"]) == (410, f"{BASE}/v1/snapshot")
    assert refused.header("Link") == f'<{BASE}/v1/snapshot>; rel="first"'


def test_a_page_item_that_is_gone_ends_the_snapshot(world: World) -> None:
    world.get(world.token(), PATH)
    (snapshot,) = {key[1] for key in world.walks.walks}
    listing = next(iter(world.walks._busy.values())).listing
    world.store.forget_page(listing, snapshot, 2)
    other = world.token(Scope(rows("minor"), "all-documented@1"))
    assert world.get(other, PATH).status == 410


def test_who_runs_out_of_time_goes_on_where_it_stopped(world: World) -> None:
    token = world.token()
    world.walk_to(token, 3)
    left = iter([29.0])

    def slow() -> float:
        return next(left, 1.0)

    headers = {"authorization": f"Bearer {token}"}
    answer = world.send("GET", PATH, headers=headers, seconds=3.0)
    assert (answer.status, json.loads(answer.body)["type"]) == (503, "urn:hallpass:problem:page-in-flight")
    assert world.get(token, PATH).status == 200


def test_an_upstream_that_fails_meanwhile_is_told(world: World) -> None:
    token = world.token()
    world.get(token)
    world.upstream.fault = UpstreamTimeoutError()
    assert world.get(token, PATH).status == 504
