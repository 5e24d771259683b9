"""Reads all pages of a snapshot together, each step kept, until the check holds or the list will not stand still.

Rule: who reads has the listing's WALK turn and takes it again as it goes; a step counts only if nobody else took it.
So it may stop anywhere, be called twice, or go on in another container.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from hallpass.domain.arrival import Arrival
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness
from hallpass.domain.kept_fields import storable
from hallpass.domain.leases import LEASE_FOR, Granted, Slot
from hallpass.domain.listing import Listing
from hallpass.domain.upstream import UpstreamError, UpstreamRefusedError
from hallpass.domain.walk import MAX_PAGES, MAX_RESTARTS, Confirm, Finish, PageRead, Read, State, Walk
from hallpass.page_ports import PageStore, WalkStore
from hallpass.ports import Clock, Telemetry
from hallpass.services.pages_read import read_back, uuids_of
from hallpass.services.upstream_reader import UpstreamReader

STEP_SECONDS = 26.0
"""What a step may take: an upstream call with its reserve, and the writes after it."""
RENEW_AFTER = LEASE_FOR / 3


class TurnLostError(Exception):
    """Somebody else reads this walk now, or the store does not take what was read: stop, and leave all as it is."""


class MovedError(Exception):
    """The list moved while it was read."""


class NotKeptError(Exception):
    """The upstream wants a page not to be kept, or the walk is too long: there is none."""


@dataclass(slots=True)
class _Reading:
    """A walk while it is read. `seen`: uuids of the pages read."""

    listing: Listing
    walk: Walk
    turn: Granted
    renewed_at: datetime
    seen: set[str]
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class WalkReader:
    """`new_name` gives hexadecimal noise for snapshots."""

    store: PageStore
    walks: WalkStore
    reader: UpstreamReader
    clock: Clock
    telemetry: Telemetry
    new_name: Callable[[], str]

    def advance(
        self,
        listing: Listing,
        snapshot: str,
        owner: str,
        freshness: Freshness,
        seconds_left: Callable[[], float],
        least: float = STEP_SECONDS,
    ) -> bool:
        """Reads on, while there are `least` seconds. False: more is to be done in the same turn, else it is given back.

        Never raises for the upstream's faults: they are noted in the walk, for those who wait.
        """
        try:
            turn = self._turn(listing, owner)
        except TurnLostError:
            return True
        walk = self._find(listing, snapshot)
        if walk is None or walk.state is not State.BUILDING:
            if walk is not None:
                # Who ended it may have stopped before it said so in the earlier ones.
                self._settle(listing, walk, walk.state)
            self.walks.release(listing, Slot.WALK, owner)
            return True
        seen = uuids_of(self.store, listing, walk)
        reading = _Reading(listing, walk, turn, self.clock.now(), seen or set(), freshness)
        try:
            if seen is None:
                self._begin_anew(reading, seconds_left)
            while reading.walk.state is State.BUILDING:
                if seconds_left() < least:
                    return False
                self._renew(reading)
                self._step(reading, seconds_left)
        except TurnLostError:
            return True
        except UpstreamError as failed:
            self._note(reading, failed)
        self.walks.release(listing, Slot.WALK, owner)
        return True

    def _turn(self, listing: Listing, owner: str) -> Granted:
        pointer = self.walks.pointer(listing)
        # Where it is nobody's, a purge took it: to take it anew would keep it from who comes next.
        if pointer is None or pointer.walk is None or pointer.walk.owner != owner:
            raise TurnLostError
        turn = self.walks.take(listing, Slot.WALK, pointer, owner)
        if isinstance(turn, Granted):
            return turn
        raise TurnLostError

    def _renew(self, reading: _Reading) -> None:
        now = self.clock.now()
        if now - reading.renewed_at >= RENEW_AFTER:
            reading.turn, reading.renewed_at = self._turn(reading.listing, reading.turn.owner), now

    def _find(self, listing: Listing, snapshot: str) -> Walk | None:
        """The walk that is read for `snapshot`, or was: the latest that took its place."""
        walk = self.walks.find_walk(listing, snapshot)
        while walk is not None and walk.pages_in:
            walk = self.walks.find_walk(listing, walk.pages_in)
        return walk

    def _step(self, reading: _Reading, seconds_left: Callable[[], float]) -> None:
        step = reading.walk.next_step()
        try:
            match step:
                case Read(number):
                    self._save(reading, self._read(reading, number, seconds_left))
                case Confirm(number):
                    self._save(reading, self._confirm(reading, number, seconds_left))
                case Finish():
                    self._finish(reading)
                case _:
                    assert_never(step)
        except MovedError:
            self._begin_anew(reading, seconds_left)
        except NotKeptError:
            self._give_up(reading)

    def _ask(self, reading: _Reading, number: int, seconds_left: Callable[[], float]) -> Arrival:
        """Raises MovedError, NotKeptError, and what the reader does."""
        try:
            arrival = self.reader.read(reading.listing, number, reading.walk.snapshot, seconds_left).arrival
        except UpstreamRefusedError as refused:
            # An upstream may answer 404 past its last page: then there are fewer than page 1 said.
            if refused.upstream_status == 404 and reading.walk.check is not Check.OFF:
                raise MovedError from refused
            raise
        assert arrival is not None, "it was not asked conditionally"
        if not storable(arrival.page.received, reading.freshness.control):
            raise NotKeptError
        return arrival

    def _read(self, reading: _Reading, number: int, seconds_left: Callable[[], float]) -> Walk:
        """Raises MovedError, TurnLostError, and what the reader does."""
        arrival = self._ask(reading, number, seconds_left)
        page = self.store.save_page(reading.listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if page is None:
            raise TurnLostError
        read = PageRead.of(page, arrival.model) if page == arrival.page else read_back(self.store, page)
        if read is None:
            raise TurnLostError
        grown = reading.walk.with_page(read, reading.seen)
        if grown is None:
            raise MovedError
        reading.seen.update(read.uuids)
        return grown

    def _confirm(self, reading: _Reading, number: int, seconds_left: Callable[[], float]) -> Walk:
        """Raises MovedError, and what the reader does."""
        # Asked whole: a 304 is the word of an upstream that may go by the latest change alone.
        again = self._ask(reading, number, seconds_left)
        grown = reading.walk.with_confirmation(number, again.page.mark)
        if grown is None:
            raise MovedError
        return grown

    def _save(self, reading: _Reading, walk: Walk) -> None:
        """Raises TurnLostError when somebody else went on."""
        walk = replace(walk, step=reading.walk.step + 1)
        if not self.walks.save_walk(reading.listing, walk):
            raise TurnLostError
        reading.walk = walk

    def _finish(self, reading: _Reading) -> None:
        """The earlier ones whose page 1 is this one's are this one: who has that page 1 goes on here."""
        listing, walk = reading.listing, reading.walk
        self._save(reading, replace(walk, state=State.COMPLETE))
        if walk.quiet:
            self.walks.publish(listing, Slot.WALK, reading.turn, walk.snapshot)
        self._settle(listing, walk, State.COMPLETE)

    def _settle(self, listing: Listing, walk: Walk, state: State) -> None:
        """Who has another page 1 than this one's must not go on here, however often it was begun anew since."""
        for snapshot in walk.earlier:
            earlier = self.walks.find_walk(listing, snapshot)
            if earlier is not None and earlier.state is State.BUILDING:
                as_now = state if walk.begins_as(earlier) else State.BROKEN
                self.walks.save_walk(listing, earlier.settled(as_now, walk))

    def _begin_anew(self, reading: _Reading, seconds_left: Callable[[], float]) -> None:
        """A new snapshot takes the broken one's place; after some, the walk ends. Raises what the reader does."""
        listing, walk = reading.listing, reading.walk
        self.telemetry.count("WalksRestarted")
        if len(walk.earlier) >= MAX_RESTARTS:
            self._give_up(reading)
            return
        turn = self._turn(listing, reading.turn.owner)
        snapshot = turn.snapshot(self.new_name())
        arrival = self.reader.read(listing, 1, snapshot, seconds_left).arrival
        assert arrival is not None, "it was not asked conditionally"
        if arrival.page.total_pages > MAX_PAGES or not storable(arrival.page.received, reading.freshness.control):
            self._give_up(reading)
            return
        first = self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if first is None:
            raise TurnLostError
        begun = Walk.begun(first, walk.check, reading.freshness, quiet=walk.quiet)
        begun = replace(begun, earlier=(*walk.earlier, walk.snapshot))
        given_up = walk.settled(State.BUILDING if begun.begins_as(walk) else State.BROKEN, begun)
        if not self.walks.save_walk(listing, begun):
            raise TurnLostError
        self._save(reading, given_up)
        self._settle(listing, begun, State.BUILDING)
        if not walk.quiet:
            # Refused when a later page 1 is current by now: who has the broken one's page 1 still waits for this one.
            self.walks.publish(listing, Slot.WALK, turn, snapshot)
        reading.walk, reading.turn, reading.seen = begun, turn, set(PageRead.of(first, arrival.model).uuids)

    def _give_up(self, reading: _Reading) -> None:
        """Page 1 of a walk that did not hold is nobody's beginning any more."""
        listing, walk = reading.listing, reading.walk
        self._save(reading, replace(walk, state=State.BROKEN))
        self._settle(listing, walk, State.BROKEN)
        if not walk.quiet:
            self.walks.withdraw(listing, walk.snapshot)
        self.telemetry.count("ListingsUnstable")

    def _note(self, reading: _Reading, failed: UpstreamError) -> None:
        noted = replace(reading.walk, fault=failed.slug, faulted_at=self.clock.now(), step=reading.walk.step + 1)
        self.walks.save_walk(reading.listing, noted)
