"""A page on its way: what a request wants of a listing, and what it got."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hallpass.domain.arrival import Arrival
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness
from hallpass.domain.listing import Listing
from hallpass.domain.outcome import Outcome
from hallpass.domain.pages import StoredPage

REFRESH_RESTS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants of a listing. `walker`: whose walk it is; `pins`: whether it may begin one.

    `freshness`: the district's, which all its vendors share; `stale_cap`: the integration's own.
    """

    listing: Listing
    number: int
    snapshot: str | None
    walker: str
    freshness: Freshness
    check: Check
    directives: RequestDirectives
    stale_cap: timedelta | None = None
    pins: bool = True

    @property
    def own_freshness(self) -> Freshness:
        return self.freshness.within(self.stale_cap)

    def rested(self, page: StoredPage | None, now: datetime) -> Wanted:
        """As if no refresh were asked for, where `page` was read just now: one listing, one forced call a minute."""
        if page is None or now - page.fetched_at >= REFRESH_RESTS:
            return self
        rested = replace(self.directives, no_cache=False, no_store=False, max_age=None, min_fresh=None)
        return replace(self, directives=rested)


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page to render. `snapshot`: that the vendor is on. `read_from`: when its reading began.

    `kept`: whether the page's artefacts are in the store. `arrival` is there when the page has just been made: then
    nothing need be read back.
    """

    page: StoredPage
    snapshot: str
    outcome: Outcome
    read_from: datetime
    kept: bool = True
    arrival: Arrival | None = None
