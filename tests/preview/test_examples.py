"""The example of a preview: invented for everybody, real for the district's own admin, and then a disclosure."""

from __future__ import annotations

from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass.domain.people import Shown
from hallpass.domain.scope import Scope
from hallpass.services.index_disclosures import IndexDisclosures

from tests.admin.conftest import Reply
from tests.preview.house import House
from tests.preview.material import incident, students
from tests.records import DISTRICT_ID, a_district
from tests.vendor.world import rows

DISTRICT = f"/admin/v1/districts/{DISTRICT_ID}"
ROWS = {"types": ["referral"], "schools": ["007"], "window": "unbounded", "deleted": False}
NUMBER = "canary-0000042"


@pytest.fixture
def house() -> House:
    """With one cached incident of the scope, and one beside it."""
    house = House()
    seen = incident(1, "referral", "2026-02-10", "007", "", [students(NUMBER, "Invented", "yes")])
    house.pages([incident(2, "minor", "2026-02-11", "012", "", [students("S2", "", "")]), seen])
    house.receive_all(Scope(rows(), "all-documented@1"))
    return house


@pytest.fixture
def admin(house: House) -> str:
    return house.office.person(Role.DISTRICT_ADMIN, DISTRICT_ID)


def ask(house: House, token: str, example: str = "real", fields: object = "no-people@1", **more: Any) -> Reply:
    body = {"scope": {"rows": ROWS, "fields": fields}, "example": example, **more}
    return house.office.call("POST", f"{DISTRICT}/preview", body, token)


def row(house: House) -> dict[str, str | int]:
    return dict(house.world.ledger.records[-1].line())


def index(house: House) -> None:
    IndexDisclosures(house.world.ledger, house.index, house.world.clock, house.office.telemetry).run(lambda: 99.0)


def about(house: House, token: str, number: str = NUMBER) -> Any:
    return house.office.call("POST", f"{DISTRICT}/disclosures", {"number": number}, token).json


def test_unless_asked_for_the_example_is_invented(house: House, admin: str) -> None:
    for token in (admin, house.office.operator):
        told = ask(house, token, "synthetic").json["example"]
        assert (told["kind"], told["current"]) == ("synthetic", None)
        assert told["upstream"]["offenders"][0]["student"]["name"] == "Example O'Student"
        assert told["proposed"]["school"] == {"code": "007"}
        assert "offenders" not in told["proposed"]
        assert row(house)["disclosure"] == "no-records"


def test_before_and_after_under_both_scopes(house: House, admin: str) -> None:
    house.token(Scope(rows("referral"), "identified@1"))
    told = ask(house, admin, "synthetic", compare_with=house.latest()).json["example"]
    assert told["current"]["offenders"][0]["student"]["name"] == "Example O'Student"
    house.token(Scope(rows("minor"), "identified@1"))
    told = ask(house, admin, "synthetic", compare_with=house.latest()).json["example"]
    assert told["current"] is None, "the current scope does not show it"


def test_a_real_one_is_on_record_before_it_leaves_and_names_no_integration(house: House, admin: str) -> None:
    reply = ask(house, admin)
    assert reply.json["example"]["kind"] == "real"
    assert reply.json["example"]["upstream"]["offenders"][0]["student"]["district_id"] == NUMBER
    assert reply.json["example"]["proposed"].keys() == {"type", "date", "school"}
    facts = row(house)
    assert facts.items() >= {
        "action": "scope.preview", "disclosure": "records", "incidents": 1, "persons": 1, "fields_preset": "upstream@1",
        "format": "json", "role": "district-admin", "district": DISTRICT_ID, "status": 200,
    }.items()  # fmt: skip
    assert not facts.keys() & {"integration", "token", "phase"}
    people = house.world.ledger.kept[DISTRICT_ID, str(facts["people"])]
    assert [level for level, _ in people.shown] == [Shown.IDENTIFIED]
    assert NUMBER not in str(facts)
    counted = [measure.value for measure in house.office.telemetry.measured if measure.name == "IncidentsDisclosed"]
    assert counted == [1]


def test_who_asks_about_the_child_is_told_of_the_preview(house: House, admin: str) -> None:
    ask(house, admin)
    actor = str(row(house)["actor"])
    index(house)
    told = about(house, admin)
    assert told["verdict"] == "disclosed"
    shown = [(one["integration"], one["person"], one["answers"], one["vendor"]) for one in told["recipients"]]
    vendor = house.latest()
    assert sorted(shown, key=str) == sorted([(vendor, None, 1, "Madeup Analytics"), (None, actor, 1, None)], key=str)
    sent = [one for one in told["disclosures"] if one["person"]]
    assert [(one["person"], one["integration"], one["incidents"], one["shown"]) for one in sent] == [
        (actor, None, 1, "identified")
    ]
    assert {one["person"] for one in about(house, admin, "S2")["recipients"]} == {None}, "it was of one incident"


def test_an_operator_gets_none_and_is_told_why(house: House) -> None:
    reply = ask(house, house.office.operator)
    assert (reply.status, reply.json["type"]) == (403, "urn:hallpass:problem:role-insufficient")
    assert "only to an admin of that very district" in reply.json["detail"]
    assert row(house)["disclosure"] == "no-records"


def test_another_districts_admin_finds_nothing_there(house: House) -> None:
    house.world.registry.add_district(a_district("D2nd", "Another Invented"))
    foreign = house.office.person(Role.DISTRICT_ADMIN, "D2nd")
    assert ask(house, foreign).status == ask(house, foreign, "synthetic").status == 404


@pytest.mark.parametrize("failing", ["keep", "marks", "add"])
def test_what_cannot_be_recorded_does_not_leave(house: House, admin: str, failing: str) -> None:
    house.world.ledger.fails = {failing}
    reply = ask(house, admin)
    assert reply.status == 503
    assert NUMBER not in reply.text
    assert "u-1" not in reply.text


def test_where_the_scope_shows_nothing_there_is_no_real_example(house: House, admin: str) -> None:
    body = {"scope": {"rows": {**ROWS, "schools": ["099"]}, "fields": "no-people@1"}, "example": "real"}
    reply = house.office.call("POST", f"{DISTRICT}/preview", body, admin)
    assert (reply.status, reply.json["example"]) == (200, None)
    assert row(house)["disclosure"] == "no-records"


def test_pseudonyms_are_placeholders_in_a_real_one_too(house: House, admin: str) -> None:
    told = ask(house, admin, fields="pseudonymised@1").json["example"]["proposed"]
    assert told["uuid"] == "(incident pseudonym 1)"
    assert told["offenders"][0]["student"] == {"district_id": "(student pseudonym 1)"}
    assert house.world.keys.opened == []
