"""What of a listing is kept, and the pages of it one by one: the newest reading that is whole, or the part there is.

Rule: it reads the cache and nothing else, changes nothing there, and says what it could not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hallpass.domain import codec
from hallpass.domain.listing import Listing
from hallpass.domain.model import PageModel, UnknownModelError, load_model
from hallpass.domain.pages import LONGEST_USE, StoredPage
from hallpass.domain.walk import State, Walk
from hallpass.page_ports import KeptPages

MOST_PAGES = 100
"""That one preview reads: a hundred thousand incidents."""
RESERVE_SECONDS = 8.0
"""What a preview keeps of its time for its answer and the record of it."""


@dataclass(slots=True)
class Reading:
    """A snapshot of a listing as far as it is kept.

    `digests`: of the pages that its check has seen; None: page 1 is what there is. `counted`: pages that were read.
    `late`: time or the most pages ended it.
    """

    listing: Listing
    snapshot: str
    held_in: str
    total_pages: int
    kept_pages: int
    read_at: datetime
    digests: tuple[str, ...] | None = None
    counted: int = 0
    withheld: int = 0
    lost: list[int] = field(default_factory=list)
    late: bool = False

    @property
    def whole(self) -> bool:
        """Whether all of its pages are kept."""
        return self.kept_pages >= self.total_pages

    @property
    def complete(self) -> bool:
        """Whether all of its pages were counted."""
        return self.counted >= self.total_pages


def newest(kept: KeptPages, listing: Listing, now: datetime) -> Reading | None:
    """The newest whole reading that is kept, else the part of the current one; None when there is none."""
    current, walks = _current(kept, listing, now), kept.walks(listing)
    whole = [walk for walk in walks if walk.state is State.COMPLETE and now < walk.expires_at]
    if current is not None and current.whole and (not whole or current.snapshot >= whole[0].snapshot):
        return current
    if whole:
        return _of_walk(listing, whole[0])
    begun = next((walk for walk in walks if current is not None and walk.snapshot == current.snapshot), None)
    return _of_walk(listing, begun) if begun is not None and begun.state is State.BUILDING else current


def _current(kept: KeptPages, listing: Listing, now: datetime) -> Reading | None:
    """Page 1 of the current snapshot, which is all of it where there is one page."""
    pointer = kept.pointer(listing)
    if pointer is None or pointer.snapshot is None:
        return None
    first = kept.find_page(listing, pointer.snapshot, 1)
    if first is None or now - first.fetched_at >= LONGEST_USE:
        return None
    total = max(1, first.total_pages)
    return Reading(listing, first.snapshot, first.snapshot, total, 1, first.received.requested_at)


def _of_walk(listing: Listing, walk: Walk) -> Reading:
    total, read = max(1, walk.total_pages), len(walk.digests)
    return Reading(listing, walk.snapshot, walk.held_in, total, read, walk.read_from, walk.digests)


def models(kept: KeptPages, reading: Reading, seconds_left: Callable[[], float], left: int) -> Iterator[PageModel]:
    """The pages that can be read back, in order; what of them cannot is noted. `left`: how many may be read."""
    for number in range(1, reading.kept_pages + 1):
        if number > left or seconds_left() < RESERVE_SECONDS:
            reading.late = True
            return
        page = kept.find_page(reading.listing, reading.held_in, number)
        model = read_model(kept, page) if page is not None and _vouched(reading, page) else None
        if page is None or model is None:
            reading.lost.append(number)
            continue
        reading.counted += 1
        reading.withheld += page.withheld
        yield model


def _vouched(reading: Reading, page: StoredPage) -> bool:
    return reading.digests is None or page.mark == reading.digests[page.number - 1]


def read_model(kept: KeptPages, page: StoredPage) -> PageModel | None:
    packed = kept.read(page.model)
    content = codec.unpack(packed) if packed is not None else None
    try:
        return None if content is None else load_model(content)
    except UnknownModelError:
        return None
