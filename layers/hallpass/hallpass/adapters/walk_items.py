"""The mutable items of a listing in the pages table, and the index of listings that were asked for lately.

pointer   pk listing#<key>   sk pointer                current snapshot, turns, and when it was asked for
walk      pk listing#<key>   sk snapshot#<snapshot>    how far a snapshot has been read, and what vouches for it
pin       pk listing#<key>   sk pin#<token>            the snapshot that a token got at its page 1
busy      pk busy            sk <district>#<key>
"""

from __future__ import annotations

import re
from datetime import datetime

from hallpass.adapters.page_items import (
    SWEEP_MARGIN,
    BrokenItemError,
    Item,
    StoredItem,
    Value,
    ahead,
    check_names,
    check_schema,
    read_number,
    read_text,
    read_time,
    stamp,
    ttl,
)
from hallpass.domain.cache_policy import Check
from hallpass.domain.errors import RequestError
from hallpass.domain.leases import Busy, Lease, Pointer, Slot
from hallpass.domain.listing import STORE_SCHEMA, Account, Listing
from hallpass.domain.pages import LONGEST_USE
from hallpass.domain.query import IncidentQuery
from hallpass.domain.walk import KEPT_AFTER_USE, MAX_PAGES, Finish, State, Walk

BUSY = "busy"
# As `Granted.snapshot` makes them: of one width, so that they compare as text.
_SNAPSHOT = re.compile(r"[0-9a-f]{14}-[0-9a-f]{8}", re.ASCII)
_FENCES = 16**14
_POINTER = frozenset({
    "pk", "sk", "schema", "ttl", "snapshot", "fence", "stale_since", "asked_at", "walked_at",
    "page_owner", "page_until", "walk_owner", "walk_until",
})  # fmt: skip


def pointer_key(listing: Listing) -> dict[str, str]:
    return {"pk": f"listing#{listing.key}", "sk": "pointer"}


def walk_key(listing: Listing, snapshot: str) -> dict[str, str]:
    return {"pk": f"listing#{listing.key}", "sk": f"snapshot#{snapshot}"}


def pin_key(listing: Listing, walker: str) -> dict[str, str]:
    return {"pk": f"listing#{listing.key}", "sk": f"pin#{walker}"}


def busy_key(listing: Listing) -> dict[str, str]:
    return {"pk": BUSY, "sk": f"{listing.account.district_id}#{listing.key}"}


def pointer_life(now: datetime) -> dict[str, Value]:
    """What every write of a pointer sets anew."""
    return {"schema": STORE_SCHEMA, "ttl": ttl(now + LONGEST_USE + SWEEP_MARGIN)}


def empty_pointer_item(listing: Listing, now: datetime) -> Item:
    return {**pointer_key(listing), **pointer_life(now)}


def pointer_of(item: StoredItem, now: datetime) -> Pointer:
    """Raises BrokenItemError, for what no later snapshot could follow too."""
    check_schema(item)
    # An attribute that we do not know may change what the others mean.
    if not set(item) <= _POINTER:
        raise BrokenItemError
    snapshot = read_text(item, "snapshot") if "snapshot" in item else None
    fence = read_number(item, "fence") if "fence" in item else 0
    if fence >= _FENCES or (snapshot is not None and not _SNAPSHOT.fullmatch(snapshot)):
        raise BrokenItemError
    return Pointer(
        snapshot=snapshot,
        fence=fence,
        page=_lease(item, Slot.PAGE, now),
        walk=_lease(item, Slot.WALK, now),
        stale_since=_optional_time(item, "stale_since"),
        asked_at=_noted(item, "asked_at", now),
        walked_at=_noted(item, "walked_at", now),
    )


