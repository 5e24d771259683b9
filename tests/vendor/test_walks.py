"""Law 2, as far as it goes yet: a walk has no silent gap. What moved between two pages ends it with an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.scope import Scope
from hallpass.domain.upstream import UpstreamAnswer, UpstreamTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from tests.vendor.world import EVERYTHING, World, incident, page
from tests.vendor_fakes import ScriptedUpstream

SIZE = 3


@dataclass(slots=True)
class Listed(ScriptedUpstream):
    """The newest first, `SIZE` on a page. `before`: what happens to the list before each call, by turns."""

    rows: list[int] = field(default_factory=lambda: list(range(10, 0, -1)))
    before: list[Any] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)

    def fetch(self, credential: Any, query: Any, number: int, seconds: float) -> UpstreamAnswer:
        if self.before:
            self.before.pop(0)(self)
        total = max(1, -(-len(self.rows) // SIZE))
        shown = self.rows[(number - 1) * SIZE : number * SIZE]
        rows = [incident(row, text=self.texts.get(row, "note")) for row in shown]
        self.pages = {number: page(*rows, number=number, total=total)}
        return ScriptedUpstream.fetch(self, credential, query, number, seconds)


@pytest.fixture
def world() -> World:
    return World(upstream=Listed())


def listed(world: World) -> Listed:
    assert isinstance(world.upstream, Listed)
    return world.upstream


def nothing(_listed: Listed) -> None:
    pass


def calls(world: World) -> list[int]:
    return [number for _, number in world.upstream.calls]


def walk(world: World, token: str, tries: int = 6) -> list[str] | None:
    """As the docs say: begin again when the list has changed, a bounded number of times."""
    for _ in range(tries):
        found: list[str] = []
        number: int | None = 1
        while number:
            answer = world.get(token, query=f"page={number}")
            if answer.status == 503:
                assert json.loads(answer.body)["type"] == "urn:hallpass:problem:listing-unstable"
                assert answer.header("Retry-After") == "1"
                break
            assert answer.status == 200
            body = json.loads(answer.body)
            found += [row["uuid"] for row in body["incidents"]]
            number = body["next_page"]
        else:
            return found
    return None


def token_of(world: World) -> str:
    return world.token(Scope(EVERYTHING, "all-documented@1"))


def test_a_walk_over_a_list_that_stands_is_read_whole(world: World) -> None:
    assert walk(world, token_of(world)) == [f"u-{number}" for number in range(10, 0, -1)]
    # Each page, and after it once more the page before it.
    assert calls(world) == [1, 2, 1, 3, 2, 4, 3]
    assert walk(world, token_of(world)) is not None
    assert len(world.upstream.calls) == 7, "the second vendor's walk asks nobody"


def test_an_incident_that_slips_to_the_page_before_is_no_silent_gap(world: World) -> None:
    """Deleted on page 1 after that was read: the first of page 2 moves to page 1, and page 2 lacks it."""
    token = token_of(world)
    assert world.get(token).status == 200
    listed(world).rows.remove(9)
    refused = world.get(token, query="page=2")
    assert (refused.status, json.loads(refused.body)["retry"]) == (503, "after")
    assert b"u-" not in refused.body
    assert calls(world) == [1, 2, 1]
    assert world.audit.records[-1].upstream_calls == 2
    assert world.telemetry.counts["WalksRestarted"] == 1
    assert walk(world, token) == [f"u-{number}" for number in (10, 8, 7, 6, 5, 4, 3, 2, 1)]
    assert calls(world)[3:] == [2, 1, 3, 2], "the new page 1 is stored already, the error cost no third call"


def test_what_moves_further_on_restarts_too_and_page_one_is_read_anew(world: World) -> None:
    token = token_of(world)
    for number in (1, 2):
        assert world.get(token, query=f"page={number}").status == 200
    listed(world).rows.remove(9)
    assert world.get(token, query="page=3").status == 503
    assert calls(world)[3:] == [3, 2, 1]
    assert walk(world, token) == [f"u-{number}" for number in (10, 8, 7, 6, 5, 4, 3, 2, 1)]


def test_a_page_that_changed_in_place_leaves_the_snapshot_when_it_is_read_again(world: World) -> None:
    token = token_of(world)
    for number in (1, 2, 3):
        assert world.get(token, query=f"page={number}").status == 200
    listed(world).texts[6] = "another text"
    world.clock.move(timedelta(minutes=6))
    assert world.get(token, query="page=2").status == 503
    assert walk(world, token) is not None


def test_a_page_that_is_as_it_was_stays_in_its_snapshot_and_costs_one_call(world: World) -> None:
    token = token_of(world)
    for number in (1, 2):
        assert world.get(token, query=f"page={number}").status == 200
    world.clock.move(timedelta(minutes=6))
    assert world.get(token, query="page=2").status == 200
    assert calls(world) == [1, 2, 1, 2]


def test_a_page_whose_bytes_differ_and_say_the_same_has_not_changed(world: World) -> None:
    token = token_of(world)
    assert world.get(token).status == 200
    fetch = Listed.fetch

    def spaced(upstream: Listed, *arguments: Any) -> UpstreamAnswer:
        answer = fetch(upstream, *arguments)
        return UpstreamAnswer(answer.body.replace(b"<incident ", b"\n  <incident "), answer.ms, answer.attempts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Listed, "fetch", spaced)
        assert world.get(token, query="page=2").status == 200


def test_who_begins_in_the_middle_is_on_no_walk(world: World) -> None:
    assert world.get(token_of(world), query="page=3").status == 200
    assert calls(world) == [3]


def test_a_page_that_cannot_be_vouched_for_is_not_kept(world: World) -> None:
    token = token_of(world)
    assert world.get(token).status == 200

    def slow(upstream: Listed) -> None:
        upstream.fault = UpstreamTimeoutError()

    listed(world).before = [nothing, slow]
    assert world.get(token, query="page=2").status == 504
    world.upstream.fault = None
    assert world.get(token, query="page=2").status == 200
    assert calls(world) == [1, 2, 1, 2, 1]


QUIET = st.tuples(st.just("nothing"), st.just(0))
EDITS = st.tuples(st.just("edit"), st.integers(0, 30))
ROWS_GO = st.lists(QUIET | QUIET | EDITS | st.tuples(st.just("delete"), st.integers(0, 30)), max_size=40)
ROWS_COME = st.lists(QUIET | QUIET | EDITS | st.tuples(st.just("insert"), st.just(0)), max_size=40)


@given(ROWS_GO | ROWS_COME, st.lists(st.integers(0, 7), max_size=12))
def test_no_walk_that_came_to_its_end_lacks_an_incident_that_was_there_all_along(
    changes: list[tuple[str, int]], pauses: list[int]
) -> None:
    """Whatever goes or comes, and is edited, before whichever call.

    Not both: one that comes and one that goes in the moment between two looks can cancel out, which the docs say.
    """
    upstream = Listed()
    world = World(upstream=upstream)
    token, there_all_along = token_of(world), set(upstream.rows)

    def change(kind: str, which: int) -> Any:
        def happen(upstream: Listed) -> None:
            if kind == "delete" and upstream.rows:
                there_all_along.discard(upstream.rows.pop(which % len(upstream.rows)))
            elif kind == "insert":
                upstream.rows.insert(0, 1000 + len(upstream.calls))
            elif kind == "edit" and upstream.rows:
                upstream.texts[upstream.rows[which % len(upstream.rows)]] = f"text {len(upstream.calls)}"

        return happen

    upstream.before = [change(kind, which) for kind, which in changes]
    for minutes in [*pauses, 0]:
        world.clock.move(timedelta(minutes=minutes))
        found = walk(world, token, tries=3)
        if found is not None:
            assert {f"u-{row}" for row in there_all_along} <= set(found)
