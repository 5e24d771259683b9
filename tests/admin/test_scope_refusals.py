"""What no scope may hold, and what only a short agreement allows: refused by the field's name, nothing written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.admin.conftest import Office
from tests.admin.scopes import (
    EVERYTHING,
    PSEUDONYMISED,
    SOME,
    change,
    create,
    groups,
    kept,
    refused,
    scope,
)


def agreement(office: Office, days: int) -> dict[str, str]:
    """That ends so many days from the office's day in Chicago."""
    return {"id": "DPA-2026-01", "ends_on": f"{office.clock.at.date() + timedelta(days=days)}"}


STATUTORY = [
    pytest.param(groups("homeless"), "homeless", id="homeless"),
    pytest.param(groups("envelope", "foster"), "foster", id="foster"),
    pytest.param(groups("frpl", "student_numbers"), "frpl", id="frpl"),
    pytest.param(groups("frpl", "homeless", "foster"), "foster, frpl, homeless", id="all three"),
    pytest.param(groups("homeless", victims="as-offenders"), "homeless", id="of victims too"),
    pytest.param(groups("homeless", "envelope", numbers="pseudonymised"), "homeless", id="beside pseudonyms"),
]


@pytest.mark.parametrize(("fields", "named"), STATUTORY)
def test_a_protected_group_is_granted_for_366_days_at_most(office: Office, fields: object, named: str) -> None:
    district = office.district()
    reply = create(office, district, fields, agreement=agreement(office, 367))
    assert (reply.status, reply.json["errors"]) == (
        400,
        [
            {
                "name": "scope.fields.groups",
                "detail": f"has {named} only under an agreement that ends within 366 days",
            }
        ],
    )
    assert office.call("GET", f"/admin/v1/districts/{district}/integrations").json == {"integrations": [], "next": None}
    assert create(office, district, fields, agreement=agreement(office, 366)).status == 201


@pytest.mark.parametrize(("fields", "named"), STATUTORY)
def test_a_protected_group_comes_by_no_change_either(office: Office, fields: object, named: str) -> None:
    district = office.district()
    made = create(office, district, "identified@1", agreement=agreement(office, 367)).json["integration"]["id"]
    path = f"/admin/v1/districts/{district}/integrations/{made}"
    before = kept(office, path)
    reply = change(office, path, scope(fields))
    assert refused(reply) == (400, "body-invalid", ["scope.fields.groups"])
    assert f"has {named} only" in reply.json["errors"][0]["detail"]
    assert kept(office, path) == before
    office.clock.move(timedelta(days=1))
    assert change(office, path, scope(fields)).status == 200


def test_the_366_days_are_counted_in_the_districts_time_zone(office: Office) -> None:
    district, late = office.district(), agreement(office, 367)
    office.clock.move(timedelta(hours=14, minutes=59))  # one minute to midnight in Chicago
    assert create(office, district, groups("foster"), agreement=late).status == 400
    office.clock.move(timedelta(minutes=1))
    assert create(office, district, groups("foster"), agreement=late).status == 201


@pytest.mark.parametrize(
    "fields",
    [
        "all-documented@1",
        "identified@1",
        groups("special_education", "demographics"),
        pytest.param(groups("envelope", "homeless", revision="2020-04"), id="of a revision that had no such fields"),
    ],
)
def test_what_holds_no_protected_group_may_be_granted_for_longer(office: Office, fields: object) -> None:
    assert create(office, office.district(), fields, agreement=agreement(office, 3660)).status == 201


