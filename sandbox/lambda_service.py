"""Lambda's own API, as far as functions use it: Invoke, on loopback, for the functions of the template.

The rule: `Event` is taken and answered before anything runs; who calls is a program of this machine.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from sandbox.async_invocations import AsyncInvocations
from sandbox.lambda_environment import arn
from sandbox.outcome import Answer, FailureKind, Outcome, Runtime, new_trace
from sandbox.template import Function
from sandbox.visitors import Visitors

MAX_SYNCHRONOUS = 6 * 1024 * 1024
MAX_ASYNCHRONOUS = 1024 * 1024
_PATH = "/2015-03-31/functions/{name}/invocations"
_VERSION = {"X-Amz-Executed-Version": "$LATEST"}


class LambdaService:
    """`runtimes` by their function's logical id; `port` is where it listens."""

    def __init__(
        self, functions: tuple[Function, ...], runtimes: Mapping[str, Runtime], events: AsyncInvocations, port: int
    ) -> None:
        self._functions, self._runtimes, self._events = functions, runtimes, events
        self._visitors = Visitors(port)

    def runner(self) -> web.AppRunner:
        """An aiohttp runner for this service; who still waits for an answer when it ends, gets none."""
        app = web.Application(client_max_size=MAX_SYNCHRONOUS, middlewares=[self._programs_only])
        app.router.add_post(_PATH, self._invoke)
        return web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    @web.middleware
    async def _programs_only(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self._visitors.refused(request.method, request.raw_headers):
            return web.Response(status=403)
        return await handler(request)

    async def _invoke(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        function = self._named(name)
        if function is None:
            return _error(404, "ResourceNotFoundException", f"Function not found: {name}")
        try:
            event = await request.read() or b"{}"
            json.loads(event)
        except web.HTTPRequestEntityTooLarge:
            return _error(413, "RequestTooLargeException", f"Request must be smaller than {MAX_SYNCHRONOUS} bytes")
        except ValueError:
            return _error(400, "InvalidRequestContentException", "Could not parse request body into json")
        match request.headers.get("X-Amz-Invocation-Type", "RequestResponse"):
            case "Event":
                return self._take(function, event)
            case "RequestResponse":
                return await self._answer(function, event)
            case "DryRun":
                return web.Response(status=204)
            case kind:
                return _error(400, "InvalidParameterValueException", f"{kind} is not an invocation type")

    def _named(self, name: str) -> Function | None:
        """By name, partial ARN or ARN, each with or without the qualifier of the only version there is."""
        plain = name.removesuffix(":$LATEST")
        for function in self._functions:
            whole = arn(function)
            if plain in (function.name, whole, whole.split(":", 4)[4]):
                return function
        return None

    def _take(self, function: Function, event: bytes) -> web.Response:
        if len(event) > MAX_ASYNCHRONOUS:
            return _error(413, "RequestTooLargeException", f"Request must be smaller than {MAX_ASYNCHRONOUS} bytes")
        request_id = self._events.take(function, event)
        if request_id is None:
            return _error(429, "TooManyRequestsException", "Rate Exceeded.")
        return web.Response(status=202, headers={"x-amzn-RequestId": request_id})

    async def _answer(self, function: Function, event: bytes) -> web.Response:
        request_id = str(uuid.uuid4())
        outcome = await self._runtimes[function.logical_id].invoke(event, new_trace(), request_id)
        response = _response(outcome)
        response.headers["x-amzn-RequestId"] = request_id
        return response


def _response(outcome: Outcome) -> web.Response:
    if isinstance(outcome, Answer):
        return web.Response(body=outcome.payload, content_type="application/json", headers=_VERSION)
    if outcome.kind is FailureKind.UNAVAILABLE:
        return _error(429, "TooManyRequestsException", outcome.message)
    told = {"errorType": outcome.error_type, "errorMessage": outcome.message}
    return web.json_response(told, headers={**_VERSION, "X-Amz-Function-Error": "Unhandled"})


def _error(status: int, kind: str, message: str) -> web.Response:
    headers = {"x-amzn-ErrorType": kind, "x-amzn-RequestId": str(uuid.uuid4())}
    return web.json_response({"Type": "User", "Message": message}, status=status, headers=headers)
