"""Seats of an account: how many requests may wait for its upstream, so that one district's outage holds no more.

Rule: without a free seat nobody waits, nor while the upstream is left alone; without a store that says, everybody may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.health import SEAT_FOR, gate, left_alone
from hallpass.domain.listing import Account
from hallpass.page_ports import AccountStore
from hallpass.ports import Clock, Telemetry

TRIES = 4
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Seats:
    """`choose` picks one of some numbers, at random: two who look at the same time seldom want the same."""

    accounts: AccountStore
    clock: Clock
    choose: Callable[[tuple[int, ...]], int]
    telemetry: Telemetry

    @contextmanager
    def taken(self, account: Account, listing: str = "") -> Iterator[None]:
        """`listing`: the key of what is waited for.

        Raises PageInFlightError when every seat is taken, and an UpstreamError while the upstream is left alone.
        """
        seat = self._take(account, listing)
        try:
            yield
        finally:
            if seat is not None:
                self.accounts.leave_seat(account, seat)

    def _take(self, account: Account, listing: str) -> int | None:
        for _ in range(TRIES):
            now = self.clock.now()
            health = self.accounts.health(account)
            if health is None:
                return None
            refusal = left_alone(gate(health, now, listing))
            if refusal is not None:
                self.telemetry.upstream_asked(account.district_id, 0, 0, refusal.slug)
                raise refusal
            free = health.free_seats(now)
            if not free:
                break
            seat = self.choose(free)
            took = self.accounts.take_seat(account, seat, now + SEAT_FOR, now)
            if took is None:
                return None
            if took:
                return seat
        raise PageInFlightError(RETRY_AFTER_SECONDS)
