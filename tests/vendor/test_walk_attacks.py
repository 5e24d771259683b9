"""What was tried against walks: each ends them with an error that says how to begin again, or leaves them whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.http import HttpResponse
from hallpass.domain.http_caching import Headers, UpstreamControl
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.scope import Scope
from hallpass.domain.upstream import UpstreamAnswer

from tests import records
from tests.vendor.test_walks import (
    Listed,
    checking,
    ended,
    linked,
    listed,
    named,
    next_query,
    nothing,
    token_of,
    uuids,
    without,
)
from tests.vendor.world import EVERYTHING, World, incident, page
from tests.vendor_fakes import ScriptedUpstream

RESTART = "https://hallpass.example/v1/incidents.json?page=1"


@pytest.fixture
def world() -> World:
    made = World(upstream=Listed())
    checking(made, Check.VERIFIED)
    return made


def walking(world: World) -> str:
    """A token that has been given pages 1 and 2, which are 10 to 5."""
    token = token_of(world)
    assert uuids(world.get(token)) + uuids(world.get(token, query="page=2")) == named(10, 9, 8, 7, 6, 5)
    return token


def shown(answer: HttpResponse) -> list[str]:
    """The incidents of an answer in whatever format."""
    return re.findall(r"u-\d+", answer.body.decode())


def restarts(answer: HttpResponse) -> tuple[int, str, str]:
    return *ended(answer), json.loads(answer.body)["restart"]


def with_policy(world: World, policy: CachePolicy) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    world.registry.save_district(replace(district, cache=policy, version=district.version + 1))


def poll_changes(world: World, token: str) -> HttpResponse:
    return world.get(token, query="modified_since=2026-02-01&dataset=1.1")


def poll_head(world: World, token: str) -> HttpResponse:
    return world.send("HEAD", "/v1/incidents.json", "", {"authorization": f"Bearer {token}"})


BESIDE: dict[str, Callable[[World, str], HttpResponse]] = {
    "modified_since": poll_changes,
    "another path": lambda world, token: world.get(token, "/v1/incidents.csv"),
    "another school": lambda world, token: world.get(token, query="school=007"),
    "HEAD": poll_head,
    "the cheap poll": lambda world, token: world.get(token, "/v1/snapshot"),
}


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE.keys())
def test_another_request_of_the_token_does_not_move_its_walk(
    world: World, beside: Callable[[World, str], HttpResponse]
) -> None:
    token = walking(world)
    world.later(hours=2)
    listed(world).rows.remove(9)
    assert beside(world, token).status == 200
    assert len(world.walks.pointers) == 1, "it was of the same listing"
    assert uuids(world.get(token, query="page=3")) + uuids(world.get(token, query="page=4")) == named(4, 3, 2, 1)


@pytest.mark.parametrize(
    ("path", "walk", "poll"),
    [
        pytest.param("/v1/incidents", {"accept": "application/json"}, {"accept": "text/csv"}, id="Accept"),
        pytest.param("/v1/incidents", {"accept": "application/x-ndjson"}, {}, id="Accept and none"),
    ],
)
def test_another_format_by_negotiation_does_not_move_a_walk(
    world: World, path: str, walk: dict[str, str], poll: dict[str, str]
) -> None:
    token = token_of(world)
    found = [shown(world.get(token, path, query=f"page={number}", **walk)) for number in (1, 2)]
    world.later(hours=2)
    listed(world).rows.remove(9)
    assert world.get(token, path, **poll).status == 200
    found += [shown(world.get(token, path, query=f"page={number}", **walk)) for number in (3, 4)]
    assert [row for rows in found for row in dict.fromkeys(rows)] == named(*range(10, 0, -1))


def purge(world: World) -> None:
    for kept in (world.walks.pins, world.walks.walks, world.walks.pointers, world.store._pages):
        kept.clear()


def change_account(world: World) -> None:
    district = world.registry.district(records.DISTRICT_ID)
    assert district is not None
    changed = replace(district, account_epoch=district.account_epoch + 1, version=district.version + 1)
    world.registry.save_district(changed)


@pytest.mark.parametrize("happens", [purge, change_account])
def test_a_page_by_number_whose_page_one_is_forgotten_is_none(world: World, happens: Callable[[World], None]) -> None:
    token = walking(world)
    happens(world)
    listed(world).rows.remove(9)
    assert restarts(world.get(token, query="page=3")) == (410, "snapshot-expired", RESTART)
    assert linked(world, token, world.get(token)) == named(10, 8, 7, 6, 5, 4, 3, 2, 1)


@pytest.mark.parametrize("others", [0, 1], ids=["nobody was here", "another token was"])
def test_a_page_by_number_of_a_token_that_had_no_page_one_is_none(world: World, others: int) -> None:
    """As after a token was changed for a new one in the middle of a walk."""
    for _ in range(others):
        walking(world)
    assert restarts(world.get(token_of(world), query="page=2")) == (410, "snapshot-expired", RESTART)


def test_a_page_one_read_anew_because_its_bytes_were_lost_is_what_the_walk_goes_on_from(world: World) -> None:
    linked(world, first := token_of(world), world.get(first))
    world.store.lose(ArtefactKind.MODEL)
    listed(world).rows.remove(9)
    token = token_of(world)
    found = [shown(world.get(token, "/v1/incidents.csv", query=f"page={number}")) for number in (1, 2, 3)]
    assert [list(dict.fromkeys(rows)) for rows in found] == [named(10, 8, 7), named(6, 5, 4), named(3, 2, 1)]


def test_without_a_store_a_page_one_with_others_after_it_is_none_and_one_alone_is_given(world: World) -> None:
    token = walking(world)
    world.walks.unreachable = world.store.unreachable = world.accounts.unreachable = True
    assert ended(world.get(token)) == (503, "unavailable")
    assert (world.audit.records[-1].status, world.audit.records[-1].incidents) == (503, 0)
    listed(world).rows[:] = [10, 9]
    alone = world.get(token)
    assert (uuids(alone), "not-stored" in str(alone.header("Cache-Status"))) == (named(10, 9), True)


def test_a_complete_walk_is_not_given_to_a_district_that_asks_for_more_checking(world: World) -> None:
    with_policy(world, CachePolicy(timedelta(days=1), check=Check.OFF))
    token = token_of(world)
    first = world.get(token)
    listed(world).before = [without(9)]
    assert linked(world, token, first) == named(10, 9, 8, 6, 5, 4, 3, 2, 1), "7 is missing: nobody checks"
    with_policy(world, CachePolicy(timedelta(days=1), check=Check.VERIFIED))
    query = next_query(first)
    assert query is not None
    assert ended(world.get(token, query=query)) == (503, "listing-unstable")
    assert restarts(world.get(token, query="page=2")) == (503, "listing-unstable", RESTART)
    assert linked(world, token, world.get(token)) == named(10, 8, 7, 6, 5, 4, 3, 2, 1)


def test_a_walk_that_is_being_read_is_not_given_to_a_district_that_asks_for_more_checking(world: World) -> None:
    checking(world, Check.OFF)
    world.background.at_once = False
    token = token_of(world)
    world.get(token)
    assert ended(world.get(token, query="page=2")) == (503, "page-in-flight")
    checking(world, Check.VERIFIED)
    later = token_of(world)
    assert uuids(world.get(later)) == named(10, 9, 8)
    listed(world).rows.remove(9)
    world.background.at_once = True
    world.background.run()
    assert ended(world.get(later, query="page=2")) == (503, "listing-unstable")
    assert linked(world, later, world.get(later)) == named(10, 8, 7, 6, 5, 4, 3, 2, 1)


@pytest.mark.parametrize(("before", "after"), [(Check.VERIFIED, Check.GUARDED), (Check.GUARDED, Check.OFF)])
def test_a_complete_walk_is_given_to_a_district_that_asks_for_less_checking(
    world: World, before: Check, after: Check
) -> None:
    checking(world, before)
    token = walking(world)
    checking(world, after)
    assert uuids(world.get(token, query="page=3")) == named(4, 3, 2)


@dataclass(slots=True)
class Mixed(ScriptedUpstream):
    """Two on a page; those in `withheld` are of no documented type, so that no model has them.

    `then`: what the list is once so many calls were answered.
    """

    rows: list[int] = field(default_factory=list)
    withheld: set[int] = field(default_factory=set)
    then: dict[int, list[int]] = field(default_factory=dict)

    def fetch(self, credential: Any, query: Any, number: int, seconds: float, held: Headers = ()) -> UpstreamAnswer:
        self.rows = self.then.get(len(self.calls), self.rows)
        here = self.rows[2 * number - 2 : 2 * number]
        written = [incident(row, type="new" if row in self.withheld else "referral") for row in here]
        self.pages = {number: page(*written, number=number, total=-(-len(self.rows) // 2))}
        return ScriptedUpstream.fetch(self, credential, query, number, seconds, held)


def walked_xml(world: World, token: str) -> list[str]:
    pages = [world.get(token, "/v1/incidents.xml", query=f"page={number}") for number in (1, 2, 3)]
    return [row for answer in pages for row in shown(answer)]


@pytest.mark.parametrize("check", [Check.VERIFIED, Check.GUARDED])
def test_incidents_that_only_the_upstreams_bytes_have_do_not_move_unseen(check: Check) -> None:
    world = World(upstream=(upstream := Mixed(rows=[1, 2, 3, 4, 5, 6], withheld={2, 3})))
    checking(world, check)
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    assert shown(world.get(token, "/v1/incidents.xml")) == named(1, 2)
    upstream.rows = [1, 3, 4, 5, 6, 7]
    refused = world.get(token, "/v1/incidents.xml", query="page=2")
    assert (refused.status, b"listing-unstable" in refused.body, shown(refused)) == (503, True, [])
    assert walked_xml(world, token) == named(1, 3, 4, 5, 6, 7)


def test_an_incident_that_only_the_upstreams_bytes_have_does_not_move_within_later_pages_unseen() -> None:
    """5 slips to page 2, once that was read, and 7 comes behind it: the models of both pages are what they were."""
    world = World(upstream=(upstream := Mixed(rows=[1, 2, 3, 4, 5, 6], withheld={4, 5, 7})))
    checking(world, Check.VERIFIED)
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    assert shown(world.get(token, "/v1/incidents.xml")) == named(1, 2)
    upstream.then = {3: [1, 2, 3, 5, 6, 7]}
    assert walked_xml(world, token) == named(1, 2, 3, 5, 6, 7)
    assert world.telemetry.counts["WalksRestarted"] == 1


def test_what_confirms_a_page_is_the_page_and_not_the_upstreams_word_for_it(world: World) -> None:
    """Its entity tag goes by the latest change on the page, which stands when another incident leaves."""
    world.upstream.tags = {number: f'"{number}"' for number in range(1, 5)}
    listed(world).rows.append(0)
    token = token_of(world)
    assert world.get(token).status == 200
    listed(world).rows.remove(9)
    assert ended(world.get(token, query="page=2")) == (503, "listing-unstable")


def test_the_cheap_poll_says_nothing_of_a_page_that_the_check_has_not_seen(world: World) -> None:
    token = walking(world)
    second, third = sorted(world.store._pages, key=lambda key: key[2])[1:3]
    world.store._pages[second] = replace(world.store._pages[third], number=2)
    poll = world.get(token, "/v1/snapshot")
    restart = "https://hallpass.example/v1/snapshot"
    assert restarts(poll) == (410, "snapshot-expired", restart)


def test_the_cheap_poll_of_a_lost_page_that_became_several_is_of_them_all(world: World) -> None:
    listed(world).rows[:] = [3, 2, 1]
    assert world.get(token_of(world)).status == 200
    world.store.lose(ArtefactKind.MODEL)
    listed(world).rows[:] = list(range(10, 0, -1))
    polling = world.token(Scope(replace(EVERYTHING, deleted=False), "all-documented@1"))
    poll = world.get(polling, "/v1/snapshot")
    told = json.loads(poll.body)
    assert (poll.status, told["incidents"]) == (200, 10)
    assert world.get(polling, "/v1/snapshot").header("ETag") == poll.header("ETag")
    start = str(poll.header("Link")).split(">")[0].split("?")[1]
    assert linked(world, polling, world.get(polling, query=start)) == named(*range(10, 0, -1)), "its own walk"


@dataclass(slots=True)
class Forbidding(Listed):
    """Its answers to `about` have these fields."""

    fields: Headers = ()
    about: tuple[int, ...] = (2, 3, 4)

    def fetch(self, credential: Any, query: Any, number: int, seconds: float, held: Headers = ()) -> UpstreamAnswer:
        answer = Listed.fetch(self, credential, query, number, seconds, held)
        return replace(answer, headers=self.fields if number in self.about else (("Cache-Control", "max-age=300"),))


@pytest.mark.parametrize("fields", [(("Cache-Control", "no-store"),), (("Vary", "*"),)], ids=["no-store", "Vary"])
def test_a_later_page_that_must_not_be_kept_ends_the_walk_and_nothing_of_it_is_given_later(
    world: World, fields: Headers
) -> None:
    world.upstream = Forbidding(fields=fields)
    with_policy(world, CachePolicy(control=UpstreamControl.HONOUR))
    token = token_of(world)
    assert world.get(token).status == 200
    for _ in range(2):
        assert ended(world.get(token, query="page=2")) == (503, "listing-unstable")
        assert {number for _, _, number in world.store._pages} == {1}
        world.later(minutes=50)


def test_a_page_one_that_must_not_be_kept_any_more_begins_no_walk_anew(world: World) -> None:
    world.upstream = upstream = Forbidding(fields=(("Cache-Control", "no-store"),), about=())
    with_policy(world, CachePolicy(control=UpstreamControl.HONOUR))
    token = token_of(world)
    assert world.get(token).status == 200

    def change(_listed: Listed) -> None:
        upstream.rows[-1], upstream.about = 0, (1,)

    # Read are 2, 3, 4, 1 again, and 4 again, which differs; then 1 for the walk that would take its place.
    upstream.before = [nothing, nothing, nothing, nothing, change]
    assert ended(world.get(token, query="page=2")) == (503, "listing-unstable")
    assert upstream.calls[-1][1] == 1
    assert len({snapshot for _, snapshot, _ in world.store._pages}) == 1
