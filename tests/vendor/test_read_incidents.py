"""The straight line: what a token's request for incidents comes to, and what it costs upstream."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hallpass.domain import model
from hallpass.domain.arrival import artefact
from hallpass.domain.pages import ArtefactKind
from hallpass.domain.scope import DateRange, RollingWindow, Scope
from hallpass.domain.upstream import (
    UpstreamBusyError,
    UpstreamError,
    UpstreamFailedError,
    UpstreamInvalidError,
    UpstreamRefusedError,
    UpstreamTimeoutError,
    UpstreamUnreachableError,
)

from tests.vendor.world import BASE, EVERYTHING, World, incident, page, rows

FIRST = date(2026, 2, 1)
LAST = date(2026, 2, 28)


@pytest.fixture
def world() -> World:
    return World()


def names(body: bytes) -> list[str]:
    return [row["uuid"] for row in json.loads(body)["incidents"]]


def test_full_scope_xml_is_the_upstreams_page_byte_for_byte(world: World) -> None:
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    for _ in range(2):
        answer = world.get(token, "/v1/incidents.xml")
        assert (answer.status, answer.body) == (200, world.upstream.pages[1])
    assert len(world.upstream.calls) == 1


def test_the_upstreams_own_path_serves_its_clients_unchanged(world: World) -> None:
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    assert world.get(token, "/public/v1/incidents.xml").body == world.upstream.pages[1]


def test_an_upstream_scope_gets_every_documented_field_as_json(world: World) -> None:
    answer = world.get(world.token(Scope(EVERYTHING, "upstream@1")))
    assert json.loads(answer.body)["incidents"][0]["offenders"][0]["student"]["iep"] is True


def test_a_scoped_token_gets_neither_special_education_nor_other_types(world: World) -> None:
    answer = world.get(world.token(Scope(rows("minor"), "all-documented@1")))
    assert names(answer.body) == ["u-2"]
    assert b"iep" not in answer.body


def test_the_second_call_is_a_hit_that_reads_nothing_upstream(world: World) -> None:
    token = world.token()
    first, second = world.get(token), world.get(token)
    assert first.body == second.body
    assert len(world.upstream.calls) == 1
    assert first.header("Cache-Status") == "hallpass; fwd=uri-miss; fwd-status=200; stored"
    world.later(seconds=40)
    third = world.get(token)
    assert third.header("Cache-Status") == "hallpass; hit; ttl=260"
    assert third.header("Age") == "40"


def test_one_stored_page_serves_two_scopes_and_never_shares_a_representation(world: World) -> None:
    minor, referral = (world.token(Scope(rows(kind), "all-documented@1")) for kind in ("minor", "referral"))
    assert [names(world.get(token).body) for token in (minor, referral, minor)] == [["u-2"], ["u-1"], ["u-2"]]
    assert len(world.upstream.calls) == 1


def test_the_validator_is_of_what_this_token_sees(world: World) -> None:
    minor = world.token(Scope(rows("minor"), "all-documented@1"))
    before = world.get(minor).header("ETag")
    world.later(minutes=6)
    world.upstream.pages[1] = page(incident(1, text="changed"), incident(2, type="minor"))
    for _ in range(2):
        # The first one has it read anew behind the answer.
        assert world.get(minor).header("ETag") == before
    world.later(hours=2)
    world.upstream.pages[1] = page(incident(1), incident(2, type="minor", text="changed"))
    assert world.get(minor).header("ETag") != before


def test_a_matching_validator_gets_304_with_the_headers_and_discloses_nothing(world: World) -> None:
    token = world.token()
    first = world.get(token)
    again = world.get(token, if_none_match=f'"other", {first.header("ETag")}')
    assert (again.status, again.body) == (304, b"")
    for name in ("Content-Type", "ETag", "Cache-Control", "Vary", "Link"):
        assert again.header(name) == first.header(name)
    assert world.audit.records[-1].incidents == 0
    assert world.store.calls["read"] == 0


def test_gzip_and_identity_are_two_validators_of_one_content(world: World) -> None:
    token = world.token()
    plain, packed = world.get(token), world.get(token, accept_encoding="gzip, br;q=0.1")
    assert packed.header("Content-Encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("ETag") != plain.header("ETag")


def test_head_answers_the_headers_of_get_without_a_body(world: World) -> None:
    token = world.token()
    got = world.get(token)
    head = world.send("HEAD", "/v1/incidents.json", headers={"authorization": f"Bearer {token}"})
    assert (head.status, head.body, head.header("ETag")) == (200, b"", got.header("ETag"))
    assert head.header("Content-Type") == got.header("Content-Type")
    assert [record.incidents for record in world.audit.records] == [2, 0]


@pytest.mark.parametrize(
    ("path", "query", "accept", "content_type"),
    [
        ("/v1/incidents", "", None, "application/xml"),
        ("/v1/incidents", "", "application/json", "application/json"),
        ("/v1/incidents", "", "text/xml", "text/xml"),
        ("/v1/incidents", "format=json", "application/xml", "application/json"),
        ("/v1/incidents.json", "", "application/xml", "application/json"),
        ("/v1/incidents.json", "format=json", None, "application/json"),
        ("/v1/incidents.xml", "", "application/json", "application/xml"),
    ],
    ids=[
        "no Accept is XML as upstream",
        "Accept decides on the open path",
        "text/xml is answered as such",
        "the format parameter wins over Accept",
        "a path that names JSON is JSON",
        "a path may be told again what it is",
        "a path that names XML is XML",
    ],
)
def test_the_format_is(world: World, path: str, query: str, accept: str | None, content_type: str) -> None:
    headers = {"accept": accept} if accept else {}
    answer = world.get(world.token(), path, query, **headers)
    assert answer.header("Content-Type") == f"{content_type}; charset=utf-8"


def test_a_path_and_a_format_that_disagree_are_refused(world: World) -> None:
    assert world.get(world.token(), "/v1/incidents.xml", "format=json").status == 400


def test_links_walk_the_pages_and_a_page_past_the_last_is_empty(world: World) -> None:
    token = world.token()
    world.upstream.pages = {n: page(incident(n), number=n, total=3) for n in (1, 2, 3)}
    second = world.walk_to(token, 2, query="type=referral")
    (snapshot,) = {record.snapshot for record in world.audit.records}
    url = f"{BASE}/v1/incidents.json?type=referral&snapshot={snapshot}&page="
    schema = f'<{BASE}/v1/incidents.schema.json?fields=all-documented%401>; rel="describedby"'
    pages = [f'<{url}{number}>; rel="{rel}"' for rel, number in (("first", 1), ("prev", 1), ("next", 3), ("last", 3))]
    assert second.header("Link") == ", ".join([*pages, schema])
    past = world.walk_to(token, 4)
    assert (past.status, json.loads(past.body)["incidents"], json.loads(past.body)["next_page"]) == (200, [], None)


def test_a_page_past_the_last_asks_nobody_and_a_404_inside_the_walk_is_none_of_it(world: World) -> None:
    token = world.token()
    world.upstream.pages[1] = page(incident(1), total=3)
    world.get(token)
    world.upstream.fault = UpstreamRefusedError(upstream_status=404)
    past = world.get(token, query="page=4")
    assert (past.status, b'"incidents":[]' in past.body, len(world.upstream.calls)) == (200, True, 1)
    inside = world.get(token, query="page=2")
    assert (inside.status, b"incident" in inside.body) == (502, False)


def test_an_upstream_404_for_page_one_is_a_refusal(world: World) -> None:
    world.upstream.fault = UpstreamRefusedError(upstream_status=404)
    assert world.get(world.token()).status == 502


def test_an_upstream_that_answers_another_page_gives_none(world: World) -> None:
    world.upstream.pages = {1: page(incident(1), total=3), 2: page(incident(2), number=1, total=3)}
    answer = world.walk_to(world.token(), 2)
    assert (answer.status, b"u-2" in answer.body) == (502, False)


def test_a_lying_upstream_is_caught_row_by_row(world: World) -> None:
    """S-07."""
    world.upstream.pages[1] = page(
        incident(1, type="minor"), incident(2, deleted="1"), incident(3), incident(4, type="pending")
    )
    answer = world.get(world.token(Scope(rows("referral minor"), "all-documented@1")), query="type=referral")
    assert names(answer.body) == ["u-3"]
    assert world.telemetry.counts["UnrequestedRows"] == 3
    assert world.audit.records[-1].removed == "unrequested=3"


def test_a_token_for_a_past_period_has_to_name_dates(world: World) -> None:
    """S-05."""
    token = world.token(Scope(rows(window=DateRange(FIRST, LAST)), "all-documented@1"))
    refused = world.get(token)
    assert (refused.status, json.loads(refused.body)["window"]) == (400, ["2026-02-01", "2026-02-28"])
    assert world.upstream.calls == []
    assert world.get(token, query="from=2026-01-01&to=2026-02-15").status == 200


def test_a_rolling_window_ends_today_in_the_districts_time_zone(world: World) -> None:
    token = world.token(Scope(rows(window=RollingWindow(2)), "all-documented@1"))
    world.upstream.pages[1] = page(*(incident(n, date=f"2026-03-0{n}") for n in (1, 2, 3)))
    assert names(world.get(token).body) == ["u-1", "u-2"]
    world.later(hours=14)  # 05:00 UTC on March 3 is still March 2 in Chicago
    assert names(world.get(token).body) == ["u-1", "u-2"]
    world.later(hours=2)
    assert names(world.get(token).body) == ["u-2", "u-3"]


STALE_ALLOWED: list[UpstreamError] = [
    UpstreamUnreachableError(),
    UpstreamTimeoutError(),
    UpstreamInvalidError(),
    UpstreamBusyError(upstream_status=429),
    UpstreamFailedError(upstream_status=500),
]


@pytest.mark.parametrize("fault", STALE_ALLOWED, ids=lambda fault: fault.slug)
def test_a_failing_upstream_leaves_the_stale_page_for_a_day(world: World, fault: UpstreamError) -> None:
    token = world.token()
    world.get(token)
    world.upstream.fault = fault
    world.later(hours=23)
    stale = world.get(token)
    seen = f"; fwd-status={fault.upstream_status}" if fault.upstream_status else ""
    assert (stale.status, stale.header("Age")) == (200, str(23 * 3600))
    assert stale.header("Cache-Status") == f"hallpass; fwd=stale{seen}; ttl=-82500; detail=stale-if-error"
    world.later(hours=2)
    assert world.get(token).status == fault.status


@pytest.mark.parametrize("status", [400, 401], ids=["refused query", "refused credential"])
def test_a_refusal_never_leaves_a_stale_page(world: World, status: int) -> None:
    token = world.token()
    world.get(token)
    world.later(hours=2)
    if status == 401:
        world.upstream.accepts = "another"
    else:
        world.upstream.fault = UpstreamRefusedError(upstream_status=status)
    assert world.get(token).status == 502


def test_a_refreshed_page_says_that_an_older_one_was_there(world: World) -> None:
    token = world.token()
    world.get(token)
    world.later(hours=2)
    assert world.get(token).header("Cache-Status") == "hallpass; fwd=stale; fwd-status=200; stored"


def refused_credentials(world: World) -> int:
    return sum(each.value for each in world.telemetry.measured if each.name == "UpstreamCredentialRefused")


def test_a_refused_credential_is_read_again_once_and_then_rests_for_a_minute(world: World) -> None:
    """U-12."""
    token = world.token()
    world.upstream.accepts = "new-credential"
    answer = world.get(token)
    assert (answer.status, json.loads(answer.body)["type"]) == (502, "urn:hallpass:problem:upstream-credentials")
    assert (world.vault.reads, len(world.upstream.calls)) == ([False, True], 1)
    assert refused_credentials(world) == 1
    world.get(token)
    # Each request that is refused for it, also while it is not tried: that it is tried less does not mend it.
    assert (len(world.upstream.calls), refused_credentials(world)) == (1, 2)
    world.vault.kept = "new-credential"
    world.later(seconds=61)
    assert world.get(token).status == 200


def test_a_credential_that_was_just_rotated_costs_one_more_call(world: World) -> None:
    """L-08."""
    world.upstream.accepts = world.vault.kept = "new-credential"
    assert world.get(world.token()).status == 200
    assert len(world.upstream.calls) == 2


def test_two_refused_credentials_in_a_row_are_a_refusal(world: World) -> None:
    world.upstream.accepts, world.vault.kept = "third", "second"
    assert world.get(world.token()).status == 502
    assert len(world.upstream.calls) == 2


@pytest.mark.parametrize(
    ("function_seconds", "budget"),
    [(29, 20.0), (12, 9.0), (3, None)],
    ids=["at most twenty seconds", "three seconds are kept for the answer", "no time left"],
)
def test_the_upstreams_budget_shrinks_with_the_invocation(
    world: World, function_seconds: float, budget: float | None
) -> None:
    """L-03."""
    headers = {"authorization": f"Bearer {world.token()}"}
    answer = world.send("GET", "/v1/incidents.json", headers=headers, seconds=function_seconds)
    assert answer.status == (504 if budget is None else 200)
    assert world.upstream.budgets == ([] if budget is None else [budget])


@pytest.mark.parametrize("part", ["store", "walks", "both"], ids=["pages", "pointers", "everything"])
def test_an_unreachable_cache_costs_a_fetch_and_says_so(world: World, part: str) -> None:
    world.store.unreachable = part != "walks"
    world.walks.unreachable = part != "store"
    token = world.token()
    for _ in range(2):
        answer = world.get(token)
        assert answer.status == 200
        assert answer.header("Cache-Status") == "hallpass; fwd=uri-miss; fwd-status=200; detail=not-stored"
    assert len(world.upstream.calls) == 2


@pytest.mark.parametrize(
    ("lost", "calls"),
    [("representation", 1), ("representation model", 2)],
    ids=["a broken representation is rendered again", "a broken model is fetched again"],
)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_the_store_lost_is_made_again(world: World, lost: str, calls: int, coding: str) -> None:
    token = world.token()
    first = world.get(token, accept_encoding=coding)
    for kind in lost.split():
        world.store.lose(ArtefactKind(kind))
    assert world.get(token, accept_encoding=coding).body == first.body
    assert len(world.upstream.calls) == calls


def test_a_verbatim_page_whose_bytes_are_lost_is_fetched_again(world: World) -> None:
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    world.get(token, "/v1/incidents.xml")
    world.store.lose(ArtefactKind.RAW)
    world.store.lose(ArtefactKind.REPRESENTATION)
    assert world.get(token, "/v1/incidents.xml").body == world.upstream.pages[1]
    assert len(world.upstream.calls) == 2


def test_pages_of_one_snapshot_are_left_behind_when_page_one_is_read_anew(world: World) -> None:
    token = world.token()
    world.upstream.pages = {n: page(incident(n), number=n, total=2) for n in (1, 2)}
    world.get(token)
    world.get(token, query="page=2")
    world.later(hours=2)
    world.get(token)
    world.get(token, query="page=2")
    # Each second page is followed by a look at both, which have not changed.
    assert [number for _, number in world.upstream.calls] == [1, 2, 1, 2] * 2


def test_a_page_too_large_for_lambda_is_refused_with_advice_before_it_is_recorded(world: World) -> None:
    """L-01."""
    world.upstream.pages[1] = page(*(incident(n, text="x" * 900_000) for n in range(6)))
    token = world.token()
    refused = world.get(token)
    assert (refused.status, json.loads(refused.body)["type"]) == (406, "urn:hallpass:problem:response-too-large")
    assert world.audit.records[-1].incidents == 0
    head = world.send("HEAD", "/v1/incidents.json", headers={"authorization": f"Bearer {token}"})
    assert head.status == 406
    assert world.get(token, accept_encoding="gzip").status == 200


def test_a_page_too_large_even_compressed_says_how_to_ask_for_less(world: World) -> None:
    noise = Random(1)
    world.upstream.pages[1] = page(*(incident(n, text=noise.randbytes(500_000).hex()) for n in range(11)))
    refused = world.get(world.token(), accept_encoding="gzip")
    assert refused.status == 406
    assert "`from` and `to`" in json.loads(refused.body)["detail"]


def test_a_token_near_its_end_says_so_in_every_answer(world: World) -> None:
    token = world.token(expires_at=world.clock.now() + timedelta(days=29))
    for path, query in (("/v1/incidents.json", ""), ("/v1/token", ""), ("/v1/incidents.json", "type=pending")):
        assert world.get(token, path, query).header("Hallpass-Token-Expires") == "2026-03-31T15:00:00Z"
    assert world.get(world.token()).header("Hallpass-Token-Expires") is None


def test_links_fall_back_to_the_address_that_was_called() -> None:
    world = World(base_url="")
    assert "<https://called.example/v1/incidents.json?page=1>" in str(world.get(world.token()).header("Link"))


def test_a_verbatim_page_is_packed_again_from_the_stored_bytes(world: World) -> None:
    token = world.token(Scope(EVERYTHING, "upstream@1"))
    world.get(token, "/v1/incidents.xml")
    world.store.lose(ArtefactKind.REPRESENTATION)
    assert world.get(token, "/v1/incidents.xml").body == world.upstream.pages[1]
    assert len(world.upstream.calls) == 1


def test_a_model_of_another_version_is_read_from_the_upstream_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-20."""
    token = world.token()
    first = world.get(token)
    world.store.lose(ArtefactKind.REPRESENTATION)
    monkeypatch.setattr(model, "MODEL_SCHEMA", model.MODEL_SCHEMA + 1)
    assert world.get(token).body == first.body
    assert len(world.upstream.calls) == 2


