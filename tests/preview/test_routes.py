"""Preview and explain over HTTP: what is answered, what is refused, and what is on record of it."""

from __future__ import annotations

from typing import Any

import pytest
from hallpass.domain.scope import Scope

from tests.admin.conftest import Reply
from tests.preview.house import House
from tests.preview.material import incident, students
from tests.records import DISTRICT_ID
from tests.vendor.world import rows

DISTRICT = f"/admin/v1/districts/{DISTRICT_ID}"
SCOPE: dict[str, Any] = {
    "rows": {"types": ["referral"], "schools": ["007"], "window": {"days": 30}, "deleted": False},
    "fields": "identified@1",
}


@pytest.fixture
def house() -> House:
    house = House()
    house.pages(
        [
            incident(1, "referral", "2026-02-10", "007", "", [students("S1", "Invented", "")]),
            incident(2, "minor", "2026-02-11", "012", "", [students("S2", "Invented", "")]),
            incident(3, "referral", "someday", "", "", []),
        ]
    )
    house.receive_all(Scope(rows("minor"), "no-people@1"))
    return house


def explained(house: House, body: object) -> Reply:
    return house.office.call("POST", f"{DISTRICT}/integrations/{house.latest()}/explain", body)


def test_a_preview_tells_numbers_and_sentences(house: House) -> None:
    told = house.preview(SCOPE, compare_with=house.latest())
    proposed, current = told["proposed"], told["current"]
    assert proposed["scope"] == SCOPE
    assert proposed["words"]["incidents"][0] == "Types: referral"
    assert proposed["fields"] == {"shown": 34, "documented": 72}
    assert proposed["counts"]["incidents"] == {
        "all": 3, "in": 1, "out": 2,
        "out_by_reason": [
            {"reason": "school", "words": "its school is not granted, or not asked for", "incidents": 1},
            {"reason": "type", "words": "its type is not granted", "incidents": 1},
        ],
    }  # fmt: skip
    assert proposed["counts"]["schools"] == {
        "all": 2, "in": 1, "out": 1, "more": 0, "incidents_without_a_school": 1,
        "list": [
            {"code": "007", "name": "Invented 007", "incidents": 1, "in": 1},
            {"code": "012", "name": "Invented 012", "incidents": 1, "in": 0},
        ],
    }  # fmt: skip
    assert proposed["counts"]["students"] == {"numbered": 1, "entries_without_a_number": 0}
    assert proposed["counts"]["period"] == {"first": "2026-02-10", "last": "2026-02-11", "undated": 1}
    assert proposed["counts"]["period_in"] == {"first": "2026-02-10", "last": "2026-02-10", "undated": 0}
    [over] = proposed["counted_over"]
    assert (over["query"], over["pages_counted"], over["pages_cached"], over["pages"]) == ("", 1, 1, 1)
    assert (current["integration"], current["counts"]["incidents"]["in"]) == (house.latest(), 1)
    assert told["reach"]["earliest"] == "2026-02-01"
    assert told["sentences"][:2] == ["Adds 1 incident.", "Removes 1 incident."]
    assert "Adds student race for 1 student." in told["sentences"]
    adds = next(one for one in told["changes"] if one["group"] == "demographics")
    assert adds == {
        "change": "adds", "group": "demographics", "fields": ["student race"], "for": {"student": 1},
        "sentence": "Adds student race for 1 student.",
    }  # fmt: skip
    assert [sentence.partition(" are not")[0] for sentence in told["not_counted"]] == [
        "Incidents of 2026-02-01 through 2026-02-09",
        "Incidents of all days through 2026-02-09",
    ]
    assert told["how_to_cache"] is None
    assert next(line for line in told["fields"] if line["group"] == "staff")["shown"] == []


def test_a_preview_of_nothing_invents_no_number() -> None:
    told = House().preview(SCOPE)
    assert (told["proposed"]["counts"], told["proposed"]["counted_over"], told["current"]) == (None, [], None)
    assert told["not_counted"]
    assert "A preview never asks EducatorsHandbook.com" in told["how_to_cache"]
    assert told["example"]["kind"] == "synthetic"


