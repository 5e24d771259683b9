"""The invented incidents as if they had just been read, checked and kept: for test tokens.

Rule: everything is a function of the query and the minute, so that every container tells the same; what it is told to
keep it keeps for no longer than a request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from hallpass.adapters.synthetic_upstream import fault_of, incidents
from hallpass.domain import synthetic_pages
from hallpass.domain.arrival import Arrival, receive
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.http import ANSWER_LIMIT_BYTES
from hallpass.domain.http_caching import Received
from hallpass.domain.leases import LEASE_FOR, Busy, Granted, Held, Lease, Pointer, Slot, Turn
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import Artefact, ArtefactKind, Representation, StoredPage
from hallpass.domain.synthetic import AT_PAGE_1, TOO_LARGE
from hallpass.domain.walk import State, Walk
from hallpass.ports import Clock

SNAPSHOT = "00000000000001-00000000"
_FRESHNESS = CachePolicy().freshness(None, date.min)
_STATES = {"listing-unstable": State.BROKEN, "page-in-flight": State.BUILDING}


def arrival(listing: Listing, number: int, now: datetime) -> Arrival:
    """Page `number`, as it came in this minute."""
    minute = now.replace(second=0, microsecond=0)
    rows = synthetic_pages.listed(incidents(), listing.query)
    body = synthetic_pages.page(rows, number)
    return receive(listing.account.district_id, SNAPSHOT, number, body, Received(200, (), minute, minute))


@dataclass(frozen=True, slots=True)
class SyntheticPages:
    """`PageStore`."""

    clock: Clock
    _blobs: dict[str, bytes] = field(default_factory=dict)

    def within(self, seconds_left: Callable[[], float]) -> SyntheticPages:
        return SyntheticPages(self.clock)

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        if snapshot != SNAPSHOT:
            return None
        found = arrival(listing, number, self.clock.now())
        self._blobs.update({found.page.raw.name: found.packed_raw, found.page.model.name: found.packed_model})
        return found.page

    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> StoredPage | None:
        return None

    def reuse_page(self, listing: Listing, page: StoredPage) -> StoredPage | None:
        return None

    def restore(self, page: StoredPage, raw: bytes, model: bytes) -> bool:
        return False

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        """None is kept. Of a page that is to be too large, one that says so: what it holds is computed anew."""
        if fault_of(district_id) != TOO_LARGE:
            return None
        stored = Artefact(district_id, ArtefactKind.REPRESENTATION, name, "", 0, 1)
        return Representation(stored, name, name[:32], ANSWER_LIMIT_BYTES, incidents=0, persons=0)

    def save_representation(self, representation: Representation, packed: bytes) -> bool:
        return False

    def read(self, artefact: Artefact) -> bytes | None:
        return self._blobs.get(artefact.name)


@dataclass(frozen=True, slots=True)
class SyntheticWalks:
    """`WalkStore`: of each listing one walk, complete unless its account is to fare otherwise."""

    clock: Clock

    def within(self, seconds_left: Callable[[], float]) -> SyntheticWalks:
        return self

    def pointer(self, listing: Listing) -> Pointer | None:
        if _fails(listing):
            return Pointer()
        return Pointer(SNAPSHOT, 1, walk=Lease("nobody", self.clock.now() + LEASE_FOR))

    def take(self, listing: Listing, slot: Slot, seen: Pointer, owner: str) -> Turn:
        return Granted(owner, 1) if _fails(listing) else Held()

    def publish(self, listing: Listing, slot: Slot, turn: Granted, snapshot: str) -> bool:
        return False

    def release(self, listing: Listing, slot: Slot, owner: str) -> None:
        pass

    def withdraw(self, listing: Listing, snapshot: str) -> None:
        pass

    def note_use(self, listing: Listing, seen: Pointer, *, walked: bool) -> None:
        pass

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None:
        if snapshot != SNAPSHOT:
            return None
        fault, now = fault_of(listing.account.district_id), self.clock.now()
        first = arrival(listing, 1, now).page
        digests = [arrival(listing, number, now).page.mark for number in range(1, max(1, first.total_pages) + 1)]
        walk = replace(Walk.begun(first, Check.VERIFIED, _FRESHNESS), digests=tuple(digests))
        expires_at = now if fault == "snapshot-expired" else now + timedelta(hours=3)
        return replace(walk, state=_STATES.get(fault, State.COMPLETE), expires_at=expires_at)

    def save_walk(self, listing: Listing, walk: Walk) -> bool:
        return False

    def pin(self, listing: Listing, walker: str) -> str | None:
        return "" if _fails(listing) else SNAPSHOT

    def save_pin(self, listing: Listing, walker: str, snapshot: str) -> bool:
        return True

    def busy(self, account: Account) -> Sequence[Busy]:
        return ()


def _fails(listing: Listing) -> bool:
    """Whether its page 1 is asked of the upstream, and does not come."""
    return fault_of(listing.account.district_id) in AT_PAGE_1
