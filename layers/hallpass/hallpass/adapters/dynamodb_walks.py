"""Pointers, turns, walks and pins on the pages table: the mutable items of a listing.

Rule: every read is consistent and every write that another's must not undo is conditional.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from hallpass.adapters import walk_items
from hallpass.adapters.page_items import FURTHEST_AHEAD, BrokenItemError, Value, stamp
from hallpass.adapters.pages_table import PagesTable
from hallpass.domain.leases import LEASE_FOR, Busy, Granted, Held, Pointer, Slot, Turn, Unknown, next_fence
from hallpass.domain.listing import Account, Listing
from hallpass.domain.walk import Walk


class DynamoDbWalkStore:
    """`WalkStore` over the pages table."""

    def __init__(self, table: PagesTable) -> None:
        self._table = table

    def within(self, seconds_left: Callable[[], float]) -> DynamoDbWalkStore:
        return DynamoDbWalkStore(self._table.within(seconds_left))

    def pointer(self, listing: Listing) -> Pointer | None:
        return self._table.or_miss(lambda: self._pointer(listing), None)

    def take(self, listing: Listing, slot: Slot, seen: Pointer, owner: str) -> Turn:
        now = self._table.clock.now()
        fence = next_fence(seen.fence, now)
        free = (
            f"(NOT attribute_type(#{slot}_owner, :text) OR NOT attribute_type(#{slot}_until, :text)"
            f" OR #{slot}_owner = :me OR #{slot}_until <= :now OR #{slot}_until > :ahead)"
        )
        # The client asks twice when an answer is lost: the second time the turn is its own.
        later = f"(NOT attribute_type(#fence, :number) OR #fence < :fence OR (#fence = :fence AND #{slot}_owner = :me))"
        condition, furthest = f"{free} AND {later}", stamp(now + FURTHEST_AHEAD)
        values: dict[str, Value] = {":me": owner, ":now": stamp(now), ":ahead": furthest, ":fence": fence}
        if slot is Slot.PAGE and seen.snapshot is None:
            condition += " AND NOT attribute_type(#snapshot, :text)"
        elif slot is Slot.PAGE and seen.snapshot is not None:
            condition, values[":seen"] = f"{condition} AND #snapshot = :seen", seen.snapshot
        sets: dict[str, Value] = {f"{slot}_owner": owner, f"{slot}_until": stamp(now + LEASE_FOR), "fence": fence}

        took = self._table.or_miss(lambda: self._update(listing, now, sets, condition=condition, values=values), None)
        if took is None:
            return Unknown()
        return Granted(owner, fence) if took else Held()

    def publish(self, listing: Listing, slot: Slot, turn: Granted, snapshot: str) -> bool:
        # Snapshot ids begin with the fence: older data that is written later does not come back.
        newer = "(NOT attribute_type(#snapshot, :text) OR #snapshot < :mine)"
        condition, values = f"#{slot}_owner = :me AND {newer}", {":me": turn.owner, ":mine": snapshot}
        given_back = [f"{slot}_owner", f"{slot}_until"] if slot is Slot.PAGE else []

        def publish() -> bool:
            now = self._table.clock.now()
            sets: dict[str, Value] = {"snapshot": snapshot}
            return self._update(listing, now, sets, removes=given_back, condition=condition, values=values)

        return self._table.or_miss(publish, False)

    def release(self, listing: Listing, slot: Slot, owner: str) -> None:
        def release() -> bool:
            now, removes = self._table.clock.now(), [f"{slot}_owner", f"{slot}_until"]
            condition, values = f"#{slot}_owner = :me", {":me": owner}
            return self._update(listing, now, {}, removes=removes, condition=condition, values=values)

        self._table.or_miss(release, False)

    def withdraw(self, listing: Listing, snapshot: str) -> None:
        def withdraw() -> bool:
            now, values = self._table.clock.now(), {":mine": snapshot}
            return self._update(listing, now, {}, removes=["snapshot"], condition="#snapshot = :mine", values=values)

        self._table.or_miss(withdraw, False)

    def note_use(self, listing: Listing, seen: Pointer, *, walked: bool) -> None:
        now = self._table.clock.now()
        if not seen.use_due(now, walked=walked):
            return
        times: dict[str, Value] = {"asked_at": stamp(now)}
        if walked:
            times["walked_at"] = stamp(now)

        def note() -> bool:
            self._update(listing, now, times)
            return self._table.update(walk_items.busy_key(listing), walk_items.busy_facts(listing, now) | times)

        self._table.or_miss(note, False)

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None:
        return self._table.or_miss(lambda: self._walk(listing, snapshot), None)

    def save_walk(self, listing: Listing, walk: Walk) -> bool:
        item = walk_items.walk_item(listing, walk)
        if walk.step == 0:
            return self._table.or_miss(lambda: self._table.put_if(item, "attribute_not_exists(pk)", {}), False)
        before = {":before": walk.step - 1}
        return self._table.or_miss(lambda: self._table.put_if(item, "#step = :before", before), False)

    def pin(self, listing: Listing, walker: str) -> str | None:
        def find() -> str | None:
            item = self._table.get(walk_items.pin_key(listing, walker), consistent=True)
            return walk_items.pinned(item) if item else ""

        return self._table.or_miss(find, None)

    def save_pin(self, listing: Listing, walker: str, snapshot: str) -> bool:
        def save() -> bool:
            self._table.put(walk_items.pin_item(listing, walker, snapshot, self._table.clock.now()))
            return True

        return self._table.or_miss(save, False)

    def busy(self, account: Account) -> Sequence[Busy]:
        return self._table.or_miss(lambda: self.read_busy(account), [])

    def read_busy(self, account: Account) -> list[Busy]:
        """As `busy`. Raises what `PagesTable.or_miss` hears."""
        items = self._table.query(walk_items.BUSY, f"{account.district_id}#")
        found = [walk_items.busy_of(account, item) for item in items]
        return [listing for listing in found if listing is not None]

    def _pointer(self, listing: Listing) -> Pointer:
        now = self._table.clock.now()
        item = self._table.get(walk_items.pointer_key(listing), consistent=True)
        try:
            return walk_items.pointer_of(item, now) if item else Pointer()
        except BrokenItemError:
            # It would stand in everybody's way: what it said is lost, and begun anew.
            self._table.note_broken()
            self._table.put(walk_items.empty_pointer_item(listing, now))
            return Pointer()

    def _walk(self, listing: Listing, snapshot: str) -> Walk | None:
        now = self._table.clock.now()
        item = self._table.get(walk_items.walk_key(listing, snapshot), consistent=True)
        try:
            return walk_items.walk_of(listing, snapshot, item, now) if item else None
        except BrokenItemError:
            self._table.note_broken()
            # Who begins again would else come back to it for as long as its page 1 is fresh.
            self.withdraw(listing, snapshot)
            return walk_items.unreadable_walk(snapshot, now)

    def _update(
        self,
        listing: Listing,
        now: datetime,
        sets: Mapping[str, Value],
        *,
        removes: Sequence[str] = (),
        condition: str = "",
        values: Mapping[str, Value] | None = None,
    ) -> bool:
        kept = dict(sets) | walk_items.pointer_life(now)
        key = walk_items.pointer_key(listing)
        return self._table.update(key, kept, removes=removes, condition=condition, values=values)
