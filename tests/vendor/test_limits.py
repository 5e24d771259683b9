"""A vendor's limits on the data plane: what passes, what is told, and what is on record."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.domain.access import TokenStatus
from hallpass.domain.http import LATER_BYTES, HttpRequest, HttpResponse, answer_size
from hallpass.domain.limits import Limits
from hallpass.domain.problem import PROBLEM_NAMESPACE
from hallpass.domain.upstream import UpstreamTimeoutError

from tests import records
from tests.vendor.world import World

JSON, TOKEN, SNAPSHOT = "/v1/incidents.json", "/v1/token", "/v1/snapshot"
POLICY = '"burst";q=3;w=30, "daily";q=100;w=86400'


@pytest.fixture
def world() -> World:
    return World()


def limit(world: World, token: str, limits: Limits) -> None:
    """As a district sets them."""
    kept = world.registry.integration(token[8:16])
    assert kept is not None
    world.registry.save_integration(replace(kept, limits=limits, version=kept.version + 1))


def limited(world: World, limits: Limits | None = None) -> str:
    token = world.token()
    limit(world, token, limits or Limits(6, 3, 100))
    return token


def slug(answer: HttpResponse) -> str:
    return str(json.loads(answer.body)["type"]).rpartition(":")[2]


def used_up(world: World, token: str) -> None:
    """Asks what costs a tenth, until it is refused."""
    while world.get(token, TOKEN).status != 429:
        pass


def test_an_answer_out_of_the_cache_costs_a_tenth(world: World) -> None:
    token = limited(world)
    assert world.get(token).status == 200
    statuses = [world.get(token).status for _ in range(40)]
    # One whole request for the page that was read; 9 tenths stay in hand, since nobody knows what the next would cost.
    assert statuses == [200] * 11 + [429] * 29


def test_a_304_costs_a_tenth_and_so_does_what_asks_nobody(world: World) -> None:
    token = limited(world)
    tag = str(world.get(token).header("ETag"))
    answers = [
        world.get(token, if_none_match=tag), world.get(token, TOKEN), world.get(token, SNAPSHOT),
        world.get(token, query="type=pending"), world.get(token, query="page=0"),
        world.get(token, cache_control="only-if-cached"),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [304, 200, 200, 403, 400, 200]
    assert world.quotas.levels[token[8:16]].spent == 30
    assert world.get(token).header("RateLimit") == '"burst";r=1;t=10, "daily";r=98;t=32400'


def test_a_call_of_the_upstream_costs_a_whole_one_also_when_it_fails(world: World) -> None:
    token = limited(world)
    world.upstream.fault = UpstreamTimeoutError()
    assert [world.get(token).status for _ in range(4)] == [504, 504, 504, 429]
    assert len(world.upstream.calls) == 3


def test_an_upstream_that_is_left_alone_costs_a_tenth(world: World) -> None:
    token = limited(world, Limits(60, 60, 100))
    world.upstream.fault = UpstreamTimeoutError()
    for _ in range(3):
        world.get(token)
    spent = world.quotas.levels[token[8:16]].spent
    for _ in range(10):
        assert world.get(token).status == 504
    assert len(world.upstream.calls) == 3
    assert world.quotas.levels[token[8:16]].spent - spent == 20


def test_a_refusal_says_what_when_and_who(world: World) -> None:
    token = limited(world)
    used_up(world, token)
    answer = world.get(token)
    assert (answer.status, answer.header("Retry-After"), answer.header("Cache-Control")) == (429, "10", "no-store")
    assert (answer.header("RateLimit-Policy"), answer.header("RateLimit")) == (
        POLICY, '"burst";r=0;t=10, "daily";r=97;t=32400',
    )  # fmt: skip
    told = json.loads(answer.body)
    assert (told["type"], told["status"]) == ("urn:hallpass:problem:quota-exceeded", 429)
    assert (told["retry"], told["owner"], told["violated-policies"]) == ("after", "vendor", ["burst"])
    assert "district" in told["detail"]
    as_xml = world.get(token, "/v1/incidents.xml")
    assert as_xml.header("Content-Type") == "application/problem+xml"
    assert f'<problem xmlns="{PROBLEM_NAMESPACE}">'.encode() in as_xml.body
    assert b"<violated-policies><i>burst</i></violated-policies>" in as_xml.body


def test_a_refusal_is_a_row_of_its_district_and_discloses_nothing(world: World) -> None:
    token = limited(world)
    world.get(token)
    used_up(world, token)
    calls, measured = len(world.upstream.calls), len(world.telemetry.measured)
    assert world.get(token).status == 429
    row = world.ledger.records[-1]
    assert (row.district, row.integration, row.token) == (records.DISTRICT_ID, token[8:16], token[16:20])
    assert (row.problem, row.status, row.disclosure, row.action) == (
        "quota-exceeded", 429, "no-records", "incidents.read",
    )  # fmt: skip
    assert world.audit.records[-1] == row
    assert len(world.upstream.calls) == calls
    denied = [one for one in world.telemetry.measured[measured:] if one.name == "Denials"]
    assert [one.dimension for one in denied] == [None, ("reason", "quota-exceeded")]


def test_every_answer_to_a_token_that_holds_says_where_it_stands(world: World) -> None:
    token = limited(world)
    tag = str(world.get(token).header("ETag"))
    answers = [
        world.get(token), world.get(token, if_none_match=tag), world.get(token, TOKEN), world.get(token, SNAPSHOT),
        world.get(token, query="page=0"), world.get(token, query="type=pending"), world.send("HEAD", JSON, "", {
            "authorization": f"Bearer {token}"}),
    ]  # fmt: skip
    used_up(world, token)
    answers += [world.get(token), world.send("DELETE", TOKEN, f"confirm={token[16:20]}", {
        "authorization": f"Bearer {token}"})]  # fmt: skip
    assert [answer.status for answer in answers] == [200, 304, 200, 200, 400, 403, 200, 429, 204]
    assert {answer.header("RateLimit-Policy") for answer in answers} == {POLICY}
    assert all(answer.header("RateLimit") for answer in answers)


def test_what_an_answer_gets_on_its_way_out_has_room(world: World) -> None:
    """Of the largest limits there are, on a token that ends soon, under the longest request id."""
    now = world.clock.now()
    token = world.token(expires_at=now + timedelta(days=1))
    limit(world, token, Limits(6_000, 6_000, 1_000_000))
    headers = {"authorization": f"Bearer {token}"}
    request = HttpRequest("GET", JSON, "", headers, "192.0.2.7", "r" * 128, "https://called.example")
    answer = world.api.handle(request, 29)
    assert answer.header("Hallpass-Token-Expires") is not None
    first = [name for name, _ in answer.headers].index("RateLimit-Policy")
    later = HttpResponse(answer.status, answer.headers[first:], b"")
    assert answer_size(later, 0) <= LATER_BYTES


def test_nobody_else_is_told_anything_of_limits(world: World) -> None:
    token, paused = limited(world), world.token(status=TokenStatus.PAUSED)
    for answer in (
        world.get(paused), world.get(token[:-1] + ("0" if token[-1] != "0" else "1")), world.send("GET", JSON),
        world.send("GET", "/v1/health"), world.get(token, "/v1/nothing"), world.send("GET", JSON, f"token={token}"),
    ):  # fmt: skip
        assert (answer.header("RateLimit"), answer.header("RateLimit-Policy")) == (None, None)


def test_the_token_document_names_the_limits(world: World) -> None:
    told = json.loads(world.get(limited(world), TOKEN).body)
    assert told["limits"] == {"per_minute": 6, "burst": 3, "pages_a_day": 100}


def test_limits_that_are_lowered_count_on_the_next_request(world: World) -> None:
    token = world.token()
    assert [world.get(token).status for _ in range(3)] == [200, 200, 200]
    limit(world, token, Limits(60, 60, 1))
    answer = world.get(token)
    assert (answer.status, json.loads(answer.body)["violated-policies"]) == (429, ["daily"])
    assert answer.header("Retry-After") == str(9 * 3600)
    limit(world, token, Limits())
    assert world.get(token).status == 200


def test_it_comes_back_after_the_wait_that_was_told(world: World) -> None:
    token = limited(world)
    used_up(world, token)
    wait = int(str(world.get(token).header("Retry-After")))
    world.later(seconds=wait)
    assert world.get(token).status == 200


def test_an_integrations_limits_are_its_own(world: World) -> None:
    one, other = limited(world), limited(world)
    used_up(world, one)
    assert world.get(other).status == 200


def test_the_kill_switch_works_for_whom_somebody_has_used_up_the_limits(world: World) -> None:
    token = limited(world)
    used_up(world, token)
    headers = {"authorization": f"Bearer {token}"}
    for query in ("", "confirm=XXXX", f"confirm={token[16:20]}&x=1", "confirm=%"):
        assert world.send("DELETE", TOKEN, query, headers).status == 429, "what ends nothing has no way round them"
    assert world.send("DELETE", TOKEN, f"confirm={token[16:20]}", headers).status == 204
    assert slug(world.get(token)) == "token-revoked"


def test_what_would_end_nothing_is_told_so_within_the_limits(world: World) -> None:
    token = limited(world)
    headers = {"authorization": f"Bearer {token}"}
    for query in ("confirm=XXXX", "", "confirm=%"):
        assert world.send("DELETE", TOKEN, query, headers).status == 400
    assert world.quotas.levels[token[8:16]].spent == 20


def test_a_store_that_fails_lets_vendors_go_on_within_the_limits_of_one_container(world: World) -> None:
    token = limited(world)
    world.quotas.down = True
    assert [world.get(token).status for _ in range(13)] == [200] * 12 + [429]
    assert world.telemetry.counts["LimiterFailures"] == 1
    assert world.get(token).header("RateLimit-Policy") == POLICY


def test_a_crash_gives_back_what_it_did_not_use(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = limited(world)

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("hallpass.services.documents.token_document", crash)
    assert [world.get(token, TOKEN).status for _ in range(11)] == [500] * 11
    assert world.quotas.levels[token[8:16]].spent == 20
