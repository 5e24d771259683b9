"""The limits in DynamoDB: calls, races, doubt, and what is left behind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hallpass.adapters.dynamodb_quotas import ATTEMPTS, KEPT, DynamoDbQuotas
from hallpass.domain.errors import UnavailableError
from hallpass.domain.limits import Limits
from hallpass.domain.quota import UNUSED, Level, microseconds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aws_tables import REGION, atomic_aws, create_table
from tests.limits.test_contract import LIMITS, NOON, ONE
from tests.limits.test_quota import passed
from tests.store.wire import Wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MANY = Limits(per_minute=6, burst=20, pages_a_day=1_000)
KEY: Any = {"pk": {"S": f"quota#{ONE}"}, "sk": {"S": "level"}}


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> str:
    return create_table(dynamodb, "usage")


def item(dynamodb: DynamoDBClient, table: str) -> dict[str, Any]:
    return dict(dynamodb.get_item(TableName=table, Key=KEY)["Item"])


def test_one_call_takes_one_and_a_full_level_that_was_seen_none(dynamodb: DynamoDBClient, table: str) -> None:
    wire, level = Wire(dynamodb), UNUSED
    quotas = DynamoDbQuotas(dynamodb, table)
    for _ in range(LIMITS.burst):
        level = quotas.take(ONE, LIMITS, NOON, level).level
    assert wire.operations == ["UpdateItem"] * LIMITS.burst
    assert quotas.take(ONE, LIMITS, NOON, level).level == level
    assert len(wire.operations) == LIMITS.burst
    assert not quotas.take(ONE, LIMITS, NOON, UNUSED).fits
    assert len(wire.operations) == LIMITS.burst + 1


def test_an_item_holds_numbers_and_goes_by_itself(dynamodb: DynamoDBClient, table: str) -> None:
    DynamoDbQuotas(dynamodb, table).take(ONE, LIMITS, NOON, UNUSED)
    assert item(dynamodb, table) == KEY | {
        "schema": {"N": "1"},
        "free_at": {"N": str(microseconds(NOON) + 10_000_000)},
        "on_day": {"S": "2026-03-02"},
        "spent": {"N": "10"},
        "ttl": {"N": str(int((NOON + KEPT).timestamp()))},
    }


@pytest.mark.parametrize("found", [
    pytest.param({"free_at": None}, id="no time"),
    pytest.param({"on_day": {"S": "monday"}}, id="a day that is none"),
    pytest.param({"schema": {"N": "2"}}, id="another schema"),
])  # fmt: skip
def test_an_item_that_cannot_be_read_is_doubt(dynamodb: DynamoDBClient, table: str, found: dict[str, Any]) -> None:
    """What it says is not believed; what it does not say is not added to."""
    quotas = DynamoDbQuotas(dynamodb, table)
    quotas.take(ONE, LIMITS, NOON, UNUSED)
    broken = item(dynamodb, table) | found
    dynamodb.put_item(TableName=table, Item={name: value for name, value in broken.items() if value})
    with pytest.raises(UnavailableError):
        quotas.take(ONE, LIMITS, NOON, UNUSED)


class Changing:
    """A client under whose hands another container takes, before each of its writes."""

    def __init__(self, client: DynamoDBClient, others: Iterator[Any]) -> None:
        self._client = client
        self._others = others

    def update_item(self, **named: Any) -> Any:
        next(self._others, None)
        return self._client.update_item(**named)


def test_what_changes_under_its_hands_costs_a_call_and_no_more(dynamodb: DynamoDBClient, table: str) -> None:
    """It was of yesterday and rested, then of today, then in use: never twice the same."""
    other = DynamoDbQuotas(dynamodb, table)
    yesterday = NOON - timedelta(days=1)
    key = dict(KEY)
    told = {"schema": {"N": "1"}, "spent": {"N": "0"}}

    def put(free_at: int, day: str) -> None:
        dynamodb.put_item(TableName=table, Item={**key, **told, "free_at": {"N": str(free_at)}, "on_day": {"S": day}})

    def others() -> Iterator[None]:
        put(0, NOON.date().isoformat())
        yield
        put(microseconds(NOON) + 5, NOON.date().isoformat())
        yield

    seen = other.take(ONE, LIMITS, yesterday, UNUSED).level
    found = DynamoDbQuotas(Changing(dynamodb, others()), table).take(  # type: ignore[arg-type]  # as far as it is used
        ONE, LIMITS, NOON, seen
    )
    assert found.fits
    assert found.level == Level(microseconds(NOON) + 5 + 10_000_000, NOON.date(), 10)


def test_what_never_stands_still_is_doubt(dynamodb: DynamoDBClient, table: str) -> None:
    """It cannot be so: a level only rises. If it were, nobody would be let pass by it."""
    told = {"schema": {"N": "1"}, "spent": {"N": "0"}, "on_day": {"S": NOON.date().isoformat()}}

    def others() -> Iterator[None]:
        for free_at in itertools.cycle((microseconds(NOON) + 5, 0)):
            dynamodb.put_item(TableName=table, Item={**KEY, **told, "free_at": {"N": str(free_at)}})
            yield

    wire = Wire(dynamodb)
    with pytest.raises(UnavailableError):
        DynamoDbQuotas(Changing(dynamodb, others()), table).take(  # type: ignore[arg-type]  # as far as it is used
            ONE, LIMITS, NOON, UNUSED
        )
    assert wire.operations.count("UpdateItem") == ATTEMPTS


@pytest.mark.parametrize(
    "fault",
    [ClientError({"Error": {"Code": code, "Message": "m"}}, "UpdateItem") for code in (
        "ProvisionedThroughputExceededException", "AccessDeniedException", "InternalServerError", "ValidationException",
    )] + [EndpointConnectionError(endpoint_url="https://dynamodb.example")],
    ids=repr,
)  # fmt: skip
def test_a_table_that_cannot_be_asked_is_doubt(
    dynamodb: DynamoDBClient, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fail(**_: object) -> None:
        raise fault

    monkeypatch.setattr(dynamodb, "update_item", fail)
    with pytest.raises(UnavailableError):
        DynamoDbQuotas(dynamodb, "usage").take(ONE, LIMITS, NOON, UNUSED)


def test_threads_that_take_at_once_take_what_there_is_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with atomic_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        quotas = DynamoDbQuotas(client, create_table(client, "usage"))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: quotas.take(ONE, MANY, NOON, UNUSED).fits, range(60)))
    assert sum(found) == MANY.burst


class Woven:
    """A client whose writes are each preceded by as many whole takes of others as `script` says."""

    def __init__(self, client: DynamoDBClient, table: str, script: Iterator[int], limits: Limits) -> None:
        self._client, self._table, self._script, self._limits = client, table, script, limits
        self.passed = 0
        self.at = NOON

    def take(self, seen: Level = UNUSED) -> Level:
        quotas = DynamoDbQuotas(self, self._table)  # type: ignore[arg-type]  # as far as it is used
        found = quotas.take(ONE, self._limits, self.at, seen)
        self.passed += found.fits
        return found.level

    def update_item(self, **named: Any) -> Any:
        for _ in range(next(self._script, 0)):
            self.take()
        return self._client.update_item(**named)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limits=st.builds(Limits, st.just(60), st.integers(1, 4), st.integers(1, 8)),
    script=st.lists(st.integers(0, 2), max_size=14),
    pauses=st.lists(st.sampled_from([0, 0, 1_000_000, 86_400_000_000]), min_size=1, max_size=4),
)
def test_however_takes_interleave_exactly_the_limit_passes(
    dynamodb: DynamoDBClient, limits: Limits, script: list[int], pauses: list[int]
) -> None:
    """Every take may be interrupted before each of its writes by others, and these as well."""
    table = create_table(dynamodb, f"usage-{next(_NUMBERS)}")
    woven, model = Woven(dynamodb, table, iter(script), limits), UNUSED
    for pause in pauses:
        woven.at += timedelta(microseconds=pause)
        woven.passed, seen = 0, UNUSED
        for _ in range(limits.burst + 1):
            seen = woven.take(seen)
        # As one after the other, since more came than the limit lets pass.
        room, model = passed(limits, woven.at, model)
        assert (woven.passed, woven.take()) == (room, model)


_NUMBERS = itertools.count(1)
