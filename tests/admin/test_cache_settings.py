"""What a district decides about its cache, and what an integration may do with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hallpass.domain.access import Role

from tests.admin.conftest import Office

USUAL = {
    "fresh_for": 300,
    "stale_while_revalidate": 3600,
    "stale_if_error": 86400,
    "closed_after": 2592000,
    "closed_fresh_for": 86400,
    "control": "override",
    "check": "guarded",
}
OTHER = {
    "fresh_for": 0,
    "stale_while_revalidate": 86400,
    "stale_if_error": 172800,
    "closed_after": 86400,
    "closed_fresh_for": 86000,
    "control": "honour",
    "check": "verified",
}


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def told(policy: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in policy.items())


@pytest.fixture(params=["an operator", "the district's admin"])
def allowed(request: pytest.FixtureRequest, either: Office) -> tuple[Office, str, str]:
    """An office, a district, and the token of one who may."""
    district = either.district()
    token = either.operator if request.param == "an operator" else either.person(Role.DISTRICT_ADMIN, district)
    return either, f"/admin/v1/districts/{district}", token


def test_a_policy_is_shown_changed_and_recorded(
    allowed: tuple[Office, str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    office, path, token = allowed
    assert office.call("GET", f"{path}/cache", token=token).json["cache"] == USUAL
    capfd.readouterr()
    changed = office.call("PUT", f"{path}/cache", OTHER, token=token)
    assert (changed.status, changed.json) == (200, {"cache": OTHER, "version": 2})
    assert office.call("GET", f"{path}/cache", token=token).json == {"cache": OTHER, "version": 2}
    line = lines(capfd)[0]
    assert (line["action"], line["before"], line["after"]) == ("district.cache", told(USUAL), told(OTHER))
    district = office.desk.registry.district(path[-4:])
    assert district is not None
    assert district.version == 2
    office.call("PUT", f"{path}/cache", OTHER, token=token)
    assert office.desk.registry.district(district.id) == district, "the same policy is no new version"


def test_an_integrations_allowance_is_set_shown_and_recorded(
    allowed: tuple[Office, str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    office, path, token = allowed
    at = office.integration(path[-4:])
    assert office.call("GET", at, token=token).json["integration"]["cache"] == {
        "may_refresh": False,
        "stale_cap": None,
    }
    for number, wanted in enumerate(
        ({"may_refresh": True, "stale_cap": 600}, {"may_refresh": False, "stale_cap": 0},
         {"may_refresh": False, "stale_cap": None}), 1,
    ):  # fmt: skip
        for _ in range(2):
            reply = office.call("PUT", f"{at}/cache", wanted, token=token)
            assert (reply.status, reply.json["integration"]["cache"]) == (200, wanted)
        kept = office.desk.registry.integration(at[-8:])
        assert kept is not None
        assert kept.version == 1 + number, "what is so already is not written"
    line = lines(capfd)[-1]
    assert (line["action"], line["after"]) == ("integration.cache", "may_refresh=false stale_cap=none")
    assert office.call("GET", at).json["integration"]["dataset"] == "1.1", "the vendor's copy is not touched"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fresh_for", -1), ("fresh_for", 86401), ("fresh_for", "300"), ("fresh_for", 1.5), ("fresh_for", True),
        ("fresh_for", None), ("stale_while_revalidate", 86401), ("stale_while_revalidate", -1),
        ("stale_if_error", 172801), ("stale_if_error", -1), ("closed_after", 86399), ("closed_after", 0),
        ("closed_after", 10**30), ("closed_fresh_for", 86401), ("control", "canary"), ("control", None),
        ("check", "canary"), ("check", "OFF"), ("check", False),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_names_the_field_and_echoes_nothing(office: Office, field: str, value: object) -> None:
    path = f"/admin/v1/districts/{office.district()}/cache"
    reply = office.call("PUT", path, USUAL | {field: value})
    assert (reply.status, reply.json["type"]) == (400, "urn:hallpass:problem:body-invalid")
    assert [entry["name"] for entry in reply.json["errors"]] == [field]
    assert "canary" not in reply.text
    assert office.call("GET", path).json["cache"] == USUAL


@pytest.mark.parametrize("field", USUAL)
def test_a_policy_is_said_whole(office: Office, field: str) -> None:
    path = f"/admin/v1/districts/{office.district()}/cache"
    reply = office.call("PUT", path, {name: USUAL[name] for name in USUAL if name != field})
    assert reply.json["errors"] == [{"name": field, "detail": "is required"}]
    assert office.call("PUT", path, USUAL | {"canary": 1}).json["errors"][0]["name"] == "body"


def test_bounds_are_told(office: Office) -> None:
    path = f"/admin/v1/districts/{office.district()}/cache"
    reply = office.call("PUT", path, USUAL | {"fresh_for": 86401, "closed_after": 1})
    assert reply.json["errors"] == [
        {"name": "fresh_for", "detail": "Input should be less than or equal to 86400"},
        {"name": "closed_after", "detail": "Input should be greater than or equal to 86400"},
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"may_refresh": "yes", "stale_cap": None}, "may_refresh"),
        ({"may_refresh": 1, "stale_cap": None}, "may_refresh"),
        ({"stale_cap": None}, "may_refresh"),
        ({"may_refresh": True}, "stale_cap"),
        ({"may_refresh": True, "stale_cap": -1}, "stale_cap"),
        ({"may_refresh": True, "stale_cap": 604801}, "stale_cap"),
        ({"may_refresh": True, "stale_cap": "600"}, "stale_cap"),
        ({"may_refresh": True, "stale_cap": None, "canary": 1}, "body"),
    ],
)
def test_an_allowance_that_cannot_be_names_the_field(office: Office, path: str, body: object, field: str) -> None:
    reply = office.call("PUT", f"{path}/cache", body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [field])


@pytest.mark.parametrize("confirm", [None, "", "off", "yes", "UNCHECKED", "unchecked ", True])
def test_walks_go_unchecked_only_when_that_is_typed(
    office: Office, confirm: object, capfd: pytest.CaptureFixture[str]
) -> None:
    path = f"/admin/v1/districts/{office.district()}/cache"
    off = USUAL | {"check": "off"}
    capfd.readouterr()
    refused = office.call("PUT", path, off | {"confirm": confirm})
    assert (refused.status, [entry["name"] for entry in refused.json["errors"]]) == (400, ["confirm"])
    assert office.call("PUT", path, off).status == 400
    assert office.call("GET", path).json["cache"] == USUAL
    assert office.call("PUT", path, off | {"confirm": "unchecked"}).json["cache"] == off
    loud = [line for line in lines(capfd) if line["action"] == "district.cache-unchecked"]
    assert [line["status"] for line in loud] in ([400, 400, 200], [400, 200])
    assert loud[-1]["after"].endswith("check=off")


def test_another_districts_cache_is_answered_like_one_that_is_not(office: Office) -> None:
    mine, other = office.district(), office.district("Another Invented")
    admin = office.person(Role.DISTRICT_ADMIN, mine)
    theirs = office.integration(other)
    foreign = f"/admin/v1/districts/{mine}/integrations/{theirs[-8:]}"
    same = {"requestId": "same", "stage": "$default"}
    for method, paths, body in (
        ("GET", (f"/admin/v1/districts/{other}/cache", "/admin/v1/districts/None/cache"), None),
        ("PUT", (f"/admin/v1/districts/{other}/cache", "/admin/v1/districts/None/cache"), USUAL),
        ("PUT", (f"{theirs}/cache", "/admin/v1/districts/None/integrations/NoneNone/cache", f"{foreign}/cache"),
         {"may_refresh": True, "stale_cap": None}),
        ("POST", (f"/admin/v1/districts/{other}/purge", "/admin/v1/districts/None/purge"), {"mode": "hard"}),
    ):  # fmt: skip
        http = {"http": {"method": method, "sourceIp": "192.0.2.7"}}
        replies = [office.call(method, path, body, token=admin, requestContext=same | http) for path in paths]
        assert {reply.status for reply in replies} == {404}
        assert all(reply == replies[0] for reply in replies)
    assert office.call("GET", f"{theirs}").json["integration"]["cache"]["may_refresh"] is False


def test_what_has_ended_is_not_set_any_more(office: Office, path: str) -> None:
    office.call("POST", f"{path}/end")
    assert office.call("PUT", f"{path}/cache", {"may_refresh": True, "stale_cap": None}).status == 409
    district = path.split("/integrations", maxsplit=1)[0]
    assert office.call("DELETE", district, {"confirm": district[-4:]}).status == 200
    assert office.call("PUT", f"{district}/cache", OTHER).json["detail"] == (
        "The district has ended, and an end is final."
    )
    assert office.call("GET", f"{district}/cache").json["cache"] == USUAL
