"""Every change and every refusal leaves one line, and no line holds a secret, a name or free text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hallpass.domain.access import Role

from tests.admin.conftest import CREDENTIAL, ListedVault, Office, open_office, upstream_body
from tests.fakes import MemoryRegistry
from tests.vendor_fakes import ListedUsage


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_each_change_says_who_what_and_before_and_after(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    district = office.district()
    path = office.integration(district)
    integration = path.rsplit("/", 1)[1]
    token = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(9)}).json["id"]
    rotated = office.call("POST", f"{path}/tokens/{token}/rotate", {}).json["id"]
    for verb in ("pause", "resume", "revoke"):
        office.call("POST", f"{path}/tokens/{token}/{verb}")
    for verb in ("pause", "resume", "stop"):
        office.call("POST", f"{path}/{verb}")
    office.person(Role.DISTRICT_ADMIN, district)
    seen = lines(capfd)
    assert [(line["action"], line["target"], line.get("before"), line["after"]) for line in seen[:-1]] == [
        ("district.create", district, None, "active"),
        (
            "integration.create",
            integration,
            None,
            "scope 1: types=minor schools=10 window=30 without-deleted all-documented@1",
        ),
        ("token.issue", token, None, "active"),
        ("token.rotate", token, token, rotated),
        ("token.pause", token, "active", "paused"),
        ("token.resume", token, "paused", "active"),
        ("token.revoke", token, "active", "revoked"),
        ("integration.pause", integration, "active", "paused"),
        ("integration.resume", integration, "paused", "active"),
        ("integration.stop", integration, "generation 1", "generation 2"),
    ]
    assert {(line["role"], line["source"], line["type"]) for line in seen} == {("operator", "192.0.2.7", "audit")}
    assert len({line["actor"] for line in seen}) == 1


def test_a_grant_that_withholds_nothing_has_an_action_of_its_own(
    office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    path = f"/admin/v1/districts/{office.district()}/integrations"
    capfd.readouterr()
    office.call("POST", path, upstream_body(office))
    made = office.call("POST", path, upstream_body(office) | {"confirm": "upstream@1"}).json["integration"]["id"]
    tried = [(line["action"], line["status"], line.get("target"), line.get("fields_preset")) for line in lines(capfd)]
    assert [entry[:2] for entry in tried] == [("integration.create-upstream", status) for status in (400, 201)]
    assert tried[1][2:] == (made, "upstream@1")


def test_each_refusal_is_recorded_with_its_problem(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    admin = office.person(Role.DISTRICT_ADMIN, office.district())
    person = {"name": "N", "role": "operator", "expires_at": office.ahead(9)}
    capfd.readouterr()
    office.call("POST", "/admin/v1/people", person, token=admin)
    office.call("GET", "/admin/v1/districts/None", token=admin)
    office.call("POST", "/admin/v1/districts", {}, token=office.operator)
    office.call("GET", "/admin/v1/districts", token="nonsense")
    office.call("GET", "/admin/v1/nothing")
    office.call("POST", "/admin/v1/districts", {"name": "N", "time_zone": "UTC", "upstream_token": "wrong"})
    assert [(line["action"], line["status"], line["problem"]) for line in lines(capfd)] == [
        ("person.create", 403, "role-insufficient"),
        ("district.show", 404, "not-found"),
        ("district.create", 400, "body-invalid"),
        ("admin", 401, "token-invalid"),
        ("admin", 404, "not-found"),
        ("district.try", 502, "upstream-credentials"),
    ]


def test_no_line_holds_a_secret_a_name_or_free_text(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    district = office.district("canary district")
    body = office.integration_body() | {"vendor": "canary v", "contact": "canary c", "purpose": "canary p"}
    made = office.call("POST", f"/admin/v1/districts/{district}/integrations", body).json["integration"]["id"]
    path = f"/admin/v1/districts/{district}/integrations/{made}"
    issued = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(9)}).json
    person = office.person(Role.OPERATOR)
    office.call("GET", f"{path}/tokens", rawQueryString=f"access_token={issued['token']}")
    office.call("GET", "/admin/v1/districts", headers={"x-api-key": "canary key", "cookie": "canary=1"})
    office.call("GET", f"/admin/v1/{issued['token']}")
    office.call("GET", "/admin/v1/districts", token=f"{person},Bearer {person}")
    office.call("GET", "/admin/v1/districts", token="canary token")
    office.call("POST", "/admin/v1/districts", '{"canary')
    office.call("POST", "/admin/v1/people", {"canary": "canary"})
    out, err = capfd.readouterr()
    for planted in ("canary", CREDENTIAL, office.operator, person, issued["token"], "Inventad"):
        assert planted not in out + err


def test_an_event_is_logged_by_no_setting(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_DEV", "POWERTOOLS_DEBUG", "POWERTOOLS_EVENT_HANDLER_DEBUG"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage())
    assert office.call("GET", "/admin/v1/districts", headers={"x-canary": "canary"}).status == 200
    out, err = capfd.readouterr()
    assert "canary" not in out + err
    assert office.operator not in out + err
