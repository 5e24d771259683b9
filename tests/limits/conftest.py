"""The limits' store and the roster to test: in memory, or the real adapters over moto or MiniStack on loopback."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hallpass.adapters.dynamodb_quotas import DynamoDbQuotas
from hallpass.ports import Quotas

from tests.aws_tables import create_table
from tests.ministack import ministack
from tests.quota_fakes import MemoryQuotas
from tests.registry.conftest import aws, clients, dynamodb, stood_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["aws", "clients", "dynamodb", "ministack", "stood_in"]
_NUMBERS = itertools.count(1)


def client_of(request: pytest.FixtureRequest) -> DynamoDBClient:
    """The client of the parameter `moto` or `ministack`."""
    client: DynamoDBClient = request.getfixturevalue("dynamodb" if request.param == "moto" else "stood_in")
    return client


@pytest.fixture(params=["memory", "moto", "ministack"])
def quotas(request: pytest.FixtureRequest) -> Quotas:
    if request.param == "memory":
        return MemoryQuotas()
    client = client_of(request)
    return DynamoDbQuotas(client, create_table(client, f"usage-{next(_NUMBERS)}"))
