"""The front over real sockets: limits, routes, and what a client gets for every outcome."""

import asyncio
import http.client
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from sandbox import access_log
from sandbox.front import MAX_BODY, MAX_HEAD, Front, Handled
from sandbox.loopback import HOST, listen
from sandbox.options import ROOT
from sandbox.outcome import Answer, Failure, FailureKind, Outcome
from sandbox.template import Route, read
from sandbox.throttle import Limit, Throttle, Throttles

TOPIC = "arn:aws:sns:us-east-1:000000000000:invented"
ROUTES = (Route("$default", "F"), Route("ANY /admin/v1/{proxy+}", "F"))


@dataclass
class OneAnswer:
    """A runtime that gives the same outcome always, and keeps what it was asked."""

    outcome: Outcome = field(default_factory=lambda: Answer(b'{"statusCode": 200, "body": "hello"}'))
    events: list[Any] = field(default_factory=list)
    invocations: list[str | None] = field(default_factory=list)

    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        self.events.append(json.loads(event))
        self.invocations.append(request_id)
        return self.outcome


class NeverDone:
    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        never: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        return await never


@asynccontextmanager
async def serving(front: Front) -> AsyncIterator[int]:
    runner = front.runner()
    await runner.setup()
    listener = listen(0)
    try:
        await web.SockSite(runner, listener).start()
        yield listener.getsockname()[1]
    finally:
        await runner.cleanup()


Client = Callable[[http.client.HTTPConnection], Any]


def through(front: Front, client: Client) -> Any:
    """What `client` makes of a connection to the front."""

    def connected(port: int) -> Any:
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        try:
            return client(connection)
        finally:
            connection.close()

    async def scenario() -> Any:
        async with serving(front) as port:
            return await asyncio.to_thread(connected, port)

    return asyncio.run(scenario())


def get(target: str = "/", method: str = "GET", body: Any = None, headers: dict[str, str] | None = None) -> Client:
    def client(connection: http.client.HTTPConnection) -> tuple[int, dict[str, str], bytes]:
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()

    return client


def test_a_request_reaches_the_function_and_its_answer_comes_back() -> None:
    runtime = OneAnswer()
    status, headers, body = through(Front(ROUTES, {"F": runtime}), get("/admin/v1/a%20b?x=%2f", headers={"X-A": "1"}))
    assert (status, body) == (200, b"hello")
    assert headers["content-type"] == "text/plain; charset=utf-8"
    [event] = runtime.events
    assert event["routeKey"] == "ANY /admin/v1/{proxy+}"
    assert event["pathParameters"] == {"proxy": "a b"}
    assert event["rawQueryString"] == "x=%2f"
    assert event["headers"]["x-a"] == "1"
    assert headers["apigw-requestid"] == event["requestContext"]["requestId"]


@pytest.mark.parametrize(
    ("outcome", "status", "message"),
    [
        pytest.param(Failure(FailureKind.FUNCTION, "X", "y"), 500, "Internal Server Error", id="a function's error"),
        pytest.param(Failure(FailureKind.UNAVAILABLE, "X", "y"), 503, "Service Unavailable", id="no worker to spare"),
        pytest.param(Answer(b'{"statusCode": "x"}'), 500, "Internal Server Error", id="a malformed reply"),
    ],
)
def test_failures_are_the_gateways_own_answers(outcome: Outcome, status: int, message: str) -> None:
    got, headers, body = through(Front(ROUTES, {"F": OneAnswer(outcome)}), get())
    assert (got, json.loads(body)) == (status, {"message": message})
    assert headers["content-type"] == "application/json"


def test_a_function_slower_than_the_gateway_is_unavailable() -> None:
    status, _, body = through(Front(ROUTES, {"F": NeverDone()}, timeout=0.05), get())
    assert (status, json.loads(body)) == (503, {"message": "Service Unavailable"})


def test_a_path_without_a_route_is_not_found() -> None:
    status, _, body = through(Front(ROUTES[1:], {"F": OneAnswer()}), get("/elsewhere"))
    assert (status, json.loads(body)) == (404, {"message": "Not Found"})


def test_a_throttled_request_is_told_so() -> None:
    runtime = OneAnswer()
    front = Front(ROUTES, {"F": runtime}, Throttles(Limit(rate=0.001, burst=1)))
    statuses = through(front, lambda connection: [get()(connection)[0] for _ in range(2)])
    assert statuses == [200, 429]
    assert len(runtime.events) == 1


def test_a_flood_on_one_route_holds_up_no_route_with_a_limit_of_its_own() -> None:
    throttles = Throttles(Limit(rate=0.001, burst=1), {ROUTES[1].key: Limit(rate=0.001, burst=2)})
    front = Front(ROUTES, {"F": OneAnswer()}, throttles)
    paths = ["/v1/a", "/v1/b", "/elsewhere", "/admin/v1/a", "/admin/v1/b", "/admin/v1/a"]
    statuses = through(front, lambda connection: [get(path)(connection)[0] for path in paths])
    assert statuses == [200, 429, 429, 200, 200, 429]


