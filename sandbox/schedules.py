"""The clock that starts scheduled functions.

The rule: first after one interval, then once an interval; a start that is refused is made up for by the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from sandbox.background import Schedule

Sleep = Callable[[float], Awaitable[None]]


class Schedules:
    """`start` hands the event over and does not wait for what becomes of it."""

    def __init__(
        self, schedules: Iterable[Schedule], start: Callable[[Schedule], object], sleep: Sleep = asyncio.sleep
    ) -> None:
        self._schedules, self._start, self._sleep = tuple(schedules), start, sleep
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """The intervals begin now."""
        self._tasks = [asyncio.create_task(self._keep(schedule)) for schedule in self._schedules]

    async def close(self) -> None:
        """Nothing starts any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, schedule: Schedule) -> None:
        while True:
            await self._sleep(schedule.every)
            self._start(schedule)
