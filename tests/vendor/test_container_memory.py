"""What a container remembers of representations serves the next request, and never one that may not see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from hallpass.domain.scope import Scope

from sandbox.simulator import Account, Settings
from tests import records
from tests.aws_tables import REGION
from tests.vendor.deployed import Deployed, deployed
from tests.vendor.world import rows

SCOPE = Scope(rows("minor referral"), "all-documented@1")
READ_EVERY_TIME = ["TransactGetItems", "GetItem", "GetItem"]
"""Token, integration and district; pointer; page."""
NOTED = ["PutItem"]
"""Which snapshot the token is on from now."""
RECORDED = ["PutItem"]
"""The ledger's row."""
TWO = (Account("one", "credential-of-one"), Account("two", "credential-of-two"))


@pytest.fixture
def house() -> Iterator[Deployed]:
    with deployed(Settings(incidents=40, accounts=TWO), TWO[0].token) as running:
        running.add_district(records.a_district("D2nd", "Madeup Unified"))
        secrets = boto3.client("secretsmanager", region_name=REGION)
        secrets.create_secret(Name="hallpass/districts/D2nd", SecretString=TWO[1].token)
        yield running


def in_hand(house: Deployed, token: str) -> None:
    """Has the container hold a whole request, as nine of ten find it."""
    for _ in range(2):
        house.get(token, "/v1/token")


@pytest.mark.parametrize("form", ["json", "xml", "ndjson", "csv"])
def test_a_second_request_reads_neither_item_nor_chunk_of_the_representation(house: Deployed, form: str) -> None:
    token = house.token(SCOPE)
    first = house.get(token, f"/v1/incidents.{form}", accept_encoding="gzip")
    in_hand(house, token)
    with house.operations() as operations:
        second = house.get(token, f"/v1/incidents.{form}", accept_encoding="gzip")
    assert (first.status, second.body, second.headers["etag"]) == (200, first.body, first.headers["etag"])
    assert operations == READ_EVERY_TIME + NOTED + RECORDED


def test_another_vendor_with_the_same_scope_is_served_from_memory_on_a_token_of_its_own(house: Deployed) -> None:
    one, other = house.token(SCOPE), house.token(SCOPE)
    body = house.get(one).body
    with house.operations() as operations:
        assert house.get(other).body == body
    assert [operation for operation in operations if operation != "UpdateItem"] == READ_EVERY_TIME + NOTED + RECORDED


def test_a_revoked_token_is_refused_though_its_page_is_remembered(house: Deployed) -> None:
    token = house.token(SCOPE)
    assert [house.get(token).status for _ in range(2)] == [200, 200]
    house.registry.revoke_token(token[8:16], token[16:20], records.NOW, "tests")
    with house.operations() as operations:
        assert house.get(token).status == 401
    assert operations == ["TransactGetItems", *RECORDED]


def test_a_narrowed_scope_shows_its_own_on_the_next_request(house: Deployed) -> None:
    token = house.token(SCOPE)
    before = json.loads(house.get(token).body)
    kept = house.registry.integration(token[8:16])
    assert kept is not None
    narrowed = replace(kept, scope=Scope(rows("minor"), "no-people@1"), scope_version=2, version=kept.version + 1)
    house.registry.save_integration(narrowed)
    after = json.loads(house.get(token).body)
    minors = [row for row in before["incidents"] if row["type"] == "minor"]
    assert 0 < len(after["incidents"]) == len(minors) < len(before["incidents"])
    assert {row["type"] for row in after["incidents"]} == {"minor"}
    assert "offenders" not in {name for row in after["incidents"] for name in row}


def test_a_purged_page_is_fetched_again_whatever_is_remembered(house: Deployed) -> None:
    token = house.token(SCOPE)
    house.get(token)
    for item in house.items():
        house.dynamodb.delete_item(TableName="pages", Key={"pk": item["pk"], "sk": item["sk"]})
    uuid = json.loads(house.get(token).body)["incidents"][0]["uuid"]
    house.simulator.control.remove(uuid)
    for item in house.items():
        house.dynamodb.delete_item(TableName="pages", Key={"pk": item["pk"], "sk": item["sk"]})
    calls = len(house.simulator.requests)
    assert uuid not in house.get(token).body.decode()
    assert len(house.simulator.requests) == calls + 1


def test_two_districts_with_the_same_content_share_nothing(house: Deployed) -> None:
    house.simulator.control.fault("body", body=b'<incidents count="0" page="1" total-pages="1"/>')
    mine, theirs = house.token(SCOPE), house.token(SCOPE, "D2nd")
    body = house.get(mine).body
    calls = len(house.simulator.requests)
    assert house.get(theirs).body == body
    assert len(house.simulator.requests) == calls + 1
    artefacts = [item["sk"]["S"] for item in house.items() if item["sk"]["S"].startswith("representation#")]
    assert (len(artefacts), len(set(artefacts))) == (2, 1)


def test_without_room_every_request_reads_the_table(house: Deployed) -> None:
    house.restart(REPRESENTATION_MEMORY_BYTES="0")
    token = house.token(SCOPE)
    house.get(token)
    in_hand(house, token)
    with house.operations() as operations:
        house.get(token)
    assert operations == [*READ_EVERY_TIME, "GetItem", "BatchGetItem", *NOTED, *RECORDED]
