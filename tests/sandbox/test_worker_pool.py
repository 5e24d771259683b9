"""Handlers in real worker processes: what they see, and what becomes of every kind of trouble."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from sandbox.lambda_environment import has_awslambdaric
from sandbox.outcome import Answer
from sandbox.runtime_api import MAX_RESPONSE
from tests.sandbox import toy

RUNTIMES = [
    pytest.param(False, id="awslambdaric", marks=pytest.mark.skipif(not has_awslambdaric(), reason="no wheel")),
    pytest.param(True, id="the plain runtime"),
]


@pytest.mark.parametrize("plain", RUNTIMES)
def test_a_handler_sees_its_event_its_environment_and_nothing_of_the_caller(
    plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")

    async def scenario() -> Any:
        async with toy.pool(toy.function("echo"), tmp_path, plain=plain) as opened:
            assert await opened.ready() is None
            return toy.answer(await toy.ask(opened, question="who?"))

    told = asyncio.run(scenario())
    assert told["event"] == {"question": "who?"}
    assert told["layer"] == "toy layer"
    assert 0 < told["remaining_ms"] <= 20_000
    assert told["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:toys-echo"
    environment = told["environment"]
    assert environment["COLOUR"] == "green"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "toys-echo"
    assert environment["HOME"] == str(tmp_path)
    assert {"AWS_PROFILE", "HTTPS_PROXY", "USER"}.isdisjoint(environment)
    assert str(Path.cwd()) not in told["path"], "the repository is not importable for a handler"


@pytest.mark.parametrize("plain", RUNTIMES)
@pytest.mark.parametrize(
    ("event", "error_type", "words"),
    [
        pytest.param({"do": "raise", "text": "no such"}, "LookupError", "no such", id="an exception"),
        pytest.param({"do": "exit"}, "Runtime.ExitError", "exit status 3", id="an exit"),
        pytest.param(
            {"do": "oversize", "bytes": MAX_RESPONSE - 1},
            "Function.ResponseSizeTooLarge",
            "6291556 bytes",
            id="one byte too many",
        ),
        pytest.param({"do": "sleep", "seconds": 9}, "Sandbox.Timedout", "after 1.00 seconds", id="a slow one"),
    ],
)
def test_trouble_is_the_functions_error_and_the_next_invocation_is_served(
    plain: bool, event: dict[str, Any], error_type: str, words: str, tmp_path: Path
) -> None:
    logs = toy.KeptLogs()

    async def scenario() -> None:
        async with toy.pool(toy.function("trouble", timeout=1.0), tmp_path, plain=plain, logs=logs) as opened:
            failed = toy.failure(await toy.ask(opened, **event))
            assert failed.error_type == error_type
            assert words in failed.message
            assert isinstance(toy.answer(await toy.ask(opened, do="pid")), int)
            await toy.until(lambda: len(logs.platform("report")) == 2)

    asyncio.run(scenario())
    first, second = logs.platform("report")
    assert first["errorType"] == error_type
    assert first["status"] == ("timeout" if error_type == "Sandbox.Timedout" else "error")
    assert second["status"] == "success"
    assert second["metrics"]["memorySizeMB"] == 256


def test_a_response_of_exactly_the_limit_passes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with toy.pool(toy.function("trouble"), tmp_path) as opened:
            assert len(toy.answer(await toy.ask(opened, do="oversize", bytes=MAX_RESPONSE - 2))) == MAX_RESPONSE - 2

    asyncio.run(scenario())


def test_two_workers_share_the_work_and_neither_gets_two_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with toy.pool(toy.function("trouble"), tmp_path, size=2) as opened:
            asked = [toy.ask(opened, do="sleep", seconds=0.05) for _ in range(6)]
            assert [toy.answer(outcome) for outcome in await asyncio.gather(*asked)] == ["awake"] * 6
            pids = {toy.answer(one) for one in await asyncio.gather(*(toy.ask(opened, do="pid") for _ in range(9)))}
            assert len(pids) == 2

    asyncio.run(scenario())


def test_the_time_that_is_left_counts_from_the_handlers_turn(tmp_path: Path) -> None:
    async def scenario() -> Any:
        async with toy.pool(toy.function("trouble"), tmp_path) as opened:
            slow = asyncio.create_task(toy.ask(opened, do="sleep", seconds=1.5))
            return toy.answer(await toy.ask(opened, do="remaining")), toy.answer(await slow)

    remaining, slow = asyncio.run(scenario())
    assert (remaining > 18_600, slow) == (True, "awake")


@pytest.mark.parametrize("plain", RUNTIMES)
def test_a_handler_that_does_not_load_says_why(plain: bool, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with toy.pool(toy.function("broken"), tmp_path, plain=plain) as opened:
            reason = await opened.ready()
            assert reason is not None
            assert "a_module_that_nobody_has" in reason.message
            again = toy.failure(await toy.ask(opened))
            assert "a_module_that_nobody_has" in again.message

    asyncio.run(scenario())


@pytest.mark.parametrize("plain", RUNTIMES)
def test_what_a_handler_prints_or_logs_is_between_start_and_report(plain: bool, tmp_path: Path) -> None:
    logs = toy.KeptLogs()

    async def scenario() -> None:
        async with toy.pool(toy.function("trouble"), tmp_path, plain=plain, logs=logs) as opened:
            toy.answer(await toy.ask(opened, do="print", text="grüß Gott"))
            await toy.until(lambda: logs.platform("report"))

    asyncio.run(scenario())
    kinds = [json.loads(line)["type"] if line.startswith('{"time"') else line for line in logs.lines]
    assert kinds[:2] == ["platform.initStart", "platform.start"]
    assert kinds[-1] == "platform.report"
    assert kinds[2] == "grüß Gott"
    logged = json.loads(kinds[3])
    assert (logged["level"], logged["message"]) == ("WARNING", "logged grüß Gott")
    metrics = logs.platform("report")[0]["metrics"]
    assert metrics["initDurationMs"] > 0


@pytest.mark.parametrize("pause", [pytest.param(0.0, id="at once"), pytest.param(0.05, id="a moment later")])
def test_a_worker_killed_while_idle_is_replaced(pause: float, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with toy.pool(toy.function("trouble"), tmp_path) as opened:
            first = toy.answer(await toy.ask(opened, do="pid"))
            await opened.settled()
            os.kill(first, signal.SIGKILL)
            await asyncio.sleep(pause)
            # The very next one may still meet the dead worker; then it is told so.
            outcome = await toy.ask(opened, do="pid")
            assert isinstance(outcome, Answer) or outcome.error_type == "Runtime.ExitError"
            assert toy.answer(await toy.ask(opened, do="pid")) != first

    asyncio.run(scenario())


def test_closing_ends_the_processes_even_in_the_middle_of_a_job(tmp_path: Path) -> None:
    async def scenario() -> int:
        async with toy.pool(toy.function("trouble"), tmp_path) as opened:
            pid: int = toy.answer(await toy.ask(opened, do="pid"))
            slow = asyncio.create_task(toy.ask(opened, do="sleep", seconds=60))
            await asyncio.sleep(0)
        assert toy.failure(await slow).error_type in ("Runtime.ExitError", "Sandbox.Stopped")
        return pid

    pid = asyncio.run(scenario())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
