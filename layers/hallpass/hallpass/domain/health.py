"""How an account's upstream has fared: a breaker, a refused credential, and seats for those who have to wait for it.

Rule: after some faults in a row it is left alone for a while, which grows; then exactly one call tries it. A request
that has to wait for the upstream takes a seat: a district's outage holds no more of the functions than it has seats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from hallpass.domain.upstream import UpstreamCredentialsError, UpstreamError, as_before

REFUSAL_RESTS = timedelta(seconds=60)
FAULTS_IN_A_ROW = 3
SHORTEST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=5)
SEATS = 50
SEAT_FOR = timedelta(seconds=30)
"""Longer than any request lasts."""
PROBE_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Health:
    """`faults`: in a row, the last a `fault` (problem type) at `faulted_at`. `rest_until`: what a 429 asked for.

    `listing`: the key of the one that all of these faults were met at; "" where they were met at several.
    `probe_until`: until when somebody is trying. `seats`: taken until, by number.
    """

    refused_at: datetime | None = None
    faults: int = 0
    fault: str = ""
    faulted_at: datetime | None = None
    rest_until: datetime | None = None
    probe_until: datetime | None = None
    seats: Mapping[int, datetime] = field(default_factory=dict)
    listing: str = ""

    def named(self, listing: str) -> str:
        """What to note of one more fault at this listing: its key, or "" where there was one at another."""
        return listing if not self.faults or self.listing == listing else ""

    def free_seats(self, now: datetime) -> tuple[int, ...]:
        return tuple(seat for seat in range(SEATS) if not (seat in self.seats and now < self.seats[seat]))


@dataclass(frozen=True, slots=True)
class Closed:
    """The upstream may be called."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It refused the credential a moment ago."""


@dataclass(frozen=True, slots=True)
class Open:
    """It is left alone for `seconds` more. `fault`: why."""

    fault: str
    seconds: int


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """One call may try: whoever writes that first. `faults`: as they were read."""

    faults: int
    fault: str


Gate = Closed | Refused | Open | HalfOpen


def left_alone(decision: Gate) -> UpstreamError | None:
    """What a caller is told who may not call; None for one who may, or may try to."""
    match decision:
        case Refused():
            return UpstreamCredentialsError()
        case Open(fault, seconds):
            return as_before(fault, seconds)
        case Closed() | HalfOpen():
            return None
        case _:
            assert_never(decision)


def gate(health: Health, now: datetime, listing: str = "") -> Gate:
    """Of one listing. Faults at another alone are that one's: a query that the upstream cannot answer is no outage."""
    if health.refused_at is not None and now < health.refused_at + REFUSAL_RESTS:
        return Refused()
    if health.rest_until is not None and now < health.rest_until:
        return Open(health.fault, _seconds(health.rest_until - now))
    elsewhere = health.listing not in ("", listing)
    if elsewhere or health.faults < FAULTS_IN_A_ROW or health.faulted_at is None:
        return Closed()
    ends = health.faulted_at + rest(health.faults)
    if now < ends:
        return Open(health.fault, _seconds(ends - now))
    if health.probe_until is not None and now < health.probe_until:
        return Open(health.fault, _seconds(health.probe_until - now))
    return HalfOpen(health.faults, health.fault)


def rest(faults: int) -> timedelta:
    """Doubles with every fault after the first that opens the breaker."""
    times: int = 2 ** min(faults - FAULTS_IN_A_ROW, 10)
    return min(SHORTEST_REST * times, LONGEST_REST)


def _seconds(left: timedelta) -> int:
    """Rounded up: who waits so long does not come too early."""
    return max(1, -(-left // timedelta(seconds=1)))