def test_many_schools_are_cut_and_counted(monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    monkeypatch.setattr("hallpass.adapters.preview_documents.MOST_SCHOOLS", 1)
    schools = house.preview(SCOPE)["proposed"]["counts"]["schools"]
    assert ([one["code"] for one in schools["list"]], schools["more"], schools["all"]) == (["007"], 1, 2)


def test_a_preview_is_a_look_with_one_row(house: House) -> None:
    house.preview(SCOPE, compare_with=house.latest())
    [record] = [each for each in house.world.ledger.records if each.action == "scope.preview"]
    assert (record.phase, record.disclosure, record.query) == (
        None, "no-records", f"example=synthetic&with={house.latest()}&scope="
        "types=referral schools=007 window=30 without-deleted identified@1",
    )  # fmt: skip


def test_an_explanation_tells_key_rows_and_fields(house: House) -> None:
    told = explained(house, {"query": "page=1", "format": "json"}).json
    assert told["refusal"] is None
    assert (told["query"], told["page"], told["listing"]["query"]) == ("", 1, "")
    assert len(told["listing"]["key"]) == 64
    cache = told["cache"]
    assert (cache["found"], cache["fresh_for_seconds"], cache["total_pages"]) == ("hit", 300, 1)
    assert cache["computed_before"] is True
    assert told["rows"] == {
        "on_page": 3, "shown": 1, "persons": 0,
        "removed": [{"reason": "type", "words": "its type is not granted", "rows": 2}],
    }  # fmt: skip
    assert {line["group"] for line in told["fields"] if line["shown"]} == {"envelope", "context"}
    record = house.world.ledger.records[-1]
    assert (record.action, record.query, record.disclosure) == ("scope.explain", "", "no-records")


def test_an_explained_refusal_is_the_problem_without_a_request(house: House) -> None:
    told = explained(house, {"query": "type=referral&school=007"}).json
    assert told["refusal"]["type"] == "urn:hallpass:problem:insufficient-scope"
    assert "instance" not in told["refusal"]
    assert told["refusal"]["drop"]
    assert (told["cache"], told["rows"]) == (None, None)
    told = explained(house, {"query": "surplus=1"}).json
    assert told["refusal"]["errors"][0]["name"] == "surplus"
    assert (told["query"], told["listing"], told["fields"]) == (None, None, [])


def test_what_is_fetched_has_no_page_to_tell_of(house: House) -> None:
    cache = explained(house, {"query": "type=minor", "format": "csv"}).json["cache"]
    assert cache["found"] == "fetch"
    assert (cache["read_at"], cache["total_pages"], cache["representation"]) == (None, None, None)


BAD = [
    ("preview", {"scope": SCOPE, "example": "any"}, "example"),
    ("preview", {"scope": {**SCOPE, "fields": "unknown@1"}}, "scope.fields"),
    ("preview", {"scope": SCOPE, "compare_with": "not an id"}, "compare_with"),
    ("preview", {"example": "synthetic"}, "scope"),
    ("explain", {"format": "pdf"}, "format"),
    ("explain", {"query": 7}, "query"),
    ("explain", {"query": "x" * 8_001}, "query"),
    ("explain", {"token": "hp_live_never"}, "token"),
]


@pytest.mark.parametrize(("address", "body", "named"), BAD)
def test_a_body_that_is_not_as_documented_is_refused_by_field(
    house: House, address: str, body: object, named: str
) -> None:
    path = f"{DISTRICT}/preview" if address == "preview" else f"{DISTRICT}/integrations/{house.latest()}/explain"
    reply = house.office.call("POST", path, body)
    assert (reply.status, [one["name"] for one in reply.json["errors"]]) == (400, [named])
    assert "hp_live_never" not in reply.text


def test_what_is_elsewhere_is_as_what_is_nowhere(house: House) -> None:
    for compared in ("D2ndVnd1", "D1stNone"):
        reply = house.office.call("POST", f"{DISTRICT}/preview", {"scope": SCOPE, "compare_with": compared})
        assert (reply.status, reply.json["type"]) == (404, "urn:hallpass:problem:not-found")
    assert explained(house, {"token": "None"}).status == 404
