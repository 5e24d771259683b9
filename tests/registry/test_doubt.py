"""What the registry answers when its store fails or holds what this version cannot read: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.domain.access import TokenStatus
from hallpass.domain.errors import ConflictError, UnavailableError

from tests.records import DISTRICT_ID, INTEGRATION_ID, NOW, PERSON_ID, a_district, a_person, a_token, an_integration
from tests.registry.conftest import Clients

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CODES = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
    "AccessDeniedException",
    "ResourceNotFoundException",
    "ValidationException",
]
CALLS: list[Callable[[DynamoDbRegistry], object]] = [
    lambda registry: registry.find_pass(INTEGRATION_ID, "Tok1"),
    lambda registry: registry.find_person(PERSON_ID, "Tok1"),
    lambda registry: registry.districts(),
    lambda registry: registry.integration(INTEGRATION_ID),
    lambda registry: registry.tokens(INTEGRATION_ID),
    lambda registry: registry.add_district(a_district()),
    lambda registry: registry.save_district(a_district()),
    lambda registry: registry.save_integration(an_integration()),
    lambda registry: registry.amend_integration(an_integration(), NOW, PERSON_ID),
    lambda registry: registry.integration_history(INTEGRATION_ID),
    lambda registry: registry.add_person_token(a_token("Ptk1"), a_token("Ptk2")),
    lambda registry: registry.revoke_person(PERSON_ID, NOW, PERSON_ID),
    lambda registry: registry.stop_tokens(INTEGRATION_ID),
    lambda registry: registry.set_token_status(INTEGRATION_ID, "Tok1", TokenStatus.PAUSED),
    lambda registry: registry.revoke_token(INTEGRATION_ID, "Tok1", NOW, PERSON_ID),
]


@contextmanager
def failing(registry: DynamoDbRegistry, error: Callable[[], Exception], times: int = 99) -> Iterator[list[str]]:
    """Makes the next `times` calls of the registry's client end in `error`; gives the names of all calls."""
    names: list[str] = []
    events = registry._client.meta.events

    def fail(model: Any, **_: object) -> None:
        names.append(model.name)
        if len(names) <= times:
            raise error()

    events.register("before-call.dynamodb", fail)
    try:
        yield names
    finally:
        events.unregister("before-call.dynamodb", fail)


def client_error(code: str, reasons: list[dict[str, str]] | None = None) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "m"}, "CancellationReasons": reasons or []}
    return ClientError(response, "Operation")


def meets_a_write() -> ClientError:
    return client_error("TransactionCanceledException", [{"Code": "TransactionConflict"}])


@pytest.fixture
def filled(dynamodb: DynamoDBClient, table: str) -> DynamoDbRegistry:
    registry = DynamoDbRegistry(dynamodb, table)
    registry.add_district(a_district())
    registry.add_integration(an_integration())
    registry.add_token(a_token(), an_integration())
    registry.add_person(a_person(), a_token("Tok1", PERSON_ID, generation=0))
    return registry


@pytest.mark.parametrize("code", CODES)
def test_every_failure_of_the_store_is_doubt(code: str) -> None:
    with pytest.raises(UnavailableError) as doubt, aws_errors():
        raise client_error(code)
    assert isinstance(doubt.value.__cause__, ClientError)


def test_no_call_survives_a_store_that_is_away(filled: DynamoDbRegistry) -> None:
    with failing(filled, lambda: EndpointConnectionError(endpoint_url="http://127.0.0.1:1")):
        for call in CALLS:
            with pytest.raises(UnavailableError):
                call(filled)


@pytest.mark.parametrize(
    ("reason", "raised"),
    [
        ("ConditionalCheckFailed", ConflictError),
        ("TransactionConflict", ConflictError),
        ("ThrottlingError", UnavailableError),
        ("ItemCollectionSizeLimitExceeded", UnavailableError),
    ],
)
def test_a_cancelled_write_is_a_lost_race_or_doubt(reason: str, raised: type[Exception]) -> None:
    with pytest.raises(raised), aws_errors():
        raise client_error("TransactionCanceledException", [{"Code": "None"}, {"Code": reason}])


def test_a_read_that_meets_a_write_is_read_once_more(filled: DynamoDbRegistry) -> None:
    with failing(filled, meets_a_write, times=1) as calls:
        assert filled.find_pass(INTEGRATION_ID, "Tok1") is not None
    assert calls == ["TransactGetItems"] * 2


def test_a_read_that_meets_writes_twice_is_doubt(filled: DynamoDbRegistry) -> None:
    with failing(filled, meets_a_write) as calls, pytest.raises(UnavailableError):
        filled.find_pass(INTEGRATION_ID, "Tok1")
    assert len(calls) == 2


