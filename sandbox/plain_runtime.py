"""What runs a handler where Lambda's own runtime client has no wheel: the same Runtime API, in plain Python.

Run as a file in the function's folder: `python plain_runtime.py app.handler`. It behaves as awslambdaric does
where a handler can tell: the context, JSON logging, errors, leaving after a response that was refused.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_BASE = "/2018-06-01/runtime"
Handler = Callable[[Any, "Context"], Any]


@dataclass(frozen=True, slots=True)
class Context:
    """The second argument of a handler."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    client_context: None = None
    identity: None = None
    function_name: str = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version: str = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    memory_limit_in_mb: str = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    log_group_name: str = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
    log_stream_name: str = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout."""
        return max(self.deadline_ms - int(time.time() * 1000), 0)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            line["stackTrace"] = traceback.format_exception(*record.exc_info)
        return json.dumps(line, default=str)


def _error(error: BaseException) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


class _Api:
    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)

    def next(self) -> tuple[Context, bytes]:
        self._connection.request("GET", f"{_BASE}/invocation/next")
        response = self._connection.getresponse()
        event = response.read()
        context = Context(
            aws_request_id=response.headers["Lambda-Runtime-Aws-Request-Id"],
            invoked_function_arn=response.headers["Lambda-Runtime-Invoked-Function-Arn"],
            deadline_ms=int(response.headers["Lambda-Runtime-Deadline-Ms"]),
        )
        return context, event

    def post(self, path: str, value: Any) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self._connection.request("POST", f"{_BASE}{path}", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        told = response.read()
        if response.status != http.client.ACCEPTED:
            raise SystemExit(f"the runtime API refused {path}: {response.status} {told.decode()}")


def _load(name: str) -> Handler:
    module, _, function = name.rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), function)
    return handler


def _tell(error: dict[str, Any]) -> None:
    print(json.dumps({"level": "ERROR", **error}), flush=True)


def _serve_one(api: _Api, handler: Handler) -> None:
    context, event = api.next()
    path = f"/invocation/{context.aws_request_id}"
    try:
        result = handler(json.loads(event), context)
        json.dumps(result)
    except Exception as error:
        told = {**_error(error), "requestId": context.aws_request_id}
        _tell(told)
        api.post(f"{path}/error", told)
        return
    api.post(f"{path}/response", result)


def main(name: str) -> None:
    """Loads the handler `module.function` and serves invocations until the process is ended."""
    # Python put this file's folder first; the function's folder belongs there.
    sys.path[0] = str(os.getcwd())  # noqa: PTH109 - pathlib would cost a handler's cold start its import
    stream = logging.StreamHandler(sys.stdout)
    stream.setFormatter(_JsonFormatter())
    logging.getLogger().addHandler(stream)
    api = _Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = _load(name)
    except Exception as error:
        _tell(_error(error))
        api.post("/init/error", _error(error))
        raise SystemExit(1) from None
    while True:
        _serve_one(api, handler)


if __name__ == "__main__":
    main(sys.argv[1])