def test_a_representation_that_does_not_unpack_is_made_anew(world: World) -> None:
    """D-10."""
    token = world.token()
    first = world.get(token)
    (known,) = world.store.representations()
    world.store.save_representation(
        replace(known, stored=artefact(known.stored.district_id, known.stored.kind, known.stored.name, b"no gzip")),
        b"no gzip",
    )
    assert [world.get(token).body for _ in range(2)] == [first.body] * 2
    assert len(world.upstream.calls) == 2


def test_what_is_not_documented_is_withheld_counted_and_named_only_by_number(world: World) -> None:
    odd = incident(1).replace("<offenders", "<secret>CANARY</secret><offenders", 1)
    world.upstream.pages[1] = page(odd)
    answer = world.get(world.token())
    assert b"CANARY" not in answer.body
    assert world.telemetry.counts["QuarantinedNodes"] == 1
    assert world.audit.records[-1].unknown_paths == 1


@pytest.mark.parametrize("fault", STALE_ALLOWED, ids=lambda fault: fault.slug)
def test_no_fault_brings_back_what_the_upstream_refused_to_give(world: World, fault: UpstreamError) -> None:
    """S-16: a district that kills its credential means it."""
    token = world.token()
    world.get(token)
    world.later(minutes=6)
    world.upstream.accepts = "another"
    # The last one before anybody knew; behind it the refusal is heard.
    assert world.get(token).status == 200
    assert world.get(token).status == 502
    world.upstream.accepts = "upstream-credential"
    world.upstream.fault = fault
    world.later(minutes=2)
    assert world.get(token).status == fault.status
    world.upstream.fault = None
    # Later than clocks may differ: what is read sooner counts as read before the refusal.
    world.later(minutes=11)
    assert world.get(token).status == 200
    world.later(hours=2)
    world.upstream.fault = fault
    assert world.get(token).header("Age") == "7200"


