"""A registry to test: in memory, or the real adapter over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.ports import Registry
from moto import mock_aws

from sandbox.aws import client as stand_in_client
from tests.aws_tables import CREDENTIALS, create_table
from tests.fakes import MemoryRegistry
from tests.ministack import ministack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

__all__ = ["ministack"]
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Clients:
    """The adapters' own clients. One of each for all tests: to make one takes longer than a test."""

    dynamodb: DynamoDBClient
    secretsmanager: SecretsManagerClient


@pytest.fixture(scope="session")
def clients() -> Clients:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        return Clients(client("dynamodb"), client("secretsmanager"))


@pytest.fixture
def aws(clients: Clients) -> Iterator[Clients]:
    """An AWS of the test's own. Never shared: within another's, a test would meet the other's tables."""
    with mock_aws():
        yield clients


@pytest.fixture
def dynamodb(aws: Clients) -> DynamoDBClient:
    return aws.dynamodb


@pytest.fixture(scope="session")
def stood_in(ministack: str) -> DynamoDBClient:
    return stand_in_client("dynamodb", ministack)


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> str:
    """A table of the test's own."""
    return create_table(dynamodb, "registry")


@pytest.fixture(params=["memory", "moto", "ministack"])
def registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "memory":
        return MemoryRegistry()
    if request.param == "moto":
        dynamodb = request.getfixturevalue("dynamodb")
        return DynamoDbRegistry(dynamodb, request.getfixturevalue("table"))
    stood_in = request.getfixturevalue("stood_in")
    return DynamoDbRegistry(stood_in, create_table(stood_in, f"table-{next(_NUMBERS)}"))
