"""T-16: bad tokens by the thousand from one address, and a good one behind the same."""

from __future__ import annotations

import itertools
import json

import pytest
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.tokens import TokenKind, mint
from hypothesis import given
from hypothesis import strategies as st

from tests.vendor.world import World

JSON = "/v1/incidents.json"
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"
_NUMBERS = itertools.count(1)


@pytest.fixture
def world() -> World:
    return World()


def invented(holder: str = "D1stVnd1", token_id: str = "T000", kind: TokenKind = TokenKind.LIVE) -> str:  # noqa: S107 - an id
    """A token of the right shape that nobody issued."""
    return mint(kind, holder, token_id, (10**9 + next(_NUMBERS)).to_bytes(32, "big")).text.reveal()


def get(world: World, token: str | None, source: str = HERE) -> HttpResponse:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    request = HttpRequest("GET", JSON, "", headers, source, f"bad-{next(_NUMBERS)}", "https://called.example")
    return world.api.handle(request, 29)


def flood(world: World, count: int, source: str = HERE) -> list[int]:
    return [get(world, invented(), source).status for _ in range(count)]


def test_beyond_the_bound_no_bad_token_is_looked_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    find = world.registry.__class__.find_pass

    def listening(registry: object, integration_id: str, token_id: str) -> object:
        asked.append(integration_id)
        return find(registry, integration_id, token_id)  # type: ignore[arg-type]  # its own registry

    monkeypatch.setattr(world.registry.__class__, "find_pass", listening)
    assert flood(world, 500) == [401] * 20 + [429] * 480
    assert len(asked) == 20
    answer = get(world, invented())
    assert json.loads(answer.body)["type"] == "urn:hallpass:problem:too-many-failures"
    assert (answer.header("Retry-After"), answer.header("RateLimit")) == ("60", None)


def test_the_record_has_the_facts_without_a_row_for_each(world: World) -> None:
    flood(world, 700)
    rows = world.ledger.records
    assert len(rows) == 25
    assert [row.attempts for row in rows] == [*[None] * 19, 20, 40, 80, 160, 320, 640]
    assert {(row.district, row.source) for row in rows} == {(None, HERE)}
    assert [row.problem for row in rows] == ["token-invalid"] * 20 + ["too-many-failures"] * 5
    # The line of each: for operators, as long as logs are kept.
    assert len(world.audit.records) == 700
    assert len([one for one in world.telemetry.measured if one.name == "Denials" and one.dimension is None]) == 700


@pytest.mark.parametrize("kind", ["of no shape", "of an admin", "of a test", "none"])
def test_what_needs_no_look_up_has_no_row_each_either(world: World, kind: str) -> None:
    sent = {
        "of no shape": "hp_live_short",
        "of an admin": invented(kind=TokenKind.ADMIN),
        "of a test": invented(kind=TokenKind.TEST),
        "none": None,
    }[kind]
    status = 403 if kind == "of an admin" else 401
    assert [get(world, sent).status for _ in range(100)] == [status] * 100
    assert len(world.ledger.records) == 22
    assert flood(world, 1) == [429]


def test_a_good_token_behind_the_same_address_is_answered_and_recorded_as_ever(world: World) -> None:
    token = world.token()
    for _ in range(30):
        flood(world, 10)
        assert get(world, token).status == 200
    assert len([row for row in world.ledger.records if row.disclosure == "records"]) == 30
    new = world.token()
    assert get(world, new).status == 200, "also one that nobody has seen yet"


def test_another_address_is_looked_up_as_ever(world: World) -> None:
    flood(world, 30)
    assert flood(world, 20, ELSEWHERE) == [401] * 20


def test_a_guess_at_a_token_that_there_is_is_refused_as_every_other(world: World) -> None:
    token = world.token()
    flood(world, 20)
    known, unknown = get(world, invented(token[8:16], token[16:20])), get(world, invented())
    assert known.status == unknown.status == 429
    told = [{**json.loads(answer.body), "instance": ""} for answer in (known, unknown)]
    assert told[0] == told[1]
    assert [name for name, _ in known.headers] == [name for name, _ in unknown.headers]


def test_who_knows_the_secret_hears_why_and_is_a_row_of_the_district_each_time(world: World) -> None:
    token = world.token()
    world.registry.revoke_token(token[8:16], token[16:20], world.clock.now(), "tests")
    flood(world, 30)
    before = len(world.ledger.records)
    answers = [get(world, token) for _ in range(30)]
    assert {json.loads(answer.body)["type"].rpartition(":")[2] for answer in answers} == {"token-revoked"}
    assert len(world.ledger.records) - before == 30
    assert {row.district for row in world.ledger.records[before:]} == {"D1st"}


def test_a_row_that_cannot_be_written_is_told_as_ever(world: World) -> None:
    flood(world, 39)
    world.ledger.broken = True
    assert flood(world, 2) == [503, 429]


def test_the_minute_over_everything_begins_anew(world: World) -> None:
    flood(world, 30)
    world.later(minutes=1)
    assert flood(world, 21) == [401] * 20 + [429]


@given(st.lists(st.sampled_from(["good", "new", "bad", "bad", "bad", "none", "later"]), max_size=80))
def test_whatever_others_send_a_good_token_is_answered(steps: list[str]) -> None:
    world = World()
    token = world.token()
    for step in [*["bad"] * 21, *steps]:
        match step:
            case "good":
                assert get(world, token).status == 200
            case "new":
                token = world.token()
                assert get(world, token).status == 200
            case "later":
                world.later(seconds=7)
            case "none":
                assert get(world, None).status == 401
            case _:
                assert get(world, invented()).status in (401, 429)
