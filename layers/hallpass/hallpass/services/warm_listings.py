"""Which of a district's listings are read anew before anybody asks, as far as a run's budget of upstream calls goes.

Rule: each is sent for in a turn that was taken here; what somebody reads already, or is fresh for long enough, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from hallpass.domain.access import District
from hallpass.domain.http_caching import Freshness
from hallpass.domain.leases import Granted, Pointer, Slot
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import StoredPage
from hallpass.domain.refresh_order import Asked
from hallpass.domain.response_age import remaining
from hallpass.domain.walk import calls_of
from hallpass.page_ports import Refresher
from hallpass.ports import Clock
from hallpass.services.assembly import Assembled, Parts

ASKED_LATELY = timedelta(minutes=30)
LEAST_SECONDS = 10.0
WARM_AHEAD = timedelta(minutes=3)
"""A page with less left of its life is read anew: the schedule may come only once in that time."""
JUST_READ = timedelta(minutes=1)
"""Who asks again so soon has it already, though the district's policy may call it stale."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`whole`: all its pages, and not page 1 alone. `named`: somebody asked for it now, and nobody may have before."""

    listing: Listing
    whole: bool
    named: bool


@dataclass(frozen=True, slots=True)
class WarmListings:
    """`calls`: of the upstream, for each district and run."""

    parts: Parts
    refresher: Refresher
    calls: int

    def busy(self, made: Assembled, district: District, account: Account, seconds_left: Callable[[], float]) -> int:
        """What was asked for lately and goes stale soon: how many listings are read anew."""
        now = self.parts.clock.now()
        latest = sorted(made.walks.busy(account), key=lambda found: found.asked_at, reverse=True)
        wanted = [
            Wanted(found.listing, found.walked_at is not None, named=False)
            for found in latest
            if now - found.asked_at <= ASKED_LATELY
        ]
        return self._spend(made, district, wanted, seconds_left)

    def asked(self, made: Assembled, district: District, asked: Asked, seconds_left: Callable[[], float]) -> int:
        """What somebody named: whole, but for what vendors only poll. Those that vendors ask for come first."""
        walked = {found.listing: found.walked_at is not None for found in made.walks.busy(asked.account)}
        listings = [Listing(asked.account, query) for query in asked.queries]
        wanted = [Wanted(listing, walked.get(listing, True), named=True) for listing in listings]
        return self._spend(made, district, sorted(wanted, key=lambda one: one.listing not in walked), seconds_left)

    def _spend(
        self, made: Assembled, district: District, wanted: Iterable[Wanted], seconds_left: Callable[[], float]
    ) -> int:
        left, started = self.calls, 0
        for one in wanted:
            if left <= 0 or seconds_left() < LEAST_SECONDS:
                break
            cost = self._start(made, one, district, left)
            left -= cost
            started += cost > 0
        return started

    def _start(self, made: Assembled, wanted: Wanted, district: District, calls: int) -> int:
        """The upstream calls that were set going."""
        listing = wanted.listing
        pointer = made.walks.pointer(listing)
        page = made.source.current(listing, pointer) if pointer else None
        if pointer is None or not self._due(made, wanted, district, pointer, page, calls):
            return 0
        slot, cost = self._slot(wanted, page, district, calls)
        owner = self.parts.new_name()
        if pointer.taken(slot, owner, self.parts.clock.now()):
            return 0
        turn = made.walks.take(listing, slot, pointer, owner)
        if not isinstance(turn, Granted):
            return 0
        send = self.refresher.read_ahead if slot is Slot.WALK else self.refresher.refresh
        if not send(listing, turn):
            made.walks.release(listing, slot, owner)
            return 0
        return cost

    def _due(
        self,
        made: Assembled,
        wanted: Wanted,
        district: District,
        pointer: Pointer,
        page: StoredPage | None,
        calls: int,
    ) -> bool:
        if page is None:
            return wanted.named
        now, listing = self.parts.clock.now(), wanted.listing
        old = remaining(page.received, freshness_of(self.parts.clock, district, listing), now) <= WARM_AHEAD
        if not wanted.named:
            return old
        if pointer.stale_since is not None and page.received.received_at <= pointer.stale_since:
            return True
        if _walk_fits(wanted, page, district, calls) and made.walks.find_walk(listing, page.snapshot) is None:
            return True
        return old and now - page.fetched_at >= JUST_READ

    def _slot(self, wanted: Wanted, page: StoredPage | None, district: District, calls: int) -> tuple[Slot, int]:
        """All pages, if that many calls are left; else page 1, which is what is polled."""
        if page is None:
            # Nobody knows how many pages there are: they may take all that one run has, if nothing is spent of it.
            return (Slot.WALK, calls) if wanted.whole and calls == self.calls else (Slot.PAGE, 1)
        if _walk_fits(wanted, page, district, calls):
            return Slot.WALK, calls_of(page.total_pages, district.cache.check)
        return Slot.PAGE, 1


def freshness_of(clock: Clock, district: District, listing: Listing) -> Freshness:
    today = clock.now().astimezone(ZoneInfo(district.time_zone)).date()
    return district.cache.freshness(listing.query.last, today)


def _walk_fits(wanted: Wanted, page: StoredPage, district: District, calls: int) -> bool:
    walk = calls_of(page.total_pages, district.cache.check)
    return wanted.whole and page.total_pages > 1 and walk <= calls
