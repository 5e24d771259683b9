"""A ledger and an index to test: in memory, or the real adapters over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hallpass.adapters.dynamodb_disclosure_index import DynamoDbDisclosureIndex
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger

from tests.aws_tables import create_table
from tests.ledger_fake import MemoryIndex, MemoryLedger
from tests.ministack import ministack
from tests.registry.conftest import aws, clients, dynamodb, stood_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["aws", "clients", "dynamodb", "ministack", "stood_in"]
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Books:
    """Both, over the same store. Each is a port's implementation."""

    ledger: Any
    index: Any


def sealed(district_id: str) -> bytes:
    """As KMS would make it."""
    return f"sealed for {district_id}".encode()


def over(client: DynamoDBClient) -> Books:
    number = next(_NUMBERS)
    ledger = DynamoDbLedger(client, create_table(client, f"ledger-{number}"), sealed)
    return Books(ledger, DynamoDbDisclosureIndex(client, create_table(client, f"index-{number}")))


@pytest.fixture(params=["memory", "moto", "ministack"])
def books(request: pytest.FixtureRequest) -> Books:
    if request.param == "memory":
        return Books(MemoryLedger(), MemoryIndex())
    return over(request.getfixturevalue("dynamodb" if request.param == "moto" else "stood_in"))


@pytest.fixture
def stored(dynamodb: DynamoDBClient) -> Books:
    """The real adapters alone, over moto."""
    return over(dynamodb)
