"""What a district's upstream sent and nobody documented, as its admins see it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.domain.access import Role
from hallpass.domain.quarantine import Finding, unnamed

from tests.admin.conftest import Office, Reply
from tests.admin.scopes import (
    refused,
    same_request,
)
from tests.ledger_fake import MemoryLedger
from tests.vendor_fakes import MemoryQuarantine


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
                "review": None,
            },
            {
                "path": "incident/school/@two",
                "logged_as": unnamed("incident/school/@two"),
                **first,
                "last_seen": "2026-03-02T15:00:00Z",
                "nodes": 1,
                "review": None,
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


# --- its review

SAME = {"path": "incident/one", "as": "known-harmless"}


def reviewed(office: Office, district: str, body: object, token: str | None = None) -> Reply:
    return office.call("POST", f"/admin/v1/districts/{district}/quarantine/review", body, token=token)


def noted(office: Office) -> str:
    """A district whose pages held two undocumented paths."""
    district, writer = office.district(), office.desk.quarantine
    assert isinstance(writer, MemoryQuarantine | DynamoDbQuarantine)
    writer.note(district, {"incident/one": 3, "incident/canary": 1}, office.clock.now())
    return district


def test_a_review_says_who_when_and_what(either: Office) -> None:
    district = noted(either)
    admin = either.person(Role.DISTRICT_ADMIN, district)
    by = either.call("GET", "/admin/v1/session", token=admin).json["person"]["id"]
    reply = reviewed(either, district, SAME, admin)
    assert (reply.status, reply.json["quarantined"]) == (
        200,
        {
            "path": "incident/one",
            "logged_as": unnamed("incident/one"),
            "first_seen": "2026-03-02T15:00:00Z",
            "last_seen": "2026-03-02T15:00:00Z",
            "nodes": 3,
            "review": {"by": by, "at": "2026-03-02T15:00:00Z", "as": "known-harmless"},
        },
    )
    listed = either.call("GET", f"/admin/v1/districts/{district}/quarantine").json["quarantine"]
    assert [(one["path"], one["review"] is None) for one in listed] == [
        ("incident/canary", True),
        ("incident/one", False),
    ]
    assert listed[1] == reply.json["quarantined"]


def test_a_review_that_is_said_again_changes_nothing_and_another_replaces_it(either: Office) -> None:
    district = noted(either)
    first = reviewed(either, district, SAME).json
    either.clock.move(timedelta(minutes=1))
    assert reviewed(either, district, SAME).json == first
    other = reviewed(either, district, SAME | {"as": "contains-personal-data"}).json["quarantined"]["review"]
    assert other == first["quarantined"]["review"] | {"at": "2026-03-02T15:01:00Z", "as": "contains-personal-data"}


@pytest.mark.parametrize("finding", list(Finding))
def test_everything_that_can_be_found_can_be_said(office: Office, finding: Finding) -> None:
    told = reviewed(office, noted(office), SAME | {"as": finding.value}).json
    assert told["quarantined"]["review"]["as"] == finding.value


def test_an_auditor_reads_reviews_and_makes_none(office: Office) -> None:
    district = noted(office)
    auditor = office.person(Role.AUDITOR, district)
    assert refused(reviewed(office, district, SAME, auditor)) == (403, "role-insufficient", [])
    listed = office.call("GET", f"/admin/v1/districts/{district}/quarantine", token=auditor).json["quarantine"]
    assert [one["review"] for one in listed] == [None, None]


def test_what_is_not_there_is_404_and_so_is_another_districts(either: Office) -> None:
    district, other = noted(either), either.district("Another Invented")
    admin = either.person(Role.DISTRICT_ADMIN, other)
    assert refused(reviewed(either, district, SAME | {"path": "incident/two"})) == (404, "not-found", [])
    for place in (district, other, "None"):
        assert refused(reviewed(either, place, SAME, admin)) == (404, "not-found", [])
    listed = either.call("GET", f"/admin/v1/districts/{district}/quarantine").json["quarantine"]
    assert [one["review"] for one in listed] == [None, None]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({}, ["as", "path"], id="nothing"),
        pytest.param({"path": "incident/one"}, ["as"], id="no finding"),
        pytest.param(SAME | {"as": "it is Bo Inventado's"}, ["as"], id="free text"),
        pytest.param(SAME | {"as": None}, ["as"], id="null"),
        pytest.param({"path": "incident/one", "found_as": "known-harmless"}, ["as", "body"], id="a name of our own"),
        pytest.param(SAME | {"note": "free"}, ["body"], id="a note"),
        pytest.param(SAME | {"path": ""}, ["path"], id="no path"),
        pytest.param(SAME | {"path": "x" * 201}, ["path"], id="too long a path"),
        pytest.param(SAME | {"path": 7}, ["path"], id="a path that is no text"),
    ],
)
def test_a_review_that_is_not_as_documented_names_the_field_and_repeats_nothing(
    office: Office, body: object, fields: list[str]
) -> None:
    reply = reviewed(office, noted(office), body)
    status, problem, named = refused(reply)
    assert (status, problem, sorted(named)) == (400, "body-invalid", fields)
    assert "Inventado" not in reply.text
    assert "xxx" not in reply.text


def test_the_quarantine_of_a_district_that_has_ended_is_left_as_it_is(office: Office) -> None:
    district = noted(office)
    assert office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district}).status == 200
    assert refused(reviewed(office, district, SAME)) == (409, "conflict", [])


def test_a_review_is_recorded_as_a_change_and_its_path_as_a_hash(
    office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    district = noted(office)
    assert isinstance(office.desk.ledger, MemoryLedger)
    capfd.readouterr()
    for finding in ("asked-upstream", "known-harmless"):
        assert reviewed(office, district, {"path": "incident/canary", "as": finding}).status == 200
    out = capfd.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    hashed = unnamed("incident/canary")
    assert [(line["action"], line["phase"], line["before"], line["after"]) for line in lines] == [
        ("district.review-quarantine", "ended", f"{hashed}: not reviewed", f"{hashed}: asked-upstream"),
        ("district.review-quarantine", "ended", f"{hashed}: asked-upstream", f"{hashed}: known-harmless"),
    ]
    assert "canary" not in out
    phases = [row.phase for row in office.desk.ledger.records if row.action == "district.review-quarantine"]
    assert phases == ["begun", "ended"] * 2


def test_a_review_that_cannot_be_recorded_is_not_made(office: Office) -> None:
    district = noted(office)
    assert isinstance(office.desk.ledger, MemoryLedger)
    office.desk.ledger.broken = True
    assert refused(reviewed(office, district, SAME)) == (503, "unavailable", [])
    office.desk.ledger.broken = False
    assert {found.review for found in office.desk.quarantine.quarantine(district)} == {None}


def test_a_quarantine_that_cannot_be_written_is_503(aws_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    district = noted(aws_office)
    monkeypatch.setattr(aws_office.desk.quarantine, "_table", "there-is-no-such-table")
    assert refused(reviewed(aws_office, district, SAME)) == (503, "unavailable", [])
