"""Lambda's Invoke as boto3 and a browser meet it, in front of a real worker."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from botocore.exceptions import ClientError

from sandbox.async_invocations import AsyncInvocations, DeadLetter
from sandbox.aws import client
from sandbox.background import Asynchronous
from sandbox.lambda_service import MAX_ASYNCHRONOUS, MAX_SYNCHRONOUS, LambdaService
from sandbox.loopback import HOST, listen
from sandbox.outcome import Failure, FailureKind, Outcome, Runtime
from sandbox.template import Function
from tests.sandbox import toy

TROUBLE = toy.function("trouble", asynchronous=Asynchronous(retries=0, dead_letters="letters"))
ARN = "arn:aws:lambda:us-east-1:000000000000:function:toys-trouble"
PATH = "/2015-03-31/functions/toys-trouble/invocations"


class Full:
    """A runtime that is throttled."""

    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        return Failure(FailureKind.UNAVAILABLE, "TooManyRequestsException", "Rate Exceeded.")


@asynccontextmanager
async def serving(runtime: Runtime, letters: list[DeadLetter]) -> AsyncIterator[int]:
    async def leave(letter: DeadLetter) -> None:
        letters.append(letter)

    events = AsyncInvocations({"Trouble": runtime}, leave)
    with listen(0) as listener:
        port: int = listener.getsockname()[1]
        functions: tuple[Function, ...] = (toy.function("echo"), TROUBLE)
        runner = LambdaService(functions, {"Trouble": runtime}, events, port).runner()
        await runner.setup()
        await web.SockSite(runner, listener).start()
        try:
            yield port
        finally:
            await events.close(10)
            await runner.cleanup()


def through(folder: Path, work: Callable[[int], Any], letters: list[DeadLetter] | None = None) -> Any:
    """What `work(port)` gives while the service stands before one worker of the toy."""

    async def scenario() -> Any:
        async with (
            toy.pool(TROUBLE, folder) as opened,
            serving(opened, [] if letters is None else letters) as port,
        ):
            return await asyncio.to_thread(work, port)

    return asyncio.run(scenario())


def invoke(port: int, payload: Any = None, **given: Any) -> Any:
    caller: Any = client("lambda", f"http://{HOST}:{port}")
    return caller.invoke(**{"FunctionName": "toys-trouble", "Payload": json.dumps(payload), **given})


@pytest.mark.parametrize(
    "name",
    ["toys-trouble", "toys-trouble:$LATEST", ARN, f"{ARN}:$LATEST", "000000000000:function:toys-trouble"],
    ids=["name", "name and version", "ARN", "ARN and version", "partial ARN"],
)
def test_a_function_is_known_by(name: str, tmp_path: Path) -> None:
    told = through(tmp_path, lambda port: invoke(port, {"do": "pid"}, FunctionName=name))
    assert (told["StatusCode"], told["ExecutedVersion"]) == (200, "$LATEST")
    assert isinstance(json.load(told["Payload"]), int)


def test_who_waits_is_told_of_an_error_in_the_answer(tmp_path: Path) -> None:
    told = through(tmp_path, lambda port: invoke(port, {"do": "raise", "text": "no such"}))
    assert (told["StatusCode"], told["FunctionError"]) == (200, "Unhandled")
    assert json.load(told["Payload"]) == {"errorType": "LookupError", "errorMessage": "no such"}


def test_an_event_is_taken_at_once_and_given_up_under_the_id_that_was_told(tmp_path: Path) -> None:
    letters: list[DeadLetter] = []

    def work(port: int) -> Any:
        return invoke(port, {"do": "raise", "text": "no such"}, InvocationType="Event")

    told = through(tmp_path, work, letters)
    assert (told["StatusCode"], told["Payload"].read(), "FunctionError" in told) == (202, b"", False)
    [letter] = letters
    assert (letter.queue, letter.request_id) == ("letters", told["ResponseMetadata"]["RequestId"])
    assert json.loads(letter.event) == {"do": "raise", "text": "no such"}
    assert letter.failure == Failure(FailureKind.FUNCTION, "LookupError", "no such")


def test_a_dry_run_runs_nothing(tmp_path: Path) -> None:
    letters: list[DeadLetter] = []
    told = through(tmp_path, lambda port: invoke(port, {"do": "exit"}, InvocationType="DryRun"), letters)
    assert (told["StatusCode"], letters) == (204, [])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"FunctionName": "nobody"}, "ResourceNotFoundException", id="a function there is not"),
        pytest.param({"FunctionName": f"{ARN}:3"}, "ResourceNotFoundException", id="a version there is not"),
        pytest.param({"Payload": b"{"}, "InvalidRequestContentException", id="no JSON"),
        pytest.param({"Payload": b"\xff"}, "InvalidRequestContentException", id="no text"),
        pytest.param({"InvocationType": "Later"}, "InvalidParameterValueException", id="a type there is not"),
        pytest.param(
            {"Payload": b'"%s"' % (b"x" * (MAX_ASYNCHRONOUS - 1)), "InvocationType": "Event"},
            "RequestTooLargeException",
            id="an event of one byte too many",
        ),
        pytest.param(
            {"Payload": b'"%s"' % (b"x" * (MAX_SYNCHRONOUS - 1))}, "RequestTooLargeException", id="a request too large"
        ),
    ],
)
def test_refused(given: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(ClientError) as refused:
        through(tmp_path, lambda port: invoke(port, {}, **given))
    assert refused.value.response["Error"]["Code"] == code


def test_who_waits_for_a_throttled_function_is_told_to_come_back() -> None:
    async def scenario() -> None:
        async with serving(Full(), []) as port:
            with pytest.raises(ClientError, match="TooManyRequestsException"):
                await asyncio.to_thread(invoke, port, {})

    asyncio.run(scenario())


def test_an_event_when_no_more_are_taken_is_told_to_come_back(tmp_path: Path) -> None:
    async def scenario() -> Any:
        events = AsyncInvocations({}, lambda _: asyncio.sleep(0))
        await events.close(0)
        with listen(0) as listener:
            port = listener.getsockname()[1]
            runner = LambdaService((TROUBLE,), {}, events, port).runner()
            await runner.setup()
            await web.SockSite(runner, listener).start()
            try:
                await asyncio.to_thread(invoke, port, {}, InvocationType="Event")
            finally:
                await runner.cleanup()

    with pytest.raises(ClientError, match="TooManyRequestsException"):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        pytest.param("POST", {}, 200, id="a program"),
        pytest.param("POST", {"Host": "localhost:PORT"}, 200, id="a program that says localhost"),
        pytest.param("POST", {"Origin": "http://127.0.0.1:PORT"}, 403, id="a page"),
        pytest.param("POST", {"Sec-Fetch-Site": "none"}, 403, id="a browser"),
        pytest.param("OPTIONS", {}, 403, id="who asks first"),
        pytest.param("POST", {"Host": "page.example:PORT"}, 403, id="a name that was pointed here"),
        pytest.param("POST", {"Host": "127.0.0.1"}, 403, id="a host without its port"),
        pytest.param("GET", {}, 405, id="another method"),
    ],
)
def test_programs_are_answered_and_browsers_are_not(
    method: str, headers: dict[str, str], status: int, tmp_path: Path
) -> None:
    def work(port: int) -> int:
        connection = HTTPConnection(HOST, port, timeout=20)
        try:
            named = {name: value.replace("PORT", str(port)) for name, value in headers.items()}
            connection.request(method, PATH, b'{"do":"pid"}', named)
            return connection.getresponse().status
        finally:
            connection.close()

    assert through(tmp_path, work) == status