@pytest.mark.parametrize("row", [incident(1), incident(1, type="new")], ids=["an incident", "a withheld incident"])
def test_a_page_past_its_own_last_that_holds_incidents_is_refused_not_emptied(world: World, row: str) -> None:
    """X-31."""
    world.upstream.pages = {1: page(incident(2), total=2), 2: page(row, number=2, total=1)}
    assert world.walk_to(world.token(), 2).status == 502


def test_a_call_whose_answer_was_unusable_is_counted_in_the_record(world: World) -> None:
    world.upstream.pages[1] = b"<html/>"
    world.get(world.token())
    record = world.audit.records[-1]
    assert (record.upstream_calls, record.upstream_status, record.upstream_ms) == (1, 200, 12)


def test_an_incident_without_a_type_is_the_unrestricted_tokens_alone_and_is_counted(world: World) -> None:
    """The upstream documents that every attribute may be absent; a scope that judges by it withholds the row."""
    world.upstream.pages[1] = page(incident(1), incident(2).replace(' type="referral"', ""))
    assert names(world.get(world.token(Scope(EVERYTHING, "upstream@1"))).body) == ["u-1", "u-2"]
    assert names(world.get(world.token(Scope(rows("referral minor pending"), "all-documented@1"))).body) == ["u-1"]
    assert world.audit.records[-1].removed == "type=1"


