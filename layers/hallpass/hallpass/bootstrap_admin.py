"""The composition root of the control plane: settings in, a handler out, built once per container."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

from hallpass.adapters.admin_http import AdminHttp
from hallpass.adapters.api_gateway import Handler, LambdaContext
from hallpass.adapters.audit_log import StdoutAuditLog
from hallpass.adapters.aws_clients import client
from hallpass.adapters.container import Container
from hallpass.adapters.dynamodb_cache_count import DynamoDbCacheCounter
from hallpass.adapters.dynamodb_claim_links import DynamoDbClaimLinks
from hallpass.adapters.dynamodb_disclosure_index import DynamoDbDisclosureIndex
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.adapters.dynamodb_invitations import DynamoDbInvitations
from hallpass.adapters.dynamodb_kept_pages import DynamoDbKeptPages
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_outcomes import DynamoDbOutcomes
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_sessions import DynamoDbSessions
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.kms_ledger_keys import KmsLedgerKeys, ledger_key_maker
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeyMaker
from hallpass.adapters.patience import SleepingPatience
from hallpass.adapters.requests_upstream import RequestsUpstream
from hallpass.adapters.secrets_vault import SecretsVaultWriter
from hallpass.adapters.system_clock import SystemClock
from hallpass.adapters.telemetry import PowertoolsTelemetry, make_telemetry
from hallpass.services.manage_access import Desk
from hallpass.services.recording import Recorder
from hallpass.settings import Settings, needed


def admin_handler(environment: Mapping[str, str] = os.environ) -> Handler:
    """The Lambda handler of admin_api. Raises SettingsError."""
    settings = Settings.of(environment)
    for name in ("LEDGER_TABLE", "DISCLOSURE_INDEX_TABLE", "LEDGER_KEY_ID", "SESSIONS_TABLE"):
        needed(environment, name)
    telemetry = make_telemetry(settings.service, settings.metrics_namespace)
    desk, ledger = _desk(settings, telemetry)
    recorder = Recorder(ledger, StdoutAuditLog(), desk.clock, telemetry, settings.version)
    admin = AdminHttp(desk, recorder, telemetry, settings.public_base_url)
    container = Container()

    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        try:
            return admin.handle(event, context, cold=container.is_new())
        finally:
            telemetry.flush()

    return handle


def _desk(settings: Settings, telemetry: PowertoolsTelemetry) -> tuple[Desk, DynamoDbLedger]:
    clock = SystemClock()
    dynamodb = client("dynamodb")
    kms = client("kms")
    ledger = DynamoDbLedger(dynamodb, settings.ledger_table, ledger_key_maker(lambda: kms, settings.ledger_key_id))
    registry = DynamoDbRegistry(dynamodb, settings.registry_table)
    desk = Desk(
        registry=registry,
        vault=SecretsVaultWriter(client("secretsmanager"), settings.secret_prefix, settings.secrets_key_id or None),
        upstream=RequestsUpstream(settings.upstream_url, clock, version=settings.version),
        usage=DynamoDbUsage(dynamodb, settings.usage_table),
        quarantine=DynamoDbQuarantine(dynamodb, settings.usage_table),
        keys=KmsPseudonymKeyMaker(kms, settings.pseudonyms_key_id),
        eraser=DynamoDbEraser(dynamodb, settings.pages_table),
        counter=DynamoDbCacheCounter(dynamodb, settings.pages_table),
        ledger=ledger,
        index=DynamoDbDisclosureIndex(dynamodb, settings.index_table),
        ledger_keys=KmsLedgerKeys(ledger, lambda: kms, clock),
        people=ledger,
        kept=DynamoDbKeptPages(dynamodb, settings.pages_table, clock, telemetry),
        patience=SleepingPatience(),
        sessions=DynamoDbSessions(dynamodb, settings.sessions_table),
        invitations=DynamoDbInvitations(dynamodb, settings.sessions_table),
        claims=DynamoDbClaimLinks(dynamodb, settings.sessions_table, registry),
        outcomes=DynamoDbOutcomes(dynamodb, settings.sessions_table),
        clock=clock,
        entropy=secrets.token_bytes,
    )
    return desk, ledger
