"""One flight: who reads a listing now, until when, and in which order the turns were given.

Rule: a turn that was given later has the greater fence, whatever the clocks say; a snapshot's id begins with it, so
that what an earlier owner writes late never replaces what a later one wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hallpass.domain.listing import Listing

LEASE_FOR = timedelta(seconds=45)
"""Longer than a request may take to read one page; a reader of many renews it as it goes."""
NOTED_EVERY = timedelta(minutes=5)
SNAPSHOT_ID = re.compile(r"[0-9a-f]{14}-[0-9a-f]{8}", re.ASCII)
"""What `Granted.snapshot` makes."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slot(StrEnum):
    """What a lease is for: page 1 of a listing, or its walk from page 2 on."""

    PAGE = "page"
    WALK = "walk"


@dataclass(frozen=True, slots=True)
class Lease:
    """Somebody's turn. It is over at `until`, or when its owner gives it back."""

    owner: str
    until: datetime

    def alive(self, now: datetime) -> bool:
        return now < self.until


@dataclass(frozen=True, slots=True)
class Granted:
    """The caller's turn."""

    owner: str
    fence: int

    def snapshot(self, noise: str) -> str:
        """The id of the snapshot that is begun in this turn. `noise`: hexadecimal, against a fence given twice."""
        return f"{self.fence:014x}-{noise}"


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else's turn."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The store did not say: nobody may write."""


Turn = Granted | Held | Unknown


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is known of a listing. `snapshot`: the current one's id.

    `stale_since`: of a soft purge; what was received until then is stale. `asked_at`, `walked_at`: when it was last
    noted that somebody asked for page 1, and for a later one.
    """

    snapshot: str | None = None
    fence: int = 0
    page: Lease | None = None
    walk: Lease | None = None
    stale_since: datetime | None = None
    asked_at: datetime | None = None
    walked_at: datetime | None = None

    def lease(self, slot: Slot) -> Lease | None:
        return self.page if slot is Slot.PAGE else self.walk

    def use_due(self, now: datetime, *, walked: bool) -> bool:
        """Whether it is time to note once more that the listing is asked for."""
        noted = self.walked_at if walked else self.asked_at
        return noted is None or now - noted >= NOTED_EVERY

    def owned(self, slot: Slot, owner: str) -> bool:
        """Whether the turn is `owner`'s, though its time may be over: nobody took it and it was not given back."""
        lease = self.lease(slot)
        return lease is not None and lease.owner == owner

    def taken(self, slot: Slot, owner: str, now: datetime) -> bool:
        """Whether somebody other than `owner` has the turn."""
        lease = self.lease(slot)
        return lease is not None and lease.owner != owner and lease.alive(now)


def next_fence(seen: int, now: datetime) -> int:
    """Greater than `seen`, and microseconds since 1970 where the clock allows: a lost count is not begun anew."""
    return max(seen + 1, (now - _EPOCH) // timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Busy:
    """A listing that was asked for lately; `walked_at`: beyond page 1."""

    listing: Listing
    asked_at: datetime
    walked_at: datetime | None