@pytest.mark.parametrize("field", ["range", "if-range", "if-modified-since", "if-unmodified-since"])
def test_a_field_we_have_no_validator_or_range_for_is_ignored(world: World, field: str) -> None:
    """S-20."""
    token = world.token()
    headers = {"authorization": f"Bearer {token}", field: "bytes=0-1"}
    answer = world.send("GET", "/v1/incidents.json", headers=headers)
    assert (answer.status, answer.body) == (200, world.get(token).body)


def test_a_scope_that_was_narrowed_holds_on_the_next_read_also_of_what_is_cached(world: World) -> None:
    """S-14."""
    token = world.token(Scope(rows("referral minor"), "all-documented@1"))
    tag = str(world.get(token).header("ETag"))
    kept = world.registry.integration(token[8:16])
    assert kept is not None
    narrowed = replace(kept, scope=Scope(rows("minor"), "all-documented@1"), scope_version=2, version=kept.version + 1)
    world.registry.save_integration(narrowed)
    answer = world.get(token, if_none_match=tag)
    assert (answer.status, names(answer.body)) == (200, ["u-2"])
    assert answer.header("Hallpass-Dataset") == "2.1"


def test_interleaved_scopes_and_formats_each_get_their_own(world: World) -> None:
    """S-13, S-17."""
    scopes = {kind: world.token(Scope(rows(kind), "all-documented@1")) for kind in ("minor", "referral")}
    uuid = {"minor": b"u-2", "referral": b"u-1"}
    for _ in range(20):
        for kind, token in scopes.items():
            for path in ("/v1/incidents.json", "/v1/incidents.xml"):
                body = world.get(token, path).body
                assert [name in body for name in uuid.values()] == [name == uuid[kind] for name in uuid.values()]
    assert len(world.upstream.calls) == 1
