"""A container's memory: never over its bound, the least used goes first, nothing stays longer than it may."""

from __future__ import annotations

import os
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from hallpass.adapters.byte_memory import ENTRY_BYTES, LARGEST_SHARE, ByteMemory
from hallpass.adapters.remembering_pages import Memory, Remembered
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.fakes import SetClock
from tests.store.material import a_representation

HOUR = timedelta(hours=1)
ROOM = 5
LIMIT = ROOM * 2 * ENTRY_BYTES
"""For five values that weigh as much as what stands around them."""


def a_memory(clock: SetClock, limit: int = LIMIT) -> ByteMemory[str, str]:
    return ByteMemory(limit, HOUR, clock.now)


def test_the_least_used_goes_when_it_is_full(clock: SetClock) -> None:
    memory = a_memory(clock)
    for name in "abcde":
        memory.put(name, name.upper(), ENTRY_BYTES)
    assert memory.get("a") == "A"
    memory.put("f", "F", ENTRY_BYTES)
    assert {name: memory.get(name) for name in "abcdef"} == {
        "a": "A", "b": None, "c": "C", "d": "D", "e": "E", "f": "F"
    }  # fmt: skip


def test_one_large_value_drives_out_as_many_as_it_needs_and_no_more(clock: SetClock) -> None:
    memory = a_memory(clock, 4 * LARGEST_SHARE * ENTRY_BYTES)
    for number in range(16):
        memory.put(str(number), "", 0)
    memory.put("large", "", 3 * ENTRY_BYTES)
    assert [memory.get(str(number)) is None for number in range(16)] == [True] * 4 + [False] * 12
    assert memory.weight == 4 * LARGEST_SHARE * ENTRY_BYTES


@pytest.mark.parametrize(("over", "kept"), [(-1, True), (0, True), (1, False)])
def test_what_is_larger_than_a_quarter_is_not_kept(clock: SetClock, over: int, kept: bool) -> None:
    memory = a_memory(clock, 8 * ENTRY_BYTES)
    memory.put("small", "stays", 0)
    memory.put("large", "x", ENTRY_BYTES + over)
    assert (memory.get("large") is not None, memory.get("small")) == (kept, "stays")


def test_what_grows_too_large_is_gone_in_its_older_form_too(clock: SetClock) -> None:
    memory = a_memory(clock)
    memory.put("a", "older", 0)
    memory.put("a", "newer", LIMIT)
    assert (memory.get("a"), memory.weight, len(memory)) == (None, 0, 0)


@pytest.mark.parametrize("limit", [0, ENTRY_BYTES * LARGEST_SHARE - 1])
def test_a_memory_without_room_remembers_nothing(clock: SetClock, limit: int) -> None:
    memory = a_memory(clock, limit)
    memory.put("a", "A", 0)
    assert (memory.get("a"), memory.weight) == (None, 0)


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        pytest.param(HOUR - timedelta(microseconds=1), True, id="before its time is over"),
        pytest.param(HOUR, False, id="when its time is over"),
        pytest.param(-timedelta(microseconds=1), False, id="after the clock was set back"),
    ],
)
def test_nothing_stays_longer_than_it_may(clock: SetClock, later: timedelta, kept: bool) -> None:
    memory = a_memory(clock)
    memory.put("a", "A", 0)
    clock.move(later)
    assert memory.get("a") == ("A" if kept else None)


def test_use_prolongs_nothing_and_what_is_over_goes_unasked(clock: SetClock) -> None:
    memory = a_memory(clock)
    memory.put("a", "A", 0)
    clock.move(HOUR / 2)
    assert memory.get("a") == "A"
    memory.put("b", "B", 0)
    clock.move(HOUR / 2)
    assert memory.get("b") == "B"
    assert (len(memory), memory.weight) == (1, ENTRY_BYTES)


def test_what_is_put_again_begins_anew(clock: SetClock) -> None:
    memory = a_memory(clock)
    memory.put("a", "older", 0)
    memory.put("b", "B", 0)
    clock.move(HOUR / 2)
    memory.put("a", "newer", 5)
    clock.move(HOUR / 2)
    assert (memory.get("a"), memory.get("b"), memory.weight) == ("newer", None, ENTRY_BYTES + 5)


