"""The HTTP front: one listener on loopback that answers as an AWS HTTP API with Lambda integrations does.

It knows routes, limits and how to ask a function; the shapes are payload.py's. Its own answers are the
gateway's (`{"message": ...}`): a client of the deployed system meets the same ones.
"""

import asyncio
import base64
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from sandbox import payload
from sandbox.outcome import Answer, Failure, FailureKind, Outcome, Runtime, new_trace
from sandbox.payload import HttpReply, HttpRequest, MalformedReplyError, gateway_reply
from sandbox.template import Route
from sandbox.throttle import Throttles

MAX_BODY = 10 * 1024 * 1024
MAX_HEAD = 10_240
MAX_EVENT = 6 * 1024 * 1024
_AS_MUCH_AS_WE_PARSE = 128 * 1024


@dataclass(frozen=True, slots=True)
class Handled:
    """One request that was answered, for the access log. Milliseconds. `invocation`: the function's request id."""

    request_id: str
    at: datetime
    route_key: str
    request: HttpRequest
    reply: HttpReply
    latency_ms: float
    invocation: str | None = None


class Front:
    """Routes requests to runtimes. `timeout` is the gateway's own, in seconds."""

    def __init__(
        self,
        routes: tuple[Route, ...],
        runtimes: Mapping[str, Runtime],
        throttles: Throttles | None = None,
        on_handled: Callable[[Handled], None] = lambda _: None,
        timeout: float = 30.0,
    ) -> None:
        self._routes, self._runtimes, self._throttles = routes, runtimes, throttles or Throttles()
        self._on_handled, self._timeout = on_handled, timeout

    def runner(self) -> web.ServerRunner:
        """An aiohttp runner for this front, with the parser's limits above the gateway's own."""
        server = web.Server(
            self._serve,
            access_log=None,
            max_line_size=_AS_MUCH_AS_WE_PARSE,
            max_field_size=_AS_MUCH_AS_WE_PARSE,
            handler_cancellation=False,
        )
        return web.ServerRunner(server, shutdown_timeout=1.0)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if _head_size(request) > MAX_HEAD:
            return _response(request, gateway_reply(431, "Request Header Fields Too Large"), "-")
        try:
            body = await _read(request)
        except _TooLargeError:
            response = _response(request, gateway_reply(413, "Request Entity Too Large"), "-")
            response.force_close()
            return response
        seen = _seen(request, body)
        request_id = base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()
        at, begun, invocation = datetime.now(UTC), time.monotonic(), str(uuid.uuid4())
        route_key, reply = await self.handle(seen, request_id, invocation)
        latency = (time.monotonic() - begun) * 1000
        invoked = None if route_key == "-" else invocation
        self._on_handled(Handled(request_id, at, route_key, seen, reply, latency, invoked))
        return _response(request, reply, request_id)

    async def handle(
        self, request: HttpRequest, request_id: str, invocation: str | None = None
    ) -> tuple[str, HttpReply]:
        """The route's key and the answer, with the gateway's own answers where it has to give one."""
        matched = payload.match(self._routes, request.method, request.path)
        if matched is None:
            return "-", gateway_reply(404, "Not Found")
        if not self._throttles.admits(matched.route.key, time.monotonic()):
            return "-", gateway_reply(429, "Too Many Requests")
        trace = new_trace()
        made = payload.event(request, matched, request_id, datetime.now(UTC), trace)
        event = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        if len(event) > MAX_EVENT:
            return matched.route.key, gateway_reply(413, "Request Entity Too Large")
        try:
            runtime = self._runtimes[matched.route.function]
            outcome = await asyncio.wait_for(runtime.invoke(event, trace, invocation), self._timeout)
        except TimeoutError:
            return matched.route.key, gateway_reply(503, "Service Unavailable")
        return matched.route.key, _reply(outcome)


class _TooLargeError(Exception):
    """The body is over the gateway's limit."""


def _reply(outcome: Outcome) -> HttpReply:
    match outcome:
        case Answer(answer):
            try:
                return payload.reply(answer)
            except MalformedReplyError:
                return gateway_reply(500, "Internal Server Error")
        case Failure(FailureKind.UNAVAILABLE, _, _):
            return gateway_reply(503, "Service Unavailable")
        case Failure():
            return gateway_reply(500, "Internal Server Error")


def _head_size(request: web.BaseRequest) -> int:
    line = len(request.method) + len(request.raw_path) + len("HTTP/1.1") + 4
    return line + sum(len(name) + len(value) + 4 for name, value in request.raw_headers)


async def _read(request: web.BaseRequest) -> bytes:
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise _TooLargeError
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise _TooLargeError
    return bytes(body)


def _seen(request: web.BaseRequest, body: bytes) -> HttpRequest:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
    version = f"HTTP/{request.version.major}.{request.version.minor}"
    return HttpRequest(request.method, request.raw_path, headers, body, request.remote or "127.0.0.1", version)


def _response(request: web.BaseRequest, reply: HttpReply, request_id: str) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body)
    # aiohttp names a content type of its own unless there is one; ours come from the handler alone.
    response.headers.popall("Content-Type", None)
    for name, value in reply.headers:
        response.headers.add(name, value)
    response.headers["Apigw-Requestid"] = request_id
    response.headers["Server"] = "sandbox"
    if request.version.major == 1 and request.version.minor == 0:
        response.force_close()
    return response
