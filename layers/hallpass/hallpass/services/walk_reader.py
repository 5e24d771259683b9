"""Reads all pages of a snapshot together, each step kept, until the check holds or the list will not stand still.

Rule: who reads has the listing's WALK turn and takes it again as it goes; a step counts only if nobody else took it.
So it may stop anywhere, be called twice, or go on in another container.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from hallpass.domain import codec
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness
from hallpass.domain.leases import LEASE_FOR, Granted, Slot
from hallpass.domain.listing import Listing
from hallpass.domain.model import UnknownModelError, load_model
from hallpass.domain.pages import StoredPage
from hallpass.domain.upstream import UpstreamError, UpstreamRefusedError
from hallpass.domain.walk import MAX_RESTARTS, Confirm, Finish, PageRead, Read, State, Walk, any_twice
from hallpass.page_ports import PageStore, WalkStore
from hallpass.ports import Clock, Telemetry
from hallpass.services.upstream_reader import UpstreamReader
from hallpass.services.walk_ends import find_building, settle_earlier

STEP_SECONDS = 26.0
"""What a step may take: an upstream call with its reserve, and the writes after it."""
RENEW_AFTER = LEASE_FOR / 3


class TurnLostError(Exception):
    """Somebody else reads this walk now, or the store does not take what was read: stop, and leave all as it is."""


class MovedError(Exception):
    """The list moved while it was read."""


@dataclass(slots=True)
class _Reading:
    """A walk while it is read. `seen`: uuids of the pages read."""

    listing: Listing
    walk: Walk
    turn: Granted
    renewed_at: datetime
    seen: set[str]


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
        walk = find_building(self.walks, listing, snapshot)
        if walk is None:
            self.walks.release(listing, Slot.WALK, owner)
            return True
        seen = self._uuids(listing, walk)
        reading = _Reading(listing, walk, turn, self.clock.now(), seen or set())
        try:
            if seen is None:
                self._begin_anew(reading, freshness, seconds_left)
            while reading.walk.state is State.BUILDING:
                if seconds_left() < least:
                    return False
                self._renew(reading)
                self._step(reading, freshness, seconds_left)
        except TurnLostError:
            return True
        except UpstreamError as failed:
            self._note(reading, failed)
        self.walks.release(listing, Slot.WALK, owner)
        return True

    def _turn(self, listing: Listing, owner: str) -> Granted:
        """The owner's turn once more. Raises TurnLostError, also when it was given back: then all has been done."""
        pointer = self.walks.pointer(listing)
        if pointer is None or not pointer.owned(Slot.WALK, owner):
            raise TurnLostError
        turn = self.walks.take(listing, Slot.WALK, pointer, owner)
        if isinstance(turn, Granted):
            return turn
        raise TurnLostError

    def _renew(self, reading: _Reading) -> None:
        now = self.clock.now()
        if now - reading.renewed_at >= RENEW_AFTER:
            reading.turn, reading.renewed_at = self._turn(reading.listing, reading.turn.owner), now

    def _uuids(self, listing: Listing, walk: Walk) -> set[str] | None:
        """Those of the pages read so far, which may have been read elsewhere; None when they cannot be read back."""
        seen: set[str] = set()
        if walk.check is Check.OFF:
            return seen
        for number in range(1, len(walk.digests) + 1):
            page = self.store.find_page(listing, walk.snapshot, number)
            read = self._read_back(page) if page else None
            if read is None or any_twice(read.uuids, seen):
                return None
            seen.update(read.uuids)
        return seen

    def _read_back(self, page: StoredPage) -> PageRead | None:
        packed = self.store.read(page.model)
        content = codec.unpack(packed) if packed is not None else None
        try:
            return PageRead.of(page, load_model(content)) if content is not None else None
        except UnknownModelError:
            return None

    def _step(self, reading: _Reading, freshness: Freshness, seconds_left: Callable[[], float]) -> None:
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
            self._begin_anew(reading, freshness, seconds_left)

    def _read(self, reading: _Reading, number: int, seconds_left: Callable[[], float]) -> Walk:
        """Raises MovedError, TurnLostError, and what the reader does."""
        listing, snapshot = reading.listing, reading.walk.snapshot
        try:
            arrival = self.reader.read(listing, number, snapshot, seconds_left).arrival
        except UpstreamRefusedError as refused:
            # An upstream may answer 404 past its last page: then there are fewer than page 1 said.
            if refused.upstream_status == 404 and reading.walk.check is not Check.OFF:
                raise MovedError from refused
            raise
        assert arrival is not None, "it was not asked conditionally"
        page = self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if page is None:
            raise TurnLostError
        read = PageRead.of(page, arrival.model) if page == arrival.page else self._read_back(page)
        if read is None:
            raise TurnLostError
        grown = reading.walk.with_page(read, reading.seen)
        if grown is None:
            raise MovedError
        reading.seen.update(read.uuids)
        return grown

    def _confirm(self, reading: _Reading, number: int, seconds_left: Callable[[], float]) -> Walk:
        """Raises MovedError, and what the reader does."""
        held = self.store.find_page(reading.listing, reading.walk.snapshot, number)
        again = self.reader.read(reading.listing, number, reading.walk.snapshot, seconds_left, held)
        digest = again.arrival.page.model.name if again.arrival else reading.walk.digests[number - 1]
        grown = reading.walk.with_confirmation(number, digest)
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
        listing = reading.listing
        self._save(reading, replace(reading.walk, state=State.COMPLETE))
        if reading.walk.quiet:
            self.walks.publish(listing, Slot.WALK, reading.turn, reading.walk.snapshot)
        settle_earlier(self.walks, listing, reading.walk)

    def _begin_anew(self, reading: _Reading, freshness: Freshness, seconds_left: Callable[[], float]) -> None:
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
        first = self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if first is None:
            raise TurnLostError
        begun = Walk.begun(first, walk.check, freshness, quiet=walk.quiet)
        begun = replace(begun, earlier=(*walk.earlier, walk.snapshot))
        same = first.model.name == walk.digests[0]
        given_up = replace(walk, state=State.BUILDING if same else State.BROKEN, pages_in=snapshot)
        if not self.walks.save_walk(listing, begun):
            raise TurnLostError
        self._save(reading, given_up)
        if not walk.quiet:
            # Refused when a later page 1 is current by now: who has the broken one's page 1 still waits for this one.
            self.walks.publish(listing, Slot.WALK, turn, snapshot)
        reading.walk, reading.turn, reading.seen = begun, turn, set(PageRead.of(first, arrival.model).uuids)

    def _give_up(self, reading: _Reading) -> None:
        """Page 1 of a walk that did not hold is nobody's beginning any more."""
        listing, walk = reading.listing, reading.walk
        self._save(reading, replace(walk, state=State.BROKEN))
        settle_earlier(self.walks, listing, reading.walk)
        if not walk.quiet:
            self.walks.withdraw(listing, walk.snapshot)
        self.telemetry.count("ListingsUnstable")

    def _note(self, reading: _Reading, failed: UpstreamError) -> None:
        noted = replace(reading.walk, fault=failed.slug, faulted_at=self.clock.now(), step=reading.walk.step + 1)
        self.walks.save_walk(reading.listing, noted)
