"""The data plane over the real DynamoDB adapters, on moto, with a clock that is moved: what its calls are, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3
from hallpass.adapters.byte_memory import ByteMemory
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_quotas import DynamoDbQuotas
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.pages_table import PagesTable
from hallpass.adapters.registry_roster import RegistryRoster
from hallpass.adapters.remembering_pages import LIFETIME, Memory, RememberingPageStore
from hallpass.ledger_ports import LedgerKeys
from hallpass.services.assembly import Parts
from hallpass.services.failures import Failures
from hallpass.services.limiter import Limiter
from moto import mock_aws

from tests.aws_tables import REGION, create_table
from tests.ledger_fake import MemoryLedger
from tests.store.wire import Wire
from tests.vendor.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MEMORY_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Cost:
    """What some requests took."""

    upstream: int
    dynamodb: Counter[str]

    @property
    def calls(self) -> int:
        return self.dynamodb.total()


class TableWorld:
    """`world` is over one table; `restart` is another container, which remembers nothing."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.wire = Wire(client)
        self._client = client
        self.world = _Tabled()
        self.world.registry = DynamoDbRegistry(client, "registry")  # type: ignore[assignment]  # a Registry as well
        self.world.usage = DynamoDbUsage(client, "usage")  # type: ignore[assignment]  # a Usage as well
        self.world.registry.add_district(self.world.first_district)
        self.world.marks = self.world.ledger
        self.world.ledger = DynamoDbLedger(client, "ledger")  # type: ignore[assignment]  # a Ledger as well
        self.restart()

    def restart(self) -> None:
        table = PagesTable(self._client, "pages", self.world.clock, self.world.telemetry)
        quotas = DynamoDbQuotas(self._client, "usage")
        self.world.limiter = Limiter(quotas, self.world.clock, self.world.telemetry)
        roster = RegistryRoster(self._client, "registry", self.world.clock)
        self.world.failures = Failures(roster, self.world.clock)
        memory: Memory = ByteMemory(MEMORY_BYTES, LIFETIME, self.world.clock.now)
        self.world.stores = {
            "store": RememberingPageStore(DynamoDbPageStore(table), memory),
            "walks": DynamoDbWalkStore(table),
            "accounts": DynamoDbAccountStore(table),
        }

    @contextmanager
    def counted(self) -> Iterator[Cost]:
        """What is asked meanwhile."""
        cost, before = Cost(0, Counter()), len(self.world.upstream.calls)
        self.wire.clear()
        yield cost
        cost.upstream = len(self.world.upstream.calls) - before
        cost.dynamodb = Counter(self.wire.operations)


class _Tabled(World):
    """A World whose pages are kept in a table."""

    stores: dict[str, Any]
    marks: MemoryLedger

    @property
    def ledger_keys(self) -> LedgerKeys:
        """As a container has them that opened its district's key before."""
        return self.marks

    def __post_init__(self) -> None:
        World.__post_init__(self)
        found = self.registry.district("D1st")
        assert found is not None
        self.first_district = found

    @property
    def parts(self) -> Parts:
        memory: Parts = World.parts.__get__(self)
        return replace(memory, **self.stores)


@contextmanager
def table_world() -> Iterator[TableWorld]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        for name in ("registry", "pages", "usage", "ledger"):
            create_table(client, name)
        yield TableWorld(client)


__all__ = ["Cost", "TableWorld", "table_world"]
