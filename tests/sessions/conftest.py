"""What an admin has for hours: in memory, or the real adapters over moto in this process or MiniStack on loopback."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hallpass.adapters.dynamodb_claim_links import DynamoDbClaimLinks
from hallpass.adapters.dynamodb_invitations import DynamoDbInvitations
from hallpass.adapters.dynamodb_outcomes import DynamoDbOutcomes
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_sessions import DynamoDbSessions
from hallpass.desk_ports import ClaimLinkStore, InvitationStore, OutcomeStore, SessionStore
from hallpass.ports import Registry

from tests.aws_tables import create_table
from tests.desk_fakes import MemoryClaimLinks, MemoryInvitations, MemoryOutcomes, MemorySessions
from tests.fakes import MemoryRegistry
from tests.ministack import ministack
from tests.registry.conftest import aws, clients, dynamodb, stood_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["aws", "clients", "dynamodb", "ministack", "stood_in"]
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stores:
    """All four, over the same table, and the registry. `client`, `table`: of the real ones."""

    sessions: SessionStore
    invitations: InvitationStore
    outcomes: OutcomeStore
    claims: ClaimLinkStore
    registry: Registry
    client: DynamoDBClient | None = None
    table: str = ""


def over(client: DynamoDBClient) -> Stores:
    number = next(_NUMBERS)
    table = create_table(client, f"sessions-{number}")
    registry = DynamoDbRegistry(client, create_table(client, f"registry-of-{number}"))
    three = DynamoDbSessions(client, table), DynamoDbInvitations(client, table), DynamoDbOutcomes(client, table)
    return Stores(*three, DynamoDbClaimLinks(client, table, registry), registry, client, table)


@pytest.fixture(params=["memory", "moto", "ministack"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        registry = MemoryRegistry()
        return Stores(MemorySessions(), MemoryInvitations(), MemoryOutcomes(), MemoryClaimLinks(registry), registry)
    return over(request.getfixturevalue("dynamodb" if request.param == "moto" else "stood_in"))


@pytest.fixture
def stored(dynamodb: DynamoDBClient) -> Stores:
    """The real adapters alone, over moto."""
    return over(dynamodb)
