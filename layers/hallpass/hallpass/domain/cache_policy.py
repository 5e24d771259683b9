"""What a district decides about its cache: how long a page is fresh, how stale it may get, how a walk is checked.

Rule: the bounds stand here once; what is outside them is neither accepted nor read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hallpass.domain.http_caching import Freshness, UpstreamControl

DAY: Final = timedelta(days=1)
NONE: Final = timedelta(0)
LONGEST_STALE: Final = 2 * DAY
"""What `stale_if_error` and an integration's cap on it may be at most."""

BOUNDS: Final[Mapping[str, tuple[timedelta, timedelta]]] = {
    "fresh_for": (NONE, DAY),
    "stale_while_revalidate": (NONE, DAY),
    "stale_if_error": (NONE, LONGEST_STALE),
    "closed_after": (DAY, 3660 * DAY),
    "closed_fresh_for": (NONE, DAY),
}
"""Least and most of each of a policy's times, both included. What may be used at all is kept for `LONGEST_USE`."""


class Check(StrEnum):
    """How the pages of a walk are vouched for.

    `guarded`: totals, an incident twice, first and last page read again at the end. `verified`: every page is read
    twice and has to agree. `off`: nothing is checked.
    """

    GUARDED = "guarded"
    VERIFIED = "verified"
    OFF = "off"

    def covers(self, other: Check) -> bool:
        """Whether what it vouches for is all that the other would."""
        order = (Check.OFF, Check.GUARDED, Check.VERIFIED)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A district's. A closed window is a query whose `to` lies more than `closed_after` before today."""

    fresh_for: timedelta = timedelta(minutes=5)
    stale_while_revalidate: timedelta = timedelta(hours=1)
    stale_if_error: timedelta = timedelta(hours=24)
    closed_after: timedelta = timedelta(days=30)
    closed_fresh_for: timedelta = timedelta(hours=24)
    control: UpstreamControl = UpstreamControl.OVERRIDE
    check: Check = Check.GUARDED

    def freshness(self, last: date | None, today: date) -> Freshness:
        """Of pages of a query that ends on `last` (None: it names no dates), on `today` of the district's."""
        closed = last is not None and last + self.closed_after < today
        fresh_for = self.closed_fresh_for if closed else self.fresh_for
        return Freshness(fresh_for, self.stale_while_revalidate, self.stale_if_error, self.control)
