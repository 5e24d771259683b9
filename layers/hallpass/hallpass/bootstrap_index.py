"""The composition root of the ledger's index: settings in, a handler out, built once per container."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from hallpass.adapters.api_gateway import LambdaContext
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_disclosure_index import DynamoDbDisclosureIndex
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.system_clock import SystemClock
from hallpass.adapters.telemetry import make_telemetry
from hallpass.domain.refresh_order import OrderInvalidError
from hallpass.ports import Clock
from hallpass.services.deadline import background_deadline
from hallpass.services.grants import CountGrants
from hallpass.services.index_disclosures import IndexDisclosures
from hallpass.settings import IndexSettings

IndexHandler = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]


def index_handler(environment: Mapping[str, str] = os.environ) -> IndexHandler:
    """The Lambda handler of ledger_index, which its schedules start. Raises SettingsError."""
    settings = IndexSettings.of(environment)
    telemetry = make_telemetry(settings.service, settings.metrics_namespace)
    clock, dynamodb = SystemClock(), client("dynamodb")
    ledger = DynamoDbLedger(dynamodb, settings.ledger_table)
    index = IndexDisclosures(ledger, DynamoDbDisclosureIndex(dynamodb, settings.index_table), clock, telemetry)
    registry = DynamoDbRegistry(dynamodb, settings.registry_table)
    usage = DynamoDbUsage(dynamodb, settings.usage_table)
    grants = CountGrants(registry, usage, clock, telemetry)

    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Raises UnavailableError: the next run goes on where this one stopped, and the lag tells."""
        seconds_left = background_deadline(clock, context.get_remaining_time_in_millis() / 1000)
        try:
            match event.get("action"):
                case "index":
                    return {"filed": index.run(seconds_left)}
                case "file-again":
                    again = index.again(_since(event, clock), seconds_left)
                    # An event that goes on where time ran out.
                    left = {"since": again.go_on.isoformat()} if again.go_on else {}
                    return {"filed": again.disclosures, **left}
                case "count-grants":
                    return grants.run(seconds_left)
                case _:
                    raise OrderInvalidError
        finally:
            telemetry.flush()

    return handle


def _since(event: Mapping[str, Any], clock: Clock) -> date:
    """The day that the event names; without one yesterday, as the schedule asks. Raises OrderInvalidError."""
    try:
        told = event.get("since")
        return clock.now().date() - timedelta(days=1) if told is None else date.fromisoformat(told)
    except (TypeError, ValueError) as wrong:
        raise OrderInvalidError from wrong
