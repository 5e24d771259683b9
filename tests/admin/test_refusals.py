"""What the control plane refuses, how it says so, and that it says nothing else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass.domain.errors import UnavailableError
from hallpass.domain.tokens import TokenKind, mint, parse_token

from tests.admin.conftest import CREDENTIAL, Office, http_event, upstream_body

ROUTES = [
    ("GET", "/admin/v1/districts"),
    ("POST", "/admin/v1/districts"),
    ("GET", "/admin/v1/districts/D1st"),
    ("POST", "/admin/v1/districts/D1st/integrations/D1stVnd1/tokens/Tok1/revoke"),
    ("GET", "/admin/v1/people"),
    ("GET", "/admin/v1/nothing"),
]


def with_changes(body: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy of `body` with the value at the dotted path replaced."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    *parents, last = path.split(".")
    inner = copy
    for name in parents:
        inner = inner[name]
    inner[last] = value
    return copy


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    ("header", "slug"),
    [
        pytest.param(None, "token-missing", id="no header"),
        pytest.param("Bearer ", "token-missing", id="no token"),
        pytest.param("Basic QQ==", "token-missing", id="another scheme"),
        pytest.param("Bearer upstream-canary-credential", "token-invalid", id="a foreign token"),
        pytest.param(
            "Bearer " + mint(TokenKind.ADMIN, "Person99", "Tok9", bytes(32)).text.reveal(),
            "token-invalid",
            id="a well-formed token of nobody",
        ),
    ],
)
def test_without_a_token_that_holds_every_address_answers_401(
    office: Office, method: str, path: str, header: str | None, slug: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    reply = office.send(http_event(method, path, headers))
    assert (reply.status, reply.json["type"]) == (401, f"urn:hallpass:problem:{slug}")
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="hallpass"')
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_wrong_secret_and_an_unknown_id_are_answered_alike(office: Office) -> None:
    known = parse_token(office.operator)
    wrong = mint(TokenKind.ADMIN, known.holder_id, known.token_id, bytes(32)).text.reveal()
    unknown = mint(TokenKind.ADMIN, "Person99", "Tok9", bytes(32)).text.reveal()
    replies = [
        office.send(http_event("GET", "/admin/v1/districts", {"authorization": f"Bearer {token}"}))
        for token in (wrong, unknown, "no token at all")
    ]
    assert replies[0] == replies[1] == replies[2]


@pytest.mark.parametrize("kind", [TokenKind.LIVE, TokenKind.TEST])
def test_a_vendors_token_is_of_the_wrong_kind(office: Office, kind: TokenKind) -> None:
    token = mint(kind, "D1stVnd1", "Tok1", bytes(32)).text.reveal()
    reply = office.call("GET", "/admin/v1/districts", token=token)
    assert (reply.status, reply.json["type"]) == (403, "urn:hallpass:problem:wrong-token-kind")


def test_an_admins_token_opens_no_data(office: Office) -> None:
    presented = parse_token(office.operator)
    assert presented.kind is TokenKind.ADMIN
    assert office.desk.registry.find_pass(presented.holder_id, presented.token_id) is None


@pytest.mark.parametrize(
    "path",
    ["/admin/v1", "/admin/v1/", "/admin/v1/districts/", "/admin/v1/districts/D1st/", "/admin/v1/districts/D-st",
     "/admin/v1/districts/../people", "/admin/v1//people", "/admin/v1/people/123456789", "/admin/v1/Districts"],
)  # fmt: skip
def test_an_unknown_address_is_404(office: Office, path: str) -> None:
    reply = office.call("GET", path)
    assert (reply.status, reply.json["type"]) == (404, "urn:hallpass:problem:not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/admin/v1/districts", "GET, POST"),
        ("HEAD", "/admin/v1/districts/D1st/quarantine", "GET"),
        ("PATCH", "/admin/v1/districts/D1st", "DELETE, GET"),
        ("OPTIONS", "/admin/v1/people", "GET, POST"),
        ("GET", "/admin/v1/people/Person01/revoke", "POST"),
        ("TRACE", "/admin/v1/districts/D1st/integrations/D1stVnd1/stop", "POST"),
    ],
)
def test_a_wrong_method_is_405_and_told_which_are_right(office: Office, method: str, path: str, allowed: str) -> None:
    reply = office.call(method, path)
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)
    assert (reply.text == "") == (method == "HEAD")


def test_parameters_are_refused_and_a_token_in_the_query_is_told_so(office: Office) -> None:
    unknown = office.call("GET", "/admin/v1/districts", rawQueryString="order=5")
    assert unknown.json["type"] == "urn:hallpass:problem:invalid-parameters"
    leaked = office.call("GET", "/admin/v1/districts", rawQueryString=f"token={office.operator}")
    assert leaked.json["type"] == "urn:hallpass:problem:token-in-query"
    assert office.operator not in leaked.text


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("vendor", "", "vendor"),
        ("vendor", "x" * 201, "vendor"),
        ("vendor", "two\nlines", "vendor"),
        ("vendor", "   ", "vendor"),
        ("vendor", 7, "vendor"),
        ("vendor", None, "vendor"),
        ("agreement", "DPA", "agreement"),
        ("agreement", {"id": "DPA"}, "agreement.ends_on"),
        ("agreement.canary", "canary", "agreement"),
        ("agreement.id", "", "agreement.id"),
        ("agreement.id", "canary of the agreement", "agreement.id"),
        ("agreement.id", "DPA\n", "agreement.id"),
        ("agreement.id", "DPÄ", "agreement.id"),
        ("agreement.id", "x" * 65, "agreement.id"),
        ("agreement.id", 7, "agreement.id"),
        ("agreement.ends_on", "20261231", "agreement.ends_on"),
        ("agreement.ends_on", "2026-02-30", "agreement.ends_on"),
        ("agreement.ends_on", "２０２６-12-31", "agreement.ends_on"),
        ("agreement.ends_on", "2026-03-01", "agreement.ends_on"),
        ("agreement.ends_on", "2046-03-01", "agreement.ends_on"),
        ("scope", [], "scope"),
        ("scope.canary", {}, "scope"),
        ("scope.fields", "canary@1", "scope.fields"),
        ("scope.fields", "upstream@1", "scope.fields"),
        ("scope.rows", {}, "scope.rows"),
        ("scope.rows.types", [], "scope.rows.types"),
        ("scope.rows.types", ["canary"], "scope.rows.types"),
        ("scope.rows.schools", "ALL", "scope.rows.schools"),
        ("scope.rows.schools", [""], "scope.rows.schools"),
        ("scope.rows.schools", ["10", "all"], "scope.rows.schools"),
        ("scope.rows.schools", ["canary school"], "scope.rows.schools"),
        ("scope.rows.window", {"days": 0}, "scope.rows.window"),
        ("scope.rows.window", {"from": "2026-02-01", "to": "2026-01-01"}, "scope.rows.window"),
        ("scope.rows.window", {"from": "2026-W01-1", "to": "2026-01-01"}, "scope.rows.window.from"),
        ("scope.rows.deleted", "canary", "scope.rows.deleted"),
        ("canary", "canary", "body"),
    ],
)
def test_an_integration_that_cannot_be_names_the_field_and_echoes_nothing(
    office: Office, path: str, value: object, named: str
) -> None:
    district_id = office.district()
    body = with_changes(office.integration_body(), path, value)
    reply = office.call("POST", f"/admin/v1/districts/{district_id}/integrations", body)
    assert (reply.status, reply.json["type"]) == (400, "urn:hallpass:problem:body-invalid")
    assert [entry["name"] for entry in reply.json["errors"]] == [named]
    assert "canary" not in reply.text
    assert office.call("GET", f"/admin/v1/districts/{district_id}/integrations").json == {
        "integrations": [],
        "next": None,
    }


@pytest.mark.parametrize(
    "confirm", [None, "", "yes", "upstream", "UPSTREAM@1", "upstream@1 ", "upstream@2", "all-documented@1", True, 1]
)
def test_the_upstreams_bytes_are_granted_only_when_they_are_named_twice(office: Office, confirm: object) -> None:
    path = f"/admin/v1/districts/{office.district()}/integrations"
    body = upstream_body(office) | {"confirm": confirm}
    reply = office.call("POST", path, body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["confirm"])
    assert office.call("POST", path, upstream_body(office)).json["errors"] == [
        {"name": "confirm", "detail": "is upstream@1 when the fields are: it withholds nothing"}
    ]
    assert office.call("GET", path).json == {"integrations": [], "next": None}
    assert office.call("POST", path, body | {"confirm": "upstream@1"}).status == 201


@pytest.mark.parametrize("agreement_id", ["1", "DPA-2026/01_b.2", "x" * 64])
def test_an_agreement_is_named_as_districts_number_theirs(office: Office, agreement_id: str) -> None:
    body = with_changes(office.integration_body(), "agreement.id", agreement_id)
    reply = office.call("POST", f"/admin/v1/districts/{office.district()}/integrations", body)
    assert (reply.status, reply.json["integration"]["agreement"]["id"]) == (201, agreement_id)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": None}, "name"),
        ({"time_zone": "Mars/Canary"}, "time_zone"),
        ({"time_zone": "America"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"upstream_token": ""}, "upstream_token"),
        ({"upstream_token": "canary\r\nHost: canary"}, "upstream_token"),
        ({"upstream_token": "canary\x00"}, "upstream_token"),
        ({"upstream_token": "c" * 4097}, "upstream_token"),
        ({"upstream_token": 7}, "upstream_token"),
        ({"confirmed": "yes"}, "confirmed"),
        ({"confirmed": 1}, "confirmed"),
    ],
)
def test_a_district_that_cannot_be_is_refused_before_the_upstream_is_called(
    office: Office, changes: dict[str, object], named: str
) -> None:
    body = {"name": "N", "time_zone": "UTC", "upstream_token": CREDENTIAL, "confirmed": True} | changes
    reply = office.call("POST", "/admin/v1/districts", body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [named])
    assert "canary" not in reply.text.lower()
    assert office.upstream.calls == []


@pytest.mark.parametrize(
    "expires_at",
    ["2026-12-31", "2026-12-31T00:00:00", "2026-02-30T00:00:00Z", "2026-12-31t00:00:00z", "2026-12-31T00:00:00.5Z",
     "2026-03-02T15:00:00Z", "2026-03-01T00:00:00Z", "2030-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
     1_800_000_000, True, None, "", "２０２６-12-31T00:00:00Z"],
)  # fmt: skip
def test_an_expiry_that_cannot_be_is_refused(office: Office, expires_at: object) -> None:
    path = office.integration(office.district())
    reply = office.call("POST", f"{path}/tokens", {"expires_at": expires_at})
    assert (reply.status, reply.json["errors"][0]["name"]) == (400, "expires_at")


@pytest.mark.parametrize("overlap", [-1, 31, 1.5, "7", True, None])
def test_an_overlap_that_cannot_be_is_refused(office: Office, overlap: object) -> None:
    path = office.integration(office.district())
    token_id = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(9)}).json["id"]
    reply = office.call("POST", f"{path}/tokens/{token_id}/rotate", {"overlap_days": overlap})
    assert (reply.status, reply.json["errors"][0]["name"]) == (400, "overlap_days")


@pytest.mark.parametrize(
    ("body", "content_type", "coded"),
    [
        pytest.param("", "application/json", False, id="nothing"),
        pytest.param("{", "application/json", False, id="no JSON"),
        pytest.param("[]", "application/json", False, id="no object"),
        pytest.param('{"name":"a","name":"b"}', "application/json", False, id="a name twice"),
        pytest.param('{"overlap_days":NaN}', "application/json", False, id="NaN"),
        pytest.param("[" * 100_000, "application/json", False, id="brackets in brackets"),
        pytest.param('{"name":"' + "x" * 300_000 + '"}', "application/json", False, id="too long"),
        pytest.param("name=a", "application/x-www-form-urlencoded", False, id="a form"),
        pytest.param("{}", "text/plain", False, id="another type"),
        pytest.param("{}", "application/jsonp", False, id="a type that starts alike"),
        pytest.param(base64.b64encode(b'{"name":"\xff"}').decode(), "application/json", True, id="not UTF-8"),
        pytest.param("%%%", "application/json", True, id="not base64"),
        pytest.param('{"name":"\udc80"}', "application/json", False, id="half a character"),
    ],
)
def test_a_body_that_is_no_json_object_is_400(office: Office, body: str, content_type: str, coded: bool) -> None:
    headers = {"content-type": content_type}
    reply = office.call("POST", "/admin/v1/districts", body, headers=headers, isBase64Encoded=coded)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["body"])
    assert office.telemetry.crashes == []


def test_a_body_may_come_as_base64(office: Office) -> None:
    body = {"name": "Bo Inventado", "role": "operator", "expires_at": office.ahead(3)}
    coded = base64.b64encode(json.dumps(body).encode()).decode()
    assert office.call("POST", "/admin/v1/people", coded, isBase64Encoded=True).status == 201


def test_another_districts_ids_are_answered_like_ids_that_are_not(office: Office) -> None:
    mine, other = office.district(), office.district("Another Invented")
    admin = office.person(Role.DISTRICT_ADMIN, mine)
    theirs = office.integration(other)
    ours = office.integration(mine)
    token_id = office.call("POST", f"{theirs}/tokens", {"expires_at": office.ahead(9)}).json["id"]
    none = "/admin/v1/districts/None/integrations/NoneNone"
    foreign = f"/admin/v1/districts/{mine}/integrations/{theirs.rsplit('/', 1)[1]}"
    for method, tail, body in [
        ("GET", "", None),
        ("POST", "/pause", None),
        ("POST", "/resume", None),
        ("POST", "/stop", None),
        ("GET", "/tokens", None),
        ("POST", "/tokens", {"expires_at": office.ahead(9)}),
        ("POST", f"/tokens/{token_id}/revoke", None),
        ("POST", f"/tokens/{token_id}/pause", None),
        ("POST", f"/tokens/{token_id}/rotate", {}),
    ]:
        replies = [
            office.call(method, base + tail, body, token=admin, requestContext=same_request(method))
            for base in (theirs, none, foreign)
        ]
        assert replies[0] == replies[1] == replies[2], tail
        assert replies[0].status == 404
    assert office.call("GET", f"{theirs}/tokens").json["tokens"][0]["status"] == "active"
    assert office.call("GET", ours, token=admin).status == 200
    listed = office.call("GET", "/admin/v1/districts", token=admin).json["districts"]
    assert [district["id"] for district in listed] == [mine]


def same_request(method: str) -> dict[str, Any]:
    return {"requestId": "same", "stage": "$default", "http": {"method": method, "sourceIp": "192.0.2.7"}}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/admin/v1/districts", {"name": "N", "time_zone": "UTC", "upstream_token": CREDENTIAL}),
        ("POST", "/admin/v1/people", {"name": "N", "role": "operator", "expires_at": "2026-12-31T00:00:00Z"}),
    ],
)
def test_a_district_admin_makes_neither_districts_nor_people(
    office: Office, method: str, path: str, body: object
) -> None:
    admin = office.person(Role.DISTRICT_ADMIN, office.district())
    office.upstream.calls.clear()
    reply = office.call(method, path, body, token=admin)
    assert (reply.status, reply.json["type"]) == (403, "urn:hallpass:problem:role-insufficient")
    assert office.upstream.calls == []


@pytest.mark.parametrize(
    ("role", "district", "named"),
    [
        ("operator", "D1st", "district"),
        ("district-admin", None, "district"),
        ("district-admin", "None", "district"),
        ("auditor", "None", "district"),
        ("superintendent", None, "role"),
    ],
)
def test_a_person_that_cannot_be_is_refused(office: Office, role: str, district: str | None, named: str) -> None:
    body = {"name": "Bo Inventado", "role": role, "district": district, "expires_at": office.ahead(9)}
    reply = office.call("POST", "/admin/v1/people", body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [named])


def test_a_credential_that_the_upstream_refuses_is_not_kept(office: Office) -> None:
    body = {"name": "N", "time_zone": "UTC", "upstream_token": "canary-wrong", "confirmed": True}
    reply = office.call("POST", "/admin/v1/districts", body)
    assert (reply.status, reply.json["type"]) == (502, "urn:hallpass:problem:upstream-credentials")
    assert office.call("GET", "/admin/v1/districts").json == {"districts": [], "next": None}


@pytest.mark.parametrize("page", [b"<html>canary</html>", b'<incidents count="0" page="2" total-pages="4"/>'])
def test_what_is_no_first_page_opens_no_district(office: Office, page: bytes) -> None:
    office.upstream.pages[1] = page
    body = {"name": "N", "time_zone": "UTC", "upstream_token": CREDENTIAL, "confirmed": True}
    reply = office.call("POST", "/admin/v1/districts", body)
    assert (reply.status, reply.json["type"]) == (502, "urn:hallpass:problem:upstream-invalid")
    assert "canary" not in reply.text


def test_a_registry_in_doubt_gives_nothing(aws_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_office.desk.registry, "_table", "there-is-no-such-table")
    reply = aws_office.call("GET", "/admin/v1/districts")
    assert (reply.status, reply.headers["Retry-After"]) == (503, "5")


def test_what_nobody_foresaw_is_500_and_told_by_its_class(
    office: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("canary in an exception")

    monkeypatch.setattr(type(office.desk.registry), "districts", fail)
    reply = office.call("GET", "/admin/v1/districts")
    assert (reply.status, reply.json["type"]) == (500, "urn:hallpass:problem:internal-error")
    assert office.telemetry.crashes == ["RuntimeError"]
    assert "canary" not in reply.text + "".join(capfd.readouterr())


def test_what_cannot_be_recorded_is_not_answered(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.integration(office.district())

    def fail(*_: object) -> None:
        raise UnavailableError

    monkeypatch.setattr("hallpass.adapters.audit_log.StdoutAuditLog.record", fail)
    reply = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(9)})
    assert reply.status == 503
    assert "hp_live_" not in reply.text


def test_a_credential_of_another_district_is_never_replaced(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.district()
    draws = iter([first, first, "Free"])
    monkeypatch.setattr(type(office.desk), "new_id", lambda *_: next(draws))
    assert office.district("Another Invented") == "Free"


def test_no_free_id_is_a_conflict(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.district()
    monkeypatch.setattr(type(office.desk), "new_id", lambda *_: first)
    body = {"name": "N", "time_zone": "UTC", "upstream_token": CREDENTIAL, "confirmed": True}
    assert office.call("POST", "/admin/v1/districts", body).status == 409
