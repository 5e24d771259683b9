"""What is read in the background: page 1 of a listing, a walk, and what is asked for often before it goes stale.

Rule: everything is done in a turn that was taken before, and may come twice or too late: then nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from hallpass.domain.access import District, Status
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness
from hallpass.domain.leases import Granted, Slot
from hallpass.domain.listing import Account, Listing
from hallpass.domain.refresh_order import Action, Asked, Order
from hallpass.domain.upstream import UpstreamError
from hallpass.domain.walk import MAX_PAGES, Walk, calls_of
from hallpass.page_ports import Refresher
from hallpass.ports import DistrictReader
from hallpass.services.assembly import Assembled, Parts
from hallpass.services.warm_listings import WarmListings, freshness_of


@dataclass(frozen=True, slots=True)
class RefreshPages:
    """`calls`: of the upstream, for each district and each run of warming."""

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
        freshness = freshness_of(self.parts.clock, district, order.listing)
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
                started += self._warming.busy(self.parts.assembled(seconds_left), district, account, seconds_left)
        return started

    def warm_asked(self, asked: Asked, seconds_left: Callable[[], float]) -> int:
        """As `warm`, of the listings that were asked for."""
        district = self.districts.district(asked.account.district_id)
        if district is None or not _reads(district, asked.account):
            return 0
        return self._warming.asked(self.parts.assembled(seconds_left), district, asked, seconds_left)

    @property
    def _warming(self) -> WarmListings:
        return WarmListings(self.parts, self.refresher, self.calls)

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
            shown = first.kept and self._shown_at_once(made, order.listing, turn, first.snapshot)
            fits = calls_of(first.page.total_pages, check) <= min(self.calls, MAX_PAGES)
            if first.kept and fits and not (shown and first.page.total_pages == 1):
                walk = Walk.begun(first.page, check, freshness, quiet=not shown)
                begun = walk.snapshot if made.walks.save_walk(order.listing, walk) else None
        except UpstreamError as failed:
            self._note(failed)
        if begun is None:
            made.walks.release(order.listing, Slot.WALK, turn.owner)
            return
        self._walk(made, Order(Action.WALK, order.listing, turn, begun), freshness, seconds_left)

    def _shown_at_once(self, made: Assembled, listing: Listing, turn: Granted, snapshot: str) -> bool:
        """Where there is no page 1 that is current, a new one need not wait for the pages after it."""
        pointer = made.walks.pointer(listing)
        if pointer is None or made.source.current(listing, pointer) is not None:
            return False
        return made.walks.publish(listing, Slot.WALK, turn, snapshot)

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


def _reads(district: District, account: Account) -> bool:
    """A paused or ended district is not read, nor an account that is not its own any more."""
    return district.status is Status.ACTIVE and district.account_epoch == account.epoch
