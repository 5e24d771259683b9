"""Law 3: the row is in the ledger before a body leaves, and what cannot be recorded is not sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hallpass.domain.audit import AuditRecord
from hallpass.domain.erasure import WholeDistrict
from hallpass.domain.http import HttpResponse
from hallpass.domain.people import Person, Shown
from hallpass.domain.scope import Scope
from hallpass.services.index_disclosures import IndexDisclosures

from tests import records
from tests.ledger_fake import MemoryIndex
from tests.page_eraser_fake import MemoryEraser
from tests.vendor.world import EVERYTHING, World, incident, page, rows

IDENTIFIED = Scope(EVERYTHING, "identified@1")
PLACES = ["/v1/incidents.json", "/v1/incidents.xml", "/v1/incidents.ndjson", "/v1/incidents.csv"]


@pytest.fixture
def world() -> World:
    return World()


def rows_of(world: World) -> list[AuditRecord]:
    return world.ledger.records


ASKED: dict[str, Callable[[World, str], HttpResponse]] = {
    **{place: lambda world, token, place=place: world.get(token, place) for place in PLACES},  # type: ignore[misc]  # bound at once
    "a poll": lambda world, token: world.get(token, "/v1/snapshot"),
    "the token": lambda world, token: world.get(token, "/v1/token"),
    "an end": lambda world, token: world.send("DELETE", "/v1/token", headers={"authorization": f"Bearer {token}"}),
    "health": lambda world, _: world.send("GET", "/v1/health"),
    "the schema": lambda world, _: world.send("GET", "/v1/openapi.json"),
    "nowhere": lambda world, token: world.get(token, "/v1/nowhere"),
    "without a token": lambda world, _: world.send("GET", "/v1/incidents.json"),
    "a refusal": lambda world, token: world.get(token, query="type=nothing"),
    "nothing new": lambda world, token: world.get(token, if_none_match="*"),
    "a head": lambda world, token: world.send("HEAD", "/v1/incidents", headers={"authorization": f"Bearer {token}"}),
}


@pytest.mark.parametrize("asked", ASKED)
def test_every_request_has_one_row_and_one_line_and_both_say_the_same(world: World, asked: str) -> None:
    answer = ASKED[asked](world, world.token(IDENTIFIED))
    assert rows_of(world) == world.audit.records
    (row,) = rows_of(world)
    assert (row.status, row.bytes) == (answer.status, len(answer.body))
    assert row.disclosure == ("records" if asked in PLACES else "no-records")


@pytest.mark.parametrize("asked", ASKED)
def test_without_a_row_nothing_is_answered_and_the_line_says_that_nothing_was_sent(world: World, asked: str) -> None:
    token = world.token(IDENTIFIED)
    world.get(token)
    world.audit.records.clear()
    world.telemetry.counts.clear()
    world.ledger.fails = {"add"}
    answer = ASKED[asked](world, token)
    assert answer.status == 503
    if asked != "a head":
        assert b"urn:hallpass:problem:unavailable" in answer.body
    assert "incident" not in answer.body.decode().replace("/v1/incidents", "")
    (line,) = world.audit.records
    assert (line.status, line.disclosure, line.problem) == (503, "no-records", "unavailable")
    assert (line.incidents or 0, line.people) == (0, None)
    assert world.telemetry.counts["LedgerFailures"] == 1
    assert not [measure for measure in world.telemetry.measured[-6:] if measure.name == "IncidentsDisclosed"]


def end(world: World, token: str) -> HttpResponse:
    headers = {"authorization": f"Bearer {token}"}
    return world.send("DELETE", "/v1/token", query=f"confirm={token[16:20]}", headers=headers)


def test_a_holders_end_of_a_token_is_on_record_before_it_is_made(world: World) -> None:
    token = world.token(IDENTIFIED)
    assert end(world, token).status == 204
    begun, ended = rows_of(world)
    assert [(row.action, row.phase, row.status) for row in (begun, ended)] == [
        ("token.revoke", "begun", 102),
        ("token.revoke", "ended", 204),
    ]
    assert {(row.district, row.integration, row.token) for row in (begun, ended)} == {
        (records.DISTRICT_ID, token[8:16], token[16:20])
    }
    assert world.audit.records == [ended]


def test_a_token_whose_end_cannot_be_recorded_goes_on(world: World) -> None:
    token = world.token(IDENTIFIED)
    world.ledger.fails = {"add"}
    assert end(world, token).status == 503
    world.ledger.fails = set()
    assert world.get(token).status == 200
    assert end(world, token).status == 204
    assert world.get(token).status == 401


@pytest.mark.parametrize("method", ["keep", "marks"])
@pytest.mark.parametrize("place", PLACES)
def test_whom_an_answer_is_about_is_kept_before_it_leaves(world: World, place: str, method: str) -> None:
    """Neither without the set nor without the key that makes its marks."""
    token = world.token(IDENTIFIED)
    world.ledger.fails = {method}
    answer = world.get(token, place)
    assert (answer.status, rows_of(world)[0].disclosure, rows_of(world)[0].people) == (503, "no-records", None)
    assert b"Zed" not in answer.body
    world.ledger.fails = set()
    assert world.get(token, place).status == 200


def test_a_set_is_kept_once_and_named_by_every_answer_that_holds_it(world: World) -> None:
    token, other = world.token(IDENTIFIED), world.token(IDENTIFIED)
    for each, place in ((token, PLACES[0]), (token, PLACES[0]), (token, PLACES[3]), (other, PLACES[0])):
        assert world.get(each, place).status == 200
    (name,) = {row.people for row in rows_of(world)}
    assert list(world.ledger.kept) == [(records.DISTRICT_ID, name)]


def test_a_set_that_a_restored_ledger_lacks_is_kept_anew_once_the_districts_pages_are_erased(world: World) -> None:
    """As the operator's page says: what is cached goes on naming it, and a hard purge has it written again."""
    token = world.token(IDENTIFIED)
    world.get(token)
    (known,) = world.ledger.kept
    world.ledger.kept.clear()
    world.get(token)
    assert (rows_of(world)[-1].people, world.ledger.kept) == (known[1], {})
    eraser = MemoryEraser(world.store, world.walks, world.accounts)
    assert eraser.erase(WholeDistrict(records.DISTRICT_ID), world.clock.now()).finished
    world.get(token)
    assert (rows_of(world)[-1].people, list(world.ledger.kept)) == (known[1], [known])


