"""What becomes of the snapshots whose place a later one took, when that one's reading has ended.

Rule: who has the page 1 of one goes on in the later one only if that begins with the very same page; else it is told
that the list moved. Whoever ended the later one may have died before it came to this: it may be done at any time.
"""

from __future__ import annotations

from collections.abc import Iterable

from hallpass.domain.listing import Listing
from hallpass.domain.walk import State, Walk
from hallpass.page_ports import WalkStore


def find_building(walks: WalkStore, listing: Listing, snapshot: str) -> Walk | None:
    """The walk that is being read for `snapshot`, which may be a later one's; None: nothing is left to read."""
    walk, passed = walks.find_walk(listing, snapshot), []
    while walk is not None and walk.state is State.BUILDING and walk.pages_in:
        passed.append(walk)
        walk = walks.find_walk(listing, walk.pages_in)
    if walk is None or walk.state is State.BUILDING:
        return walk
    _settle(walks, listing, walk, passed)
    return None


def settle_earlier(walks: WalkStore, listing: Listing, ended: Walk) -> None:
    """Tells those whose place `ended` took how it ended."""
    found = (walks.find_walk(listing, snapshot) for snapshot in ended.earlier)
    _settle(walks, listing, ended, (walk for walk in found if walk is not None))


def _settle(walks: WalkStore, listing: Listing, ended: Walk, earlier: Iterable[Walk]) -> None:
    for walk in earlier:
        if walk.state is State.BUILDING:
            walks.save_walk(listing, walk.ended_as(ended))
