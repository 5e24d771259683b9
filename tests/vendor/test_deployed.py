"""The real handler over real adapters: a page of the simulator, fetched, stored, served."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from hallpass.domain.limits import Limits
from hallpass.domain.scope import Scope
from hallpass.domain.tokens import TokenKind, mint
from jsonschema import Draft202012Validator

from sandbox.simulator import Settings
from tests import records
from tests.vendor.deployed import Deployed, deployed
from tests.vendor.world import EVERYTHING, rows


@pytest.fixture
def house() -> Iterator[Deployed]:
    with deployed(Settings(incidents=2600)) as running:
        yield running


def upstream_page(house: Deployed, query: str) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {house.simulator.token}"}
        return session.get(f"{house.simulator.url}?{query}", headers=headers, timeout=10).content


def test_full_scope_xml_is_byte_identical_and_the_second_call_asks_nobody(house: Deployed) -> None:
    token = house.token(Scope(EVERYTHING, "upstream@1"))
    expected = upstream_page(house, "page=1")
    before = len(house.simulator.requests)
    first = house.get(token, "/v1/incidents.xml", accept_encoding="gzip")
    second = house.get(token, "/v1/incidents.xml", accept_encoding="gzip")
    assert gzip.decompress(first.body) == gzip.decompress(second.body) == expected
    assert first.headers["cache-status"] == "hallpass; fwd=uri-miss; fwd-status=200; stored"
    assert second.headers["cache-status"].startswith("hallpass; hit; ttl=")
    assert len(house.simulator.requests) - before == 1
    assert house.simulator.token not in repr(first) + repr(second)


def test_json_of_the_same_page_is_valid_under_the_schema_that_is_served(house: Deployed) -> None:
    token = house.token(Scope(EVERYTHING, "all-documented@1"))
    schema = json.loads(house.call("/v1/incidents.schema.json").body)
    answer = house.get(token, accept_encoding="gzip")
    page = json.loads(gzip.decompress(answer.body))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(page)
    # The simulator's pages hold everything by default, but for incidents of the deleted.
    assert (page["page"], page["next_page"]) == (1, 2)
    assert page["count"] == len(page["incidents"]) > 900


def test_a_walk_by_links_sees_every_incident_once(house: Deployed) -> None:
    token = house.token(Scope(rows("referral minor pending"), "all-documented@1"))
    uuids: list[str] = []
    number: int | None = 1
    while number:
        page = json.loads(gzip.decompress(house.get(token, query=f"page={number}", accept_encoding="gzip").body))
        uuids += [row["uuid"] for row in page["incidents"]]
        number = page["next_page"]
    assert len(uuids) == len(set(uuids)) > 1000


def test_a_scope_of_one_school_gets_that_school_only(house: Deployed) -> None:
    token = house.token(Scope(rows("minor", "007"), "all-documented@1"))
    page = json.loads(gzip.decompress(house.get(token, accept_encoding="gzip").body))
    assert {row["school"]["code"] for row in page["incidents"]} <= {"007"}
    assert {row["type"] for row in page["incidents"]} <= {"minor"}


def test_what_goes_upstream_is_the_districts_credential_and_the_vendors_own_query(house: Deployed) -> None:
    token = house.token(Scope(rows("minor referral"), "all-documented@1"))
    house.get(token, query="to=2026-02-01&type=minor&page=1&from=2026-01-01", cookie="a=b", x_forwarded_host="evil")
    sent = house.simulator.requests[-1]
    assert sent.raw_query == "type=minor&from=2026-01-01&to=2026-02-01&page=1"
    assert sent.headers["authorization"] == f"Bearer {house.simulator.token}"
    assert token not in repr(sent)
    assert not {"cookie", "x-forwarded-host"} & set(sent.headers)


def test_a_revoked_token_is_refused_on_the_next_call(house: Deployed) -> None:
    token = house.token(Scope(rows("minor"), "all-documented@1"))
    assert house.get(token, accept_encoding="gzip").status == 200
    assert (
        house.call("/v1/token", f"confirm={token[16:20]}", {"authorization": f"Bearer {token}"}, "DELETE").status == 204
    )
    refused = house.get(token)
    assert (refused.status, json.loads(refused.body)["type"]) == (401, "urn:hallpass:problem:token-revoked")


def test_unknown_wrong_and_revoked_cost_the_same_read(house: Deployed) -> None:
    """T-14: what a guess costs tells nothing about how near it came."""
    good = house.token(Scope(rows("minor"), "all-documented@1"))
    holder, token_id = good[8:16], good[16:20]
    wrong = mint(TokenKind.LIVE, holder, token_id, bytes(31) + b"\x99").text.reveal()
    unknown = mint(TokenKind.LIVE, "NoneNone", "NoTk", bytes(32)).text.reveal()
    house.registry.revoke_token(holder, token_id, records.NOW, "tests")
    spent = {}
    for name, token in {"unknown": unknown, "wrong": wrong, "revoked": good}.items():
        with house.operations() as operations:
            assert house.get(token).status == 401
        spent[name] = operations
    assert spent == {name: ["TransactGetItems", "PutItem"] for name in spent}


def test_limits_hold_in_every_container_and_a_change_on_the_next_request(house: Deployed) -> None:
    token = house.token(Scope(rows("minor"), "all-documented@1"), limits=Limits(1, 3, 100))
    answers = []
    for _ in range(4):
        house.restart()
        answers.append(house.get(token))
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    told = json.loads(answers[-1].body)
    assert (told["type"], told["violated-policies"]) == ("urn:hallpass:problem:quota-exceeded", ["burst"])
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].headers["ratelimit-policy"] == '"burst";q=3;w=180, "daily";q=100;w=86400'
    kept = house.registry.integration(token[8:16])
    assert kept is not None
    house.registry.save_integration(replace(kept, limits=Limits(1, 4, 100), version=kept.version + 1))
    assert house.get(token).status == 200


def test_bad_tokens_by_the_dozen_are_refused_and_a_good_one_is_not(house: Deployed) -> None:
    good = house.token(Scope(rows("minor"), "all-documented@1"))
    house.restart()
    bad = [mint(TokenKind.LIVE, good[8:16], good[16:20], bytes(30) + bytes((9, n))).text.reveal() for n in range(60)]
    with house.operations() as operations:
        statuses = [house.get(one).status for one in bad]
    # The minute may end among them, and begins anew then.
    assert statuses.count(429) >= 20
    assert operations.count("TransactGetItems") == statuses.count(401) <= 40
    assert house.get(good).status == 200


def test_the_counts_of_a_cold_a_warm_and_an_unchanged_answer(house: Deployed) -> None:
    token = house.token(Scope(rows("minor"), "all-documented@1"))
    house.get(token)
    for _ in range(2):
        # So that the container has a whole request of the token's limits in hand.
        house.get(token, "/v1/token")
    with house.operations() as warm:
        tag = house.get(token).headers["etag"]
    with house.operations() as unchanged:
        assert house.get(token, if_none_match=tag).status == 304
    house.restart()
    with house.operations() as elsewhere:
        house.get(token)
    assert warm == unchanged == ["TransactGetItems", "GetItem", "GetItem", "PutItem", "PutItem"]
    # Written last are the token's snapshot and the ledger's row. A container that has not noted the token's use
    # tries to, once a minute; one that has nothing of its limits in hand takes a whole request.
    reads = ["GetItem", "GetItem", "GetItem", "BatchGetItem"]
    assert elsewhere == ["TransactGetItems", "UpdateItem", "UpdateItem", *reads, "PutItem", "PutItem"]
