"""Where page 1 of a listing comes from: the store while it is fresh, else one reader for all, else a stale page.

Rule: whoever reads has a turn and publishes in it; the others wait inside their deadline, then take what is stale.
After the upstream refused the credential nothing stale is served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from hallpass.domain.cache_decision import Fetch, Revalidate, Unsatisfiable, Use, UseStale, judge, usable_on_error
from hallpass.domain.cache_errors import NotCachedError, PageInFlightError
from hallpass.domain.http_caching import Freshness, UpstreamControl
from hallpass.domain.kept_fields import storable
from hallpass.domain.leases import Granted, Held, Pointer, Slot, Unknown
from hallpass.domain.listing import Listing
from hallpass.domain.outcome import Collapsed, Forwarded, Hit, StaleIfError
from hallpass.domain.pages import StoredPage, revalidated
from hallpass.domain.response_age import remaining
from hallpass.domain.upstream import UpstreamError
from hallpass.page_ports import PageStore, Patience, Refresher, WalkStore
from hallpass.ports import Clock
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.seats import Seats
from hallpass.services.upstream_reader import Reading, UpstreamReader

ANSWER_RESERVE_SECONDS = 4.0
"""What a request that waits keeps for rendering and sending."""
PAUSE_SECONDS = 0.25
REFRESH_RESTS = timedelta(seconds=60)
"""How old a page must be before a client may have it read anew: one listing, one forced call a minute."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """Page 1. `new_name` gives hexadecimal noise: for owners and snapshots."""

    store: PageStore
    walks: WalkStore
    reader: UpstreamReader
    refresher: Refresher
    seats: Seats
    clock: Clock
    patience: Patience
    new_name: Callable[[], str]

    def first(self, wanted: Wanted, seconds_left: Callable[[], float]) -> HeldPage:
        """Raises an UpstreamError, UnavailableError without the credential, PageInFlightError, NotCachedError."""
        pointer = self.walks.pointer(wanted.listing)
        if pointer is None:
            return self._alone(wanted, None, seconds_left)
        self.walks.note_use(wanted.listing, pointer, walked=False)
        page = self.current(wanted.listing, pointer)
        wanted = self._rested(wanted, page)
        received, now = page.received if page else None, self.clock.now()
        decision = judge(received, wanted.directives, wanted.freshness, now, invalidated_at=pointer.stale_since)
        match decision:
            case Use() if page is not None:
                return self._hit(page, wanted)
            case UseStale() if page is not None:
                return self._stale_at_once(wanted, page, pointer, seconds_left, decision)
            case Unsatisfiable():
                raise NotCachedError
            case Use() | UseStale() | Revalidate() | Fetch():
                return self._together(wanted, page, pointer, seconds_left)
            case _:
                assert_never(decision)

    def _rested(self, wanted: Wanted, page: StoredPage | None) -> Wanted:
        if page is None or self.clock.now() - page.fetched_at >= REFRESH_RESTS:
            return wanted
        rested = replace(wanted.directives, no_cache=False, no_store=False, max_age=None, min_fresh=None)
        return replace(wanted, directives=rested)

    def current(self, listing: Listing, pointer: Pointer) -> StoredPage | None:
        return self.store.find_page(listing, pointer.snapshot, 1) if pointer.snapshot else None

    def anew(self, wanted: Wanted, seconds_left: Callable[[], float]) -> HeldPage:
        """From the upstream, whatever is stored: what is stored cannot be read back."""
        pointer = self.walks.pointer(wanted.listing)
        if pointer is None:
            return self._alone(wanted, None, seconds_left)
        return self._together(wanted, None, pointer, seconds_left)

    def lead(
        self,
        listing: Listing,
        turn: Granted,
        held: StoredPage | None,
        control: UpstreamControl,
        seconds_left: Callable[[], float],
    ) -> HeldPage:
        """Reads page 1 in the caller's turn, publishes it and gives the turn back. Raises what the reader does."""
        published = False
        try:
            first = self.read_first(listing, turn, held, control, seconds_left)
            published = first.kept and self.walks.publish(listing, Slot.PAGE, turn, first.snapshot)
            return first
        finally:
            if not published:
                self.walks.release(listing, Slot.PAGE, turn.owner)

    def read_first(
        self,
        listing: Listing,
        turn: Granted,
        held: StoredPage | None,
        control: UpstreamControl,
        seconds_left: Callable[[], float],
    ) -> HeldPage:
        """Page 1 as the first of a new snapshot. `held`: that may still stand. Raises what the reader does."""
        snapshot = turn.snapshot(self.new_name())
        reading = self.reader.read(listing, 1, snapshot, seconds_left, held)
        page, kept = self._keep(listing, snapshot, reading, held, control)
        why = "stale" if held else "uri-miss"
        outcome = Forwarded(kept, reading.ms, reading.attempts, why, reading.received.status)
        return HeldPage(page, snapshot, outcome, page.received.requested_at, kept, reading.arrival)

    def _keep(
        self,
        listing: Listing,
        snapshot: str,
        reading: Reading,
        held: StoredPage | None,
        control: UpstreamControl,
    ) -> tuple[StoredPage, bool]:
        arrival = reading.arrival
        if arrival is not None:
            if not storable(reading.received, control):
                return arrival.page, False
            kept = self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
            return kept or arrival.page, kept is not None
        assert held is not None, "only what is held is asked for conditionally"
        page = revalidated(held, snapshot, reading.received)
        kept = self.store.reuse_page(listing, page)
        return kept or page, True

    def _hit(self, page: StoredPage, wanted: Wanted) -> HeldPage:
        return HeldPage(page, page.snapshot, Hit(self.ttl(page, wanted.freshness)), page.received.requested_at)

    def ttl(self, page: StoredPage, freshness: Freshness) -> int:
        """Seconds that a page is still fresh; negative for one that is not."""
        return int(remaining(page.received, freshness, self.clock.now()).total_seconds())

    def _stale_at_once(
        self,
        wanted: Wanted,
        page: StoredPage,
        pointer: Pointer,
        seconds_left: Callable[[], float],
        decision: UseStale,
    ) -> HeldPage:
        if self.reader.refused_since(wanted.listing.account, page):
            return self._together(wanted, page, pointer, seconds_left)
        if decision.revalidate:
            self._refresh_behind(wanted.listing, pointer)
        hit = Hit(-int(decision.stale_for.total_seconds()), decision.revalidate)
        return HeldPage(page, page.snapshot, hit, page.received.requested_at)

    def _refresh_behind(self, listing: Listing, pointer: Pointer) -> None:
        """In the background, by whoever gets the turn; it is taken before, so that one is started and not a hundred."""
        owner = self.new_name()
        if pointer.taken(Slot.PAGE, owner, self.clock.now()):
            return
        turn = self.walks.take(listing, Slot.PAGE, pointer, owner)
        if isinstance(turn, Granted) and not self.refresher.refresh(listing, turn):
            self.walks.release(listing, Slot.PAGE, owner)

    def _together(
        self, wanted: Wanted, held: StoredPage | None, pointer: Pointer, seconds_left: Callable[[], float]
    ) -> HeldPage:
        """From the upstream, by one for all who ask at the same time."""
        try:
            with self.seats.taken(wanted.listing.account):
                return self._in_turn(wanted, held, pointer, seconds_left)
        except PageInFlightError:
            if held is None or not self._usable(wanted, held, pointer):
                raise
            return self._instead(wanted, held, None)
        except UpstreamError as failed:
            if held is None or not failed.stale_allowed or not self._usable(wanted, held, pointer):
                raise
            return self._instead(wanted, held, failed)

    def _in_turn(
        self, wanted: Wanted, held: StoredPage | None, pointer: Pointer, seconds_left: Callable[[], float]
    ) -> HeldPage:
        listing, owner, seen = wanted.listing, self.new_name(), pointer.snapshot
        while True:
            turn = Held() if pointer.taken(Slot.PAGE, owner, self.clock.now()) else self._take(listing, pointer, owner)
            match turn:
                case Granted():
                    return self.lead(listing, turn, held, wanted.freshness.control, seconds_left)
                case Unknown():
                    return self._alone(wanted, held, seconds_left)
                case Held():
                    if seconds_left() < ANSWER_RESERVE_SECONDS:
                        raise PageInFlightError
                    self.patience.pause(PAUSE_SECONDS)
                case _:
                    assert_never(turn)
            pointer = self.walks.pointer(listing) or Pointer()
            page = self.current(listing, pointer) if pointer.snapshot != seen else None
            if page is not None:
                outcome = Collapsed(stale=held is not None)
                return HeldPage(page, page.snapshot, outcome, page.received.requested_at)

    def _take(self, listing: Listing, pointer: Pointer, owner: str) -> Granted | Held | Unknown:
        return self.walks.take(listing, Slot.PAGE, pointer, owner)

    def _alone(self, wanted: Wanted, held: StoredPage | None, seconds_left: Callable[[], float]) -> HeldPage:
        """Without a store that says whose turn it is: read, answered, and kept nowhere."""
        snapshot = Granted("", 0).snapshot(self.new_name())
        reading = self.reader.read(wanted.listing, 1, snapshot, seconds_left)
        assert reading.arrival is not None, "it was not asked conditionally"
        page = reading.arrival.page
        outcome = Forwarded(False, reading.ms, reading.attempts, "stale" if held else "uri-miss")
        return HeldPage(page, snapshot, outcome, page.received.requested_at, False, reading.arrival)

    def _usable(self, wanted: Wanted, held: StoredPage, pointer: Pointer) -> bool:
        now, purged_at = self.clock.now(), pointer.stale_since
        allowed = usable_on_error(
            held.received, wanted.directives, wanted.freshness, now, wanted.stale_cap, invalidated_at=purged_at
        )
        return allowed and not self.reader.refused_since(wanted.listing.account, held)

    def _instead(self, wanted: Wanted, held: StoredPage, failed: UpstreamError | None) -> HeldPage:
        ttl = self.ttl(held, wanted.freshness)
        if failed is None:
            outcome = StaleIfError(ttl, None, 0, 0, "stale-while-in-flight")
        else:
            outcome = StaleIfError(ttl, failed.upstream_status, failed.ms, failed.attempts)
        return HeldPage(held, held.snapshot, outcome, held.received.requested_at)
