"""Purging: what the cache holds of a district becomes stale, or is erased and proven gone.

Rule: a purge that ran out of time says so and is called again; only one that read everything back calls it proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from hallpass.domain.access import Actor, District
from hallpass.domain.erasure import (
    LONGEST_READER,
    Erased,
    Listings,
    Marked,
    OneListing,
    OneSnapshot,
    PurgeMode,
    PurgeOrder,
    Target,
    WholeDistrict,
    check_proven,
)
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.services.deadline import deadline
from hallpass.services.manage_access import Desk, refuse_field, visible_district


@dataclass(frozen=True, slots=True)
class Purged:
    """`again_after`: from then on another hard purge meets whatever a reader wrote that had begun before this one."""

    done: Erased | Marked
    again_after: datetime | None = None


def purge(desk: Desk, actor: Actor, district_id: str, order: PurgeOrder, seconds: float) -> Purged:
    """`seconds`: what the invocation has left.

    Raises NotFoundError, BodyInvalidError, UnavailableError, ErasureUnprovenError.
    """
    district = visible_district(desk, actor, district_id)
    eraser, now = desk.eraser.within(deadline(desk.clock, seconds)), desk.clock.now()
    match order.mode:
        case PurgeMode.SOFT:
            if order.snapshot is not None:
                raise refuse_field("snapshot", "goes with a hard purge: a soft one makes a whole listing stale")
            return Purged(eraser.mark_stale(_listings(desk, district, order.query), now))
        case PurgeMode.HARD:
            erased = eraser.erase(_target(desk, district, order), now)
            # From its end: until a listing's pointer was gone, readers could still begin with it.
            return Purged(check_proven(erased), desk.clock.now() + LONGEST_READER)
        case _:
            assert_never(order.mode)


def _target(desk: Desk, district: District, order: PurgeOrder) -> Target:
    """Raises BodyInvalidError."""
    if order.snapshot is None:
        return _listings(desk, district, order.query)
    if order.query is not None:
        raise refuse_field("snapshot", "stands alone: a snapshot is of one listing already")
    return OneSnapshot(district.id, order.snapshot)


def _listings(desk: Desk, district: District, query: UpstreamQuery | None) -> Listings:
    if query is None:
        return WholeDistrict(district.id)
    return OneListing(Listing(Account(district.id, desk.upstream.origin, district.account_epoch), query))