def test_our_own_template_keeps_a_flood_of_vendors_from_the_control_plane() -> None:
    """As many tokens as the vendors' bucket has are taken at once; every other route is open still."""
    template = read(ROOT / "template.yaml", {"AlarmTopicArn": TOPIC, "TicketTopicArn": TOPIC})
    assert template.stage.limit == Limit(50, 100)
    throttles = Throttles(template.stage.limit, template.stage.routes)
    assert [throttles.admits("$default", 1.0) for _ in range(200)].count(True) == 100
    others = [route.key for route in template.routes if route.key != "$default"]
    assert [throttles.admits(key, 1.0) for key in others] == [True] * 5


@pytest.mark.parametrize(
    ("client", "status", "message"),
    [
        pytest.param(
            get(headers={"X-Long": "x" * MAX_HEAD}), 431, "Request Header Fields Too Large", id="long headers"
        ),
        pytest.param(get("/" + "x" * MAX_HEAD), 431, "Request Header Fields Too Large", id="a long target"),
        pytest.param(
            get(method="POST", body=b"x" * (MAX_BODY + 1)), 413, "Request Entity Too Large", id="a body over 10 MB"
        ),
        pytest.param(
            get(method="POST", body=(b"x" * 1_000_000 for _ in range(11))),
            413,
            "Request Entity Too Large",
            id="a chunked body over 10 MB",
        ),
        pytest.param(
            get(method="POST", body=b"x" * 6_400_000), 413, "Request Entity Too Large", id="an event over 6 MB"
        ),
    ],
)
def test_what_is_too_large_does_not_reach_the_function(client: Client, status: int, message: str) -> None:
    runtime = OneAnswer()

    def patient(connection: http.client.HTTPConnection) -> Any:
        try:
            return client(connection)
        except (BrokenPipeError, ConnectionResetError):
            # The gateway hung up in the middle of the body; its answer is there to be read all the same.
            assert connection.sock is not None
            raw = connection.sock.recv(65_536)
            head, _, body = raw.partition(b"\r\n\r\n")
            return int(head.split()[1]), {}, body

    got, _, body = through(Front(ROUTES, {"F": runtime}), patient)
    assert (got, json.loads(body)) == (status, {"message": message})
    assert runtime.events == []


def test_head_has_the_headers_and_no_body() -> None:
    runtime = OneAnswer()
    status, headers, body = through(Front(ROUTES, {"F": runtime}), get(method="HEAD"))
    assert (status, body, headers["content-length"]) == (200, b"", "5")
    assert runtime.events[0]["requestContext"]["http"]["method"] == "HEAD"


def test_304_has_no_body_and_the_connection_goes_on() -> None:
    runtime = OneAnswer(Answer(b'{"statusCode": 304, "headers": {"ETag": "\\"a\\""}}'))
    front = Front(ROUTES, {"F": runtime})
    answers = through(front, lambda connection: [get()(connection) for _ in range(2)])
    assert [(status, headers["etag"], body) for status, headers, body in answers] == [(304, '"a"', b"")] * 2


def test_a_client_that_waits_for_100_continue_is_told_to_go_on() -> None:
    runtime = OneAnswer()

    def client(connection: http.client.HTTPConnection) -> bytes:
        with socket.create_connection((HOST, connection.port), timeout=10) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            told = raw.recv(1_000)
            raw.sendall(b"hi")
            return told + raw.recv(1_000)

    told = through(Front(ROUTES, {"F": runtime}), client)
    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert runtime.events[0]["body"] == "hi"


def test_the_access_log_has_what_its_format_names() -> None:
    handled: list[Handled] = []
    front = Front(ROUTES, {"F": OneAnswer()}, on_handled=handled.append)
    _, headers, _ = through(front, get("/v1/incidents.xml?page=7"))
    form = "$context.requestId $context.routeKey $context.status $context.identity.sourceIp $context.error.message"
    assert access_log.line(form, handled[0]) == f"{headers['apigw-requestid']} $default 200 127.0.0.1 -"


def test_the_access_log_names_the_invocation_that_the_function_knows() -> None:
    handled: list[Handled] = []
    runtime = OneAnswer(Failure(FailureKind.FUNCTION, "Runtime.ExitError", "gone"))
    through(Front(ROUTES, {"F": runtime}, on_handled=handled.append), get())
    form = "$context.status $context.integration.requestId"
    assert access_log.line(form, handled[0]) == f"500 {runtime.invocations[0]}"
    assert runtime.invocations[0] is not None


def test_the_access_log_names_no_invocation_where_there_was_none() -> None:
    handled: list[Handled] = []
    through(Front((), {}, on_handled=handled.append), get())
    assert access_log.line("$context.status $context.integration.requestId", handled[0]) == "404 -"


def test_a_bucket_of_tokens_refills_with_time() -> None:
    throttle = Throttle(Limit(rate=2, burst=3))
    assert [throttle.admits(10.0) for _ in range(4)] == [True, True, True, False]
    assert [throttle.admits(10.6), throttle.admits(10.6)] == [True, False]
    assert [throttle.admits(99.0) for _ in range(4)] == [True, True, True, False]
