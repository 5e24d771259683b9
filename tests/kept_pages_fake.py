"""The cache as the control plane reads it, over the stores in memory.

Rule: it passes the same contract tests as the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hallpass.domain.health import Health
from hallpass.domain.leases import Busy, Pointer
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import Artefact, Representation, StoredPage
from hallpass.domain.walk import Walk

from tests.page_store_fake import MemoryPageStore
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore


@dataclass(frozen=True, slots=True)
class MemoryKeptPages:
    """`KeptPages`."""

    store: MemoryPageStore
    walk_store: MemoryWalkStore
    accounts: MemoryAccountStore

    def within(self, seconds_left: Callable[[], float]) -> MemoryKeptPages:
        return self

    def pointer(self, listing: Listing) -> Pointer | None:
        return self.walk_store.pointer(listing)

    def pin(self, listing: Listing, walker: str) -> str | None:
        return self.walk_store.pin(listing, walker)

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None:
        return self.walk_store.find_walk(listing, snapshot)

    def walks(self, listing: Listing) -> Sequence[Walk]:
        if self.walk_store.unreachable:
            return []
        mine = [walk for (key, _), walk in self.walk_store.walks.items() if key == listing.key]
        return sorted(mine, key=lambda walk: walk.snapshot, reverse=True)

    def busy(self, account: Account) -> Sequence[Busy] | None:
        return None if self.walk_store.unreachable else self.walk_store.busy(account)

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        return self.store.find_page(listing, snapshot, number)

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        return self.store.find_representation(district_id, name)

    def read(self, artefact: Artefact) -> bytes | None:
        return self.store.read(artefact)

    def health(self, account: Account) -> Health | None:
        return self.accounts.health(account)
