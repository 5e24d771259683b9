"""What a district's upstream sent and nobody documented, as its admins see it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass.domain.quarantine import unnamed

from tests.admin.conftest import Office
from tests.admin.scopes import (
    refused,
    same_request,
)


def test_a_districts_quarantine_lists_its_paths_the_latest_first(either: Office) -> None:
    mine, other = either.district(), either.district("Another Invented")
    address = f"/admin/v1/districts/{mine}/quarantine"
    assert either.call("GET", address).json == {"quarantine": [], "next": None}
    writer: Any = either.desk.quarantine
    at = either.clock.now()
    writer.note(mine, {"incident/one": 3, "incident/school/@two": 1}, at)
    writer.note(mine, {"incident/one": 5}, at + timedelta(hours=1))
    writer.note(other, {"incident/canary": 1}, at)
    reply = either.call("GET", address)
    first = {"first_seen": "2026-03-02T15:00:00Z"}
    assert (reply.status, reply.json["quarantine"]) == (
        200,
        [
            {
                "path": "incident/one",
                "logged_as": unnamed("incident/one"),
                **first,
                "last_seen": "2026-03-02T16:00:00Z",
                "nodes": 5,
            },
            {
                "path": "incident/school/@two",
                "logged_as": unnamed("incident/school/@two"),
                **first,
                "last_seen": "2026-03-02T15:00:00Z",
                "nodes": 1,
            },
        ],
    )
    assert either.call("GET", address, token=either.person(Role.DISTRICT_ADMIN, mine)).json == reply.json


def test_another_districts_quarantine_is_answered_like_one_that_is_not(office: Office) -> None:
    theirs, mine = office.district(), office.district("Another Invented")
    admin = office.person(Role.DISTRICT_ADMIN, mine)
    replies = [
        office.call(
            "GET", f"/admin/v1/districts/{district}/quarantine", token=admin, requestContext=same_request("GET")
        )
        for district in (theirs, "None")
    ]
    assert replies[0] == replies[1]
    assert refused(replies[0]) == (404, "not-found", [])
    assert office.call("GET", "/admin/v1/districts/None/quarantine").status == 404


def test_reading_the_quarantine_is_recorded_without_its_paths(
    office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    district = office.district()
    writer: Any = office.desk.quarantine
    writer.note(district, {"incident/canary": 1}, office.clock.now())
    capfd.readouterr()
    office.call("GET", f"/admin/v1/districts/{district}/quarantine")
    out = capfd.readouterr().out
    line = json.loads(out)
    assert (line["action"], line["status"], line["target"]) == ("district.quarantine", 200, district)
    assert "canary" not in out


def test_a_quarantine_that_cannot_be_read_is_503(aws_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    district = aws_office.district()
    monkeypatch.setattr(aws_office.desk.quarantine, "_table", "there-is-no-such-table")
    reply = aws_office.call("GET", f"/admin/v1/districts/{district}/quarantine")
    assert (*refused(reply), reply.headers["Retry-After"]) == (503, "unavailable", [], "5")
