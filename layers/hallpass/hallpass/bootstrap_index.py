"""The composition root of the ledger's index: settings in, a handler out, built once per container."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from hallpass.adapters.api_gateway import LambdaContext
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_disclosure_index import DynamoDbDisclosureIndex
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.system_clock import SystemClock
from hallpass.adapters.telemetry import make_telemetry
from hallpass.services.deadline import background_deadline
from hallpass.services.index_disclosures import IndexDisclosures
from hallpass.settings import IndexSettings

IndexHandler = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]


def index_handler(environment: Mapping[str, str] = os.environ) -> IndexHandler:
    """The Lambda handler of ledger_index, which a schedule starts. Raises SettingsError."""
    settings = IndexSettings.of(environment)
    telemetry = make_telemetry(settings.service, settings.metrics_namespace)
    clock, dynamodb = SystemClock(), client("dynamodb")
    ledger = DynamoDbLedger(dynamodb, settings.ledger_table)
    index = IndexDisclosures(ledger, DynamoDbDisclosureIndex(dynamodb, settings.index_table), clock, telemetry)

    def handle(_event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Raises UnavailableError: the next run goes on where this one stopped, and the lag tells."""
        try:
            return {"filed": index.run(background_deadline(clock, context.get_remaining_time_in_millis() / 1000))}
        finally:
            telemetry.flush()

    return handle
