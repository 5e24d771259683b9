"""What of a district is cached, counted in memory, over the store in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.pages import ArtefactKind
from hallpass.domain.stored import Stored

from tests.page_store_fake import MemoryPageStore
from tests.walk_store_fake import MemoryWalkStore


@dataclass(slots=True)
class MemoryCounter:
    """The CacheCounter port. `calls_needed`: more than there is time for, when it is not 0."""

    store: MemoryPageStore
    walks: MemoryWalkStore
    calls_needed: int = 0

    def count(self, district_id: str, now: datetime, seconds_left: Callable[[], float]) -> Stored:
        mine = {at: page for at, page in self.store._pages.items() if page.raw.district_id == district_id}
        rendered = [one for one in self.store._representations.values() if one.stored.district_id == district_id]
        artefacts = {one.name: one for page in mine.values() for one in (page.raw, page.model)}
        pointers = [self.walks.pointers.get(key) for key in {key for key, _, _ in mine}]
        leases = [(one.page, one.walk) for one in pointers if one is not None]
        received = [page.received.received_at for page in mine.values()]
        assert all(one.stored.kind is ArtefactKind.REPRESENTATION for one in rendered)
        return Stored(
            listings=len({key for key, _, _ in mine}),
            snapshots=len({at[:2] for at in mine}),
            pages=len(mine),
            representations=len(rendered),
            reading=sum(any(lease is not None and lease.alive(now) for lease in pair) for pair in leases),
            bytes=sum(one.size for one in [*artefacts.values(), *(one.stored for one in rendered)]),
            oldest=min(received, default=None),
            newest=max(received, default=None),
            finished=seconds_left() > self.calls_needed,
        )
