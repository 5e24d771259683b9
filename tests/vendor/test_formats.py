"""The four formats of one view: addresses, headers, links, what is stored once and what is never shared."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.schema import Group
from hallpass.domain.scope import Scope
from jsonschema import Draft202012Validator

from tests.vendor.world import BASE, EVERYTHING, World, incident, page, rows

CUSTOM = CustomFields(frozenset({Group.ENVELOPE, Group.CONTEXT, Group.FRPL}), Victims.PRESENCE, Numbers.DROPPED).name
FORMATS = {
    "xml": "application/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "ndjson": "application/x-ndjson; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(("form", "content_type"), FORMATS.items())
def test_a_format_by_its_path_by_its_parameter_and_by_accept(world: World, form: str, content_type: str) -> None:
    token = world.token()
    by_path = world.get(token, f"/v1/incidents.{form}")
    by_parameter = world.get(token, "/v1/incidents", f"format={form}", accept="image/png")
    by_accept = world.get(token, "/v1/incidents", accept=content_type.split(";", maxsplit=1)[0])
    for answer in (by_path, by_parameter, by_accept):
        assert (answer.status, answer.header("Content-Type")) == (200, content_type)
        assert answer.body == by_path.body
    assert world.get(token, f"/v1/incidents.{form}", "format=xml" if form != "xml" else "format=csv").status == 400


def test_lines_of_json_and_csv_hold_the_same_incidents(world: World) -> None:
    token = world.token()
    whole = json.loads(world.get(token).body)["incidents"]
    lines = world.get(token, "/v1/incidents.ndjson").body.decode().splitlines()
    assert [json.loads(line) for line in lines] == whole
    csv_lines = world.get(token, "/v1/incidents.csv").body.decode().split("\r\n")
    assert [line.split(",")[0] for line in csv_lines[1:-1]] == [row["uuid"] for row in whole]


def test_a_page_of_csv_says_which_page_it_is(world: World) -> None:
    world.upstream.pages = {n: page(incident(n), number=n, total=3) for n in (1, 2, 3)}
    answer = world.walk_to(world.token(), 2, "/v1/incidents.csv")
    assert answer.header("Content-Disposition") == 'attachment; filename="incidents-page-2-of-3.csv"'
    assert 'rel="next"' in str(answer.header("Link"))
    assert world.get(world.token()).header("Content-Disposition") is None


@pytest.mark.parametrize("fields", ["no-people@1", "pseudonymised@1", "identified@1", "all-documented@1", CUSTOM])
def test_the_schema_that_an_answer_links_to_is_its_own(world: World, fields: str) -> None:
    token = world.token(Scope(rows(), fields))
    for form in ("json", "ndjson"):
        answer = world.get(token, f"/v1/incidents.{form}")
        link = next(part for part in str(answer.header("Link")).split(", ") if "describedby" in part)
        address = urlsplit(link[1:].split(">")[0])
        assert f"{address.scheme}://{address.netloc}" == BASE
        served = world.send("GET", address.path, address.query)
        assert served.status == 200
        assert parse_qs(address.query)["fields"] == [fields]
        schema = json.loads(served.body)
        if form == "ndjson":
            assert address.fragment == "/properties/incidents/items"
            schema = schema["properties"]["incidents"]["items"]
        for line in answer.body.splitlines():
            Draft202012Validator(schema).validate(json.loads(line))
    shown = json.loads(world.get(token, "/v1/token").body)["shows"]
    assert shown["fields"] == fields
    assert shown["schema"] == f"{BASE}{address.path}?{address.query}"


@pytest.mark.parametrize("fields", ["all-documented@2", "groups@2025-12:x:victims-none:numbers-kept", "x" * 5000, ""])
def test_a_schema_that_there_is_not(world: World, fields: str) -> None:
    answer = world.send("GET", "/v1/incidents.schema.json", f"fields={fields}")
    assert answer.status == (200 if not fields else 400)
    assert b"xxxx" not in answer.body


def test_a_representation_is_computed_once_for_each_view_and_format_and_reused(world: World) -> None:
    token, same = world.token(), world.token()
    for form in FORMATS:
        world.get(token, f"/v1/incidents.{form}")
    first = representations(world)
    assert len(first) == len(FORMATS)
    for form in FORMATS:
        world.get(same, f"/v1/incidents.{form}")
    assert representations(world) == first, "two tokens that see the same share it"


def representations(world: World) -> set[str]:
    return {representation.stored.name for representation in world.store.representations()}


def test_two_tokens_that_do_not_see_the_same_never_share_one(world: World) -> None:
    world.upstream.pages[1] = page(incident(1), incident(2, school="012"))
    scopes = [
        Scope(rows(), "all-documented@1"), Scope(rows(schools="007"), "all-documented@1"),
        Scope(rows(schools="012"), "all-documented@1"), Scope(rows(), "identified@1"),
        Scope(rows(), "pseudonymised@1"), Scope(rows(), "pseudonymised@1"), Scope(rows(), CUSTOM),
    ]  # fmt: skip
    bodies = [world.get(world.token(scope), "/v1/incidents.xml").body for scope in scopes]
    assert len(set(bodies)) == len(bodies)
    assert len(representations(world)) == len(bodies)
    assert len(world.upstream.calls) == 1, "one stored listing serves every scope"


def test_a_stored_page_of_pseudonyms_is_served_without_opening_the_key_again(world: World) -> None:
    token = world.token(Scope(rows(), "pseudonymised@1"))
    first = world.get(token, "/v1/incidents.csv")
    assert len(world.keys.opened) == 1
    world.keys.unreachable = True
    again = world.get(token, "/v1/incidents.csv")
    assert (again.status, again.body) == (200, first.body)
    other = world.get(token, "/v1/incidents.json")
    assert (other.status, json.loads(other.body)["type"]) == (503, "urn:hallpass:problem:unavailable")
    assert world.get(world.token(Scope(rows(), "no-people@1"))).status == 200, "nobody else needs the key"


def test_what_a_token_may_ask_is_told_and_holds(world: World) -> None:
    token = world.token(Scope(rows("minor", "007 012"), "no-people@1"))
    told = json.loads(world.get(token, "/v1/token").body)
    assert told["may_ask"] == {
        "type": ["minor"], "deleted": None, "from": "any", "to": "any", "school": ["007", "012"],
        "modified_since": "day",
    }  # fmt: skip
    assert told["shows"]["formats"] == list(FORMATS)
    assert (told["shows"]["whole_days"], told["shows"]["pseudonymised"]) == (True, False)
    assert told["scope"]["fields"] == "no-people@1"
    for query in ("type=minor", "school=007", "from=2026-01-01&to=2026-02-01", "modified_since=2026-01-01&dataset=1.1"):
        assert world.get(token, query=query).status == 200
    for query in ("type=referral", "school=1", "deleted=1", "modified_since=2026-01-01T00:00:00Z&dataset=1.1"):
        assert world.get(token, query=query).status == 403
    narrow = CustomFields(frozenset({Group.DISCIPLINE}), Victims.NONE, Numbers.KEPT).name
    blind = json.loads(world.get(world.token(Scope(EVERYTHING, narrow)), "/v1/token").body)
    assert set(blind["may_ask"].values()) == {None}
    assert blind["scope"]["fields"] == {
        "groups": ["discipline"], "victims": "none", "numbers": "kept", "revision": "2025-12",
    }  # fmt: skip


def test_a_change_of_what_is_hidden_changes_no_validator_in_any_format(world: World) -> None:
    """S-18: and a change of what is shown changes all of them."""
    token = world.token(Scope(rows(), "no-people@1"))

    def tags() -> list[str | None]:
        world.clock.move(timedelta(hours=2))
        return [world.get(token, f"/v1/incidents.{form}").header("ETag") for form in FORMATS]

    before = tags()
    world.upstream.pages[1] = page(incident(1, text="another text"), incident(2, type="minor"))
    assert tags() == before
    world.upstream.pages[1] = page(incident(1, date="2026-02-11"), incident(2, type="minor"))
    assert not set(tags()) & set(before)


def test_each_format_has_a_validator_of_its_own(world: World) -> None:
    token = world.token()
    tags = {form: str(world.get(token, f"/v1/incidents.{form}").header("ETag")) for form in FORMATS}
    assert len(set(tags.values())) == len(FORMATS)
    for form in FORMATS:
        for other, tag in tags.items():
            assert world.get(token, f"/v1/incidents.{form}", if_none_match=tag).status == (
                304 if form == other else 200
            )


def test_the_longest_query_there_is_fits_the_gateways_headers(world: World) -> None:
    """10,240 bytes in all: links repeat the query, a refusal names what is missing."""
    world.upstream.pages = {n: page(incident(n), number=n, total=3) for n in (1, 2, 3)}
    codes = "&".join(f"school={chr(0x1F600 + number) * 9}" for number in range(12))
    query = f"{codes}&modified_since=2026-01-01T00:00:00Z&dataset=1.1&type=minor&from=2026-01-01&to=2026-12-31"
    for token, status in ((world.token(), 200), (world.token(Scope(rows(schools="007"), "all-documented@1")), 403)):
        answer = world.walk_to(token, 2, "/v1/incidents", query)
        assert answer.status == status
        assert sum(len(name) + len(value) + 4 for name, value in answer.headers) < 8_000
