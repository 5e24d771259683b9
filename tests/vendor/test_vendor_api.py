"""Addresses, credentials, errors and records of the data plane."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from defusedxml.ElementTree import fromstring
from hallpass.domain.access import Status, TokenStatus
from hallpass.domain.audit import AuditRecord
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import NO_DISTRICT
from hallpass.domain.negotiation import MEDIA_TYPES
from hallpass.domain.scope import DateRange, Scope
from hallpass.domain.tokens import TokenKind, mint

from tests import records
from tests.vendor.world import EVERYTHING, World, rows

JSON = "/v1/incidents.json"


@pytest.fixture
def world() -> World:
    return World()


def problem(answer_body: bytes) -> str:
    kind = json.loads(answer_body)["type"]
    assert isinstance(kind, str)
    return kind.removeprefix("urn:hallpass:problem:")


def minted(kind: TokenKind = TokenKind.LIVE, holder: str = "NoneNone", secret: int = 7) -> str:
    return mint(kind, holder, "NoTk", secret.to_bytes(32, "big")).text.reveal()


@pytest.mark.parametrize(
    ("authorization", "status", "slug"),
    [
        (None, 401, "token-missing"),
        ("", 401, "token-missing"),
        ("Bearer", 401, "token-missing"),
        ("Basic aHA6cHc=", 401, "token-missing"),
        (minted(), 401, "token-missing"),
        (f"Bearer {minted()}", 401, "token-invalid"),
        (f"Bearer {minted()},Bearer {minted()}", 401, "token-invalid"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", 401, "token-invalid"),
        ("Bearer upstream-credential", 401, "token-invalid"),
        ("Bearer " + "A" * 65_536, 401, "token-invalid"),
        ("Bearer hp_live_\x00", 401, "token-invalid"),
        (f"Bearer {minted(TokenKind.TEST)}", 401, "token-invalid"),
        (f"Bearer {minted(TokenKind.ADMIN)}", 403, "wrong-token-kind"),
        (f"Bearer {minted(TokenKind.SESSION)}", 403, "wrong-token-kind"),
        (f"Bearer {minted(TokenKind.INVITE)}", 403, "wrong-token-kind"),
    ],
    ids=[
        "T-01 no header",
        "T-01 empty",
        "T-01 scheme alone",
        "T-11 Basic",
        "T-11 a raw token",
        "T-02 right shape, unknown id",
        "T-09 two fields joined",
        "T-11 an unsigned JWT",
        "T-11 the upstream's own credential",
        "T-13 64 KB",
        "T-13 NUL",
        "a test token where there are only live ones",
        "T-20 an admin token",
        "T-20 a session's token",
        "T-20 an invitation",
    ],
)
def test_a_credential_is_refused(world: World, authorization: str | None, status: int, slug: str) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = world.send("GET", JSON, headers=headers)
    assert (answer.status, problem(answer.body)) == (status, slug)
    challenge = answer.header("WWW-Authenticate")
    assert (challenge is not None) == (status == 401)
    if slug == "token-missing":
        assert challenge == 'Bearer realm="hallpass"'
    assert world.upstream.calls == []


def test_unknown_and_wrong_look_alike_but_for_the_request_id(world: World) -> None:
    """T-02, T-03, T-15."""
    good = world.token()
    holder, token_id = good[8:16], good[16:20]
    wrong = mint(TokenKind.LIVE, holder, token_id, bytes(31) + b"\x99").text.reveal()
    answers = [world.get(text) for text in (minted(), wrong)]
    shown = [
        (
            answer.status,
            {**json.loads(answer.body), "instance": ""},
            sorted(dict(answer.headers) | {"X-Request-Id": ""}),
        )
        for answer in answers
    ]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("state", "status", "slug"),
    [(TokenStatus.REVOKED, 401, "token-revoked"), (TokenStatus.PAUSED, 403, "token-paused")],
    ids=["T-05 revoked", "paused"],
)
@pytest.mark.parametrize("path", [JSON, "/v1/token"])
def test_a_state_stops_a_token(world: World, state: TokenStatus, status: int, slug: str, path: str) -> None:
    answer = world.get(world.token(status=state), path)
    assert (answer.status, problem(answer.body)) == (status, slug)


@pytest.mark.parametrize("state", [TokenStatus.REVOKED, TokenStatus.PAUSED])
def test_what_its_own_vendor_was_refused_stands_in_the_districts_ledger(world: World, state: TokenStatus) -> None:
    token = world.token(status=state)
    world.get(token)
    [refused] = world.ledger.rows(records.DISTRICT_ID, world.today()).rows
    assert (refused.text("integration"), refused.text("token")) == (token[8:16], token[16:20])


def test_who_knows_ids_and_no_secret_writes_nothing_into_a_districts_ledger(world: World) -> None:
    token = world.token()
    forged = mint(TokenKind.LIVE, token[8:16], token[16:20], (99).to_bytes(32, "big")).text.reveal()
    assert problem(world.get(forged).body) == "token-invalid"
    assert not world.ledger.rows(records.DISTRICT_ID, world.today()).rows
    [elsewhere] = world.ledger.rows(NO_DISTRICT, world.today()).rows
    assert elsewhere.text("integration") == token[8:16]


@pytest.mark.parametrize(
    ("starts", "expires", "slug"),
    [(0, 1, None), (-5, 0, "token-expired"), (1, 9, "token-not-yet-valid"), (-5, -60, "token-expired")],
    ids=["the first second is in", "the last instant is out", "a second early", "a minute late"],
)
def test_the_edges_of_a_tokens_time_have_no_leeway(world: World, starts: int, expires: int, slug: str | None) -> None:
    """T-06."""
    now = world.clock.now()
    token = world.token(starts_at=now + timedelta(seconds=starts), expires_at=now + timedelta(seconds=expires))
    answer = world.get(token)
    assert answer.status == (401 if slug else 200)
    assert slug is None or problem(answer.body) == slug
    assert answer.header("Retry-After") == ("1" if slug == "token-not-yet-valid" else None)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_revoked_token_is_refused_on_the_next_call_also_for_what_is_cached(world: World, method: str) -> None:
    """S-15."""
    token = world.token()
    tag = str(world.get(token).header("ETag"))
    world.registry.revoke_token(token[8:16], token[16:20], world.clock.now(), "tests")
    headers = {"authorization": f"Bearer {token}", "if-none-match": tag}
    assert world.send(method, JSON, headers=headers).status == 401


def test_stopping_an_integration_revokes_all_its_tokens_at_once(world: World) -> None:
    token = world.token()
    world.registry.stop_tokens(token[8:16])
    assert problem(world.get(token).body) == "token-revoked"


def test_a_suspended_district_looks_like_an_unknown_token(world: World) -> None:
    """T-23."""
    token = world.token()
    world.pause_district()
    assert problem(world.get(token).body) == "token-invalid"


def test_a_paused_integration_is_told_so(world: World) -> None:
    token = world.token()
    kept = world.registry.integration(token[8:16])
    assert kept is not None
    world.registry.save_integration(replace(kept, status=Status.PAUSED, version=kept.version + 1))
    assert (world.get(token).status, problem(world.get(token).body)) == (403, "integration-paused")


@pytest.mark.parametrize(
    "query",
    ["access_token={}", "page=1&token={}", "x={}", "{}=1", "API_KEY=abc", "page=hp_live_x"],
    ids=["access_token", "token", "any name", "as a name", "a name alone gives it away", "anything that looks so"],
)
def test_a_token_in_the_query_is_refused_and_not_repeated(world: World, query: str) -> None:
    """T-12."""
    token = world.token()
    answer = world.get(token, query=query.format(token))
    assert (answer.status, problem(answer.body)) == (400, "token-in-query")
    assert token.encode() not in answer.body


@pytest.mark.parametrize(
    "query",
    [
        "type=pending", "type=", "type=ALL", "Type=minor", "type[]=minor", "type=minor,referral",
        "type=minor%26type%3Dreferral", "type=minor;type=referral", "type=minor%00", "%74ype=pending", "+type=minor",
        "type=minor&type=referral", "type=referral&type=minor", "from=2026-01-01", "to=2026-01-01",
        "from=2026-02-02&to=2026-02-01", "from=20260101&to=20260102", "from=2026-W01-1&to=2026-W01-2",
        "from=2026-02-30&to=2026-03-01", "from=２０２６-01-01&to=2026-01-02", "from=0001-01-01&to=0001-01-02",
        "deleted=1", "deleted=true", "deleted=01", "deleted=1.0", "deleted=yes", "deleted=0", "deleted=1&deleted=1",
        "page=0", "page=-1", "page=01", "page=%2B2", "page=1e3", "page=0x2", "page=１", "page=1_0", "page=2.0",
        "page=100000000000000000000", "limit=5", "snapshot=x", "school=all", "fields=name", "modified_since=2026-01-01",
        "page=1%23", "page=1?", "format=html", "district=D2nd",
    ],
)  # fmt: skip
def test_what_a_scope_does_not_grant_never_reaches_the_upstream(world: World, query: str) -> None:
    """S-02, S-03, S-04, S-06, S-08, S-09, T-04."""
    window = DateRange(world.today() - timedelta(days=60), world.today())
    answer = world.get(world.token(Scope(rows("minor referral", window=window), "all-documented@1")), query=query)
    assert answer.status in (400, 403)
    assert world.upstream.calls == []
    assert b"pending" not in answer.body or b"one of referral" in answer.body or answer.status == 403


def test_a_refusal_teaches_what_was_asked_what_is_granted_and_what_to_drop(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    answer = world.get(token, query="type=referral&deleted=1")
    told = json.loads(answer.body)
    assert told["requested"] == {"type": ["referral"], "deleted": ["1"]}
    assert told["granted"] == {"type": ["minor"], "deleted": []}
    assert told["drop"] == ["deleted", "type"]
    assert 'error="insufficient_scope"' in str(answer.header("WWW-Authenticate"))


@pytest.mark.parametrize("kind", ["minor", "referral"])
def test_a_refusal_is_the_same_whether_or_not_there_is_such_a_row(world: World, kind: str) -> None:
    """S-27."""
    token = world.token(Scope(rows("pending"), "all-documented@1"))
    told = json.loads(world.get(token, query=f"type={kind}").body)
    assert told["granted"] == {"type": ["pending"]}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404), ("GET", "/v1", 404), ("GET", "/v1/incidents.json/", 404), ("GET", "//v1/incidents", 404),
        ("GET", "/v1/incidents.xml;a=b", 404), ("GET", "/v1/incidents.html", 404), ("GET", "/admin/v1/districts", 404),
        ("POST", JSON, 405), ("PUT", JSON, 405), ("OPTIONS", JSON, 405), ("TRACE", "/v1/token", 405),
        ("DELETE", JSON, 405),
    ],
)  # fmt: skip
def test_an_address_or_method_that_is_not_there(world: World, method: str, path: str, status: int) -> None:
    """S-09, S-21: an override header changes nothing."""
    answer = world.send(method, path, headers={"x-http-method-override": "GET"})
    assert answer.status == status
    assert (answer.header("Allow") == "GET, HEAD") == (status == 405 and path == JSON)


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        (JSON, None, "application/problem+json"),
        ("/v1/incidents.xml", None, "application/problem+xml"),
        ("/v1/incidents.xml", "application/json", "application/problem+json"),
        (JSON, "application/problem+xml", "application/problem+xml"),
        (JSON, "image/png", "application/problem+json"),
        ("/v1/incidents", "*/*", "application/problem+json"),
    ],
)
def test_an_error_speaks_the_clients_language(world: World, path: str, accept: str | None, media_type: str) -> None:
    answer = world.send("GET", path, headers={"accept": accept} if accept else {})
    assert (answer.status, answer.header("Content-Type")) == (401, media_type)
    if media_type.endswith("xml"):
        assert fromstring(answer.body).tag == "{urn:ietf:rfc:7807}problem"
    assert answer.header("Cache-Control") == "no-store"


def test_nothing_acceptable_lists_what_there_is(world: World) -> None:
    answer = world.get(world.token(), "/v1/incidents", accept="image/png")
    assert answer.status == 406
    assert json.loads(answer.body)["available"] == [name for name, _ in MEDIA_TYPES]


def test_an_error_to_head_has_no_body(world: World) -> None:
    assert world.send("HEAD", JSON).body == b""


def test_a_token_tells_what_it_may_do(world: World) -> None:
    window = DateRange(world.today(), world.today())
    token = world.token(Scope(rows("minor", "007 012", window), "all-documented@1"))
    told = json.loads(world.get(token, "/v1/token").body)
    assert (told["active"], told["client_id"], told["token_id"]) == (True, token[8:16], token[16:20])
    assert told["scope"]["rows"]["schools"] == ["007", "012"]
    assert told["window_today"] == {"from": "2026-03-02", "to": "2026-03-02"}
    assert told["exp"] - told["iat"] == 100 * 86_400
    unbounded = json.loads(world.get(world.token(Scope(EVERYTHING, "upstream@1")), "/v1/token").body)
    assert unbounded["window_today"] is None


def test_a_holder_can_kill_its_own_token(world: World) -> None:
    token = world.token()
    headers = {"authorization": f"Bearer {token}"}
    unsaid = world.send("DELETE", "/v1/token", headers=headers)
    wrong = world.send("DELETE", "/v1/token", "confirm=abcd", headers)
    assert [problem(answer.body) for answer in (unsaid, wrong)] == ["confirmation-required"] * 2
    assert world.send("DELETE", "/v1/token", f"confirm={token[16:20]}", headers).status == 204
    assert problem(world.get(token).body) == "token-revoked"
    assert world.audit.records[-2].action == "token.revoke"


@pytest.mark.parametrize("path", ["/v1/health", "/v1/incidents.schema.json", "/v1/openapi.json"])
def test_what_needs_no_token(world: World, path: str) -> None:
    answer = world.send("GET", path)
    assert answer.status == 200
    assert json.loads(answer.body)
    head = world.send("HEAD", path)
    assert (head.status, head.body, head.header("Content-Type")) == (200, b"", answer.header("Content-Type"))
    assert world.send("GET", path, "surplus=1").status == 400


def test_a_schema_can_be_asked_for_by_preset(world: World) -> None:
    shown = [
        json.loads(world.send("GET", "/v1/incidents.schema.json", query).body)
        for query in ("", "fields=all-documented%401", "fields=upstream%401")
    ]
    assert shown[0] == shown[1] != shown[2]
    assert world.send("GET", "/v1/incidents.schema.json", "fields=nothing@9").status == 400


def test_every_response_carries_the_request_id_and_the_safety_headers(world: World) -> None:
    for answer in (world.get(world.token()), world.send("GET", "/nowhere")):
        assert answer.header("X-Request-Id") == world.audit.records[-1].request_id or answer.status == 200
        assert answer.header("X-Content-Type-Options") == "nosniff"


def test_what_cannot_be_recorded_is_not_sent(world: World) -> None:
    """F-20."""
    token = world.token()
    world.audit.broken = True
    answer = world.get(token)
    assert (answer.status, problem(answer.body)) == (503, "unavailable")
    assert b"u-1" not in answer.body


def test_an_unreadable_registry_denies(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-01 to D-05 for the registry."""
    token = world.token()

    def unreadable(_integration: str, _token: str) -> None:
        raise UnavailableError

    monkeypatch.setattr(world.registry.__class__, "find_pass", lambda _self, a, b: unreadable(a, b))
    answer = world.get(token)
    assert (answer.status, answer.header("Retry-After")) == (503, "5")


