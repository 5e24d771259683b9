"""The Lambda Runtime API (2018-06-01): the HTTP that Lambda's runtime client speaks to its host.

Every worker has a listener of its own, so an invocation can never reach a worker that is busy with another.
Headers and body leave in one write on a socket without Nagle's delay: apart they cost 40 ms an invocation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from sandbox.loopback import HOST, listen

# Lambda: "the maximum allowed payload size (6291556 bytes)" of a response.
MAX_RESPONSE = 6_291_556
_READ_AT_MOST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way to a worker; `deadline_ms` is in milliseconds of the epoch."""

    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str
    trace: str

    def headers(self) -> Mapping[str, str]:
        """The headers of the answer to `next`."""
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
            "Lambda-Runtime-Trace-Id": self.trace,
        }


class Host(Protocol):
    """The side of a worker that the Runtime API talks to."""

    async def next(self) -> Invocation:
        """The worker is ready; returns when there is something to do."""

    def responded(self, request_id: str, payload: bytes) -> bool:
        """The handler returned. False: that is not what this worker was asked (or is too late)."""

    def too_large(self, request_id: str) -> None:
        """The handler returned more than Lambda lets through."""

    def failed(self, request_id: str, error: bytes) -> bool:
        """The handler raised; `error` is the runtime's JSON about it."""

    def init_failed(self, error: bytes) -> None:
        """The handler's module did not load."""


class RuntimeApi:
    """The listener of one worker. `address` is what AWS_LAMBDA_RUNTIME_API says."""

    def __init__(self, host: Host) -> None:
        self._host = host
        # Every poll waits for ever by design, so stopping waits for none of them.
        self._runner = web.AppRunner(self._app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.0)
        self.address = ""

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_READ_AT_MOST)
        base = "/2018-06-01/runtime"
        app.router.add_get(f"{base}/invocation/next", self._next)
        app.router.add_post(f"{base}/invocation/{{id}}/response", self._response)
        app.router.add_post(f"{base}/invocation/{{id}}/error", self._error)
        app.router.add_post(f"{base}/init/error", self._init_error)
        return app

    async def start(self) -> None:
        """Begins to listen on a free port of loopback."""
        await self._runner.setup()
        listener = listen(0)
        self.address = f"{HOST}:{listener.getsockname()[1]}"
        await web.SockSite(self._runner, listener).start()

    async def stop(self) -> None:
        """Stops listening; a poll that waits is dropped."""
        await self._runner.cleanup()

    async def _next(self, _: web.Request) -> web.Response:
        invocation = await self._host.next()
        return web.Response(body=invocation.event, headers=invocation.headers())

    async def _response(self, request: web.Request) -> web.Response:
        request_id = request.match_info["id"]
        payload = await request.read()
        if len(payload) > MAX_RESPONSE:
            self._host.too_large(request_id)
            return _refused(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes).")
        return _accepted() if self._host.responded(request_id, payload) else _unknown(request_id)

    async def _error(self, request: web.Request) -> web.Response:
        request_id = request.match_info["id"]
        known = self._host.failed(request_id, await request.read())
        return _accepted() if known else _unknown(request_id)

    async def _init_error(self, request: web.Request) -> web.Response:
        self._host.init_failed(await request.read())
        return _accepted()


def _accepted() -> web.Response:
    return web.json_response({"status": "OK"}, status=202)


def _unknown(request_id: str) -> web.Response:
    return _refused(400, "InvalidRequestID", f"Invalid request ID: {request_id}")


def _refused(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"errorType": kind, "errorMessage": message}, status=status)