def walk_item(listing: Listing, walk: Walk) -> dict[str, Value]:
    item: dict[str, Value] = {
        **walk_key(listing, walk.snapshot),
        "schema": STORE_SCHEMA,
        "state": walk.state.value,
        "check": walk.check.value,
        "total_pages": walk.total_pages,
        "digests": " ".join(walk.digests),
        "whole": "" if walk.whole is None else str(walk.whole),
        "read_from": stamp(walk.read_from),
        "expires_at": stamp(walk.expires_at),
        "confirmed": walk.confirmed,
        "step": walk.step,
        "pages_in": walk.pages_in,
        "earlier": " ".join(walk.earlier),
        "quiet": walk.quiet,
        "fault": walk.fault,
        "faulted_at": stamp(walk.faulted_at) if walk.faulted_at else "",
        "ttl": ttl(walk.read_from + LONGEST_USE + SWEEP_MARGIN),
    }
    return item


def walk_of(listing: Listing, snapshot: str, item: StoredItem, now: datetime) -> Walk:
    """Raises BrokenItemError, for one that says it is complete before its end too."""
    check_schema(item)
    whole, faulted_at = read_text(item, "whole"), read_text(item, "faulted_at")
    try:
        walk = Walk(
            snapshot=snapshot,
            state=State(read_text(item, "state")),
            check=Check(read_text(item, "check")),
            total_pages=read_number(item, "total_pages"),
            digests=tuple(read_text(item, "digests").split()),
            whole=int(whole) if whole else None,
            read_from=read_time(item, "read_from"),
            expires_at=read_time(item, "expires_at"),
            confirmed=read_number(item, "confirmed"),
            step=read_number(item, "step"),
            pages_in=read_text(item, "pages_in"),
            earlier=tuple(read_text(item, "earlier").split()),
            quiet=item.get("quiet") is True,
            fault=read_text(item, "fault"),
            faulted_at=read_time(item, "faulted_at") if faulted_at else None,
        )
    except ValueError as unknown:
        raise BrokenItemError from unknown
    sized = 1 <= len(walk.digests) <= max(1, walk.total_pages) <= MAX_PAGES
    ended = walk.state is not State.COMPLETE or bool(walk.pages_in) or isinstance(walk.next_step(), Finish)
    lasts = walk.expires_at - walk.read_from <= LONGEST_USE + KEPT_AFTER_USE
    if not (sized and ended and lasts) or ahead(walk.read_from, now):
        raise BrokenItemError
    check_names(item, walk_item(listing, walk))
    return walk


def unreadable_walk(snapshot: str, now: datetime) -> Walk:
    """In place of a walk's broken item: nothing vouches for its pages any more."""
    return Walk(snapshot, State.BROKEN, Check.VERIFIED, 1, ("",), None, now, now)


def pin_item(listing: Listing, walker: str, snapshot: str, now: datetime) -> Item:
    return {**pin_key(listing, walker), **pointer_life(now), "snapshot": snapshot}


def pinned(item: StoredItem) -> str:
    """Raises BrokenItemError."""
    check_schema(item)
    check_names(item, {"pk", "sk", "schema", "ttl", "snapshot"})
    return read_text(item, "snapshot")


def busy_facts(listing: Listing, now: datetime) -> dict[str, Value]:
    life = pointer_life(now)
    return {**life, "query": listing.query.canonical(), "epoch": listing.account.epoch}


def busy_of(account: Account, item: StoredItem) -> Busy | None:
    """None for what is broken, or of another account of the district: its key says so."""
    try:
        check_schema(item)
        listing = Listing(account, IncidentQuery.parse(read_text(item, "query")).upstream)
        if read_text(item, "sk") != busy_key(listing)["sk"]:
            return None
        return Busy(listing, read_time(item, "asked_at"), _optional_time(item, "walked_at"))
    except (BrokenItemError, RequestError):
        return None


def _lease(item: StoredItem, slot: Slot, now: datetime) -> Lease | None:
    if f"{slot}_owner" not in item:
        return None
    lease = Lease(read_text(item, f"{slot}_owner"), read_time(item, f"{slot}_until"))
    return None if ahead(lease.until, now) else lease


def _noted(item: StoredItem, name: str, now: datetime) -> datetime | None:
    moment = _optional_time(item, name)
    return None if moment is None or ahead(moment, now) else moment


def _optional_time(item: StoredItem, name: str) -> datetime | None:
    return read_time(item, name) if name in item else None
