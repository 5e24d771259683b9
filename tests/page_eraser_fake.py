"""A page eraser in memory, over the page store in memory. It passes the same contract tests as the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from hallpass.domain.erasure import Erased, Listings, Marked, OneListing, OneSnapshot, Target, WholeDistrict
from hallpass.domain.errors import UnavailableError
from hallpass.domain.pages import Artefact, ArtefactKind, StoredPage

from tests.page_store_fake import MemoryPageStore

_PageKey = tuple[str, str, int]


@dataclass(slots=True)
class MemoryEraser:
    """`PageEraser`. `unreachable`: nothing works; `stubborn`: a chunk stays; `calls_needed`: until it has finished."""

    store: MemoryPageStore
    unreachable: bool = False
    stubborn: bool = False
    calls_needed: int = 1
    meanwhile: Callable[[], object] = lambda: None
    seconds: list[float] = field(default_factory=list)
    stale_since: dict[str, datetime] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)

    def within(self, seconds_left: Callable[[], float]) -> MemoryEraser:
        self.seconds.append(seconds_left())
        return self

    def mark_stale(self, target: Listings, at: datetime) -> Marked:
        if not self._begin(target):
            return Marked(0, finished=False)
        keys = {key for key, _, _ in self._pages(target)} & self.store._pointers.keys()
        self.stale_since |= dict.fromkeys(keys, at)
        return Marked(len(keys), finished=True)

    def erase(self, target: Target, now: datetime) -> Erased:
        if not self._begin(target):
            return Erased(finished=False)
        pages = self._pages(target)
        found = [self.store._pages.pop(key) for key in pages]
        self._drop_pointers(target, {key for key, _, _ in pages})
        artefacts = {_name(one): one for page in found for one in (page.raw, page.model)} | self._rendered(target)
        gone = [one for name, one in artefacts.items() if self.store._blobs.pop(name, None) is not None]
        if isinstance(target, WholeDistrict):
            self._forget_accounts(target)
        return Erased(
            listings=0 if isinstance(target, OneSnapshot) else len({key for key, _, _ in pages}),
            snapshots=len({(key, snapshot) for key, snapshot, _ in pages}),
            pages=len(found),
            artefacts=len(gone),
            chunks=sum(one.chunks for one in gone),
            bytes=sum(one.size for one in gone),
            left_chunks=int(self.stubborn),
        )

    def _begin(self, target: Target) -> bool:
        if self.unreachable:
            raise UnavailableError
        self.targets.append(target)
        self.meanwhile()
        self.calls_needed -= 1
        return self.calls_needed <= 0

    def _pages(self, target: Target) -> list[_PageKey]:
        return [key for key, page in self.store._pages.items() if _concerned(target, key, page)]

    def _drop_pointers(self, target: Target, keys: set[str]) -> None:
        for key in keys & self.store._pointers.keys():
            if not isinstance(target, OneSnapshot) or self.store._pointers[key] == target.snapshot:
                del self.store._pointers[key]

    def _rendered(self, target: Target) -> dict[tuple[str, ArtefactKind, str], Artefact]:
        """Of the whole district alone: the store in memory does not tell what a representation was rendered from."""
        if not isinstance(target, WholeDistrict):
            return {}
        keys = [key for key in self.store._representations if key[0] == target.district_id]
        stored = [self.store._representations.pop(key).stored for key in keys]
        return {_name(one): one for one in stored}

    def _forget_accounts(self, target: WholeDistrict) -> None:
        for epoch in range(1, target.account_epochs + 1):
            self.store._refusals.pop((target.district_id, epoch), None)


def _name(artefact: Artefact) -> tuple[str, ArtefactKind, str]:
    return artefact.district_id, artefact.kind, artefact.name


def _concerned(target: Target, key: _PageKey, page: StoredPage) -> bool:
    mine = page.raw.district_id == target.district_id
    match target:
        case WholeDistrict():
            return mine
        case OneListing():
            return mine and key[0] == target.listing.key
        case OneSnapshot():
            return mine and key[1] == target.snapshot
        case _:
            assert_never(target)
