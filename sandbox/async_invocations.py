"""Lambda's queue of asynchronous events: taken at once, tried again after a failure, given up to a dead-letter queue.

The rule: every event that was taken ends in one of three ways: the function answered, it is a dead letter (if its
function keeps them), or the sandbox stopped meanwhile and said so. Pauses are seconds where Lambda's are minutes.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sandbox.console import say
from sandbox.outcome import Answer, Failure, Runtime, new_trace
from sandbox.schedules import Sleep
from sandbox.template import Function

# Lambda waits one minute, then two.
PAUSES = (1.0, 2.0)
_LONGEST_QUEUE = 1_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was given up, and why. `queue` is a name."""

    queue: str
    request_id: str
    event: bytes
    failure: Failure


LeaveLetter = Callable[[DeadLetter], Awaitable[None]]


class AsyncInvocations:
    """Runtimes are found by their function's logical id. `clock` is in seconds and only goes forward."""

    def __init__(
        self,
        runtimes: Mapping[str, Runtime],
        leave: LeaveLetter,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._runtimes, self._leave, self._clock, self._sleep = runtimes, leave, clock, sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def take(self, function: Function, event: bytes) -> str | None:
        """The request id under which the event will run; None if none is taken now."""
        if self._closed or len(self._tasks) >= _LONGEST_QUEUE:
            return None
        request_id = str(uuid.uuid4())
        task = asyncio.create_task(self._run(function, event, request_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return request_id

    async def close(self, grace: float) -> None:
        """Takes nothing more, waits up to `grace` seconds for what runs, then drops it."""
        self._closed = True
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=grace)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            say(f"sandbox: asynchronous events that were not done: {len(left)}")

    async def _run(self, function: Function, event: bytes, request_id: str) -> None:
        failure = await self._try(function, event, request_id)
        queue = function.asynchronous.dead_letters
        if failure is not None and queue is not None:
            await self._leave(DeadLetter(queue, request_id, event, failure))

    async def _try(self, function: Function, event: bytes, request_id: str) -> Failure | None:
        """Why the event was given up, or None."""
        policy, taken, trace = function.asynchronous, self._clock(), new_trace()
        outcome = await self._runtimes[function.logical_id].invoke(event, trace, request_id)
        for retry in range(policy.retries):
            if isinstance(outcome, Answer):
                break
            await self._sleep(PAUSES[min(retry, len(PAUSES) - 1)])
            if self._clock() - taken > policy.oldest:
                break
            outcome = await self._runtimes[function.logical_id].invoke(event, trace, request_id)
        return outcome if isinstance(outcome, Failure) else None
