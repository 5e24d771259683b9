"""The three stores to test: in memory, or the real adapters over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.pages_table import CALL_SECONDS, PagesTable
from hallpass.page_ports import AccountStore, PageStore, WalkStore
from moto import mock_aws

from tests.aws_tables import CREDENTIALS, create_table
from tests.fakes import SetClock
from tests.ministack import ministack
from tests.page_store_fake import MemoryPageStore
from tests.store.wire import Wire
from tests.vendor_fakes import CountedTelemetry
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

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
    """A pages table of a test's own, seen past the stores."""

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
        yield new_table(request.getfixturevalue("ministack"))
        return
    with mock_aws():
        yield new_table(None)


@pytest.fixture
def moto_table() -> Iterator[Table]:
    """For faults that never reach the table, or that do not depend on which it is."""
    with mock_aws():
        yield new_table(None)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def telemetry() -> CountedTelemetry:
    return CountedTelemetry()


@dataclass(frozen=True, slots=True)
class Bench:
    """The real stores of one container with everything around them at hand."""

    table: Table
    clock: SetClock
    telemetry: CountedTelemetry
    wire: Wire
    seconds_left: Callable[[], float] = field(default=lambda: CALL_SECONDS)

    @property
    def _opened(self) -> PagesTable:
        return PagesTable(self.table.client, self.table.name, self.clock, self.telemetry, self.seconds_left)

    @property
    def pages(self) -> DynamoDbPageStore:
        return DynamoDbPageStore(self._opened)

    @property
    def walks(self) -> DynamoDbWalkStore:
        return DynamoDbWalkStore(self._opened)

    @property
    def accounts(self) -> DynamoDbAccountStore:
        return DynamoDbAccountStore(self._opened)

    def elsewhere(self, clock: SetClock) -> Bench:
        """Another container over the same table, by another clock."""
        return Bench(self.table, clock, self.telemetry, self.wire)

    def hurried(self, seconds_left: Callable[[], float]) -> Bench:
        """For one request, as `within` of each store."""
        return Bench(self.table, self.clock, self.telemetry, self.wire, seconds_left)


@pytest.fixture
def bench(table: Table, clock: SetClock, telemetry: CountedTelemetry) -> Bench:
    return Bench(table, clock, telemetry, Wire(table.client))


@pytest.fixture
def moto_bench(moto_table: Table, clock: SetClock, telemetry: CountedTelemetry) -> Bench:
    return Bench(moto_table, clock, telemetry, Wire(moto_table.client))


@pytest.fixture(params=["memory", "moto", "ministack"])
def real(request: pytest.FixtureRequest, clock: SetClock, telemetry: CountedTelemetry) -> Iterator[Bench | None]:
    """None stands for the fakes."""
    if request.param == "memory":
        yield None
        return
    endpoint = request.getfixturevalue("ministack") if request.param == "ministack" else None
    with stand_in(endpoint) as table:
        yield Bench(table, clock, telemetry, Wire(table.client))


@pytest.fixture
def store(real: Bench | None) -> PageStore:
    return MemoryPageStore() if real is None else real.pages


@pytest.fixture
def walks(real: Bench | None, clock: SetClock) -> WalkStore:
    return MemoryWalkStore(clock) if real is None else real.walks


@pytest.fixture
def accounts(real: Bench | None) -> AccountStore:
    return MemoryAccountStore() if real is None else real.accounts


@contextmanager
def stand_in(endpoint: str | None) -> Iterator[Table]:
    """A new table at the endpoint; None stands for moto in this process."""
    if endpoint is not None:
        yield new_table(endpoint)
        return
    with mock_aws():
        yield new_table(None)


def new_table(endpoint: str | None) -> Table:
    # One attempt: botocore waits before a second.
    config = Config(proxies={}, connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1})
    client = _SESSION.client("dynamodb", endpoint_url=endpoint, config=config)
    return Table(client, create_table(client, f"pages-{next(_TABLE_NUMBERS)}"))


_READ_TYPES = TypeDeserializer()
_WRITE = TypeSerializer()


def _read(item: Any) -> dict[str, Any]:
    return {name: _READ_TYPES.deserialize(value) for name, value in item.items()}
