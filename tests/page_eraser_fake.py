"""A page eraser in memory, over the stores in memory. It passes the same contract tests as the real one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from hallpass.domain.erasure import Erased, Listings, Marked, OneListing, OneSnapshot, Target, WholeDistrict
from hallpass.domain.errors import UnavailableError
from hallpass.domain.pages import Artefact, ArtefactKind

from tests.page_store_fake import MemoryPageStore
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

_Snapshot = tuple[str, str]
"""A listing's key, and a snapshot's id."""


@dataclass(slots=True)
class MemoryEraser:
    """`PageEraser`. `unreachable`: nothing works; `stubborn`: a chunk stays; `calls_needed`: until it has finished."""

    store: MemoryPageStore
    walks: MemoryWalkStore
    accounts: MemoryAccountStore
    unreachable: bool = False
    stubborn: bool = False
    calls_needed: int = 1
    meanwhile: Callable[[], object] = lambda: None
    seconds: list[float] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def within(self, seconds_left: Callable[[], float]) -> MemoryEraser:
        self.seconds.append(seconds_left())
        return self

    def mark_stale(self, target: Listings, at: datetime) -> Marked:
        if not self._begin(target):
            return Marked(0, finished=False)
        pointers = self.walks.pointers
        marked = {key: replace(pointers[key], stale_since=at) for key in self._keys(target) & pointers.keys()}
        pointers |= marked
        return Marked(sum(pointer.snapshot is not None for pointer in marked.values()), finished=True)

    def erase(self, target: Target, now: datetime) -> Erased:
        if not self._begin(target):
            return Erased(finished=False)
        going = self._snapshots(target)
        numbered = [page for page in self.store._pages if page[:2] in going]
        found = [self.store._pages.pop(page) for page in numbered]
        self._drop_walks(target, going)
        artefacts = {_name(one): one for page in found for one in (page.raw, page.model)}
        artefacts |= self._rendered(target, {one.name for one in artefacts.values()})
        gone = [one for name, one in artefacts.items() if self.store._blobs.pop(name, None) is not None]
        return Erased(
            listings=0 if isinstance(target, OneSnapshot) else len({key for key, _ in going}),
            snapshots=len(going),
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

    def _keys(self, target: Target) -> set[str]:
        """Of the listings that the target may be in."""
        kept = {key for (key, _, _), page in self.store._pages.items() if page.raw.district_id == target.district_id}
        asked = {key for key, one in self.walks._busy.items() if one.listing.account.district_id == target.district_id}
        return (kept | asked) & {target.listing.key} if isinstance(target, OneListing) else kept | asked

    def _snapshots(self, target: Target) -> set[_Snapshot]:
        keys = self._keys(target)
        there = {page[:2] for page in self.store._pages} | self.walks.walks.keys()
        mine = {(key, snapshot) for key, snapshot in there if key in keys}
        if not isinstance(target, OneSnapshot):
            return mine
        return {(key, snapshot) for key, snapshot in mine if snapshot in self._sharing(key, target.snapshot)}

    def _sharing(self, key: str, snapshot: str) -> set[str]:
        walks = [{walk.snapshot, walk.pages_in} for (at, _), walk in self.walks.walks.items() if at == key]
        found = {snapshot}
        for _ in walks:
            found = found.union(*(pair for pair in walks if pair & found and "" not in pair))
        return found

    def _drop_walks(self, target: Target, going: set[_Snapshot]) -> None:
        """With pins, and the pointers: of a snapshot only what names it."""
        walks, busy = self.walks, self.walks._busy
        for snapshot in going & walks.walks.keys():
            del walks.walks[snapshot]
        match target:
            case WholeDistrict() | OneListing():
                keys = self._keys(target) | {key for key, _ in going}
                walks.pointers = {key: kept for key, kept in walks.pointers.items() if key not in keys}
                walks.pins = {pin: named for pin, named in walks.pins.items() if pin[0] not in keys}
                walks._busy = {key: asked for key, asked in busy.items() if key not in keys}
            case OneSnapshot():
                pointers = walks.pointers.items()
                walks.pointers = {key: kept for key, kept in pointers if (key, kept.snapshot) not in going}
                walks.pins = {pin: named for pin, named in walks.pins.items() if (pin[0], named) not in going}
            case _:
                assert_never(target)
        if isinstance(target, WholeDistrict):
            for epoch in range(1, target.account_epochs + 1):
                self.accounts.kept.pop((target.district_id, epoch), None)

    def _rendered(self, target: Target, sources: Collection[str]) -> dict[tuple[str, ArtefactKind, str], Artefact]:
        """All of the whole district, else what was made from one of the `sources`."""
        whole, kept = isinstance(target, WholeDistrict), self.store._representations
        keys = [key for key, made in kept.items() if key[0] == target.district_id and (whole or made.source in sources)]
        stored = [kept.pop(key).stored for key in keys]
        return {_name(one): one for one in stored}


def _name(artefact: Artefact) -> tuple[str, ArtefactKind, str]:
    return artefact.district_id, artefact.kind, artefact.name
