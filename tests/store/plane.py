"""The data plane over the real stores and the real registry: AWS by moto, faults by table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters.byte_memory import ByteMemory
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.pages_table import PagesTable
from hallpass.adapters.remembering_pages import LIFETIME, RememberingPageStore
from hallpass.domain.http import HttpResponse

from tests.aws_tables import create_table
from tests.store.conftest import Table
from tests.store.wire import Fault, Wire, asked
from tests.vendor.world import World, incident, page

PAGES = 3
_NUMBERS = count(1)


@dataclass(slots=True)
class Plane:
    """One container: `world` is told the requests. `pages`, `registry`: its tables."""

    world: World
    wire: Wire
    pages: Table
    registry: Table
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.world.token()

    def get(self, query: str = "") -> HttpResponse:
        return self.world.get(self.token, query=query)

    @contextmanager
    def failing(self, table: Table, fault: Fault) -> Iterator[None]:
        """Every call of that table fails so."""

        def choose(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
            return fault(operation, request) if table_of(request) == table.name else None

        with self.wire.failing(choose):
            yield


def table_of(request: AWSPreparedRequest) -> str:
    body = asked(request)
    if "TableName" in body:
        return str(body["TableName"])
    if "RequestItems" in body:
        return str(next(iter(body["RequestItems"])))
    return str(next(iter(body["TransactItems"][0].values()))["TableName"])


def upstream_pages(version: str) -> dict[int, bytes]:
    """A listing of three pages; every version of it has other incidents."""
    return {
        number: page(*(incident(10 * number + row, text=version) for row in range(2)), number=number, total=PAGES)
        for number in range(1, PAGES + 1)
    }


def new_plane(client: Any, wire: Wire) -> Plane:
    """On tables of its own, with one district and one token."""
    number = next(_NUMBERS)
    pages, registry = (
        Table(client, create_table(client, f"{kind}-of-plane-{number}")) for kind in ("pages", "registry")
    )
    world = World(registry=DynamoDbRegistry(client, registry.name))  # type: ignore[arg-type]  # the port's other one
    world.upstream.pages = upstream_pages("first")
    restart(world, pages)
    return Plane(world, wire, pages, registry)


def restart(world: World, pages: Table) -> None:
    """A new container over the same tables, which remembers nothing."""
    table = PagesTable(pages.client, pages.name, world.clock, world.telemetry)
    kept = RememberingPageStore(DynamoDbPageStore(table), ByteMemory(1 << 22, LIFETIME, world.clock.now))
    world.store = kept  # type: ignore[assignment]  # as above
    world.walks = DynamoDbWalkStore(table)  # type: ignore[assignment]
    world.accounts = DynamoDbAccountStore(table)  # type: ignore[assignment]


def problem(response: HttpResponse) -> str:
    return str(json.loads(response.body)["type"]).rpartition(":")[2]


def header(response: HttpResponse, name: str) -> str:
    return dict(response.headers)[name]
