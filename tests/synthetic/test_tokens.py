"""What a test token is answered: the invented incidents as its vendor sees them, by the real services, on record."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.http import HttpResponse
from hallpass.domain.json_schema import json_schema
from hallpass.domain.query import Format
from hallpass.domain.synthetic import VENDORS
from hallpass.domain.tokens import TokenKind, mint
from hallpass.domain.view import view_of
from jsonschema import Draft202012Validator

from tests.vendor.world import World

VIEWS = ("identified", "no-people", "pseudonymised", "all-documented", "upstream", "groups", "narrow")
TOKEN = VENDORS["identified"].token
ELSEWHERE = "00000000000002-00000000"


@pytest.fixture
def world() -> World:
    return World()


def body(answer: HttpResponse) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.body)
    return told


def problem(answer: HttpResponse) -> str:
    return str(body(answer)["type"]).rpartition(":")[2]


def walk(world: World, token: str, query: str = "") -> list[dict[str, Any]]:
    """All incidents, by plain page numbers."""
    found, page = [], 1
    while page:
        told = body(world.get(token, query=f"{query}&page={page}".removeprefix("&")))
        found += told["incidents"]
        page = told["next_page"]
    return found


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_walked_to_its_end_and_is_as_its_schema_says(world: World, name: str) -> None:
    vendor = VENDORS[name]
    validator = Draft202012Validator(json_schema(view_of(vendor.fields)))
    pages = [body(world.get(vendor.token, query=f"page={page}")) for page in (1, 2, 3)]
    for each in pages:
        validator.validate(each)
    assert [each["next_page"] for each in pages] == [2, 3, None]
    assert sum(each["count"] for each in pages) == (7 if name == "narrow" else 25)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("name", VIEWS)
def test_every_format_has_a_validator_that_holds(world: World, name: str, form: Format) -> None:
    token, path = VENDORS[name].token, f"/v1/incidents.{form}"
    first = world.get(token, path)
    tag = first.header("ETag") or ""
    assert (first.status, tag[:1]) == (200, '"')
    world.later(hours=30)
    again = world.get(token, path, **{"if-none-match": tag})
    assert (again.status, again.body, again.header("ETag")) == (304, b"", tag)
    head = world.send("HEAD", path, headers={"authorization": f"Bearer {token}"})
    assert (head.status, head.body, head.header("ETag")) == (200, b"", tag)
    packed = world.get(token, path, **{"accept-encoding": "gzip"})
    assert gzip.decompress(packed.body) == first.body


def test_links_lead_through_one_snapshot(world: World) -> None:
    answer = world.get(TOKEN)
    assert 'page=2>; rel="next"' in (answer.header("Link") or "")
    second = world.get(TOKEN, query="snapshot=00000000000001-00000000&page=2")
    assert body(second) == body(world.get(TOKEN, query="page=2"))
    assert problem(world.get(TOKEN, query=f"snapshot={ELSEWHERE}&page=2")) == "snapshot-expired"


def test_past_the_last_page_there_is_nothing(world: World) -> None:
    assert body(world.get(TOKEN, query="page=9"))["incidents"] == []
    assert body(world.get(TOKEN, query="from=2020-01-01&to=2020-01-31"))["total_pages"] == 0
    assert body(world.get(TOKEN, query="from=2020-01-01&to=2020-01-31&page=2"))["incidents"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("deleted=1", 26),
        ("type=pending", 3),
        ("school=012", 4),
        ("from=2026-01-01&to=2026-03-31", 9),
        ("from=2026-01-01&to=2026-03-31&type=minor", None),
        ("modified_since=2026-01-01&dataset=1.1", None),
    ],
)
def test_every_parameter_narrows(world: World, query: str, count: int | None) -> None:
    found = walk(world, TOKEN, query)
    assert 0 < len(found) < 27
    if count is not None:
        assert len(found) == count


def test_a_poll_has_a_watermark_and_the_data_an_age(world: World) -> None:
    world.later(seconds=25)
    answer = world.get(TOKEN)
    assert answer.header("Hallpass-Next-Since") == "2026-03-02T14:00:00Z"
    assert answer.header("Age") == "25"
    assert problem(world.get(TOKEN, query="modified_since=2026-01-01&dataset=9.9")) == "resync-required"


@pytest.mark.parametrize("name", VIEWS)
def test_the_snapshot_poll_counts_what_the_walk_does(world: World, name: str) -> None:
    token = VENDORS[name].token
    first = world.get(token, "/v1/snapshot")
    assert body(first)["incidents"] == len(walk(world, token))
    again = world.get(token, "/v1/snapshot", **{"if-none-match": first.header("ETag") or ""})
    assert again.status == 304
    assert body(world.get(token, "/v1/snapshot", "from=2026-03-02&to=2026-03-02"))["incidents"] in {0, 1}


def test_two_containers_tell_the_same(world: World) -> None:
    other = World()
    other.later(minutes=90)
    for query in ("", "page=2", "page=3"):
        assert world.get(TOKEN, query=query).body == other.get(TOKEN, query=query).body


def test_nothing_undocumented_is_shown_but_as_the_upstreams_own_bytes(world: World) -> None:
    for name in VIEWS:
        shown = world.get(VENDORS[name].token, "/v1/incidents.xml").body
        assert (b"<attribute " in shown) == (name == "upstream")


def test_a_token_tells_what_it_may_do(world: World) -> None:
    told = body(world.get(VENDORS["narrow"].token, "/v1/token"))
    assert (told["active"], told["district"], told["client_id"]) == (True, "synthetic", "TestNarw")
    assert told["may_ask"]["school"] == ["007"]


def test_one_that_ends_soon_says_so(world: World) -> None:
    answer = world.get(VENDORS["ending"].token)
    assert answer.header("Hallpass-Token-Expires") == "2026-03-09T00:00:00Z"
    assert world.get(TOKEN).header("Hallpass-Token-Expires") is None


def test_one_that_begins_later_says_when(world: World) -> None:
    answer = world.get(VENDORS["token-not-yet-valid"].token)
    assert (problem(answer), answer.header("Retry-After")) == ("token-not-yet-valid", "3600")


def test_dates_that_are_required_can_be_given(world: World) -> None:
    answer = world.get(VENDORS["dates-required"].token, query="from=2025-09-01&to=2025-12-31")
    assert 0 < body(answer)["count"] < 26


def test_nobody_ends_what_everybody_has(world: World) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert world.send("DELETE", "/v1/token", "confirm=0001", headers).status == 204
    assert world.get(TOKEN).status == 200
    assert [row.phase for row in world.ledger.records] == [None, None]


def test_one_who_knows_the_secret_and_no_vendor_is_nobody(world: World) -> None:
    for holder, token_id in (("TestNone", "0001"), ("TestIden", "0002")):
        text = mint(TokenKind.TEST, holder, token_id, bytes(32)).text.reveal()
        assert problem(world.get(text)) == "token-invalid"
    guessed = mint(TokenKind.TEST, "TestIden", "0001", bytes(31) + b"\1").text.reveal()
    assert problem(world.get(guessed)) == "token-invalid"


@pytest.mark.parametrize("name", VENDORS)
def test_nothing_of_a_districts_is_touched(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def untouchable(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(type(world.registry), "find_pass", untouchable)
    for query in ("", "page=2"):
        world.get(VENDORS[name].token, query=query)
    assert (world.upstream.calls, world.vault.reads, world.usage.used) == ([], [], [])
    assert not world.store.calls
    assert not world.walks.calls
    assert not world.ledger.kept
    assert world.quotas.calls == world.roster.asked == 0
    assert not world.telemetry.counts


@pytest.mark.parametrize("name", VENDORS)
def test_every_request_is_a_row_of_no_district_about_nobody(world: World, name: str) -> None:
    answer = world.get(VENDORS[name].token)
    [row] = world.ledger.records
    assert (row.disclosure, row.district, row.status) == ("synthetic", None, answer.status)
    assert (row.incidents, row.persons, row.people) == (None, None, None)
    assert (row.integration, row.token) == (VENDORS[name].integration_id, "0001")
    assert world.audit.records == [row]


def test_what_cannot_be_recorded_is_not_sent(world: World) -> None:
    world.ledger.broken = True
    assert problem(world.get(TOKEN)) == "unavailable"


def test_no_alarm_goes_off_by_what_somebody_tries(world: World) -> None:
    for name in ("identified", "upstream-error", "token-revoked"):
        world.get(VENDORS[name].token)
    counted = [(each.name, each.value, each.dimension) for each in world.telemetry.measured]
    assert counted == [
        ("SyntheticRequests", 1, None),
        ("SyntheticRequests", 1, None),
        ("SyntheticFailures", 1, None),
        ("SyntheticRequests", 1, None),
    ]
    assert world.telemetry.crashes == []


def test_an_address_has_the_limits_of_one_vendor_for_all_test_tokens(world: World) -> None:
    names = [name for name in VIEWS for _ in range(10)]
    statuses = [world.get(VENDORS[name].token).status for name in names]
    assert statuses == [200] * 60 + [429] * 10
    refused = world.get(TOKEN)
    assert (problem(refused), refused.header("Retry-After")) == ("quota-exceeded", "1")
    live = world.token()
    assert world.get(live).status == 200, "a vendor's own token is no part of it"
    world.later(seconds=2)
    answer = world.get(TOKEN)
    assert (answer.status, answer.header("RateLimit-Policy")) == (200, '"burst";q=60;w=60, "daily";q=5000;w=86400')
    assert (answer.header("RateLimit") or "").startswith('"burst";r=1;')


def test_who_goes_on_over_the_limits_has_no_row_each(world: World) -> None:
    for _ in range(60 + 100):
        world.get(TOKEN)
    rows = [row for row in world.ledger.records if row.status == 429]
    assert len(rows) == 22
    assert {(row.disclosure, row.problem) for row in rows} == {("synthetic", "quota-exceeded")}
    assert rows[-1].attempts == 80


def test_a_refused_test_token_counts_too(world: World) -> None:
    token = VENDORS["token-expired"].token
    assert [world.get(token).status for _ in range(62)] == [401] * 60 + [429] * 2


def test_a_page_that_is_too_large_comes_packed(world: World) -> None:
    token = VENDORS["response-too-large"].token
    assert problem(world.get(token)) == "response-too-large"
    packed = world.get(token, **{"accept-encoding": "gzip"})
    assert len(json.loads(gzip.decompress(packed.body))["incidents"]) == 10


def test_the_end_of_a_token_is_a_day_that_is_the_same_all_day(world: World) -> None:
    first = body(world.get(TOKEN, "/v1/token"))["expires_at"]
    world.clock.move(timedelta(hours=5))
    assert body(world.get(TOKEN, "/v1/token"))["expires_at"] == first
