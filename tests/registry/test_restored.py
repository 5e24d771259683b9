"""D-21: a registry that was restored holds no token, whatever was revoked since. What it has to do is nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hallpass.adapters.credential_items import read_token, token_item
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.registry_keys import token_key
from hallpass.domain.access import Token, TokenStatus
from hallpass.domain.errors import ConflictError, TokenInvalidError, UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.standing import open_actor, open_pass
from hallpass.domain.tokens import TokenKind, mint, parse_token

from tests.aws_tables import create_table, restore_table
from tests.records import INTEGRATION_ID, NOW, PERSON_ID, a_district, a_person, a_token, an_integration

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = itertools.count(1)
VENDOR = {name: mint(TokenKind.LIVE, INTEGRATION_ID, name, name.encode() * 8) for name in ("Act1", "Pau1", "Rev1")}
ADMIN = mint(TokenKind.ADMIN, PERSON_ID, "Ptk1", b"A" * 32)


@pytest.fixture(params=["moto", "ministack"])
def client(request: pytest.FixtureRequest) -> DynamoDBClient:
    found: DynamoDBClient = request.getfixturevalue({"moto": "dynamodb", "ministack": "stood_in"}[request.param])
    return found


@pytest.fixture
def original(client: DynamoDBClient) -> DynamoDbRegistry:
    """With an active, a paused and a soon revoked token, and an operator's."""
    registry = DynamoDbRegistry(client, create_table(client, f"original-{next(_NUMBERS)}"))
    registry.add_district(a_district())
    registry.add_integration(an_integration())
    for version, (name, minted) in enumerate(VENDOR.items(), 1):
        registry.add_token(a_token(name, digest=minted.digest), replace(an_integration(), version=version))
    registry.set_token_status(INTEGRATION_ID, "Pau1", TokenStatus.PAUSED)
    registry.add_person(a_person(), a_token("Ptk1", PERSON_ID, generation=0, digest=ADMIN.digest))
    return registry


@pytest.fixture
def restored(client: DynamoDBClient, original: DynamoDbRegistry) -> DynamoDbRegistry:
    """As it was before the revocation."""
    table = restore_table(client, original._table, f"restored-{next(_NUMBERS)}")
    original.revoke_token(INTEGRATION_ID, "Rev1", NOW, PERSON_ID)
    return DynamoDbRegistry(client, table)


def refusal(registry: DynamoDbRegistry, text: str) -> HallpassError:
    presented = parse_token(text)
    with pytest.raises(HallpassError) as refused:
        open_pass(presented, registry.find_pass(presented.holder_id, presented.token_id), NOW)
    return refused.value


def test_every_token_of_a_restored_registry_is_refused_as_an_unknown_one_is(restored: DynamoDbRegistry) -> None:
    unknown = refusal(restored, mint(TokenKind.LIVE, INTEGRATION_ID, "None", bytes(32)).text.reveal())
    for minted in VENDOR.values():
        refused = refusal(restored, minted.text.reveal())
        assert type(refused) is TokenInvalidError
        assert (refused.detail, refused.headers, refused.members) == (unknown.detail, unknown.headers, unknown.members)
    admin = parse_token(ADMIN.text.reveal())
    with pytest.raises(TokenInvalidError):
        open_actor(admin, restored.find_person(PERSON_ID, "Ptk1"), NOW)


def test_the_registry_that_was_copied_goes_on(original: DynamoDbRegistry, restored: DynamoDbRegistry) -> None:
    presented = parse_token(VENDOR["Act1"].text.reveal())
    assert open_pass(presented, original.find_pass(INTEGRATION_ID, "Act1"), NOW).token.id == "Act1"
    assert [token.void for token in original.tokens(INTEGRATION_ID)] == [False] * 3
    assert refusal(original, VENDOR["Rev1"].text.reveal()).slug == "token-revoked"