def shown(world: World, scope: Scope) -> dict[str, str]:
    """How each student of the page was shown to an integration, by the set in the ledger's row."""
    world.get(world.token(scope))
    people = world.ledger.people(records.DISTRICT_ID, str(rows_of(world)[-1].people))
    assert people is not None
    marks = world.ledger.marks(records.DISTRICT_ID)
    of = {marks.of(Person.STUDENT, f"S{number}"): f"S{number}" for number in range(1, 5)}
    return {of[mark]: level.value for level in Shown for mark in people.at(level)}


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ("identified@1", "identified"),
        ("all-documented@1", "identified"),
        ("upstream@1", "identified"),
        ("pseudonymised@1", "pseudonymised"),
        ("no-people@1", "unidentified"),
    ],
)
def test_the_set_says_how_each_was_shown(world: World, fields: str, level: str) -> None:
    world.upstream.pages[1] = page(incident(1), incident(2, type="minor"), incident(3))
    only_minors = Scope(rows("minor"), fields) if fields != "upstream@1" else Scope(EVERYTHING, fields)
    others = "withheld" if fields != "upstream@1" else level
    assert shown(world, only_minors) == {"S1": others, "S2": level, "S3": others}


def test_what_nobody_could_read_counts_as_unnumbered(world: World) -> None:
    """upstream@1 as XML sends what the model could not take; nobody can tell who is in it."""
    odd = '<incident uuid="u-9" type="what"><offenders><offender/></offenders></incident>'
    world.upstream.pages[1] = page(incident(1), odd)
    answer = world.get(world.token(Scope(EVERYTHING, "upstream@1")), "/v1/incidents.xml")
    assert b"u-9" in answer.body
    people = world.ledger.people(records.DISTRICT_ID, str(rows_of(world)[-1].people))
    assert people is not None
    assert [len(people.without_number(person)) for person in Person] == [1, 0]


