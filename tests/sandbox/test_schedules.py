"""The clock of scheduled functions, with the hands turned by the test."""

import asyncio
from dataclasses import dataclass, field

from sandbox.background import Schedule
from sandbox.schedules import Schedules

WARM = Schedule("Refresh", 120.0, b'{"action":"warm"}')
COUNT = Schedule("Count", 300.0, b"{}")


@dataclass
class Clock:
    """`sleep` ends when the hands have passed its end."""

    now: float = 0.0
    sleepers: list[tuple[float, asyncio.Event]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self.sleepers.append((self.now + seconds, woken))
        await woken.wait()

    async def until(self, now: float) -> None:
        await _settled()
        while due := sorted(at for at, _ in self.sleepers if at <= now)[:1]:
            [self.now] = due
            for at, woken in self.sleepers:
                if at == self.now:
                    woken.set()
            self.sleepers = [(at, woken) for at, woken in self.sleepers if not woken.is_set()]
            await _settled()
        self.now = now


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_each_starts_after_its_first_interval_and_then_at_every_one_until_the_end() -> None:
    clock, started = Clock(), list[tuple[float, str, bytes]]()

    async def scenario() -> None:
        schedules = Schedules(
            (WARM, COUNT), lambda one: started.append((clock.now, one.function, one.payload)), clock.sleep
        )
        schedules.open()
        await clock.until(119.9)
        assert started == []
        await clock.until(480)
        await schedules.close()
        await clock.until(10_000)

    asyncio.run(scenario())
    warm = [(at, "Refresh", b'{"action":"warm"}') for at in (120, 240, 360, 480)]
    assert sorted(started) == sorted([*warm, (300, "Count", b"{}")])


def test_without_schedules_there_is_nothing_to_end() -> None:
    async def scenario() -> None:
        schedules = Schedules((), lambda _: None)
        schedules.open()
        await schedules.close()

    asyncio.run(scenario())
