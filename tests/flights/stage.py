"""Callers that run one at a time: each parks before every call of a port, and decisions say who goes on.

Rule: the same decisions give the same run. Nothing sleeps: time is a clock that the stage moves, and a run that does
not come to its end within so many steps is a failure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Semaphore, Thread

from hypothesis import settings
from hypothesis import strategies as st

from tests import records
from tests.fakes import SetClock

TICK = timedelta(milliseconds=1)
"""What a step takes."""


class Kind(StrEnum):
    """What happens to the caller that is chosen, or to all: `jump`, `leap` and `event`.

    `fail`: its call is not carried out. `lose`: it is, and the answer is lost. `die`: it makes no call any more.
    `jump`: some seconds pass. `leap`: more than a lease lasts. `event`: the next thing that the test has in store.
    """

    GO = "go"
    FAIL = "fail"
    LOSE = "lose"
    DIE = "die"
    JUMP = "jump"
    LEAP = "leap"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Decision:
    """`which`: of those that could go on, in the order in which they parked; or how long a jump is."""

    kind: Kind = Kind.GO
    which: int = 0


Decisions = Iterator[Decision]
LEAPS = timedelta(seconds=46)
explored = settings(max_examples=settings().max_examples * 3 // 10)
"""A run costs some hundred switches of threads: fewer of them than of other properties."""
WAYS = 8
"""How many can be told apart by a decision."""


def decisions(weights: dict[Kind, int], least: int = 30, most: int = 90) -> st.SearchStrategy[list[Decision]]:
    """Shrinks to `go` with who has waited longest, which is what happens without a decision too."""
    kinds = [kind for kind, times in weights.items() for _ in range(times)]

    def decide(number: int) -> Decision:
        return Decision(kinds[number // WAYS], number % WAYS)

    return st.lists(st.integers(0, len(kinds) * WAYS - 1).map(decide), min_size=least, max_size=most)


def seeded(seed: int, weights: dict[Kind, int], most: int = 100) -> Decisions:
    """Without end, of a seed."""
    noise = random.Random(seed)  # to be repeated, not to be secret
    kinds, times = list(weights), list(weights.values())
    while True:
        yield Decision(noise.choices(kinds, times)[0], noise.randrange(most))


class Died(BaseException):  # no error: nobody may handle it
    """The caller's container is gone. Raised again by each later call, so that no `finally` does anything."""


class Stuck(AssertionError):  # noqa: N818  # a finding of the test
    """More steps than any run may take."""


@dataclass(slots=True)
class Caller:
    """One thread of work. `result` or `error` is there when it has ended, and neither when it died."""

    name: str
    work: Callable[[], object]
    at: str = "its start"
    wakes: datetime = records.NOW
    result: object = None
    error: BaseException | None = None
    ended_at: datetime | None = None
    dead: bool = False
    mishap: Kind = Kind.GO
    go: Semaphore = field(default_factory=lambda: Semaphore(0))


@dataclass(slots=True)
class Stage:
    """`events`: what may happen meanwhile, by turns. `trace`: who did what, to read a failure by."""

    clock: SetClock = field(default_factory=SetClock)
    events: list[Callable[[], None]] = field(default_factory=list)
    most_steps: int = 10_000
    callers: list[Caller] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    jumped: timedelta = timedelta(0)
    deaths: int = 0
    mishaps: int = 0
    _parked: list[Caller] = field(default_factory=list)
    _back: Semaphore = field(default_factory=lambda: Semaphore(0))
    _current: Caller | None = None

    def add(self, name: str, work: Callable[[], object], after: timedelta = timedelta(0)) -> Caller:
        """A caller that begins when it is chosen, not before `after` has passed."""
        caller = Caller(name, work, wakes=self.clock.at + after)
        self.callers.append(caller)
        self._parked.append(caller)
        Thread(target=self._live, args=[caller], daemon=True).start()
        return caller

    @property
    def current(self) -> Caller:
        assert self._current is not None, "nobody runs"
        return self._current

    @property
    def first(self) -> Caller:
        """Who goes on next where no decision says otherwise."""
        return next(caller for caller in self._parked if caller.wakes <= self.clock.at)

    def dying_at(self, call: str, when: Callable[[], bool] = lambda: True) -> Decisions:
        """Whoever is about to make that call once it is so, dies; else everybody goes on by turns."""
        while not (self.first.at == call and when()):
            yield Decision()
        yield Decision(Kind.DIE)

    def park(self, at: str, seconds: float = 0.0) -> Kind:
        """Called by the caller that runs: how its call is to go. Raises Died."""
        caller = self.current
        if caller.dead:
            raise Died
        caller.at, caller.wakes = at, self.clock.at + timedelta(seconds=seconds)
        self._parked.append(caller)
        self._back.release()
        caller.go.acquire()
        if caller.dead:
            raise Died
        return caller.mishap

    def run(self, decisions: Decisions | Sequence[Decision] = ()) -> None:
        """Until everybody has ended. Without a decision who has waited longest goes on. Raises Stuck."""
        script = iter(decisions)
        steps = 0
        try:
            while self._parked:
                steps += 1
                if steps > self.most_steps:
                    raise Stuck(self.trace[-30:])
                ready = [caller for caller in self._parked if caller.wakes <= self.clock.at]
                if ready:
                    self._carry_out(next(script, Decision()), ready)
                else:
                    self.clock.move(min(caller.wakes for caller in self._parked) - self.clock.at)
        finally:
            self._end_all()

    def _carry_out(self, decision: Decision, ready: Sequence[Caller]) -> None:
        match decision.kind:
            case Kind.JUMP | Kind.LEAP:
                by = LEAPS if decision.kind is Kind.LEAP else timedelta(seconds=0.3 * (1 + decision.which))
                self.jumped += by
                self.clock.move(by)
                self.trace.append(f"{by} pass")
            case Kind.EVENT if self.events:
                self.events.pop(0)()
                self.trace.append("an event")
            case Kind.EVENT:
                self._resume(ready[0], Kind.GO)
            case kind:
                self._resume(ready[decision.which % len(ready)], kind)

    def _resume(self, caller: Caller, kind: Kind) -> None:
        self.trace.append(f"{caller.name} {kind} {caller.at}")
        self.deaths += kind is Kind.DIE
        self.mishaps += kind in (Kind.FAIL, Kind.LOSE)
        caller.dead, caller.mishap = kind is Kind.DIE, kind
        self.clock.move(TICK)
        self._parked.remove(caller)
        self._current = caller
        caller.go.release()
        self._back.acquire()
        self._current = None

    def _live(self, caller: Caller) -> None:
        caller.go.acquire()
        try:
            if not caller.dead:
                caller.result = caller.work()
        except Died:
            pass
        except BaseException as error:  # it is kept, for the test to judge
            caller.error = error
        caller.ended_at = self.clock.at
        self._back.release()

    def _end_all(self) -> None:
        while self._parked:
            self._resume(self._parked[0], Kind.DIE)
