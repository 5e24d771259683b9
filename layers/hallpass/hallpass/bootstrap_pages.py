"""What reads and keeps pages, put together for the functions that do."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from hallpass.adapters.aws_clients import client
from hallpass.adapters.byte_memory import ByteMemory
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.pages_table import PagesTable
from hallpass.adapters.patience import SleepingPatience
from hallpass.adapters.remembering_pages import LIFETIME, Memory, RememberingPageStore
from hallpass.adapters.requests_upstream import RequestsUpstream
from hallpass.adapters.secrets_vault import SecretsVault
from hallpass.adapters.system_clock import SystemClock
from hallpass.page_ports import Refresher
from hallpass.ports import Telemetry
from hallpass.services.assembly import Parts
from hallpass.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def make_parts(settings: Settings, dynamodb: DynamoDBClient, telemetry: Telemetry, refresher: Refresher) -> Parts:
    clock = SystemClock()
    table = PagesTable(dynamodb, settings.pages_table, clock, telemetry)
    memory: Memory = ByteMemory(settings.representation_memory_bytes, LIFETIME, clock.now)
    return Parts(
        store=RememberingPageStore(DynamoDbPageStore(table), memory),
        walks=DynamoDbWalkStore(table),
        accounts=DynamoDbAccountStore(table),
        upstream=RequestsUpstream(settings.upstream_url, clock, version=settings.version),
        vault=SecretsVault(client("secretsmanager"), settings.secret_prefix, clock),
        quarantine=DynamoDbQuarantine(dynamodb, settings.usage_table),
        refresher=refresher,
        clock=clock,
        patience=SleepingPatience(),
        telemetry=telemetry,
        new_name=lambda: secrets.token_hex(4),
        choose=secrets.choice,
    )