REFUSED: list[Any] = [
    pytest.param(groups("narrative", "envelope", numbers="pseudonymised"), "fields.groups", id="words and pseudonyms"),
    pytest.param(
        groups("student_names", "student_numbers", numbers="pseudonymised"), "fields.groups", id="names and pseudonyms"
    ),
    pytest.param(groups("context", numbers="pseudonymised"), "fields.numbers", id="nothing to pseudonymise"),
    pytest.param(
        groups("envelope", victims="pseudonymised"), "fields.victims", id="victims under pseudonyms, numbers kept"
    ),
    pytest.param(
        groups("envelope", victims="pseudonymised", numbers="dropped"),
        "fields.victims",
        id="victims under pseudonyms, numbers dropped",
    ),
    pytest.param(groups("student_numbers", numbers="dropped"), "fields.numbers", id="numbers granted and dropped"),
    pytest.param(groups("envelope", "canary"), "fields.groups", id="an unknown group"),
    pytest.param(groups("Envelope"), "fields.groups", id="a group in another case"),
    pytest.param(groups("envelope", "context", "envelope"), "fields.groups", id="a repeated group"),
    pytest.param(groups("envelope", 7), "fields.groups", id="a group that is a number"),
    pytest.param(groups("envelope", ["context"]), "fields.groups", id="a list in the list"),
    pytest.param(groups(), "fields.groups", id="no group"),
    pytest.param(groups() | {"groups": "envelope"}, "fields.groups", id="a group that is no list"),
    pytest.param(groups() | {"groups": None}, "fields.groups", id="null for groups"),
    pytest.param(groups("envelope", victims="canary"), "fields.victims", id="an unknown level of victims"),
    pytest.param(groups("envelope", victims=None), "fields.victims", id="null for victims"),
    pytest.param(groups("envelope", victims=["none"]), "fields.victims", id="a list of levels"),
    pytest.param(groups("envelope", numbers="canary"), "fields.numbers", id="an unknown way with numbers"),
    pytest.param(groups("envelope", numbers=None), "fields.numbers", id="null for numbers"),
    pytest.param(groups("envelope", revision="2019"), "fields.revision", id="an unknown revision"),
    pytest.param(groups("envelope", revision=2017), "fields.revision", id="a revision that is a number"),
    pytest.param(groups("envelope", revision=None), "fields.revision", id="null for a revision"),
    pytest.param(groups("envelope", canary=1), "fields", id="an unknown key"),
    pytest.param({"groups": ["envelope"], "victims": "none"}, "fields", id="no word on numbers"),
    pytest.param({"groups": ["envelope"], "numbers": "kept"}, "fields", id="no word on victims"),
    pytest.param({"victims": "none", "numbers": "kept"}, "fields", id="no groups at all"),
    pytest.param({}, "fields", id="an empty object"),
    pytest.param("pseudonymised@2", "fields", id="a version that is not"),
    pytest.param("pseudonymised", "fields", id="no version"),
    pytest.param("canary@1", "fields", id="an unknown preset"),
    pytest.param(
        "groups@2025-12:envelope:victims-none:numbers-kept", "fields", id="a list of groups in the registry's spelling"
    ),
    pytest.param(["pseudonymised@1"], "fields", id="a list of presets"),
    pytest.param(None, "fields", id="null for fields"),
    pytest.param("upstream@1", "fields", id="upstream@1 with restricted rows"),
]


@pytest.mark.parametrize(("fields", "named"), REFUSED)
def test_fields_that_cannot_be_are_refused_by_name(office: Office, path: str, fields: object, named: str) -> None:
    before, district = kept(office, path), path.rpartition("/")[0]
    for reply in (
        change(office, path, scope(fields), confirm="upstream@1"),
        office.call("POST", district, office.integration_body() | {"scope": scope(fields), "confirm": "upstream@1"}),
    ):
        assert refused(reply) == (400, "body-invalid", [f"scope.{named}"])
        assert "canary" not in reply.text
    assert kept(office, path) == before
    assert len(office.call("GET", district).json["integrations"]) == 1


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param({"deleted": False}, id="no deleted ones"),
        pytest.param({"types": ["referral", "minor"]}, id="no pending ones"),
        pytest.param({"schools": ["10"]}, id="one school"),
        pytest.param({"window": {"days": 3660}}, id="ten years"),
    ],
)
def test_the_upstreams_bytes_need_every_row(office: Office, path: str, missing: dict[str, Any]) -> None:
    reply = change(office, path, scope("upstream@1", EVERYTHING | missing), confirm="upstream@1")
    assert refused(reply) == (400, "body-invalid", ["scope.fields"])


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(groups("envelope", "student_numbers"), id="no context"),
        pytest.param(groups("context"), id="no envelope"),
        pytest.param(groups("discipline", "student_names"), id="neither"),
    ],
)
def test_a_window_from_a_day_to_a_day_needs_the_days_to_be_shown(office: Office, path: str, fields: object) -> None:
    dated = SOME | {"window": {"from": "2026-01-01", "to": "2026-02-01"}}
    assert refused(change(office, path, scope(fields, dated))) == (400, "body-invalid", ["scope.fields"])
    assert change(office, path, scope(fields)).status == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        pytest.param({}, "scope", id="nothing"),
        pytest.param({"scope": None}, "scope", id="null"),
        pytest.param({"scope": scope() | {"canary": 1}}, "scope", id="an unknown member of the scope"),
        pytest.param({"scope": {"fields": PSEUDONYMISED}}, "scope", id="no rows"),
        pytest.param({"scope": {"rows": SOME}}, "scope", id="no fields"),
        pytest.param({"scope": scope(), "canary": 1}, "body", id="an unknown member of the body"),
        pytest.param({"scope": scope(), "confirm": 1}, "confirm", id="a confirmation that is a number"),
        pytest.param({"scope": scope(rows=SOME | {"types": []})}, "scope.rows.types", id="no type"),
        pytest.param({"scope": scope(rows=SOME | {"schools": ["canary 1"]})}, "scope.rows.schools", id="no code"),
    ],
)
def test_a_change_that_is_not_as_documented_is_refused(office: Office, path: str, body: object, named: str) -> None:
    before = kept(office, path)
    reply = office.call("PUT", f"{path}/scope", body)
    assert refused(reply) == (400, "body-invalid", [named])
    assert "canary" not in reply.text
    assert kept(office, path) == before
