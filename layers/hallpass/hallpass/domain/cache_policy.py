"""What a district decides about its cache: how long a page is fresh, how stale it may get, how a walk is checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from hallpass.domain.http_caching import Freshness, UpstreamControl


class Check(StrEnum):
    """How the pages of a walk are vouched for.

    `guarded`: totals, an incident twice, first and last page read again at the end. `verified`: every page is read
    twice and has to agree. `off`: nothing is checked.
    """

    GUARDED = "guarded"
    VERIFIED = "verified"
    OFF = "off"


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
