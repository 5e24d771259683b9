"""Where the pages of a walk come from: one snapshot, read together and checked, to its end.

Rule: a page after the first is given only from a complete snapshot. Who asks while it is read waits inside the
request's deadline; what could not be vouched for, or is not kept any more, ends the walk with an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hallpass.domain.arrival import past_the_last
from hallpass.domain.cache_decision import over_policy
from hallpass.domain.cache_errors import NotCachedError, PageInFlightError, SnapshotExpiredError
from hallpass.domain.errors import UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.kept_fields import storable
from hallpass.domain.leases import Granted, Slot, Unknown
from hallpass.domain.listing import Listing
from hallpass.domain.outcome import Collapsed, Forwarded, Hit, Outcome
from hallpass.domain.pages import LONGEST_USE, StoredPage
from hallpass.domain.response_age import remaining
from hallpass.domain.upstream import (
    DEFAULT_RETRY_AFTER,
    ListingUnstableError,
    UpstreamCredentialsError,
    UpstreamInvalidError,
    as_before,
)
from hallpass.domain.walk import MAX_PAGES, State, Walk, life
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.page_source import ANSWER_RESERVE_SECONDS, PAUSE_SECONDS, PageSource
from hallpass.services.walk_reader import WalkReader

RESTART_AFTER_SECONDS = 1
LEAST_SECONDS = 10.0
"""What a step of a walk needs that a request reads by itself."""


@dataclass(frozen=True, slots=True)
class SnapshotPages:
    """`source`: of page 1, which starts a snapshot."""

    source: PageSource
    walker: WalkReader

    def obtain(self, wanted: Wanted, seconds_left: Callable[[], float]) -> HeldPage:
        """The page that is wanted. Whoever sends a page 1 calls `pin` before.

        Raises SnapshotExpiredError, ListingUnstableError, PageInFlightError, NotCachedError, an UpstreamError, and
        UnavailableError when the credential, or for a page after the first the store, cannot be read.
        """
        held = self._obtained(wanted, seconds_left)
        received, walked = held.page.received, wanted.number > 1 or wanted.snapshot is not None
        if over_policy(received, wanted.freshness, self.source.clock.now(), walked=walked):
            self.source.reader.telemetry.count("AnswersOverPolicy")
        return held

    def _obtained(self, wanted: Wanted, seconds_left: Callable[[], float]) -> HeldPage:
        if wanted.number == 1 and wanted.snapshot is None:
            return self.source.first(wanted, seconds_left)
        snapshot = wanted.snapshot or self.source.walks.pin(wanted.listing, wanted.walker)
        if snapshot is None:
            # The token may be on a walk: in another snapshot it would have a silent gap.
            raise UnavailableError
        if not snapshot:
            # It has no page 1, or what told which is gone: in the current snapshot it could have a silent gap, too.
            raise SnapshotExpiredError
        return self._page_of(wanted, snapshot, seconds_left)

    def restored(self, wanted: Wanted, lost: HeldPage, seconds_left: Callable[[], float]) -> HeldPage:
        """A page whose artefacts cannot be read back whole. In a walk, only the very same page takes its place.

        Raises SnapshotExpiredError when the upstream has another, and what `obtain` does.
        """
        if wanted.number == 1 and wanted.snapshot is None:
            return self.source.anew(wanted, seconds_left)
        page = lost.page
        with self.source.seats.taken(wanted.listing.account, wanted.listing.key):
            reading = self.source.reader.read(wanted.listing, page.number, page.snapshot, seconds_left)
        arrival = reading.arrival
        assert arrival is not None, "it was not asked conditionally"
        if (arrival.page.model.name, arrival.page.raw.name) != (page.model.name, page.raw.name):
            raise self._lost(wanted.listing, lost.snapshot)
        # Packed anew it may have another length or digest: it is the page's own artefacts that are looked for.
        arrival = replace(arrival, page=replace(page, raw=arrival.page.raw, model=arrival.page.model))
        stored = storable(reading.received, wanted.freshness.control) and self.source.store.restore(
            arrival.page, arrival.packed_raw, arrival.packed_model
        )
        outcome = Forwarded(stored, reading.ms, reading.attempts)
        return HeldPage(arrival.page, lost.snapshot, outcome, lost.read_from, stored, arrival)

    def pin(self, wanted: Wanted, held: HeldPage) -> None:
        """Where the walker goes on by plain page numbers, from a page 1 that is about to be sent.

        Also from one that is all there is: who counts on must not come to an earlier walk's. Raises UnavailableError
        for one that has more behind it and is kept nowhere, or cannot be noted: those would be another's.
        """
        if wanted.number != 1 or not wanted.pins:
            return
        pinned = self.source.walks.save_pin(wanted.listing, wanted.walker, held.snapshot)
        if held.page.total_pages > 1 and not (pinned and held.kept):
            raise UnavailableError

    def walk_of(self, wanted: Wanted, snapshot: str, seconds_left: Callable[[], float]) -> Walk:
        """The complete walk of a snapshot, read now if need be. Raises as `obtain` does."""
        walk = self.source.walks.find_walk(wanted.listing, snapshot)
        if walk is None or walk.state is not State.COMPLETE:
            walk = self._waited_for(wanted, snapshot, self._first_of(wanted, snapshot), seconds_left)
        return self._usable(wanted, walk)

    def page_of(self, listing: Listing, walk: Walk, number: int) -> StoredPage:
        """A page of a complete walk, as its check has seen it. Raises SnapshotExpiredError, UnavailableError."""
        for _ in range(2):
            page = self.source.store.find_page(listing, walk.held_in, number)
            if page is not None and page.mark == walk.digests[number - 1]:
                return page
        # What stands in its place now, if anything, is no page that the walk's check has seen.
        raise self._lost(listing, walk.snapshot)

    def _page_of(self, wanted: Wanted, snapshot: str, seconds_left: Callable[[], float]) -> HeldPage:
        waited, walk = False, self.source.walks.find_walk(wanted.listing, snapshot)
        if walk is None or walk.state is not State.COMPLETE:
            first = self._first_of(wanted, snapshot)
            if wanted.number > first.total_pages:
                return self._empty(wanted, first, snapshot)
            if wanted.number == 1:
                return self._held(wanted, first, snapshot, first.received.requested_at)
            waited, walk = True, self._waited_for(wanted, snapshot, first, seconds_left)
        walk = self._usable(wanted, walk)
        if wanted.number > walk.total_pages:
            return self._empty(wanted, self.page_of(wanted.listing, walk, 1), snapshot)
        page = self.page_of(wanted.listing, walk, wanted.number)
        return self._held(wanted, page, snapshot, walk.read_from, waited=waited)

    def _usable(self, wanted: Wanted, walk: Walk) -> Walk:
        """Raises SnapshotExpiredError, and ListingUnstableError for one read when the district asked for less."""
        now = self.source.clock.now()
        if now >= walk.expires_at:
            raise SnapshotExpiredError
        if not walk.check.covers(wanted.check):
            self.source.walks.withdraw(wanted.listing, walk.snapshot)
            raise ListingUnstableError(retry_after=RESTART_AFTER_SECONDS)
        used = walk.used(now, walk.read_from + LONGEST_USE)
        if used is not walk:
            self.source.walks.save_walk(wanted.listing, replace(used, step=walk.step + 1))
        return walk

    def _lost(self, listing: Listing, snapshot: str) -> HallpassError:
        """What a lost page ends a walk with: then its snapshot is nobody's beginning any more."""
        if self.source.walks.pointer(listing) is None:
            # A store that does not say has lost nothing.
            return UnavailableError()
        self.source.walks.withdraw(listing, snapshot)
        return SnapshotExpiredError()

    def _first_of(self, wanted: Wanted, snapshot: str) -> StoredPage:
        """Raises SnapshotExpiredError, UnavailableError."""
        first = self.source.store.find_page(wanted.listing, snapshot, 1)
        if first is None:
            raise self._lost(wanted.listing, snapshot)
        if self.source.clock.now() >= first.fetched_at + life(wanted.freshness):
            raise SnapshotExpiredError
        return first

    def _held(
        self, wanted: Wanted, page: StoredPage, snapshot: str, read_from: datetime, *, waited: bool = False
    ) -> HeldPage:
        """Raises UpstreamCredentialsError for what is not fresh any more after the upstream refused the credential."""
        left = remaining(page.received, wanted.freshness, self.source.clock.now())
        if left <= timedelta(0) and self.source.reader.refused_since(wanted.listing.account, page):
            raise self.source.reader.left_alone(wanted.listing.account, UpstreamCredentialsError())
        if wanted.stale_cap is not None and -left > wanted.stale_cap:
            raise SnapshotExpiredError
        outcome: Outcome = Collapsed(stale=False) if waited else Hit(int(left.total_seconds()))
        return HeldPage(page, snapshot, outcome, read_from)

    def _empty(self, wanted: Wanted, first: StoredPage, snapshot: str) -> HeldPage:
        """The upstream's page past the last one is not asked for: a snapshot knows its end."""
        arrival, ttl = past_the_last(first, wanted.number), self.source.ttl(first, wanted.freshness)
        return HeldPage(arrival.page, snapshot, Hit(ttl), first.received.requested_at, False, arrival)

    def _waited_for(self, wanted: Wanted, snapshot: str, first: StoredPage, seconds_left: Callable[[], float]) -> Walk:
        if wanted.directives.only_if_cached:
            raise NotCachedError
        if first.total_pages > MAX_PAGES:
            raise UpstreamInvalidError
        with self.source.seats.taken(wanted.listing.account, wanted.listing.key):
            return self._in_turn(wanted, snapshot, first, seconds_left)

    def _in_turn(self, wanted: Wanted, snapshot: str, first: StoredPage, seconds_left: Callable[[], float]) -> Walk:
        source, listing = self.source, wanted.listing
        began = source.clock.now()
        while True:
            walk = source.walks.find_walk(listing, snapshot)
            if walk is not None and walk.state is State.BROKEN:
                # Whoever broke it may not have come to this: as the current one it would be begun with again.
                source.walks.withdraw(listing, snapshot)
                raise ListingUnstableError(retry_after=RESTART_AFTER_SECONDS)
            if walk is not None:
                _raise_if_faulted(walk, began)
                if walk.state is State.COMPLETE:
                    return walk
            if seconds_left() < ANSWER_RESERVE_SECONDS:
                raise PageInFlightError
            walk = walk or Walk.begun(first, wanted.check, wanted.freshness)
            if not self._started(wanted, walk, seconds_left):
                source.patience.pause(PAUSE_SECONDS)

    def _started(self, wanted: Wanted, walk: Walk, seconds_left: Callable[[], float]) -> bool:
        """Whether this request had its turn and read the walk by itself. Raises UnavailableError, PageInFlightError."""
        # A name for each try: an order that was sent in an earlier turn must not go on in this one.
        walks, listing, owner = self.source.walks, wanted.listing, self.source.new_name()
        pointer = walks.pointer(listing)
        if pointer is None:
            raise UnavailableError
        # Also while it is this request's own: the background has it.
        if pointer.walk is not None and pointer.walk.alive(self.source.clock.now()):
            return False
        walks.note_use(listing, pointer, walked=True)
        turn = walks.take(listing, Slot.WALK, pointer, owner)
        if isinstance(turn, Unknown):
            raise UnavailableError
        if not isinstance(turn, Granted):
            return False
        if walk.step == 0:
            walks.save_walk(listing, walk)
        if self.source.refresher.read_walk(listing, walk.snapshot, turn):
            return False
        # The background is out of reach: page by page, as far as this request's time goes.
        done = False
        try:
            done = self.walker.advance(listing, walk.snapshot, owner, wanted.freshness, seconds_left, LEAST_SECONDS)
        finally:
            if not done:
                walks.release(listing, Slot.WALK, owner)
        if not done:
            raise PageInFlightError
        return True


def _raise_if_faulted(walk: Walk, began: datetime) -> None:
    """Raises the fault that the reading met since `began`."""
    if walk.fault and walk.faulted_at is not None and walk.faulted_at >= began:
        raise as_before(walk.fault, DEFAULT_RETRY_AFTER)
