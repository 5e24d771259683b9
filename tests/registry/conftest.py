"""A registry to test: in memory, or the real adapter over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
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

__all__ = ["ministack"]
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="package")
def aws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        yield


@pytest.fixture(scope="package")
def dynamodb(aws: None) -> DynamoDBClient:
    """One client for all: making one takes longer than a test."""
    return client("dynamodb")


@pytest.fixture(scope="package")
def stood_in(ministack: str) -> DynamoDBClient:
    return stand_in_client("dynamodb", ministack)


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> str:
    """A table of the test's own."""
    return create_table(dynamodb, f"table-{next(_NUMBERS)}")


@pytest.fixture(params=["memory", "moto", "ministack"])
def registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "memory":
        return MemoryRegistry()
    if request.param == "moto":
        dynamodb = request.getfixturevalue("dynamodb")
        return DynamoDbRegistry(dynamodb, request.getfixturevalue("table"))
    stood_in = request.getfixturevalue("stood_in")
    return DynamoDbRegistry(stood_in, create_table(stood_in, f"table-{next(_NUMBERS)}"))