class AgainstAList(RuleBasedStateMachine):
    """The same calls on a list that is searched from end to end: the least used stands first."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock()
        self.memory = a_memory(self.clock)
        self.model: list[tuple[str, str, int, timedelta]] = []
        self.passed = timedelta()

    def _live(self) -> None:
        self.model = [entry for entry in self.model if timedelta() <= self.passed - entry[3] < HOUR]

    @rule(key=st.sampled_from("abcdefgh"), value=st.text(max_size=2), size=st.integers(0, 2 * ENTRY_BYTES))
    def put(self, key: str, value: str, size: int) -> None:
        self.memory.put(key, value, size)
        self._live()
        self.model = [entry for entry in self.model if entry[0] != key]
        weight = ENTRY_BYTES + size
        if weight * LARGEST_SHARE <= LIMIT:
            self.model.append((key, value, weight, self.passed))
            while sum(entry[2] for entry in self.model) > LIMIT:
                del self.model[0]

    @rule(key=st.sampled_from("abcdefgh"))
    def get(self, key: str) -> None:
        self._live()
        found = [entry for entry in self.model if entry[0] == key]
        self.model = [entry for entry in self.model if entry[0] != key] + found
        assert self.memory.get(key) == (found[0][1] if found else None)

    @rule(by=st.sampled_from([timedelta(minutes=1), timedelta(minutes=29), HOUR]))
    def wait(self, by: timedelta) -> None:
        self.clock.move(by)
        self.passed += by

    @invariant()
    def never_over_the_bound_and_counted_right(self) -> None:
        assert self.memory.weight <= LIMIT
        held = [*self.memory._by_use.values()]
        assert self.memory.weight == sum(entry.weight for entry in held)
        assert set(self.memory._by_use) == set(self.memory._by_age)


TestAgainstAList = AgainstAList.TestCase
TestAgainstAList.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


class Crossing:
    """A clock that lets the other threads run while it is looked at, and tells whether one looked meanwhile."""

    def __init__(self) -> None:
        self.inside = 0
        self.met = False

    def now(self) -> datetime:
        self.inside += 1
        os.sched_yield()
        self.met |= self.inside > 1
        self.inside -= 1
        return SetClock().at


def test_concurrent_calls_never_break_the_bound_nor_get_anothers_value() -> None:
    clock = Crossing()
    memory: ByteMemory[str, str] = ByteMemory(LIMIT, HOUR, clock.now)
    workers, rounds = 8, 400
    start = Barrier(workers)

    def work(worker: int) -> list[str]:
        start.wait()
        wrong: list[str] = []
        for turn in range(rounds):
            key = str((turn * 7 + worker) % 12)
            memory.put(key, key * 3, (turn * 131) % ENTRY_BYTES)
            wrong += [asked for asked in (key, str(turn % 12)) if memory.get(asked) not in (None, asked * 3)]
            wrong += ["over the bound"] * (memory.weight > LIMIT)
        return wrong

    with ThreadPoolExecutor(workers) as pool:
        assert [wrong for found in pool.map(work, range(workers)) for wrong in found] == []
    assert not clock.met
    assert memory.weight == sum(entry.weight for entry in memory._by_use.values()) <= LIMIT
    assert set(memory._by_use) == set(memory._by_age)


@pytest.mark.parametrize("size", [0, 2_000, 40_000])
def test_an_entry_takes_no_more_than_it_is_counted_for(clock: SetClock, size: int) -> None:
    memory: Memory = ByteMemory(1 << 30, HOUR, clock.now)
    count = 500
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            made, _ = a_representation(f"{number:09}".encode())
            clock.move(timedelta(microseconds=1))
            memory.put((made.stored.district_id, made.stored.name), Remembered(made, bytes(size)), size)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert count * (size + ENTRY_BYTES) // 2 < taken <= memory.weight == count * (size + ENTRY_BYTES)
