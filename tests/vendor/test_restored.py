"""D-21 over the real handler: after the registry was restored every old token is dead, and a new one opens."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.domain.access import TokenStatus
from hallpass.domain.scope import Scope
from hallpass.domain.tokens import TokenKind, mint

from sandbox.simulator import Settings
from tests import records
from tests.aws_tables import restore_table
from tests.vendor.deployed import Answer, Deployed, deployed
from tests.vendor.world import rows

SCOPE = Scope(rows("minor"), "all-documented@1")


@pytest.fixture
def house() -> Iterator[Deployed]:
    with deployed(Settings(incidents=20)) as running:
        yield running


def restore(house: Deployed) -> None:
    """The handler reads a copy of the registry from now on."""
    table = restore_table(house.dynamodb, "registry", "registry-restored")
    house.restart(REGISTRY_TABLE=table)
    house.registry = DynamoDbRegistry(house.dynamodb, table)


def told(answer: Answer) -> tuple[int, object, object]:
    """What an answer says, but for which request it was."""
    body = json.loads(answer.body)
    headers = {name: answer.headers[name] for name in answer.headers if name not in {"x-request-id", "date"}}
    return answer.status, {name: body[name] for name in body if name != "instance"}, headers


def test_a_restored_registry_opens_nothing_until_a_token_is_issued_in_it(house: Deployed) -> None:
    tokens = {name: house.token(SCOPE) for name in ("read", "idle", "paused", "revoked later")}
    assert house.get(tokens["read"], accept_encoding="gzip").status == 200
    paused = tokens["paused"]
    house.registry.set_token_status(paused[8:16], paused[16:20], TokenStatus.PAUSED)
    restore(house)
    tokens["unknown"] = mint(TokenKind.LIVE, "NoneNone", "NoTk", bytes(32)).text.reveal()
    answers, spent = {}, {}
    for name, token in tokens.items():
        with house.operations() as spent[name]:
            answers[name] = told(house.get(token))
    assert answers == dict.fromkeys(tokens, answers["unknown"])
    assert (answers["unknown"][0], spent) == (401, {name: ["TransactGetItems", "PutItem"] for name in tokens})
    issued = house.token(SCOPE)
    assert house.get(issued, accept_encoding="gzip").status == 200
    assert [house.get(token).status for token in tokens.values()] == [401] * 5


def test_a_void_token_is_told_nothing_about_itself_and_cannot_end_itself(house: Deployed) -> None:
    token = house.token(SCOPE)
    restore(house)
    asked = house.get(token, "/v1/token")
    ended = house.call("/v1/token", f"confirm={token[16:20]}", {"authorization": f"Bearer {token}"}, "DELETE")
    assert told(asked) == told(ended)
    assert (asked.status, json.loads(asked.body)["type"]) == (401, "urn:hallpass:problem:token-invalid")


def test_a_revocation_that_the_restore_forgot_stays(house: Deployed) -> None:
    """The point in time lies before the revocation: the copy says that the token is active."""
    token = house.token(SCOPE)
    copied = restore_table(house.dynamodb, "registry", "registry-before")
    house.registry.revoke_token(token[8:16], token[16:20], records.NOW, "tests")
    assert json.loads(house.get(token).body)["type"] == "urn:hallpass:problem:token-revoked"
    house.restart(REGISTRY_TABLE=copied)
    assert DynamoDbRegistry(house.dynamodb, copied).tokens(token[8:16])[0].status is TokenStatus.ACTIVE
    assert house.get(token).status == 401
