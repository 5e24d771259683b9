"""Polling: nothing missed, nothing doubled, nothing kept that another scope would not show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hallpass.domain.scope import Scope

from tests.vendor.world import EVERYTHING, World, page, rows


def changed(number: int, at: str, **more: str) -> str:
    told = {"type": "minor", "school": "007", "date": "2026-02-10"} | more
    when = f' last-modified="{at}"' if at else ""
    return (
        f'<incident uuid="u-{number}" type="{told["type"]}"{when}><date>{told["date"]}</date>'
        f'<school code="{told["school"]}">Invented School</school></incident>'
    )


@pytest.fixture
def world() -> World:
    world = World()
    world.upstream.pages[1] = page(
        changed(1, "2026-01-01T00:00:00"), changed(2, "2026-03-02T14:30:00"), changed(3, ""), changed(4, "soon"),
        changed(5, "2026-03-02T14:30:00", school="012"),
    )  # fmt: skip
    return world


def names(body: bytes) -> set[str]:
    return {row["uuid"] for row in json.loads(body)["incidents"]}


def poll(world: World, token: str, since: str, **more: str) -> set[str]:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    answer = world.get(token, query=f"modified_since={since}&dataset=1.1{extra}")
    assert answer.status == 200
    return names(answer.body)


def test_a_poll_gets_what_may_have_changed_and_the_upstream_is_not_asked_for_it(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    first = world.get(token)
    since = first.header("Hallpass-Next-Since")
    assert since == "2026-03-02T14:00:00Z", "an hour before the reading"
    assert first.header("Hallpass-Dataset") == json.loads(first.body)["dataset"] == "1.1"
    assert poll(world, token, since) == {"u-2", "u-3", "u-4", "u-5"}
    assert len(world.upstream.calls) == 1, "one stored listing serves the poll too"
    assert poll(world, token, since, school="012") == {"u-5"}
    assert poll(world, token, "2026-03-04T00:00:00Z") == {"u-3", "u-4"}


def test_two_polls_miss_nothing_that_changed_between_them(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    since = str(world.get(token).header("Hallpass-Next-Since"))
    # Changed a second after the reading, in a zone that is not written down.
    moment = world.clock.now() + timedelta(seconds=1)
    for hours in (-12, 0, 14):
        local = (moment + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")
        world.upstream.pages[1] = page(changed(1, local))
        world.clock.move(timedelta(hours=2))
        assert poll(world, token, since) == {"u-1"}


def test_the_watermark_is_that_of_the_reading_not_of_the_answer(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    first = world.get(token).header("Hallpass-Next-Since")
    world.clock.move(timedelta(minutes=4))
    assert world.get(token).header("Hallpass-Next-Since") == first, "served from the store"
    tag = str(world.get(token).header("ETag"))
    unchanged = world.get(token, if_none_match=tag)
    assert (unchanged.status, unchanged.header("Hallpass-Next-Since")) == (304, first)


def test_under_whole_days_the_watermark_is_a_day_and_filters_by_the_day_that_is_shown(world: World) -> None:
    token = world.token(Scope(rows("minor"), "no-people@1"))
    first = world.get(token)
    assert first.header("Hallpass-Next-Since") == "2026-03-02"
    days = [row.get("last_modified") for row in json.loads(first.body)["incidents"]]
    assert sorted(map(str, days)) == ["2026-01-01", "2026-03-02", "2026-03-02", "None", "None"]
    answer = world.get(token, query="modified_since=2026-03-02&dataset=1.1")
    assert json.loads(answer.body)["count"] == 4
    refused = world.get(token, query="modified_since=2026-03-02T00:00:00Z&dataset=1.1")
    assert refused.status == 403


def test_whether_a_row_matches_follows_from_what_is_shown(world: World) -> None:
    """Two rows that look alike are answered alike: the hidden time of day is no oracle."""
    token = world.token(Scope(rows("minor"), "no-people@1"))
    for hour in range(24):
        spelled = [f"2026-03-01T{hour:02}:00:00{zone}" for zone in ("", "Z", "+14:00")]
        world.upstream.pages[1] = page(*(changed(number, at) for number, at in enumerate(spelled)))
        world.clock.move(timedelta(hours=2))
        for since, count in (("2026-02-28", 3), ("2026-03-01", 3), ("2026-03-02", 0)):
            answer = world.get(token, query=f"modified_since={since}&dataset=1.1")
            assert json.loads(answer.body)["count"] == count


def test_a_poll_is_answered_from_the_stored_model_and_leaves_nothing_in_the_store(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    world.get(token)
    before = len(world.store.representations())
    first = world.get(token, query="modified_since=2026-03-02&dataset=1.1")
    again = world.get(token, query="modified_since=2026-03-02&dataset=1.1", if_none_match=str(first.header("ETag")))
    assert (first.status, again.status) == (200, 304)
    assert len(world.store.representations()) == before
    assert len(world.upstream.calls) == 1


def test_links_carry_the_poll_to_its_end(world: World) -> None:
    world.upstream.pages = {n: page(changed(n, ""), number=n, total=2) for n in (1, 2)}
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    answer = world.get(token, query="school=007&dataset=1.1&modified_since=2026-03-01")
    link = next(part for part in str(answer.header("Link")).split(", ") if 'rel="next"' in part)
    query = dict(parse_qsl(urlsplit(link[1:].split(">")[0]).query))
    assert query.pop("snapshot") == world.audit.records[-1].snapshot
    assert query == {"school": "007", "modified_since": "2026-03-01", "dataset": "1.1", "page": "2"}
    assert json.loads(world.get(token, query=urlsplit(link[1:].split(">")[0]).query).body)["page"] == 2


def test_a_changed_scope_sends_the_poll_back_to_the_beginning(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    world.get(token)
    integration = world.registry.integrations("D1st")[0]
    wider = replace(integration, scope=Scope(rows("minor referral"), "all-documented@1"), scope_version=2)
    world.registry.save_integration(replace(wider, version=wider.version + 1))
    stale = world.get(token, query="modified_since=2026-03-01&dataset=1.1")
    assert (stale.status, json.loads(stale.body)["type"]) == (409, "urn:hallpass:problem:resync-required")
    assert json.loads(stale.body)["dataset"] == "2.1"
    assert json.loads(world.get(token).body)["dataset"] == "2.1"
    assert world.get(token, query="modified_since=2026-03-01&dataset=2.1").status == 200


def test_the_audit_line_says_what_was_polled_for_and_what_was_left_out(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    world.get(token, query="dataset=1.1&modified_since=2026-03-02&school=007")
    line = world.audit.records[-1].line()
    assert line["query"] == "modified_since=2026-03-02&school=(1)"
    assert line["removed"] == "school=1 unchanged=1"


def test_the_audit_line_names_the_schools_that_the_scope_names_and_counts_the_others(world: World) -> None:
    """F-30: a code is a text of the caller's making."""
    token = world.token(Scope(rows("minor", "007 012"), "all-documented@1"))
    for query, told in (
        ("school=012&school=007", "school=007&school=012"),
        ("school=Zed-Madeup&school=007", "school=007&school=(1)"),
    ):
        world.get(token, query=query)
        assert world.audit.records[-1].line()["query"] == told


@pytest.mark.parametrize("query", ["school=007", "modified_since=2026-03-01&dataset=1.1"])
def test_the_upstreams_own_bytes_are_not_filtered_and_it_is_said(world: World, query: str) -> None:
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    refused = world.get(token, "/v1/incidents.xml", query)
    assert refused.status == 400
    told = json.loads(world.get(token, "/v1/incidents", f"{query}&format=xml").body)
    assert "ask for JSON" in told["errors"][0]["detail"]
    assert world.get(token, "/v1/incidents.json", query).status == 200
