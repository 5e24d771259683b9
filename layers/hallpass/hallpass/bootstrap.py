"""The composition root of the data plane: settings in, a handler out, built once per container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hallpass.adapters.api_gateway import Handler, LambdaContext, answer_of, request_of
from hallpass.adapters.audit_log import StdoutAuditLog
from hallpass.adapters.aws_clients import client
from hallpass.adapters.container import Container
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_quotas import DynamoDbQuotas
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.kms_ledger_keys import KmsLedgerKeys
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeys
from hallpass.adapters.lambda_refresher import LambdaRefresher
from hallpass.adapters.registry_roster import RegistryRoster
from hallpass.adapters.static_files import site
from hallpass.adapters.telemetry import PowertoolsTelemetry, make_telemetry
from hallpass.bootstrap_pages import make_parts
from hallpass.bootstrap_synthetic import synthetic_gate, synthetic_reader
from hallpass.services.failures import Failures
from hallpass.services.gate import Gate
from hallpass.services.limiter import Limiter
from hallpass.services.read_incidents import IncidentReader
from hallpass.services.recording import Recorder
from hallpass.services.representations import Witnesses
from hallpass.services.vendor_api import Readers, VendorApi
from hallpass.settings import Settings, needed


def vendor_handler(environment: Mapping[str, str] = os.environ) -> Handler:
    """The Lambda handler of vendor_api. Raises SettingsError."""
    settings = Settings.of(environment)
    for name in ("LEDGER_TABLE",):
        needed(environment, name)
    telemetry = make_telemetry(settings.service, settings.metrics_namespace)
    api = _vendor_api(settings, telemetry)
    container = Container()

    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        request = request_of(event, context, cold=container.is_new())
        try:
            return answer_of(api.handle(request, context.get_remaining_time_in_millis() / 1000))
        finally:
            telemetry.flush()

    return handle


def _vendor_api(settings: Settings, telemetry: PowertoolsTelemetry) -> VendorApi:
    dynamodb = client("dynamodb")
    refresher = LambdaRefresher(lambda: client("lambda"), settings.page_refresh_function, telemetry)
    parts = make_parts(settings, dynamodb, telemetry, refresher)
    keys = KmsPseudonymKeys(lambda: client("kms"), parts.clock)
    ledger = DynamoDbLedger(dynamodb, settings.ledger_table)
    witnesses = Witnesses(ledger, KmsLedgerKeys(ledger, lambda: client("kms"), parts.clock))
    reader = IncidentReader(parts, telemetry, keys, witnesses, settings.public_base_url)
    registry = DynamoDbRegistry(dynamodb, settings.registry_table)
    usage = DynamoDbUsage(dynamodb, settings.usage_table)
    recorder = Recorder(ledger, StdoutAuditLog(), parts.clock, telemetry, settings.version)
    limiter = Limiter(DynamoDbQuotas(dynamodb, settings.usage_table), parts.clock, telemetry)
    failures = Failures(RegistryRoster(dynamodb, settings.registry_table, parts.clock), parts.clock)
    gate = Gate(registry, usage, limiter, failures, synthetic_gate(parts.clock), parts.clock)
    readers = Readers(reader, synthetic_reader(parts.clock, settings.public_base_url))
    return VendorApi(readers, gate, recorder, lambda: site("docs"))
