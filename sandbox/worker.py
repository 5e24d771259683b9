"""One execution environment of a function: a process, its listener, its log stream.

The rule: one invocation at a time, and every invocation gets exactly one outcome, whatever the process does:
answers, raises, exits, is too slow, says too much. A process that is no longer sound is replaced.
"""

import asyncio
import json
import signal
import time
import uuid
from asyncio.subprocess import Process
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum

from sandbox import platform_log
from sandbox.children import Children, send
from sandbox.lambda_environment import Host, command, environment
from sandbox.line_reader import read_lines
from sandbox.log_shipping import LogStream
from sandbox.outcome import Answer, Failure, FailureKind, Outcome
from sandbox.platform_log import Report
from sandbox.runtime_api import Invocation, RuntimeApi
from sandbox.template import Function

# Long enough for a handler's last line to come out of the pipe before Lambda's own line about it.
REPORT_DELAY = 0.01


class State(Enum):
    """Where a worker is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"


class Job:
    """An invocation and the place where its outcome is awaited."""

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.started = 0.0

    def settle(self, outcome: Outcome) -> None:
        """The outcome, unless nobody waits any more."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class Worker:
    """Implements runtime_api.Host. `on_change` is called when it became idle or stopped."""

    def __init__(
        self,
        function: Function,
        host: Host,
        children: Children,
        stream: LogStream,
        on_change: Callable[["Worker"], None],
        *,
        plain: bool,
    ) -> None:
        self.state = State.STOPPED
        self.init_error: Failure | None = None
        self._function, self._host, self._children, self._stream = function, host, children, stream
        self._on_change, self._plain = on_change, plain
        self._api = RuntimeApi(self)
        self._process: Process | None = None
        self._waiting: asyncio.Future[Job] | None = None
        self._job: Job | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._life: asyncio.Task[None] | None = None
        self._started = 0.0
        self._init_ms: float | None = None
        self._closing = False

    async def open(self) -> None:
        """Opens the listener and starts the process."""
        await self._api.start()
        self.start()

    def start(self) -> None:
        """Starts the process; the worker is idle once the handler has loaded."""
        self.state, self.init_error = State.STARTING, None
        self._life = asyncio.create_task(self._live())

    def give(self, job: Job) -> None:
        """Hands an idle worker its next job."""
        assert self.state is State.IDLE
        assert self._waiting is not None
        loop = asyncio.get_running_loop()
        self.state, self._job, job.started = State.BUSY, job, time.monotonic()
        deadline = int((time.time() + self._function.timeout) * 1000)
        job.invocation = replace(job.invocation, deadline_ms=deadline)
        self._stream.put(platform_log.start(job.invocation.request_id, utc_now()))
        self._timer = loop.call_later(self._function.timeout, self._timed_out)
        self._waiting.set_result(job)

    async def close(self) -> None:
        """Ends the process at once (Lambda gives a handler no notice either) and the listener."""
        self._closing = True
        if self._process is not None:
            send(self._process, signal.SIGKILL)
        if self._life is not None:
            await self._life
        await self._api.stop()

    async def next(self) -> Invocation:
        """The runtime asks for work: the handler has loaded, or has answered."""
        if self.state is State.STARTING:
            self._init_ms = (time.monotonic() - self._started) * 1000
        if self._job is not None:
            # It was given one that it never saw: the connection broke in between.
            return self._job.invocation
        self.state = State.IDLE
        self._waiting = asyncio.get_running_loop().create_future()
        self._on_change(self)
        try:
            return (await self._waiting).invocation
        except asyncio.CancelledError:
            if self.state is State.IDLE:
                self.state = State.BUSY
            raise

    def responded(self, request_id: str, payload: bytes) -> bool:
        """The handler's return value."""
        return self._finish(request_id, Answer(payload), "success")

    def too_large(self, request_id: str) -> None:
        """A return value over Lambda's limit."""
        message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
        failure = Failure(FailureKind.FUNCTION, "Function.ResponseSizeTooLarge", message)
        self._finish(request_id, failure, "error")

    def failed(self, request_id: str, error: bytes) -> bool:
        """The handler raised."""
        return self._finish(request_id, _failure(error), "error")

    def init_failed(self, error: bytes) -> None:
        """The handler did not load; the process ends by itself next."""
        self.init_error = _failure(error)

    def _finish(self, request_id: str, outcome: Outcome, status: str) -> bool:
        job = self._job
        if job is None or job.invocation.request_id != request_id:
            return False
        self._job = None
        if self._timer is not None:
            self._timer.cancel()
        ms = (time.monotonic() - job.started) * 1000
        error_type = outcome.error_type if isinstance(outcome, Failure) else None
        memory = platform_log.peak_memory_mb(self._process.pid) if self._process else 0
        done = Report(request_id, status, ms, self._function.memory, memory, self._init_ms, error_type)
        self._init_ms = None
        # The handler's last words are in the pipe by now; the report comes after them, as Lambda's does.
        asyncio.get_running_loop().call_later(
            REPORT_DELAY, lambda: self._stream.put(platform_log.report(done, utc_now()))
        )
        job.settle(outcome)
        return True

    def _timed_out(self) -> None:
        if self._job is None or self._process is None:
            return
        request_id = self._job.invocation.request_id
        message = f"RequestId: {request_id} Error: Task timed out after {self._function.timeout:.2f} seconds"
        self._finish(request_id, Failure(FailureKind.FUNCTION, "Sandbox.Timedout", message), "timeout")
        send(self._process, signal.SIGKILL)

    async def _live(self) -> None:
        self._started = time.monotonic()
        self._stream.put(platform_log.init_start(self._function, utc_now()))
        variables = environment(self._function, self._host, self._api.address, self._stream.name)
        line = command(self._function, self._host, plain=self._plain)
        self._process = await self._children.start(line, variables, self._function.code)
        assert self._process.stdout is not None
        if self._closing:
            send(self._process, signal.SIGKILL)
        await read_lines(self._process.stdout, self._stream.put)
        code = await self._process.wait()
        self._children.forget(self._process)
        self._ended(code)

    def _ended(self, code: int) -> None:
        loaded = self.state is not State.STARTING
        if self._waiting is not None and not self._waiting.done():
            self._waiting.cancel()
        self._waiting, self._process = None, None
        if self._job is not None:
            request_id = self._job.invocation.request_id
            message = f"RequestId: {request_id} Error: Runtime exited with error: {_exit(code)}"
            self._finish(request_id, Failure(FailureKind.FUNCTION, "Runtime.ExitError", message), "error")
        self.state = State.STOPPED
        if self._closing:
            return
        if loaded:
            self.start()
            return
        if self.init_error is None:
            message = f"Runtime exited during init: {_exit(code)}"
            self.init_error = Failure(FailureKind.FUNCTION, "Runtime.ExitError", message)
        self._on_change(self)


def new_stream_name(now: datetime) -> str:
    """A log stream's name as Lambda makes it."""
    return f"{now:%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"


def utc_now() -> datetime:
    """The time for log lines and stream names."""
    return datetime.now(UTC)


def _exit(code: int) -> str:
    return f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _failure(error: bytes) -> Failure:
    try:
        told = json.loads(error)
        kind, message = str(told.get("errorType", "")), str(told.get("errorMessage", ""))
    except (ValueError, AttributeError):
        kind, message = "Runtime.Unknown", "the runtime sent an error that is not JSON"
    return Failure(FailureKind.FUNCTION, kind, message)