def test_an_unreadable_vault_denies_and_the_next_call_recovers(world: World) -> None:
    """L-07."""
    token = world.token()
    world.vault.unreachable = True
    assert world.get(token).status == 503
    world.vault.unreachable = False
    assert world.get(token).status == 200


def test_an_unforeseen_error_is_a_500_that_tells_nothing(world: World) -> None:
    """L-14."""
    token = world.token()
    world.upstream.pages = {}
    answer = world.get(token)
    assert (answer.status, problem(answer.body)) == (500, "internal-error")
    assert world.telemetry.crashes == ["KeyError"]
    assert world.audit.records[-1].problem == "internal-error"


def test_a_live_token_has_one_spelling(world: World) -> None:
    token = world.token()
    respelled = mint(TokenKind.TEST, token[8:16], token[16:20], world.secrets[token]).text.reveal()
    assert problem(world.get(respelled).body) == "token-invalid"


def test_who_put_a_token_into_a_url_hears_of_it_also_without_a_header(world: World) -> None:
    answer = world.send("GET", "/v1/incidents.json", f"access_token={world.token()}")
    assert problem(answer.body) == "token-in-query"


def test_every_request_and_denial_leaves_one_record(world: World) -> None:
    token = world.token(Scope(rows("minor"), "all-documented@1"))
    world.get(token, query="type=minor&page=1")
    world.get(token, query="type=referral")
    world.get("hp_live_nonsense")
    world.send("GET", "/nowhere")
    first, second, third, fourth = world.audit.records
    assert (first.status, first.action, first.incidents, first.persons) == (200, "incidents.read", 1, 1)
    assert (first.district, first.integration, first.token) == (records.DISTRICT_ID, token[8:16], token[16:20])
    assert (first.query, first.page, first.types, first.schools) == ("type=minor", 1, "minor", "all")
    assert (first.window, first.fields_preset, first.source) == ("unbounded", "all-documented@1", "192.0.2.7")
    assert (second.status, second.problem, second.incidents) == (403, "insufficient-scope", 0)
    assert (third.status, third.problem, third.token) == (401, "token-invalid", None)
    assert (fourth.status, fourth.action) == (404, "unknown")


def test_an_upstream_failure_is_in_the_record(world: World) -> None:
    token = world.token()
    world.upstream.accepts = "other"
    world.get(token)
    assert world.audit.records[-1].upstream_status == 401


def test_the_trail_can_note_nothing_that_the_record_has_no_place_for(world: World) -> None:
    world.get(world.token())
    noted = set(world.audit.records[-1].line())
    assert noted <= {field.name for field in fields(AuditRecord)}


def test_a_use_is_noted(world: World) -> None:
    token = world.token()
    world.get(token)
    assert world.usage.last_used(token[8:16], [token[16:20]]) == {token[16:20]: world.clock.now()}
