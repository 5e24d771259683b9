"""Where page 1 of a listing comes from: the store while it is fresh, else one reader for all, else a stale page.

Rule: whoever reads has a turn and publishes in it; the others wait inside their deadline, then take what is stale.
After the upstream refused the credential nothing stale is served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from hallpass.domain.cache_decision import (
    Cause,
    Fetch,
    Revalidate,
    Unsatisfiable,
    Use,
    UseStale,
    judge,
    usable_on_error,
)
from hallpass.domain.cache_errors import NotCachedError, PageInFlightError
from hallpass.domain.http_caching import Freshness, UpstreamControl
from hallpass.domain.kept_fields import storable
from hallpass.domain.leases import Granted, Held, Pointer, Slot, Turn, Unknown
from hallpass.domain.listing import Listing
from hallpass.domain.outcome import Collapsed, Forwarded, Hit, StaleIfError
from hallpass.domain.pages import LONGEST_USE, StoredPage, revalidated
from hallpass.domain.response_age import remaining
from hallpass.domain.upstream import UpstreamError
from hallpass.page_ports import PageStore, Patience, Refresher, WalkStore
from hallpass.ports import Clock
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.seats import Seats
from hallpass.services.upstream_reader import Reading, UpstreamReader

# What a request that waits keeps for rendering and sending.
ANSWER_RESERVE_SECONDS = 4.0
PAUSE_SECONDS = 0.25


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
        received, now = page.received if page else None, self.clock.now()
        wanted = wanted.rested(page, now)
        decision = judge(received, wanted.directives, wanted.own_freshness, now, invalidated_at=pointer.stale_since)
        match decision:
            case Use() if page is not None:
                return self._hit(page, wanted)
            case UseStale() if page is not None:
                return self._stale_at_once(wanted, page, pointer, seconds_left, decision)
            case Unsatisfiable():
                raise NotCachedError
            case Revalidate(cause=Cause.REQUEST):
                return _on_request(self._together(wanted, page, pointer, seconds_left))
            case Use() | UseStale() | Revalidate() | Fetch():
                return self._together(wanted, page, pointer, seconds_left)
            case _:
                assert_never(decision)

    def current(self, listing: Listing, pointer: Pointer) -> StoredPage | None:
        page = self.store.find_page(listing, pointer.snapshot, 1) if pointer.snapshot else None
        return page if page and self.clock.now() - page.fetched_at < LONGEST_USE else None

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
        why, status = "stale" if held else "uri-miss", 200 if reading.arrival else 304
        outcome = Forwarded(kept, reading.ms, reading.attempts, why, status)
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
        return kept or page, kept is not None

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
        revalidates = self.reader.revalidates(wanted.listing, page)
        if revalidates is None:
            return self._together(wanted, page, pointer, seconds_left)
        due = decision.revalidate and revalidates
        if due:
            self._refresh_behind(wanted.listing, pointer)
        hit = Hit(-int(decision.stale_for.total_seconds()), due)
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
            with self.seats.taken(wanted.listing.account, wanted.listing.key):
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
            turn: Turn = Held()
            if not pointer.taken(Slot.PAGE, owner, self.clock.now()):
                turn = self.walks.take(listing, Slot.PAGE, pointer, owner)
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

    def _alone(self, wanted: Wanted, held: StoredPage | None, seconds_left: Callable[[], float]) -> HeldPage:
        """Without a store that says whose turn it is: read, answered, and kept nowhere."""
        snapshot = Granted("", 0).snapshot(self.new_name())
        reading = self.reader.read(wanted.listing, 1, snapshot, seconds_left)
        assert reading.arrival is not None, "it was not asked conditionally"
        page = reading.arrival.page
        outcome = Forwarded(False, reading.ms, reading.attempts, "stale" if held else "uri-miss")
        return HeldPage(page, snapshot, outcome, page.received.requested_at, False, reading.arrival)

    def _usable(self, wanted: Wanted, held: StoredPage, pointer: Pointer) -> bool:
        asked, allowed, now = wanted.directives, wanted.own_freshness, self.clock.now()
        usable = usable_on_error(held.received, asked, allowed, now, invalidated_at=pointer.stale_since)
        return usable and not self.reader.refused_since(wanted.listing.account, held)

    def _instead(self, wanted: Wanted, held: StoredPage, failed: UpstreamError | None) -> HeldPage:
        outcome = StaleIfError(self.ttl(held, wanted.freshness), None, 0, 0, "stale-while-in-flight")
        if failed is not None:
            outcome = StaleIfError(outcome.ttl, failed.upstream_status, failed.ms, failed.attempts)
        return HeldPage(held, held.snapshot, outcome, held.received.requested_at)


def _on_request(held: HeldPage) -> HeldPage:
    """Read anew although it was fresh: the client asked for it."""
    if isinstance(held.outcome, Forwarded):
        return replace(held, outcome=replace(held.outcome, why=Cause.REQUEST.value))
    return held
