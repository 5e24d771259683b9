"""The workers of one function, and the queue before them.

The rule: a job waits only while a worker may still come for it. If none of them can load the handler, every
job that waits fails with the reason, and the next invocation tries to load it again, as Lambda does.
"""

import asyncio
import uuid
from collections import deque

from sandbox.children import Children
from sandbox.lambda_environment import Host, arn
from sandbox.log_shipping import OpenStream
from sandbox.outcome import Failure, FailureKind, Outcome
from sandbox.runtime_api import Invocation
from sandbox.template import Function
from sandbox.worker import REPORT_DELAY, Job, State, Worker, new_stream_name, utc_now

# More than this in the queue is what Lambda calls throttled.
_LONGEST_QUEUE = 1_000


class WorkerPool:
    """Implements outcome.Runtime with `size` worker processes."""

    def __init__(
        self, function: Function, host: Host, children: Children, open_stream: OpenStream, size: int, *, plain: bool
    ) -> None:
        self._function = function
        self._queue: deque[Job] = deque()
        self._changed = asyncio.Event()
        self._workers = [
            Worker(
                function,
                host,
                children,
                open_stream(function.log_group, new_stream_name(utc_now())),
                self._worker_changed,
                plain=plain,
            )
            for _ in range(size)
        ]

    async def open(self) -> None:
        """Starts every worker; does not wait for them."""
        await asyncio.gather(*(worker.open() for worker in self._workers))

    async def ready(self) -> Failure | None:
        """Waits until every worker has loaded the handler, or one could not: the reason, then."""
        while any(worker.state is State.STARTING for worker in self._workers):
            self._changed.clear()
            await self._changed.wait()
        return next((worker.init_error for worker in self._workers if worker.init_error), None)

    async def settled(self) -> None:
        """Waits until every worker that was busy has asked for more, its last words read."""
        while any(worker.state in (State.BUSY, State.STARTING) for worker in self._workers):
            self._changed.clear()
            await self._changed.wait()
        await asyncio.sleep(REPORT_DELAY * 2)

    async def close(self) -> None:
        """Ends every worker; what still waits is told so."""
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._fail_queue(Failure(FailureKind.UNAVAILABLE, "Sandbox.Stopped", "the sandbox is stopping"))

    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        """One event through the next free worker."""
        if len(self._queue) >= _LONGEST_QUEUE:
            return Failure(FailureKind.UNAVAILABLE, "TooManyRequestsException", "Rate Exceeded.")
        # The deadline counts from when a worker takes it.
        job = Job(Invocation(request_id or str(uuid.uuid4()), event, 0, arn(self._function), trace))
        self._queue.append(job)
        for worker in self._workers:
            if worker.state is State.STOPPED:
                worker.start()
        self._dispatch()
        try:
            return await job.outcome
        finally:
            if job in self._queue:
                self._queue.remove(job)

    def _dispatch(self) -> None:
        for worker in self._workers:
            if not self._queue:
                return
            if worker.state is State.IDLE:
                worker.give(self._queue.popleft())

    def _worker_changed(self, _: Worker) -> None:
        self._changed.set()
        self._dispatch()
        errors = [worker.init_error for worker in self._workers if worker.state is State.STOPPED]
        if len(errors) == len(self._workers) and errors[0] is not None:
            self._fail_queue(errors[0])

    def _fail_queue(self, failure: Failure) -> None:
        while self._queue:
            self._queue.popleft().settle(failure)
