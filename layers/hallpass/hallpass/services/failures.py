"""Requests without a good token, by address, in this minute: beyond the bound they cost no look-up and no row each.

Rule: a token is refused unseen only when the roster is sure that the registry does not hold it. Addresses are
remembered for a minute and written nowhere.
"""

from __future__ import annotations

from threading import Lock

from hallpass.domain.bad_tokens import MOST_A_MINUTE, minute_of, neighbourhood, seconds_of_minute_left
from hallpass.domain.limit_errors import TooManyFailuresError
from hallpass.domain.tokens import PresentedToken
from hallpass.ports import Clock, Roster

MOST_ADDRESSES = 10_000


class Failures:
    """`check` before a token is looked up, `note` when it was bad."""

    def __init__(self, roster: Roster, clock: Clock) -> None:
        self._roster = roster
        self._clock = clock
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def check(self, source: str, presented: PresentedToken) -> None:
        """Raises TooManyFailuresError."""
        if self._count(source, 0) >= MOST_A_MINUTE and not self._roster.may_hold(presented):
            raise TooManyFailuresError(seconds_of_minute_left(self._clock.now()))

    def note(self, source: str) -> int:
        """How many of that address that makes."""
        return self._count(source, 1)

    def _count(self, source: str, more: int) -> int:
        minute, near = minute_of(self._clock.now()), neighbourhood(source)
        with self._lock:
            if minute != self._minute or len(self._counts) > MOST_ADDRESSES:
                self._counts.clear()
                self._minute = minute
            count = self._counts.get(near, 0) + more
            if more:
                self._counts[near] = count
            return count