def test_a_restored_registry_lists_its_tokens_as_void(restored: DynamoDbRegistry) -> None:
    listed = [*restored.tokens(INTEGRATION_ID), *restored.person_tokens(PERSON_ID)]
    assert [(token.id, token.void, token.alive(NOW)) for token in listed] == [
        (name, True, False) for name in ("Act1", "Pau1", "Rev1", "Ptk1")
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda registry: registry.set_token_status(INTEGRATION_ID, "Pau1", TokenStatus.ACTIVE), id="resume"
        ),
        pytest.param(
            lambda registry: registry.set_token_status(INTEGRATION_ID, "Act1", TokenStatus.PAUSED), id="pause"
        ),
        pytest.param(
            lambda registry: registry.add_token(
                a_token("New1"),
                replace(an_integration(), version=4),
                replace(a_token("Act1"), expires_at=NOW + timedelta(days=1)),
            ),
            id="rotate",
        ),
    ],
)
def test_a_void_token_cannot_be_changed(restored: DynamoDbRegistry, change: Callable[[DynamoDbRegistry], None]) -> None:
    before = restored.tokens(INTEGRATION_ID)
    with pytest.raises(ConflictError):
        change(restored)
    assert restored.tokens(INTEGRATION_ID) == before


def test_a_void_token_can_be_revoked_as_any_other(restored: DynamoDbRegistry) -> None:
    restored.revoke_token(INTEGRATION_ID, "Rev1", NOW, PERSON_ID)
    restored.revoke_person(PERSON_ID, NOW, "bootstrap")
    ended = [restored.tokens(INTEGRATION_ID)[2], restored.person_tokens(PERSON_ID)[0]]
    assert [(token.status, token.void) for token in ended] == [(TokenStatus.REVOKED, True)] * 2


def test_a_token_that_is_issued_after_the_restore_holds(restored: DynamoDbRegistry) -> None:
    minted = mint(TokenKind.LIVE, INTEGRATION_ID, "New1", b"n" * 32)
    restored.add_token(a_token("New1", digest=minted.digest), replace(an_integration(), version=4))
    opened = open_pass(parse_token(minted.text.reveal()), restored.find_pass(INTEGRATION_ID, "New1"), NOW)
    assert (opened.token.id, opened.token.void) == ("New1", False)


def test_a_registry_of_the_same_name_in_another_region_is_another(dynamodb: DynamoDBClient) -> None:
    """A restore across regions may keep the name."""
    here = DynamoDbRegistry(dynamodb, create_table(dynamodb, "registry"))
    here.add_person(a_person(), a_token("Ptk1", PERSON_ID, generation=0))
    elsewhere = boto3.client("dynamodb", region_name="eu-west-1")
    create_table(elsewhere, "registry")
    for item in dynamodb.scan(TableName="registry")["Items"]:
        elsewhere.put_item(TableName="registry", Item=item)
    assert [token.void for token in here.person_tokens(PERSON_ID)] == [False]
    assert [token.void for token in DynamoDbRegistry(elsewhere, "registry").person_tokens(PERSON_ID)] == [True]


@pytest.mark.parametrize(
    ("home", "void"),
    [
        pytest.param({"S": "us-east-1/registry"}, False, id="this"),
        pytest.param({"S": "us-east-1/registry-2"}, True, id="one whose name begins alike"),
        pytest.param({"S": ""}, True, id="empty"),
        pytest.param(None, True, id="none, as an item of an older version"),
    ],
)
def test_a_token_is_void_unless_its_home_is_the_registry_it_is_read_from(home: Any, void: bool) -> None:
    item: Mapping[str, Any] = token_item(a_token(), token_key(INTEGRATION_ID, "Tok1"), "elsewhere") | {"home": home}
    read: Token = read_token({name: item[name] for name in item if item[name]}, "us-east-1/registry")
    assert read == replace(a_token(), void=void)


def test_a_home_of_another_kind_is_doubt() -> None:
    item = token_item(a_token(), token_key(INTEGRATION_ID, "Tok1"), "here") | {"home": {"N": "1"}}
    with pytest.raises(UnavailableError):
        read_token(item, "here")
