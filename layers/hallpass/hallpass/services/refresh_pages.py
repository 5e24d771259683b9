"""What is read in the background: page 1 of a listing, a walk, and what is asked for often before it goes stale.

Rule: everything is done in a turn that was taken before, and may come twice or too late: then nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from hallpass.domain.access import District, Status
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness
from hallpass.domain.leases import Busy, Granted, Slot
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import StoredPage
from hallpass.domain.refresh_order import Action, Order
from hallpass.domain.response_age import remaining
from hallpass.domain.upstream import UpstreamError
from hallpass.domain.walk import MAX_PAGES, Walk, calls_of
from hallpass.page_ports import Refresher
from hallpass.ports import DistrictReader
from hallpass.services.assembly import Assembled, Parts

ASKED_LATELY = timedelta(minutes=30)
LEAST_SECONDS = 10.0
WARM_AHEAD = timedelta(minutes=3)
"""A page with less left of its life is read anew: the schedule may come only once in that time."""


@dataclass(frozen=True, slots=True)
class RefreshPages:
    """`calls`: of the upstream, for each district and each run of `warm`."""

    parts: Parts
    districts: DistrictReader
    refresher: Refresher
    calls: int

    def carry_out(self, order: Order, seconds_left: Callable[[], float]) -> None:
        """Raises UnavailableError when the registry or the credential cannot be read: then it may be tried again."""
        district = self.districts.district(order.listing.account.district_id)
        if district is None or not _reads(district, order.listing.account):
            return
        made = self.parts.assembled(seconds_left)
        freshness = self._freshness(district, order.listing)
        match order.action:
            case Action.PAGE:
                self._page(made, order, freshness, seconds_left)
            case Action.WALK:
                self._walk(made, order, freshness, seconds_left)
            case Action.AHEAD:
                self._ahead(made, order, freshness, district.cache.check, seconds_left)
            case Action.WARM:
                raise ValueError("a run of `warm` is no order for one listing")
            case _:
                assert_never(order.action)

    def warm(self, seconds_left: Callable[[], float]) -> int:
        """How many listings are read anew. Raises UnavailableError without the registry."""
        started = 0
        for district in self.districts.districts():
            account = Account(district.id, self.parts.upstream.origin, district.account_epoch)
            if _reads(district, account):
                started += self._warm_district(self.parts.assembled(seconds_left), district, account, seconds_left)
        return started

    def _page(self, made: Assembled, order: Order, freshness: Freshness, seconds_left: Callable[[], float]) -> None:
        turn = self._again(made, order, Slot.PAGE)
        if turn is None:
            return
        pointer = made.walks.pointer(order.listing)
        held = made.source.current(order.listing, pointer) if pointer else None
        try:
            made.source.lead(order.listing, turn, held, freshness.control, seconds_left)
        except UpstreamError as failed:
            self._note(failed)

    def _walk(self, made: Assembled, order: Order, freshness: Freshness, seconds_left: Callable[[], float]) -> None:
        done = made.walker.advance(order.listing, order.snapshot, order.turn.owner, freshness, seconds_left)
        if not done and not self.refresher.read_walk(order.listing, order.snapshot, order.turn):
            made.walks.release(order.listing, Slot.WALK, order.turn.owner)

    def _ahead(
        self,
        made: Assembled,
        order: Order,
        freshness: Freshness,
        check: Check,
        seconds_left: Callable[[], float],
    ) -> None:
        turn = self._again(made, order, Slot.WALK)
        if turn is None:
            return
        begun = None
        try:
            first = made.source.read_first(order.listing, turn, None, freshness.control, seconds_left)
            if first.kept and calls_of(first.page.total_pages, check) <= min(self.calls, MAX_PAGES):
                walk = Walk.begun(first.page, check, freshness, quiet=True)
                begun = walk.snapshot if made.walks.save_walk(order.listing, walk) else None
        except UpstreamError as failed:
            self._note(failed)
        if begun is None:
            made.walks.release(order.listing, Slot.WALK, turn.owner)
            return
        self._walk(made, Order(Action.WALK, order.listing, turn, begun), freshness, seconds_left)

    def _note(self, failed: UpstreamError) -> None:
        """Where the upstream was left alone nothing failed here; its district stands beside the reader's metrics."""
        if failed.attempts:
            self.parts.telemetry.count("BackgroundFaults")

    def _again(self, made: Assembled, order: Order, slot: Slot) -> Granted | None:
        """The turn that was taken for us, if nobody took it since; once it was given back, the work has been done."""
        pointer = made.walks.pointer(order.listing)
        if pointer is None or not pointer.owned(slot, order.turn.owner):
            return None
        turn = made.walks.take(order.listing, slot, pointer, order.turn.owner)
        return turn if isinstance(turn, Granted) else None

    def _warm_district(
        self, made: Assembled, district: District, account: Account, seconds_left: Callable[[], float]
    ) -> int:
        now, left, started = self.parts.clock.now(), self.calls, 0
        for busy in sorted(made.walks.busy(account), key=lambda found: found.asked_at, reverse=True):
            if now - busy.asked_at > ASKED_LATELY or left <= 0 or seconds_left() < LEAST_SECONDS:
                break
            cost = self._warm_listing(made, busy, district, left)
            left -= cost
            started += cost > 0
        return started

    def _warm_listing(self, made: Assembled, busy: Busy, district: District, calls: int) -> int:
        """The upstream calls that were set going."""
        listing, now = busy.listing, self.parts.clock.now()
        pointer = made.walks.pointer(listing)
        page = made.source.current(listing, pointer) if pointer else None
        if pointer is None or page is None:
            return 0
        if remaining(page.received, self._freshness(district, listing), now) > WARM_AHEAD:
            return 0
        slot, cost = _slot(busy, page, district, calls)
        owner = self.parts.new_name()
        if pointer.taken(slot, owner, now):
            return 0
        turn = made.walks.take(listing, slot, pointer, owner)
        if not isinstance(turn, Granted):
            return 0
        send = self.refresher.read_ahead if slot is Slot.WALK else self.refresher.refresh
        if not send(listing, turn):
            made.walks.release(listing, slot, owner)
            return 0
        return cost

    def _freshness(self, district: District, listing: Listing) -> Freshness:
        today = self.parts.clock.now().astimezone(ZoneInfo(district.time_zone)).date()
        return district.cache.freshness(listing.query.last, today)


def _reads(district: District, account: Account) -> bool:
    """A paused or ended district is not read, nor an account that is not its own any more."""
    return district.status is Status.ACTIVE and district.account_epoch == account.epoch


def _slot(busy: Busy, page: StoredPage, district: District, calls: int) -> tuple[Slot, int]:
    """All pages of what is walked, if that many calls are left; else page 1, which is what is polled."""
    walk = calls_of(page.total_pages, district.cache.check)
    if busy.walked_at is not None and page.total_pages > 1 and walk <= calls:
        return Slot.WALK, walk
    return Slot.PAGE, 1
