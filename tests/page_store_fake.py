"""A page store in memory: does what every PageStore does, and fails on request.

Rule: it passes the same contract tests as the real one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import Artefact, ArtefactKind, Found, Representation, StoredPage, digest

_Name = tuple[str, ArtefactKind, str]


class MemoryPageStore:
    """`PageStore`. `unreachable`: reads answer None and writes False. `calls`: how often each method was called."""

    def __init__(self) -> None:
        self.unreachable = False
        self.calls: Counter[str] = Counter()
        self._pointers: dict[str, str] = {}
        self._pages: dict[tuple[str, str, int], StoredPage] = {}
        self._blobs: dict[_Name, bytes] = {}
        self._representations: dict[tuple[str, str], Representation] = {}
        self._refusals: dict[tuple[str, int], datetime] = {}

    def lose(self, kind: ArtefactKind) -> None:
        """The bytes of every artefact of this kind are gone; what points at them stays."""
        self._blobs = {name: blob for name, blob in self._blobs.items() if name[1] is not kind}

    def representations(self) -> list[Representation]:
        return list(self._representations.values())

    def within(self, seconds_left: Callable[[], float]) -> MemoryPageStore:
        """Takes no time, so it has enough."""
        return self

    def find_page(self, listing: Listing, number: int) -> Found:
        self.calls["find_page"] += 1
        snapshot = None if self.unreachable else self._pointers.get(listing.key)
        if snapshot is None:
            return Found(None, None)
        return Found(snapshot, self._pages.get((listing.key, snapshot, number)))

    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> bool:
        self.calls["save_page"] += 1
        if self.unreachable:
            return False
        self._blobs[_name(page.raw)] = raw
        self._blobs[_name(page.model)] = model
        key = (listing.key, page.snapshot, page.number)
        there = self._pages.get(key)
        if there is None or there.fetched_at <= page.fetched_at:
            self._pages[key] = page
        self._pointers[listing.key] = max(page.snapshot, self._pointers.get(listing.key, ""))
        return True

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        self.calls["find_representation"] += 1
        return None if self.unreachable else self._representations.get((district_id, name))

    def save_representation(self, representation: Representation, packed: bytes) -> bool:
        self.calls["save_representation"] += 1
        if self.unreachable:
            return False
        stored = representation.stored
        self._blobs[_name(stored)] = packed
        self._representations[stored.district_id, stored.name] = representation
        return True

    def read(self, artefact: Artefact) -> bytes | None:
        self.calls["read"] += 1
        blob = None if self.unreachable else self._blobs.get(_name(artefact))
        if blob is None or len(blob) != artefact.size or digest(blob) != artefact.sha256:
            return None
        return blob

    def refused_at(self, account: Account) -> datetime | None:
        self.calls["refused_at"] += 1
        return None if self.unreachable else self._refusals.get((account.district_id, account.epoch))

    def note_refusal(self, account: Account, at: datetime) -> None:
        self.calls["note_refusal"] += 1
        if not self.unreachable:
            self._refusals[account.district_id, account.epoch] = at


def _name(artefact: Artefact) -> _Name:
    return artefact.district_id, artefact.kind, artefact.name