def test_every_read_is_consistent(filled: DynamoDbRegistry) -> None:
    seen: list[tuple[str, object]] = []

    def look(params: Any, model: Any, **_: object) -> None:
        seen.append((model.name, params.get("ConsistentRead")))

    events = filled._client.meta.events
    events.register("provide-client-params.dynamodb", look)
    filled.find_pass(INTEGRATION_ID, "Tok1")
    filled.find_person(PERSON_ID, "Tok1")
    filled.districts()
    filled.integrations(DISTRICT_ID)
    filled.tokens(INTEGRATION_ID)
    events.unregister("provide-client-params.dynamodb", look)
    assert {name for name, _ in seen} == {"TransactGetItems", "Query", "GetItem"}
    # A transaction's reads are serializable and take no such parameter.
    assert all(consistent is True for name, consistent in seen if name != "TransactGetItems")


def test_lists_go_on_to_the_last_page(filled: DynamoDbRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2, 6):
        filled.add_integration(an_integration(f"D1stVnd{number}"))
    query = filled._client.query

    def two_at_a_time(**request: Any) -> Any:
        return query(**request, Limit=2)

    monkeypatch.setattr(filled._client, "query", two_at_a_time)
    assert len(filled.integrations(DISTRICT_ID)) == 5


@pytest.mark.parametrize(
    ("sort_key", "attribute", "value"),
    [
        pytest.param("district", "schema", {"N": "2"}, id="a newer schema"),
        pytest.param("district", "schema", None, id="no schema"),
        pytest.param("district", "status", {"S": "suspended"}, id="an unknown status"),
        pytest.param("district", "version", {"N": "1.5"}, id="half a version"),
        pytest.param("district", "name", {"N": "7"}, id="a name that is a number"),
        pytest.param("district", "created_at", {"S": "2026-03-02"}, id="a day for a time"),
        pytest.param("district", "cache", {"S": "{"}, id="a cache policy that is no JSON"),
        pytest.param("district", "cache", {"S": '{"fresh_for":300}'}, id="a cache policy that is half there"),
        pytest.param("district", "cache", {"N": "300"}, id="a cache policy that is a number"),
        pytest.param(f"integration#{INTEGRATION_ID}", "may_refresh", {"S": "true"}, id="a permission that is text"),
        pytest.param(f"integration#{INTEGRATION_ID}", "may_refresh", {"NULL": True}, id="a permission that is null"),
        pytest.param(f"integration#{INTEGRATION_ID}", "stale_cap", {"N": "-1"}, id="a cap before nothing"),
        pytest.param(f"integration#{INTEGRATION_ID}", "stale_cap", {"N": "9" * 30}, id="a cap beyond all time"),
        pytest.param(f"integration#{INTEGRATION_ID}", "scope", {"S": "{"}, id="a scope that is no JSON"),
        pytest.param(f"integration#{INTEGRATION_ID}", "scope", {"S": '{"fields":"all"}'}, id="a scope that is none"),
        pytest.param(f"integration#{INTEGRATION_ID}", "agreement_ends_on", {"S": "soon"}, id="an end that is no day"),
        pytest.param(f"token#{INTEGRATION_ID}#Tok1", "digest", {"S": "01"}, id="a digest that is text"),
        pytest.param(f"token#{INTEGRATION_ID}#Tok1", "expires_at", None, id="a token without an end"),
        pytest.param(f"token#{INTEGRATION_ID}#Tok1", "status", {"S": "ACTIVE"}, id="a status in another case"),
    ],
)
def test_an_item_that_cannot_be_read_is_doubt(
    filled: DynamoDbRegistry, table: str, sort_key: str, attribute: str, value: dict[str, str] | None
) -> None:
    key: Any = {"pk": {"S": f"district#{DISTRICT_ID}"}, "sk": {"S": sort_key}}
    change: dict[str, Any] = {"UpdateExpression": "REMOVE #a"}
    if value is not None:
        change = {"UpdateExpression": "SET #a = :v", "ExpressionAttributeValues": {":v": value}}
    filled._client.update_item(TableName=table, Key=key, ExpressionAttributeNames={"#a": attribute}, **change)
    with pytest.raises(UnavailableError):
        filled.find_pass(INTEGRATION_ID, "Tok1")


def test_clients_wait_no_longer_than_a_request_can(clients: Clients) -> None:
    configs: list[tuple[Any, float]] = [(clients.dynamodb.meta.config, 1.0), (clients.secretsmanager.meta.config, 2.0)]
    for config, read in configs:
        assert (config.connect_timeout, config.read_timeout) == (0.5, read)
        assert config.retries == {"mode": "standard", "total_max_attempts": 2}


def test_what_is_stored_of_a_token_cannot_authenticate(filled: DynamoDbRegistry, table: str) -> None:
    items = filled._client.scan(TableName=table)["Items"]
    assert "hp_live_" not in str(items)
    assert "hp_admin_" not in str(items)
