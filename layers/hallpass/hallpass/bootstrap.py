"""The composition root of the data plane: settings in, a handler out, built once per container."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from hallpass.adapters.api_gateway import Handler, LambdaContext, answer_of, request_of
from hallpass.adapters.audit_log import StdoutAuditLog
from hallpass.adapters.aws_clients import client
from hallpass.adapters.byte_memory import ByteMemory
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeys
from hallpass.adapters.remembering_pages import LIFETIME, Memory, RememberingPageStore
from hallpass.adapters.requests_upstream import RequestsUpstream
from hallpass.adapters.secrets_vault import SecretsVault
from hallpass.adapters.system_clock import SystemClock
from hallpass.adapters.telemetry import PowertoolsTelemetry, make_telemetry
from hallpass.ports import Clock
from hallpass.services.page_source import PageSource
from hallpass.services.read_incidents import IncidentReader
from hallpass.services.representations import Renderer
from hallpass.services.vendor_api import VendorApi
from hallpass.settings import Settings


def vendor_handler(environment: Mapping[str, str] = os.environ) -> Handler:
    """The Lambda handler of vendor_api. Raises SettingsError."""
    settings = Settings.of(environment)
    telemetry = make_telemetry(settings.service, settings.metrics_namespace)
    api = _vendor_api(settings, telemetry)

    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        try:
            return answer_of(api.handle(request_of(event), context.get_remaining_time_in_millis() / 1000))
        finally:
            telemetry.flush()

    return handle


def new_snapshot(clock: Clock) -> Callable[[], str]:
    """Ids that sort by their start, to the microsecond; the rest keeps two of one instant apart."""
    return lambda: f"{clock.now():%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}"


def _vendor_api(settings: Settings, telemetry: PowertoolsTelemetry) -> VendorApi:
    clock = SystemClock()
    dynamodb, secretsmanager = client("dynamodb"), client("secretsmanager")
    memory: Memory = ByteMemory(settings.representation_memory_bytes, LIFETIME, clock.now)
    store = RememberingPageStore(DynamoDbPageStore(dynamodb, settings.pages_table, clock, telemetry), memory)
    upstream = RequestsUpstream(settings.upstream_url, clock, version=settings.version)
    vault = SecretsVault(secretsmanager, settings.secret_prefix, clock)
    quarantine = DynamoDbQuarantine(dynamodb, settings.usage_table)
    pages = PageSource(store, upstream, vault, clock, telemetry, quarantine, new_snapshot(clock))
    renderer = Renderer(store, telemetry, KmsPseudonymKeys(lambda: client("kms"), clock))
    reader = IncidentReader(pages, renderer, clock, upstream.origin, settings.public_base_url)
    registry = DynamoDbRegistry(dynamodb, settings.registry_table)
    usage = DynamoDbUsage(dynamodb, settings.usage_table)
    return VendorApi(reader, registry, StdoutAuditLog(), usage, clock, telemetry, settings.version)
