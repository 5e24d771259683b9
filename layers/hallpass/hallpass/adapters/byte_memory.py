"""What a container remembers between requests: values by key, bounded in bytes and in time, the least used goes first.

Rule: only what is immutable and frozen goes in, so that concurrent calls share values and nothing else; every look
at the entries holds the lock.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

ENTRY_BYTES = 1_100
"""Of every entry, beside what its value weighs: keys, nodes and the objects around them. A test measures it."""
LARGEST_SHARE = 4
"""A value of more than one part in so many of the bound is not kept: it would drive out everything else."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    value: V
    weight: int
    since: datetime


class ByteMemory(Generic[K, V]):
    """At most `limit` bytes, nothing for longer than `lifetime`. `now`: the wall clock, UTC.

    Not a monotonic clock: that may stand still while the container is frozen. When the time goes back, what was
    remembered later than now is forgotten.
    """

    def __init__(self, limit: int, lifetime: timedelta, now: Callable[[], datetime]) -> None:
        self._limit = limit
        self._lifetime = lifetime
        self._now = now
        self._lock = Lock()
        # The least used first; and the oldest first, so that what has had its time goes though nobody asks for it.
        self._by_use: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._by_age: OrderedDict[K, None] = OrderedDict()
        self._weight = 0

    @property
    def weight(self) -> int:
        """Bytes held."""
        return self._weight

    def __len__(self) -> int:
        return len(self._by_use)

    def get(self, key: K) -> V | None:
        with self._lock:
            self._sweep()
            entry = self._by_use.get(key)
            if entry is None:
                return None
            self._by_use.move_to_end(key)
            return entry.value

    def put(self, key: K, value: V, size: int) -> None:
        """`size`: what the value weighs, in bytes."""
        weight = ENTRY_BYTES + size
        with self._lock:
            self._sweep()
            self._forget(key)
            if weight * LARGEST_SHARE > self._limit:
                return
            while self._weight + weight > self._limit:
                self._forget(next(iter(self._by_use)))
            self._by_use[key] = _Entry(value, weight, self._now())
            self._by_age[key] = None
            self._weight += weight

    def _sweep(self) -> None:
        now = self._now()
        while self._by_age:
            oldest = next(iter(self._by_age))
            if timedelta() <= now - self._by_use[oldest].since < self._lifetime:
                return
            self._forget(oldest)

    def _forget(self, key: K) -> None:
        entry = self._by_use.pop(key, None)
        if entry is not None:
            del self._by_age[key]
            self._weight -= entry.weight
