"""The credentials in Secrets Manager, and when a token was last used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hallpass.adapters.dynamodb_usage import MAX_NOTES, DynamoDbUsage
from hallpass.adapters.secrets_vault import SecretsVault, SecretsVaultWriter
from hallpass.domain.errors import UnavailableError
from hallpass.domain.secret import Secret

from tests.fakes import SetClock
from tests.records import NOW
from tests.registry.conftest import Clients

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

PREFIX = "stack/districts"


@pytest.fixture
def secrets(aws: Clients) -> SecretsManagerClient:
    return aws.secretsmanager


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def vault(secrets: SecretsManagerClient, clock: SetClock) -> SecretsVault:
    return SecretsVault(secrets, PREFIX, clock)


@pytest.fixture
def writer(secrets: SecretsManagerClient) -> SecretsVaultWriter:
    return SecretsVaultWriter(secrets, PREFIX, None)


def test_a_credential_is_kept_and_replaced(vault: SecretsVault, writer: SecretsVaultWriter) -> None:
    writer.keep("D1st", Secret("first"))
    assert vault.read("D1st") == Secret("first")
    writer.keep("D1st", Secret("second"))
    assert vault.read("D1st", again=True) == Secret("second")


def test_a_container_remembers_for_five_minutes_and_reads_past_it_when_told(
    vault: SecretsVault, writer: SecretsVaultWriter, clock: SetClock
) -> None:
    writer.keep("D1st", Secret("first"))
    vault.read("D1st")
    writer.keep("D1st", Secret("second"))
    clock.move(timedelta(seconds=299))
    assert vault.read("D1st") == Secret("first")
    clock.move(timedelta(seconds=1))
    assert vault.read("D1st") == Secret("second")


def test_the_districts_are_kept_apart(vault: SecretsVault, writer: SecretsVaultWriter) -> None:
    writer.keep("D1st", Secret("first"))
    writer.keep("D2nd", Secret("second"))
    assert [vault.read(one) for one in ("D1st", "D2nd", "D1st")] == [
        Secret("first"),
        Secret("second"),
        Secret("first"),
    ]


def test_a_missing_credential_is_doubt_and_nothing_is_remembered_in_its_place(
    vault: SecretsVault, writer: SecretsVaultWriter, secrets: SecretsManagerClient
) -> None:
    with pytest.raises(UnavailableError):
        vault.read("D1st")
    writer.keep("D1st", Secret("first"))
    vault.read("D1st")
    secrets.delete_secret(SecretId=f"{PREFIX}/D1st", ForceDeleteWithoutRecovery=True)
    for again in (True, False):
        with pytest.raises(UnavailableError):
            vault.read("D1st", again=again)


def test_a_secret_without_text_is_doubt(vault: SecretsVault, secrets: SecretsManagerClient) -> None:
    secrets.create_secret(Name=f"{PREFIX}/D1st", SecretBinary=b"bytes")
    with pytest.raises(UnavailableError):
        vault.read("D1st")


def test_the_key_of_the_stack_seals_the_secret(secrets: SecretsManagerClient) -> None:
    SecretsVaultWriter(secrets, PREFIX, "key-of-the-stack").keep("D1st", Secret("first"))
    assert secrets.describe_secret(SecretId=f"{PREFIX}/D1st")["KmsKeyId"] == "key-of-the-stack"


def test_an_erased_credential_is_gone_at_once_and_cannot_be_restored(
    vault: SecretsVault, writer: SecretsVaultWriter, secrets: SecretsManagerClient
) -> None:
    for one in ("D1st", "D2nd"):
        writer.keep(one, Secret("first"))
    # It may be said again, also of one that never was.
    for _ in range(2):
        writer.erase("D1st")
    writer.erase("None")
    with pytest.raises(UnavailableError):
        vault.read("D1st")
    assert [kept["Name"] for kept in secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]] == [
        f"{PREFIX}/D2nd"
    ]
    writer.keep("D1st", Secret("second"))
    assert vault.read("D1st") == Secret("second")


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalServiceError", "InvalidRequestException"])
def test_a_credential_that_cannot_be_erased_is_doubt(
    writer: SecretsVaultWriter, secrets: SecretsManagerClient, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "m"}}, "DeleteSecret")

    monkeypatch.setattr(secrets, "delete_secret", refuse)
    with pytest.raises(UnavailableError):
        writer.erase("D1st")


def test_what_cannot_be_kept_is_doubt_and_not_a_replacement(
    writer: SecretsVaultWriter, secrets: SecretsManagerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "m"}}, "CreateSecret")

    monkeypatch.setattr(secrets, "create_secret", refuse)
    with pytest.raises(UnavailableError):
        writer.keep("D1st", Secret("first"))


@pytest.fixture
def writes(dynamodb: DynamoDBClient) -> Iterator[list[str]]:
    """The names of the writes to come."""
    names: list[str] = []

    def look(model: Any, **_: object) -> None:
        names.extend([model.name] if model.name == "UpdateItem" else [])

    dynamodb.meta.events.register("before-call.dynamodb", look)
    yield names
    dynamodb.meta.events.unregister("before-call.dynamodb", look)


@pytest.fixture
def usage(dynamodb: DynamoDBClient, table: str) -> DynamoDbUsage:
    return DynamoDbUsage(dynamodb, table)


def test_a_use_is_written_once_a_minute(usage: DynamoDbUsage, writes: list[str]) -> None:
    for seconds in (0, 1, 59, 60, 61, 120):
        usage.token_used("D1stVnd1", "Tok1", NOW + timedelta(seconds=seconds))
    assert len(writes) == 3
    assert usage.last_used("D1stVnd1", ["Tok1", "None"]) == {"Tok1": NOW + timedelta(seconds=120)}


def test_two_containers_write_once_a_minute_and_only_forward(dynamodb: DynamoDBClient, table: str) -> None:
    first, second, third = (DynamoDbUsage(dynamodb, table) for _ in range(3))
    first.token_used("D1stVnd1", "Tok1", NOW)
    second.token_used("D1stVnd1", "Tok1", NOW + timedelta(seconds=59))
    assert first.last_used("D1stVnd1", ["Tok1"]) == {"Tok1": NOW}
    third.token_used("D1stVnd1", "Tok1", NOW - timedelta(hours=1))
    assert first.last_used("D1stVnd1", ["Tok1"]) == {"Tok1": NOW}


def test_what_is_noted_is_at_most_a_minute_old_however_many_containers_note_it(
    dynamodb: DynamoDBClient, table: str, writes: list[str]
) -> None:
    first, second = (DynamoDbUsage(dynamodb, table) for _ in range(2))
    first.token_used("D1stVnd1", "Tok1", NOW)
    for seconds in range(18, 79):
        second.token_used("D1stVnd1", "Tok1", NOW + timedelta(seconds=seconds))
        used = first.last_used("D1stVnd1", ["Tok1"])["Tok1"]
        assert NOW + timedelta(seconds=seconds) - used < timedelta(minutes=1)
    assert len(writes) == 3, "one of the first, one that was refused, one when the minute was over"


def test_a_refusal_by_an_item_that_cannot_be_read_is_not_repeated_for_a_minute(
    dynamodb: DynamoDBClient, table: str, writes: list[str]
) -> None:
    key: Any = {"pk": {"S": "token#D1stVnd1#Tok1"}, "sk": {"S": "usage"}}
    dynamodb.put_item(TableName=table, Item={**key, "schema": {"N": "2"}, "last_used": {"S": "9999"}})
    adapter = DynamoDbUsage(dynamodb, table)
    for seconds in (0, 59, 60):
        adapter.token_used("D1stVnd1", "Tok1", NOW + timedelta(seconds=seconds))
    assert len(writes) == 2


def test_tokens_of_different_holders_are_noted_apart(usage: DynamoDbUsage) -> None:
    usage.token_used("D1stVnd1", "Tok1", NOW)
    assert usage.last_used("D1stVnd2", ["Tok1"]) == {}


def test_a_table_that_is_away_is_asked_once_a_minute_and_nothing_raises(dynamodb: DynamoDBClient) -> None:
    adapter = DynamoDbUsage(dynamodb, "no-such-table")
    adapter.token_used("D1stVnd1", "Tok1", NOW)
    adapter.token_used("D1stVnd1", "Tok1", NOW)
    assert adapter.last_used("D1stVnd1", ["Tok1"]) == {}


def test_a_service_that_is_out_of_reach_is_asked_once_a_minute_and_nothing_raises(
    usage: DynamoDbUsage, dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def unreachable(**_: object) -> None:
        asked.append(_)
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    monkeypatch.setattr(dynamodb, "update_item", unreachable)
    for seconds in (0, 59, 60):
        usage.token_used("D1stVnd1", "Tok1", NOW + timedelta(seconds=seconds))
    assert len(asked) == 2


def test_an_item_that_cannot_be_read_is_no_use(dynamodb: DynamoDBClient, table: str) -> None:
    adapter = DynamoDbUsage(dynamodb, table)
    key: Any = {"pk": {"S": "token#D1stVnd1#Tok1"}, "sk": {"S": "usage"}}
    dynamodb.put_item(TableName=table, Item={**key, "schema": {"N": "2"}})
    assert adapter.last_used("D1stVnd1", ["Tok1"]) == {}


def test_the_notes_of_a_container_are_bounded(dynamodb: DynamoDBClient) -> None:
    adapter = DynamoDbUsage(dynamodb, "no-such-table")
    adapter._noted.update({("holder", str(number)): NOW for number in range(MAX_NOTES)})
    adapter.token_used("D1stVnd1", "Tok1", NOW)
    assert len(adapter._noted) == 1
