"""The ledger over the admin API: what is answered, to whom, what is refused, and what is never told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass.domain.audit import audit_schema
from hallpass.domain.people import Person

from tests.admin.conftest import Reply
from tests.ledger_reading.house import NUMBER, OTHER_VENDOR, House, an_incident, at, open_house
from tests.records import DISTRICT_ID, INTEGRATION_ID

HERE = f"/admin/v1/districts/{DISTRICT_ID}"
DAYS = {"from": "2026-02-01", "to": "2026-02-28"}
ASKED = {"number": NUMBER}
ADDRESSES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "audit/search", DAYS),
    ("POST", "disclosures", ASKED),
    ("POST", "disclosures/report", DAYS),
    ("GET", "agreements", None),
]


@pytest.fixture
def house() -> House:
    return open_house()


def post(house: House, path: str, body: object, district: str = DISTRICT_ID, token: str | None = None) -> Reply:
    return house.office.call("POST", f"/admin/v1/districts/{district}/{path}", body, token)


def test_rows_are_found_as_they_were_recorded(house: House) -> None:
    first, second = house.record(at(2)), house.nothing(at(3), status=403, problem="token-paused")
    reply = post(house, "audit/search", DAYS)
    assert reply.status == 200
    assert reply.json == {
        "rows": [dict(second.line()), dict(first.line())],
        "read": 2,
        "next": None,
        "complete_until": "2026-03-02T14:58:00.000000Z",
    }
    only = post(house, "audit/search", DAYS | {"status": "4xx", "order": "oldest", "problem": "token-paused"})
    assert [row["request_id"] for row in only.json["rows"]] == [second.request_id]


def test_a_search_that_is_cut_goes_on_with_its_cursor(house: House) -> None:
    made = [house.record(at(day)).request_id for day in (1, 2, 3)]
    body: dict[str, Any] = DAYS | {"order": "oldest", "limit": 2}
    first = post(house, "audit/search", body).json
    second = post(house, "audit/search", body | {"cursor": first["next"]}).json
    assert [row["request_id"] for row in first["rows"] + second["rows"]] == made
    assert second["next"] is None


def test_every_condition_that_a_search_knows_may_be_said(house: House) -> None:
    conditions = {
        "integration": INTEGRATION_ID, "token": "Tok1", "actor": "Person01", "action": "incidents.read",
        "problem": "token-paused", "status": "2xx", "disclosure": "records", "request_id": "JKJaXmPLvHcESHA=",
        "trace": "0" * 32,
    }  # fmt: skip
    for name, value in conditions.items():
        assert post(house, "audit/search", DAYS | {name: value}).status == 200, name
    assert post(house, "audit/search", DAYS | conditions).json["rows"] == []


def test_who_received_something_about_a_person_is_told_in_the_registrys_words(house: House) -> None:
    sent = house.send(at(2), [an_incident("u1", [NUMBER])], cache="hallpass; hit; ttl=-5")
    reply = post(house, "disclosures", ASKED)
    assert reply.status == 200
    time = sent.line()["time"]
    assert reply.json == {
        "verdict": "disclosed",
        "disclosed_outside_period": False,
        "unnumbered_incidents": 0,
        "records_since": "2026-01-01T15:00:00.000000Z",
        "complete_until": "2026-03-02T14:00:00.000000Z",
        "time_zone": "America/Chicago",
        "recipients": [
            {
                "integration": INTEGRATION_ID, "person": None, "vendor": "Madeup Analytics",
                "contact": "pat@vendor.example", "purpose": "Attendance dashboards", "first": time, "last": time,
                "answers": 1, "shown": {"identified": 1}, "fields": ["identified@1"],
                "elements": ["Offenders by name and number, with demographics, offenses and actions; no special "
                             "education, free text, staff or victims"],
                "agreements": ["DPA-2026-01"], "formats": ["json"],
            }
        ],
        "disclosures": [
            {
                "time": time, "request_id": sent.request_id, "integration": INTEGRATION_ID, "person": None,
                "token": "Tok1", "agreement": "DPA-2026-01", "fields": "identified@1", "format": "json", "incidents": 1,
                "shown": "identified", "cached": True, "stale": True,
            }
        ],
        "next": None,
    }  # fmt: skip


def test_a_recipient_that_the_registry_does_not_know_any_more_is_told_by_its_id(house: House) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])], integration="D1stGone")
    told = post(house, "disclosures", ASKED).json["recipients"][0]
    assert (told["integration"], told["vendor"], told["contact"], told["purpose"]) == ("D1stGone", None, None, None)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(ASKED | {"kind": "staff"}, "never-seen", id="an employee of that number"),
        pytest.param({"number": "withheld"}, "seen-not-disclosed", id="only on a page"),
        pytest.param({"number": NUMBER.upper()}, "never-seen", id="a number in other letters"),
        pytest.param(ASKED | {"from": "2026-02-02", "to": "2026-02-02"}, "disclosed", id="on that day"),
        pytest.param(ASKED | {"from": "2026-02-03", "to": "2026-02-03"}, "seen-not-disclosed", id="on another day"),
    ],
)
def test_verdicts(house: House, body: dict[str, str], verdict: str) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])], [an_incident("u2", ["withheld"])])
    assert post(house, "disclosures", body).json["verdict"] == verdict


def test_of_nobody_there_may_be_no_records_at_all(house: House) -> None:
    told = post(house, "disclosures", ASKED, "D2nd").json
    assert (told["verdict"], told["records_since"], told["complete_until"]) == ("never-seen", None, None)


def test_a_report_names_each_integration(house: House) -> None:
    house.record(at(2), incidents=3, persons=2, bytes=70)
    house.nothing(at(3), status=403, problem="token-paused")
    told = post(house, "disclosures/report", DAYS).json
    first, second = told["integrations"]
    assert first == {
        "integration": INTEGRATION_ID, "vendor": "Madeup Analytics", "contact": "pat@vendor.example",
        "purpose": "Attendance dashboards", "requests": 2, "answers": 1, "incidents": 3, "persons_by_answer": 2,
        "bytes": 70, "not_modified": 0, "days": ["2026-02-02"], "fields": ["identified@1"],
        "elements": first["elements"], "agreements": ["DPA-2026-01"], "denials": {"token-paused": 1},
        "failures": {},
    }  # fmt: skip
    assert (second["vendor"], second["answers"], told["next"]) == ("Other Made-up", 0, None)
    assert told["unknown_integrations"]["requests"] == 0
    alone = post(house, "disclosures/report", DAYS | {"integration": OTHER_VENDOR}).json
    assert [each["integration"] for each in alone["integrations"]] == [OTHER_VENDOR]
    assert post(house, "disclosures/report", DAYS | {"integration": "D2ndVnd1"}).status == 404


def test_the_register_of_agreements_says_what_is_shared_in_plain_words(house: House) -> None:
    house.send(at(20), [an_incident("u-1", ["1"])], fields_preset="no-people@1")
    told = house.office.call("GET", f"{HERE}/agreements").json
    first, second = told["agreements"]
    (mine,) = first["received"]
    assert mine["elements"][0].startswith("Incidents without people")
    assert first | {"scope": {}} == {
        "integration": INTEGRATION_ID, "vendor": "Madeup Analytics", "contact": "pat@vendor.example",
        "purpose": "Attendance dashboards", "agreement": {"id": "DPA-2026-01", "ends_on": "2027-06-30"}, "scope": {},
        "elements": ["Everything documented, of victims and staff too, but for the four groups that are granted by "
                     "name only"],
        "incidents": ["Types: referral", "Schools: all", "Dates: the last 30 days",
                      "Incidents without the deleted ones"],
        "since": "2026-03-02T15:00:00.000000Z", "status": "active",
        "received": [{
            "fields": "no-people@1", "elements": [mine["elements"][0]], "first_day": "2026-02-20",
            "last_day": "2026-02-20",
        }],
    }  # fmt: skip
    assert (second["status"], second["received"]) == ("paused", [])
    assert (told["records_since"], told["time_zone"]) == ("2026-01-01T15:00:00.000000Z", "America/Chicago")
    assert told["complete_until"] == "2026-03-02T14:00:00.000000Z"


def test_the_schema_of_a_line_is_served(house: House) -> None:
    reply = house.office.call("GET", "/admin/v1/audit.schema.json")
    assert (reply.status, reply.json) == (200, audit_schema())
    assert house.office.call("GET", "/admin/v1/auditXschema.json").json["type"] == "urn:hallpass:problem:not-found"


@pytest.mark.parametrize(("method", "path", "body"), ADDRESSES)
def test_another_district_is_answered_as_one_that_there_is_not(
    house: House, method: str, path: str, body: dict[str, Any] | None
) -> None:
    own, foreign = (house.office.person(Role.DISTRICT_ADMIN, district) for district in (DISTRICT_ID, "D2nd"))
    address = f"/admin/v1/districts/{DISTRICT_ID}/{path}"
    assert house.office.call(method, address, body, own).status == 200
    refused = house.office.call(method, address, body, foreign)
    unknown = house.office.call(method, f"/admin/v1/districts/Nope/{path}", body, foreign)
    orphan = house.office.call(method, f"/admin/v1/districts/none/{path}", body, foreign)
    told = [{**reply.json, "instance": None} for reply in (refused, unknown, orphan)]
    assert told[0] == told[1] == told[2]
    assert (refused.status, refused.json["type"]) == (404, "urn:hallpass:problem:not-found")
    assert house.office.call(method, f"/admin/v1/districts/Nope/{path}", body).status == 404


def test_an_operator_reads_the_rows_that_named_no_district(house: House) -> None:
    house.nothing(at(2), district=None, integration=None, token=None, status=401, problem="token-missing")
    assert len(post(house, "audit/search", DAYS, "none").json["rows"]) == 1


WRONG = [
    ("audit/search", {}, ["from", "to"]),
    ("audit/search", DAYS | {"canary": "canary"}, ["body"]),
    ("audit/search", DAYS | {"from": "2026-2-1"}, ["from"]),
    ("audit/search", DAYS | {"to": "2026-01-31"}, ["to"]),
    ("audit/search", DAYS | {"to": "2026-03-04"}, ["to"]),
    ("audit/search", {"from": "9999-12-31", "to": "9999-12-31"}, ["to"]),
    ("audit/search", DAYS | {"order": "canary"}, ["order"]),
    ("audit/search", DAYS | {"limit": 0}, ["limit"]),
    ("audit/search", DAYS | {"limit": 201}, ["limit"]),
    ("audit/search", DAYS | {"limit": "9"}, ["limit"]),
    ("audit/search", DAYS | {"cursor": "canary"}, ["cursor"]),
    ("audit/search", DAYS | {"cursor": ""}, ["cursor"]),
    ("audit/search", DAYS | {"cursor": "A" * 2_001}, ["cursor"]),
    ("audit/search", DAYS | {"integration": "canary canary"}, ["integration"]),
    ("audit/search", DAYS | {"token": "x", "actor": "é" * 4}, ["token", "actor"]),
    ("audit/search", DAYS | {"action": "Canary", "problem": ""}, ["action", "problem"]),
    ("audit/search", DAYS | {"status": "20", "disclosure": "canary"}, ["status", "disclosure"]),
    ("audit/search", DAYS | {"request_id": "ca nary", "trace": "canary"}, ["request_id", "trace"]),
    ("disclosures", {}, ["number"]),
    ("disclosures", {"number": ""}, ["number"]),
    ("disclosures", {"number": "canary" * 22}, ["number"]),
    ("disclosures", {"number": "canary\n"}, ["number"]),
    ("disclosures", {"number": "canary\ud800"}, ["number"]),
    ("disclosures", {"number": 4711}, ["number"]),
    ("disclosures", {"number": None}, ["number"]),
    ("disclosures", {"number": ["canary"]}, ["number"]),
    ("disclosures", ASKED | {"canary": 1}, ["body"]),
    ("disclosures", ASKED | {"kind": "canary"}, ["kind"]),
    ("disclosures", ASKED | {"from": "2026-02-01"}, ["body"]),
    ("disclosures", ASKED | {"from": "2026-02-02", "to": "2026-02-01"}, ["to"]),
    ("disclosures", ASKED | {"from": "9999-12-31", "to": "9999-12-31"}, ["to"]),
    ("disclosures", ASKED | {"cursor": "canary"}, ["cursor"]),
    ("disclosures/report", {"from": "2026-02-01"}, ["to"]),
    ("disclosures/report", DAYS | {"integration": "canary!"}, ["integration"]),
    ("disclosures/report", DAYS | {"cursor": "canary"}, ["cursor"]),
    ("disclosures/report", DAYS | {"canary": True}, ["body"]),
]


@pytest.mark.parametrize(("path", "body", "named"), WRONG)
def test_what_is_wrong_with_a_body_is_named_and_not_repeated(
    house: House, path: str, body: dict[str, Any], named: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    reply = post(house, path, body)
    assert (reply.status, reply.json["type"]) == (400, "urn:hallpass:problem:body-invalid")
    assert [error["name"] for error in reply.json["errors"]] == named
    assert all(error["detail"] for error in reply.json["errors"])
    out, err = capfd.readouterr()
    assert "canary" not in reply.text + out + err


@pytest.mark.parametrize("broken", ["ledger", "index"])
def test_in_doubt_nothing_is_said_of_a_person(house: House, broken: str) -> None:
    getattr(house, broken).broken = True
    reply = post(house, "disclosures", ASKED)
    assert (reply.status, reply.json["type"]) == (503, "urn:hallpass:problem:unavailable")


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_each_look_leaves_a_line_that_says_what_kind_of_thing_was_asked(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    admin = house.office.person(Role.DISTRICT_ADMIN, DISTRICT_ID)
    capfd.readouterr()
    post(house, "audit/search", DAYS | {"token": "Tok1", "status": "2xx"}, token=admin)
    post(house, "disclosures", ASKED | DAYS, token=admin)
    post(house, "disclosures", ASKED | {"kind": "staff"}, token=admin)
    post(house, "disclosures/report", DAYS | {"integration": INTEGRATION_ID}, token=admin)
    house.office.call("GET", f"{HERE}/agreements", token=admin)
    told = lines(capfd)
    assert [record.action for record in house.ledger.records[-5:]] == [line["action"] for line in told]
    assert all(record.phase is None for record in house.ledger.records[-5:]), "a question changes nothing"
    days = "from=2026-02-01&to=2026-02-28"
    assert [(line["action"], line.get("query")) for line in told] == [
        ("audit.search", f"{days}&about=token,status"),
        ("disclosures.person", f"{days}&kind=student"),
        ("disclosures.person", "from=&to=&kind=staff"),
        ("disclosures.report", days),
        ("disclosures.agreements", None),
    ]
    assert {(line["district"], line["role"], line["disclosure"]) for line in told} == {
        (DISTRICT_ID, "district-admin", "no-records")
    }
    assert len({line["actor"] for line in told}) == 1


def test_number_name_and_mark_are_in_no_answer_and_no_line(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    staff = "canary-s-0001"
    rows = [an_incident("canary-u1", [NUMBER, None], ["canary-victim"], staff)]
    house.send(at(2), rows, [an_incident("canary-u2", ["canary-withheld"])], fields_preset="all-documented@1")
    marks = house.ledger.marks(DISTRICT_ID)
    replies = [
        post(house, "disclosures", {"number": number, "kind": kind})
        for number in (NUMBER, staff, "canary-withheld", "canary-nobody", "canary\t")
        for kind in ("student", "staff")
    ]
    replies += [post(house, path, DAYS) for path in ("audit/search", "disclosures/report")]
    replies.append(house.office.call("GET", f"{HERE}/agreements"))
    replies.append(house.office.call("POST", f"{HERE}/disclosures", ASKED, rawQueryString=f"number={NUMBER}"))
    out, err = capfd.readouterr()
    told = out + err + "".join(reply.text + json.dumps(dict(reply.headers)) for reply in replies)
    told += "".join(json.dumps(dict(record.line())) for record in house.ledger.records)
    assert "canary" not in told.lower()
    for person in Person:
        for number in (NUMBER, staff, "canary-withheld", "canary-nobody"):
            assert marks.of(person, number).hex() not in told
