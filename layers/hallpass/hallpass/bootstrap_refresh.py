"""The composition root of the background: settings in, a handler out, built once per container."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from hallpass.adapters.api_gateway import LambdaContext
from hallpass.adapters.aws_clients import client
from hallpass.adapters.container import Container
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.lambda_refresher import LambdaRefresher
from hallpass.adapters.telemetry import make_telemetry
from hallpass.bootstrap_pages import make_parts
from hallpass.domain.refresh_order import Asked, read_order
from hallpass.services.deadline import background_deadline
from hallpass.services.refresh_pages import RefreshPages
from hallpass.settings import Settings

RefreshHandler = Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]


def refresh_handler(environment: Mapping[str, str] = os.environ) -> RefreshHandler:
    """The Lambda handler of page_refresh. Raises SettingsError."""
    settings = Settings.of(environment)
    telemetry = make_telemetry(settings.service, settings.metrics_namespace)
    dynamodb = client("dynamodb")
    refresher = LambdaRefresher(lambda: client("lambda"), settings.page_refresh_function, telemetry)
    parts = make_parts(settings, dynamodb, telemetry, refresher)
    registry = DynamoDbRegistry(dynamodb, settings.registry_table)
    pages = RefreshPages(parts, registry, refresher, settings.warm_calls_per_district)
    container = Container()

    def handle(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Raises OrderInvalidError and UnavailableError: Lambda tries again, and then keeps the event."""
        seconds_left = background_deadline(parts.clock, context.get_remaining_time_in_millis() / 1000)
        if container.is_new():
            telemetry.count("ColdStarts")
        try:
            order = read_order(event, parts.upstream.origin)
            if order is None:
                return {"started": pages.warm(seconds_left)}
            if isinstance(order, Asked):
                return {"started": pages.warm_asked(order, seconds_left)}
            pages.carry_out(order, seconds_left)
            return {"action": order.action.value}
        finally:
            telemetry.flush()

    return handle
