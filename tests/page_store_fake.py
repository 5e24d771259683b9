"""A page store in memory: does what every PageStore does, and fails on request.

Rule: it passes the same contract tests as the real one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hallpass.domain.listing import Listing
from hallpass.domain.pages import Artefact, ArtefactKind, Representation, StoredPage, digest

_Name = tuple[str, ArtefactKind, str]


class MemoryPageStore:
    """`PageStore`. `unreachable`: nothing is read or written. `calls`: how often each method was called."""

    def __init__(self) -> None:
        self.unreachable = False
        self.calls: Counter[str] = Counter()
        self._pages: dict[tuple[str, str, int], StoredPage] = {}
        self._blobs: dict[_Name, bytes] = {}
        self._representations: dict[tuple[str, str], Representation] = {}

    def lose(self, kind: ArtefactKind) -> None:
        """The bytes of every artefact of this kind are gone; what points at them stays."""
        self._blobs = {name: blob for name, blob in self._blobs.items() if name[1] is not kind}

    def representations(self) -> list[Representation]:
        return list(self._representations.values())

    def within(self, seconds_left: Callable[[], float]) -> MemoryPageStore:
        """Takes no time, so it has enough."""
        return self

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        self.calls["find_page"] += 1
        return None if self.unreachable else self._pages.get((listing.key, snapshot, number))

    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> StoredPage | None:
        self.calls["save_page"] += 1
        if self.unreachable:
            return None
        self._keep(page, raw, model)
        return self._pages.setdefault((listing.key, page.snapshot, page.number), page)

    def reuse_page(self, listing: Listing, page: StoredPage) -> StoredPage | None:
        self.calls["reuse_page"] += 1
        if self.unreachable:
            return None
        return self._pages.setdefault((listing.key, page.snapshot, page.number), page)

    def restore(self, page: StoredPage, raw: bytes, model: bytes) -> bool:
        self.calls["restore"] += 1
        if self.unreachable:
            return False
        self._keep(page, raw, model)
        return True

    def forget_page(self, listing: Listing, snapshot: str, number: int) -> None:
        """As if its item were broken or swept."""
        del self._pages[listing.key, snapshot, number]

    def _keep(self, page: StoredPage, raw: bytes, model: bytes) -> None:
        self._blobs[_name(page.raw)] = raw
        self._blobs[_name(page.model)] = model

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


def _name(artefact: Artefact) -> _Name:
    return artefact.district_id, artefact.kind, artefact.name
