"""A handler that tells what it was given: the event, its environment, its import path."""

import os
import sys
from typing import Any

import toy_layer  # type: ignore[import-not-found]  # the layer is on the worker's path alone


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {
        "event": event,
        "environment": dict(os.environ),
        "path": sys.path,
        "layer": toy_layer.NAME,
        "pid": os.getpid(),
        "request_id": context.aws_request_id,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
    }
