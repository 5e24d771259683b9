"""What keeps pages, and what else reading them needs, as Protocols. The adapters and the tests' fakes implement them.

Rule: the cache is expendable: what is in doubt answers as if it were not there, and never raises. The eraser is no
part of it: it says what it could not do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from hallpass.domain.erasure import Erased, Listings, Marked, Target
from hallpass.domain.health import Health
from hallpass.domain.leases import Busy, Granted, Pointer, Slot, Turn
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import Artefact, Representation, StoredPage
from hallpass.domain.refresh_order import Asked
from hallpass.domain.stored import Stored
from hallpass.domain.walk import Walk


class PageStore(Protocol):
    """The cache of pages. Reads answer None for what is missing, broken or unreachable; writes tell if they held."""

    def within(self, seconds_left: Callable[[], float]) -> PageStore:
        """The store for one request: without time for a call it is as if unreachable."""

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None: ...
    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> StoredPage | None:
        """Artefacts first, the page item next, and only once: the page as its snapshot has it, which may be another's.

        None: it is not kept.
        """

    def reuse_page(self, listing: Listing, page: StoredPage) -> StoredPage | None:
        """As `save_page`, of a page whose artefacts are in the store."""

    def restore(self, page: StoredPage, raw: bytes, model: bytes) -> bool:
        """Writes the artefacts of a page that is in its snapshot already."""

    def find_representation(self, district_id: str, name: str) -> Representation | None: ...
    def save_representation(self, representation: Representation, packed: bytes) -> bool: ...
    def read(self, artefact: Artefact) -> bytes | None:
        """The bytes as stored, their length and SHA-256 checked."""


class WalkStore(Protocol):
    """What is current of a listing, whose turn it is, and how far a walk has been read. Consistent reads only."""

    def within(self, seconds_left: Callable[[], float]) -> WalkStore: ...

    def pointer(self, listing: Listing) -> Pointer | None:
        """An empty Pointer for a listing never seen; None when the store does not say."""

    def take(self, listing: Listing, slot: Slot, seen: Pointer, owner: str) -> Turn:
        """For LEASE_FOR from now. `seen`: the pointer just read. Who has it already gets it again, with a new fence.

        Held, too, for a PAGE turn when another snapshot became current since: then there is nothing to read.
        """

    def publish(self, listing: Listing, slot: Slot, turn: Granted, snapshot: str) -> bool:
        """Makes `snapshot` the current one, if the turn is still the caller's; gives a PAGE turn back."""

    def release(self, listing: Listing, slot: Slot, owner: str) -> None:
        """Gives the turn back, if it is still the caller's. Never raises."""

    def withdraw(self, listing: Listing, snapshot: str) -> None:
        """No snapshot is current any more, if it was this one."""

    def note_use(self, listing: Listing, seen: Pointer, *, walked: bool) -> None:
        """That a vendor asked, at most once in some minutes, for whoever keeps busy listings warm."""

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None: ...
    def save_walk(self, listing: Listing, walk: Walk) -> bool:
        """If the stored one's step is one less; step 0 if there is none. The two ways to lose look alike: False."""

    def pin(self, listing: Listing, walker: str) -> str | None:
        """The snapshot that a token got at its page 1, "" for none; None when the store does not say."""

    def save_pin(self, listing: Listing, walker: str, snapshot: str) -> bool: ...
    def busy(self, account: Account) -> Sequence[Busy]:
        """The listings of an account that were asked for lately; none when the store does not say."""


class AccountStore(Protocol):
    """How an account's upstream has fared, for all containers together. Without it there is no breaker and no seat."""

    def within(self, seconds_left: Callable[[], float]) -> AccountStore: ...

    def health(self, account: Account) -> Health | None:
        """Consistent. None when the store does not say."""

    def note_refusal(self, account: Account, at: datetime) -> None: ...
    def note_fault(
        self, account: Account, fault: str, at: datetime, rest_until: datetime | None, listing: str = ""
    ) -> None:
        """One more fault in a row. `listing`: as `Health.named` gives it."""

    def note_success(self, account: Account) -> None:
        """The next fault is the first in a row. What a 429 asked for stands: the call may have been begun before it."""

    def take_probe(self, account: Account, faults: int, until: datetime, now: datetime) -> bool:
        """Whether the caller is the one that may try, after that many faults in a row."""

    def take_seat(self, account: Account, seat: int, until: datetime, now: datetime) -> bool | None:
        """None when the store does not say."""

    def leave_seat(self, account: Account, seat: int) -> None: ...


class Refresher(Protocol):
    """Reads pages in the background. Each tells whether the work was taken over."""

    def refresh(self, listing: Listing, turn: Granted) -> bool:
        """Page 1, in the caller's turn."""

    def read_walk(self, listing: Listing, snapshot: str, turn: Granted) -> bool:
        """All pages of a snapshot, in the caller's turn."""

    def read_ahead(self, listing: Listing, turn: Granted) -> bool:
        """All pages of a new snapshot that nobody has asked for yet, in the caller's turn."""


class Warmer(Protocol):
    """Has listings read now, in the background."""

    def warm(self, asked: Asked) -> bool:
        """Whether all of it was taken over; otherwise none of it was."""


class Patience(Protocol):
    def pause(self, seconds: float) -> None:
        """Waits about that long; the jitter is its own."""


class KeptPages(Protocol):
    """What the control plane reads of the cache: it writes nothing there, whatever it finds. As PageStore and the
    others, it answers None for what is missing, broken or unreachable.
    """

    def within(self, seconds_left: Callable[[], float]) -> KeptPages: ...
    def pointer(self, listing: Listing) -> Pointer | None: ...
    def pin(self, listing: Listing, walker: str) -> str | None: ...
    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None: ...
    def walks(self, listing: Listing) -> Sequence[Walk]:
        """Of all snapshots that are kept, the newest first."""

    def busy(self, account: Account) -> Sequence[Busy] | None:
        """The listings of an account that were asked for, as long as that is known."""

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None: ...
    def find_representation(self, district_id: str, name: str) -> Representation | None: ...
    def read(self, artefact: Artefact) -> bytes | None: ...
    def health(self, account: Account) -> Health | None: ...


class CacheCounter(Protocol):
    """What the control plane may see of the cache."""

    def count(self, district_id: str, now: datetime, seconds_left: Callable[[], float]) -> Stored:
        """`now`: a listing is being read when somebody's turn is not over. Raises UnavailableError."""


class PageEraser(Protocol):
    """What the control plane may change of the cache. Both may be repeated; UnavailableError: do."""

    def within(self, seconds_left: Callable[[], float]) -> PageEraser:
        """The eraser for one request: what does not fit in its time is left for the next, and said."""

    def mark_stale(self, target: Listings, at: datetime) -> Marked:
        """What was received before `at` is stale from now on. Raises UnavailableError."""

    def erase(self, target: Target, now: datetime) -> Erased:
        """Deletes, and reads back what was deleted. Raises UnavailableError."""
