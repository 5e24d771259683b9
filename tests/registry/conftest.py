"""A registry to test: in memory, or the real adapter over an embedded DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.ports import Registry
from moto import mock_aws

from tests.aws_tables import CREDENTIALS, create_table
from tests.fakes import MemoryRegistry


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def table(aws: None) -> str:
    return create_table(client("dynamodb"), "registry")


@pytest.fixture(params=["memory", "dynamodb"])
def registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "memory":
        return MemoryRegistry()
    table = request.getfixturevalue("table")
    return DynamoDbRegistry(client("dynamodb"), table)
