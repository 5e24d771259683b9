"""A handler that does what the event's `do` says, and every such thing is trouble for its host."""

import logging
import os
import time
from typing import Any


def _exit(_: dict[str, Any]) -> None:
    os._exit(3)


def _raise(event: dict[str, Any]) -> None:
    raise LookupError(event["text"])


def _oversize(event: dict[str, Any]) -> str:
    return "x" * int(event["bytes"])


def _sleep(event: dict[str, Any]) -> str:
    time.sleep(event["seconds"])
    return "awake"


def _print(event: dict[str, Any]) -> str:
    print(event["text"])  # noqa: T201 - what a handler prints is the point
    logging.getLogger("toy").warning("logged %s", event["text"])
    return "printed"


def _remaining(event: dict[str, Any]) -> int:
    remaining: int = event["context"].get_remaining_time_in_millis()
    return remaining


def _invoke_itself(event: dict[str, Any]) -> int:
    # Here, because no other trick may wait for it.
    import boto3  # noqa: PLC0415

    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    told = boto3.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=event["payload"])
    status: int = told["StatusCode"]
    return status


def _pid(_: dict[str, Any]) -> int:
    return os.getpid()


def handler(event: dict[str, Any], context: Any) -> Any:
    tricks = {
        "exit": _exit,
        "raise": _raise,
        "oversize": _oversize,
        "sleep": _sleep,
        "print": _print,
        "pid": _pid,
        "remaining": _remaining,
        "invoke itself": _invoke_itself,
    }
    return tricks[event["do"]]({**event, "context": context})
