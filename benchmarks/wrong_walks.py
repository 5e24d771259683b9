"""How often a walk comes to its end and is the list as it never was: under each check, and without Hallpass.

Rule: every way meets the same lists, the same changes at the same times and vendors that think as long; same seed, same
table. Run: `.venv/bin/python -m benchmarks.wrong_walks [walks] [--write]`; `--write` puts it into docs/caching.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.upstream import UpstreamRefusedError

from sandbox.simulator.settings import Order
from tests.fakes import SetClock
from tests.vendor.moving import MovingList, Scene, State, invent, rows_of
from tests.vendor.walkers import Ended, Walker, moving_world, total_pages

DOC: Final = Path(__file__).parent.parent / "docs/caching.md"
BEGIN: Final = "<!-- benchmarks/wrong_walks.py -->\n"
END: Final = "<!-- end -->\n"
WALKS: Final = 2_000
A_SCENE: Final = 4
"""Walks of one list, one after another."""
ORDERS: Final[tuple[Order, ...]] = ("newest", "oldest", "modified")
CHANGE_EVERY: Final = 30.0
"""Seconds, on the average."""
HEAD: Final = ("pages come through", "walks", "wrong", "ended with an error", "upstream calls a walk")
NAIVE_FOR: Final = timedelta(minutes=5)


@dataclass(slots=True)
class Tally:
    """What became of the walks of one way. `calls`: of the upstream."""

    walks: int = 0
    wrong: int = 0
    ended: int = 0
    calls: int = 0

    def note(self, listed: MovingList, walked: State | Ended) -> None:
        self.walks += 1
        if isinstance(walked, Ended):
            self.ended += 1
        elif not listed.had(walked):
            self.wrong += 1


@dataclass(slots=True)
class Plain:
    """A vendor that reads page after page from the upstream. `kept_for`: of each page by its number, if at all."""

    listed: MovingList
    kept_for: timedelta
    calls: int = 0
    _kept: dict[int, tuple[datetime, bytes]] = field(default_factory=dict)

    def walk(self, think: Callable[[], None]) -> State | Ended:
        rows, number, total = list[str](), 1, 1
        while number <= total:
            try:
                body = self._page(number)
            except UpstreamRefusedError as refused:
                return Ended(refused.slug)
            rows += rows_of(body)
            number, total = number + 1, total_pages(body)
            think()
        return tuple(rows)

    def _page(self, number: int) -> bytes:
        until, body = self._kept.get(number, (self.listed.clock.now(), b""))
        if self.listed.clock.now() < until:
            return body
        self.calls += 1
        body = self.listed.answer(f"{self.listed.scene.query}&page={number}".lstrip("&")).body
        self._kept[number] = self.listed.clock.now() + self.kept_for, body
        return body


def checked(check: Check) -> Callable[[Scene, Random, Tally], None]:
    """Through Hallpass, under the default policy but for its check; every other vendor counts."""

    def walks(scene: Scene, rng: Random, tally: Tally) -> None:
        world, listed = moving_world(scene, CachePolicy(check=check), lambda: _latency(rng))
        for turn in range(A_SCENE):
            walker = Walker(world, scene.query, turn % 2 == 0, lambda: listed.wait(_thinking(rng)))
            tally.note(listed, walker.walk())
            listed.wait(_resting(rng))
        tally.calls += len(listed.calls)

    return walks


def plain(kept_for: timedelta) -> Callable[[Scene, Random, Tally], None]:
    def walks(scene: Scene, rng: Random, tally: Tally) -> None:
        listed = MovingList(clock=SetClock(), scene=scene, latency=lambda: _latency(rng))
        vendor = Plain(listed, kept_for)
        for _ in range(A_SCENE):
            tally.note(listed, vendor.walk(lambda: listed.wait(_thinking(rng))))
            listed.wait(_resting(rng))
        tally.calls += vendor.calls

    return walks


WAYS: Final[Mapping[str, Callable[[Scene, Random, Tally], None]]] = {
    "Hallpass, `verified`": checked(Check.VERIFIED),
    "Hallpass, `guarded` (default)": checked(Check.GUARDED),
    "Hallpass, `off`": checked(Check.OFF),
    "each page cached for 5 minutes": plain(NAIVE_FOR),
    "no cache, page after page": plain(timedelta(0)),
}


def measure(walks: int, seed: int = 1) -> dict[str, Tally]:
    """By way; `walks` of each, rounded up to whole scenes."""
    tallies = {way: Tally() for way in WAYS}
    for number in range(-(-walks // A_SCENE)):
        for way, tally in tallies.items():
            rng = Random(f"{seed} {number}")  # noqa: S311 - nothing is kept secret by it
            WAYS[way](_scene(rng), rng, tally)
    return tallies


def _scene(rng: Random) -> Scene:
    return invent(rng, ORDERS, lambda: rng.expovariate(1 / CHANGE_EVERY), changes=80)


def _latency(rng: Random) -> float:
    return rng.uniform(0.1, 1)


def _thinking(rng: Random) -> float:
    return rng.uniform(0, 10)


def _resting(rng: Random) -> float:
    return rng.uniform(0, 400)


def table(tallies: Mapping[str, Tally]) -> str:
    lines = [
        "| pages come through | walks | wrong | ended with an error | upstream calls a walk |",
        "|---|---|---|---|---|",
    ]
    for way, tally in tallies.items():
        wrong, ended = (f"{count} ({100 * count / tally.walks:.1f} %)" for count in (tally.wrong, tally.ended))
        lines.append(f"| {way} | {tally.walks} | {wrong} | {ended} | {tally.calls / tally.walks:.1f} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    measured = table(measure(numbers[0] if numbers else WALKS))
    sys.stdout.write(measured)
    if "--write" in arguments:
        text = DOC.read_text(encoding="utf-8")
        between = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
        DOC.write_text(between.sub(lambda _: BEGIN + measured + END, text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
