"""How the tests of scopes say one, send it, and look at what came of it."""

from __future__ import annotations

from typing import Any

from hallpass.domain.access import Integration
from hallpass.domain.failure import HallpassError
from hallpass.domain.standing import open_pass
from hallpass.domain.tokens import parse_token

from tests.admin.conftest import Office, Reply

PSEUDONYMISED = "pseudonymised@1"
EVERYTHING: dict[str, Any] = {
    "types": ["referral", "minor", "pending"],
    "schools": "all",
    "window": "unbounded",
    "deleted": True,
}
SOME: dict[str, Any] = {"types": ["minor"], "schools": ["10"], "window": {"days": 30}, "deleted": False}


def groups(*names: object, victims: object = "none", numbers: object = "kept", **more: object) -> dict[str, Any]:
    """A scope's `fields` as a list of groups."""
    return {"groups": list(names), "victims": victims, "numbers": numbers, **more}


def scope(fields: object = PSEUDONYMISED, rows: object = SOME) -> dict[str, Any]:
    return {"rows": rows, "fields": fields}


def upstream() -> dict[str, Any]:
    """The scope that withholds nothing."""
    return scope("upstream@1", EVERYTHING)


def create(office: Office, district: str, fields: object, **changes: object) -> Reply:
    body = office.integration_body() | {"scope": scope(fields)} | changes
    return office.call("POST", f"/admin/v1/districts/{district}/integrations", body)


def change(office: Office, path: str, to: object, **more: object) -> Reply:
    return office.call("PUT", f"{path}/scope", {"scope": to, **more})


def kept(office: Office, path: str) -> Integration:
    """What the registry holds of the integration whose path or id this is."""
    found = office.desk.registry.integration(path.rpartition("/")[2])
    assert found is not None
    return found


def use(office: Office, token: str) -> str:
    """What the data plane would say of a vendor's token: "ok" or a problem's slug."""
    presented = parse_token(token)
    record = office.desk.registry.find_pass(presented.holder_id, presented.token_id)
    try:
        open_pass(presented, record, office.clock.now())
    except HallpassError as error:
        return error.slug
    return "ok"


def refused(reply: Reply) -> tuple[int, str, list[str]]:
    """Status, problem and the fields that were named."""
    problem = reply.json["type"].rpartition(":")[2]
    return reply.status, problem, [entry["name"] for entry in reply.json.get("errors", [])]


def same_request(method: str) -> dict[str, Any]:
    """A gateway's context in which two requests are told apart by nothing but their address and body."""
    return {"requestId": "same", "stage": "$default", "http": {"method": method, "sourceIp": "192.0.2.7"}}
