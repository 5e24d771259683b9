"""How an integration was used, day by day: what the ledger says, and nothing of another's."""

from __future__ import annotations

import pytest
from hallpass.domain.ledger import LATE
from hallpass.services import use_of_integrations

from tests.admin.conftest import Reply
from tests.ledger_reading.house import OTHER_VENDOR, House, at
from tests.records import DISTRICT_ID, INTEGRATION_ID, NOW, a_token, an_integration

AT = f"/admin/v1/districts/{DISTRICT_ID}/integrations/{INTEGRATION_ID}/usage"
FEBRUARY = "from=2026-02-01&to=2026-02-28"

NONE: dict[str, object] = {
    **dict.fromkeys(("requests", "answers", "unchanged", "cached", "incidents", "bytes"), 0),
    "denials": {}, "failures": {},
}  # fmt: skip


def usage(house: House, query: str = FEBRUARY) -> Reply:
    return house.office.call("GET", f"{AT}?{query}")


def test_a_day_is_what_the_ledger_adds_up_to(house: House) -> None:
    house.record(at(2), incidents=3, bytes=100, cache="hallpass; hit; ttl=300")
    house.record(at(2, 13), incidents=1, bytes=50, cache="hallpass; fwd=uri-miss; fwd-status=200; stored")
    house.nothing(at(2, 14), status=304, bytes=0)
    house.nothing(at(5), status=403, problem="token-paused")
    house.nothing(at(5, 13), status=504, problem="upstream-timeout")
    house.record(at(5), integration=OTHER_VENDOR)
    house.nothing(at(6), actor="Person01", action="token.issue", status=201)
    told = usage(house).json
    counted = {**NONE, "requests": 3, "answers": 2, "unchanged": 1, "cached": 1, "incidents": 4, "bytes": 150}
    refused = {**NONE, "requests": 2, "denials": {"token-paused": 1}, "failures": {"upstream-timeout": 1}}
    assert told["days"] == [{"day": "2026-02-02", **counted}, {"day": "2026-02-05", **refused}]
    assert (told["next"], told["last_used"], told["tokens"]) == (None, None, {})
    assert told["complete_until"] == f"{NOW - LATE:%Y-%m-%dT%H:%M:%SZ}"


def test_it_tells_when_each_token_was_last_used(house: House) -> None:
    house.desk.registry.add_token(a_token(), an_integration())
    house.desk.usage.token_used(INTEGRATION_ID, "Tok1", at(20))
    told = usage(house).json
    assert (told["last_used"], told["tokens"]) == ("2026-02-20T12:00:00Z", {"Tok1": "2026-02-20T12:00:00Z"})


def test_the_sums_of_calls_add_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_of_integrations, "MOST_READ", 1)
    for day in (2, 3, 3, 9):
        house.record(at(day))
    found, query = [], FEBRUARY
    while query:
        told = usage(house, query).json
        found += [(one["day"], one["requests"]) for one in told["days"]]
        query = f"{FEBRUARY}&next={told['next']}" if told["next"] else ""
    assert found == [("2026-02-02", 1), ("2026-02-03", 2), ("2026-02-09", 1)]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "from"), ("from=2026-02-01", "to"), ("from=2026-02-30&to=2026-03-01", "from"),
        ("from=2026-02-02&to=2026-02-01", "to"), ("from=1999-01-01&to=1999-01-02", "to"),
        ("from=2024-01-01&to=2026-02-01", "to"), (f"{FEBRUARY}&next=nonsense", "next"), (f"{FEBRUARY}&day=1", "day"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_its_parameter(house: House, query: str, named: str) -> None:
    reply = usage(house, query)
    assert (reply.status, reply.json["type"]) == (400, "urn:hallpass:problem:invalid-parameters")
    assert [entry["name"] for entry in reply.json["errors"]] == [named]


def test_a_district_is_the_sum_of_its_vendors_and_of_who_opened_no_link(house: House) -> None:
    house.record(at(2), incidents=3, bytes=100, cache="hallpass; hit; ttl=300")
    house.record(at(2, 13), integration=OTHER_VENDOR, incidents=1, bytes=50)
    house.nothing(at(3), action="claim.reveal", status=201)
    told = house.office.call("GET", f"/admin/v1/districts/{DISTRICT_ID}/usage?{FEBRUARY}").json
    counted = {**NONE, "requests": 2, "answers": 2, "cached": 2, "incidents": 4, "bytes": 150}
    assert told["days"] == [{"day": "2026-02-02", **counted}]
    assert (set(told), told["next"]) == ({"days", "next", "complete_until"}, None)
    unknown = house.office.call("GET", f"/admin/v1/districts/None/usage?{FEBRUARY}")
    assert unknown.status == 404