def test_an_answer_that_was_stale_or_from_the_cache_is_a_disclosure_too(world: World) -> None:
    token = world.token(IDENTIFIED)
    world.get(token)
    world.get(token)
    world.later(minutes=6)
    assert "detail=stale-while-revalidate" in str(world.get(token).header("Cache-Status"))
    told = [(row.disclosure, row.incidents, row.people is not None) for row in rows_of(world)]
    assert told == [("records", 2, True)] * 3


def test_no_row_holds_what_a_person_could_be_found_by(world: World) -> None:
    world.get(world.token(IDENTIFIED))
    told = json.dumps([dict(row.line()) for row in rows_of(world)])
    assert not [word for word in ("S1", "S2", "Zed", "u-1", "note") if word in told]


def test_a_page_without_incidents_discloses_nothing(world: World) -> None:
    world.upstream.pages[1] = page()
    world.get(world.token(IDENTIFIED))
    (row,) = rows_of(world)
    assert (row.status, row.disclosure, row.incidents) == (200, "no-records", 0)


def test_a_line_that_cannot_be_written_is_measured_as_the_refusal_that_it_became(world: World) -> None:
    token = world.token(IDENTIFIED)
    world.audit.broken = True
    assert world.get(token).status == 503
    measured: dict[str, Any] = {each.name: each.value for each in world.telemetry.measured if each.dimension is None}
    assert "IncidentsDisclosed" not in measured
    assert [each.dimension for each in world.telemetry.measured if each.dimension] == [("outcome", "failed")]


NOTHING_SENT = {
    "a head": lambda world, token: world.send("HEAD", "/v1/incidents", headers={"authorization": f"Bearer {token}"}),
    "nothing new": lambda world, token: world.get(token, if_none_match="*"),
    "nothing in scope": lambda world, token: world.get(token, query="type=minor"),
}


@pytest.mark.parametrize("asked", NOTHING_SENT)
def test_of_what_was_only_prepared_the_persons_are_seen_and_nothing_is_disclosed(world: World, asked: str) -> None:
    world.upstream.pages[1] = page(incident(1))
    NOTHING_SENT[asked](world, world.token(IDENTIFIED))
    (row,) = rows_of(world)
    assert (row.disclosure, row.incidents) == ("no-records", 0)
    index = MemoryIndex()
    IndexDisclosures(world.ledger, index, world.clock, world.telemetry).run(lambda: 300.0)
    known = index.known(records.DISTRICT_ID, world.ledger.marks(records.DISTRICT_ID).of(Person.STUDENT, "S1"))
    assert (known.seen, list(known.appearances)) == (True, [])


@pytest.mark.parametrize("place", [*PLACES, "/v1/snapshot"])
def test_a_validator_says_nothing_to_who_guesses_the_content(world: World, place: str) -> None:
    """A HEAD or a 304 discloses nothing and is recorded so: it must not be one that can be compared with guesses."""
    answer = world.get(world.token(IDENTIFIED), place)
    tag = str(answer.header("ETag")).strip('"').partition("-")[0]
    assert tag
    if place != "/v1/snapshot":
        assert not hashlib.sha256(answer.body).hexdigest().startswith(tag)
    else:
        line = world.get(world.token(IDENTIFIED), "/v1/incidents.ndjson").body.splitlines()[0]
        assert hashlib.sha256(line).hexdigest() not in answer.body.decode()
