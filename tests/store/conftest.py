"""A page store to test: in memory, or the real adapter over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.page_ports import PageStore
from moto import mock_aws

from tests.aws_tables import CREDENTIALS, create_table
from tests.fakes import SetClock
from tests.ministack import ministack
from tests.page_store_fake import MemoryPageStore
from tests.store.wire import Wire
from tests.vendor_fakes import CountedTelemetry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["ministack"]
_TABLE_NUMBERS = itertools.count(1)
# One session: it keeps what botocore reads from disk. Made after moto's import, which puts its hook into botocore.
_SESSION = boto3.session.Session(
    aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
    aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    region_name=CREDENTIALS["AWS_DEFAULT_REGION"],
)


@dataclass(frozen=True, slots=True)
class Table:
    """A pages table of a test's own, seen past the store."""

    client: DynamoDBClient
    name: str

    def items(self) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True)
        return [_read(item) for page in pages for item in page["Items"]]

    def of_kind(self, prefix: str, sk: str = "") -> list[dict[str, Any]]:
        return [item for item in self.items() if item["pk"].startswith(prefix) and item["sk"].startswith(sk)]

    def put(self, item: dict[str, Any]) -> None:
        self.client.put_item(TableName=self.name, Item={name: _WRITE.serialize(item[name]) for name in item})

    def delete(self, item: dict[str, Any]) -> None:
        self.client.delete_item(TableName=self.name, Key={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}})


@pytest.fixture(params=["moto", "ministack"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "ministack":
        yield _new_table(request.getfixturevalue("ministack"))
        return
    with mock_aws():
        yield _new_table(None)


@pytest.fixture
def moto_table() -> Iterator[Table]:
    """For faults that never reach the table, or that do not depend on which it is."""
    with mock_aws():
        yield _new_table(None)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def telemetry() -> CountedTelemetry:
    return CountedTelemetry()


@dataclass(frozen=True, slots=True)
class Bench:
    """The real store with everything around it at hand."""

    store: DynamoDbPageStore
    table: Table
    wire: Wire
    clock: SetClock
    telemetry: CountedTelemetry


@pytest.fixture
def bench(table: Table, clock: SetClock, telemetry: CountedTelemetry) -> Bench:
    return _bench(table, clock, telemetry)


@pytest.fixture
def moto_bench(moto_table: Table, clock: SetClock, telemetry: CountedTelemetry) -> Bench:
    return _bench(moto_table, clock, telemetry)


@pytest.fixture(params=["memory", "moto", "ministack"])
def store(request: pytest.FixtureRequest, clock: SetClock, telemetry: CountedTelemetry) -> Iterator[PageStore]:
    if request.param == "memory":
        yield MemoryPageStore()
        return
    if request.param == "ministack":
        yield _bench(_new_table(request.getfixturevalue("ministack")), clock, telemetry).store
        return
    with mock_aws():
        yield _bench(_new_table(None), clock, telemetry).store


def _bench(table: Table, clock: SetClock, telemetry: CountedTelemetry) -> Bench:
    wire = Wire(table.client)
    return Bench(DynamoDbPageStore(table.client, table.name, clock, telemetry), table, wire, clock, telemetry)


def _new_table(endpoint: str | None) -> Table:
    # One attempt: botocore waits before a second.
    config = Config(proxies={}, connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1})
    client = _SESSION.client("dynamodb", endpoint_url=endpoint, config=config)
    return Table(client, create_table(client, f"pages-{next(_TABLE_NUMBERS)}"))


_READ_TYPES = TypeDeserializer()
_WRITE = TypeSerializer()


def _read(item: Any) -> dict[str, Any]:
    return {name: _READ_TYPES.deserialize(value) for name, value in item.items()}
