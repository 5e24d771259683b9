"""What an admin has for hours: in memory, or the real adapters over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hallpass.adapters.dynamodb_invitations import DynamoDbInvitations
from hallpass.adapters.dynamodb_outcomes import DynamoDbOutcomes
from hallpass.adapters.dynamodb_sessions import DynamoDbSessions
from hallpass.desk_ports import InvitationStore, OutcomeStore, SessionStore

from tests.aws_tables import create_table
from tests.desk_fakes import MemoryInvitations, MemoryOutcomes, MemorySessions
from tests.ministack import ministack
from tests.registry.conftest import aws, clients, dynamodb, stood_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["aws", "clients", "dynamodb", "ministack", "stood_in"]
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stores:
    """All three, over the same table. `client`, `table`: of the real ones."""

    sessions: SessionStore
    invitations: InvitationStore
    outcomes: OutcomeStore
    client: DynamoDBClient | None = None
    table: str = ""


def over(client: DynamoDBClient) -> Stores:
    table = create_table(client, f"sessions-{next(_NUMBERS)}")
    three = DynamoDbSessions(client, table), DynamoDbInvitations(client, table), DynamoDbOutcomes(client, table)
    return Stores(*three, client, table)


@pytest.fixture(params=["memory", "moto", "ministack"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        return Stores(MemorySessions(), MemoryInvitations(), MemoryOutcomes())
    return over(request.getfixturevalue("dynamodb" if request.param == "moto" else "stood_in"))


@pytest.fixture
def stored(dynamodb: DynamoDBClient) -> Stores:
    """The real adapters alone, over moto."""
    return over(dynamodb)
