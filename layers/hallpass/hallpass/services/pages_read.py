"""What a walk's check looks at of pages that were read before, perhaps elsewhere: read back from the store.

Rule: what cannot be read back whole is None, and vouches for nothing.
"""

from __future__ import annotations

from hallpass.domain import codec
from hallpass.domain.cache_policy import Check
from hallpass.domain.listing import Listing
from hallpass.domain.model import UnknownModelError, load_model
from hallpass.domain.pages import StoredPage
from hallpass.domain.walk import PageRead, Walk, any_twice
from hallpass.page_ports import PageStore


def uuids_of(store: PageStore, listing: Listing, walk: Walk) -> set[str] | None:
    """Those of the pages read so far; None when they cannot be read back, or one is there twice."""
    seen: set[str] = set()
    if walk.check is Check.OFF:
        return seen
    for number in range(1, len(walk.digests) + 1):
        page = store.find_page(listing, walk.snapshot, number)
        read = read_back(store, page) if page else None
        if read is None or any_twice(read.uuids, seen):
            return None
        seen.update(read.uuids)
    return seen


def read_back(store: PageStore, page: StoredPage) -> PageRead | None:
    packed = store.read(page.model)
    content = codec.unpack(packed) if packed is not None else None
    try:
        return PageRead.of(page, load_model(content)) if content is not None else None
    except UnknownModelError:
        return None
