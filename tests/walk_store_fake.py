"""The mutable items of a listing, and how an account fares, in memory.

Rule: they pass the same contract tests as the real ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hallpass.domain.health import Health
from hallpass.domain.leases import LEASE_FOR, Busy, Granted, Held, Lease, Pointer, Slot, Turn, Unknown, next_fence
from hallpass.domain.listing import Account, Listing
from hallpass.domain.walk import Walk
from hallpass.ports import Clock


@dataclass(slots=True)
class MemoryWalkStore:
    """`WalkStore`. `unreachable`: it does not say, and takes nothing. `calls`: how often each method was called."""

    clock: Clock
    unreachable: bool = False
    pins_fail: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    pointers: dict[str, Pointer] = field(default_factory=dict)
    walks: dict[tuple[str, str], Walk] = field(default_factory=dict)
    pins: dict[tuple[str, str], str] = field(default_factory=dict)
    _busy: dict[str, Busy] = field(default_factory=dict)

    def within(self, seconds_left: Callable[[], float]) -> MemoryWalkStore:
        return self

    def _pointer(self, listing: Listing) -> Pointer:
        return self.pointers.get(listing.key, Pointer())

    def pointer(self, listing: Listing) -> Pointer | None:
        self.calls["pointer"] += 1
        return None if self.unreachable else self._pointer(listing)

    def take(self, listing: Listing, slot: Slot, seen: Pointer, owner: str) -> Turn:
        self.calls["take"] += 1
        if self.unreachable:
            return Unknown()
        now, there = self.clock.now(), self._pointer(listing)
        fence = next_fence(seen.fence, now)
        published = slot is Slot.PAGE and there.snapshot != seen.snapshot
        lease = there.lease(slot)
        again = there.fence == fence and lease is not None and lease.owner == owner
        if there.taken(slot, owner, now) or (there.fence >= fence and not again) or published:
            return Held()
        self._put(listing, slot, Lease(owner, now + LEASE_FOR), replace(there, fence=fence))
        return Granted(owner, fence)

    def publish(self, listing: Listing, slot: Slot, turn: Granted, snapshot: str) -> bool:
        self.calls["publish"] += 1
        there = self._pointer(listing)
        lease = there.lease(slot)
        if self.unreachable or lease is None or lease.owner != turn.owner or (there.snapshot or "") >= snapshot:
            return False
        self._put(listing, slot, lease if slot is Slot.WALK else None, replace(there, snapshot=snapshot))
        return True

    def release(self, listing: Listing, slot: Slot, owner: str) -> None:
        self.calls["release"] += 1
        there = self._pointer(listing)
        lease = there.lease(slot)
        if not self.unreachable and lease is not None and lease.owner == owner:
            self._put(listing, slot, None, there)

    def withdraw(self, listing: Listing, snapshot: str) -> None:
        self.calls["withdraw"] += 1
        there = self._pointer(listing)
        if not self.unreachable and there.snapshot == snapshot:
            self.pointers[listing.key] = replace(there, snapshot=None)

    def note_use(self, listing: Listing, seen: Pointer, *, walked: bool) -> None:
        now = self.clock.now()
        if self.unreachable or not seen.use_due(now, walked=walked):
            return
        self.calls["note_use"] += 1
        there, known = self._pointer(listing), self._busy.get(listing.key)
        walked_at = now if walked else known.walked_at if known else None
        self.pointers[listing.key] = replace(there, asked_at=now, walked_at=now if walked else there.walked_at)
        self._busy[listing.key] = Busy(listing, now, walked_at)

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None:
        self.calls["find_walk"] += 1
        return None if self.unreachable else self.walks.get((listing.key, snapshot))

    def save_walk(self, listing: Listing, walk: Walk) -> bool:
        self.calls["save_walk"] += 1
        key = listing.key, walk.snapshot
        there = self.walks.get(key)
        if self.unreachable or walk.step != (there.step + 1 if there else 0):
            return False
        self.walks[key] = walk
        return True

    def pin(self, listing: Listing, walker: str) -> str | None:
        self.calls["pin"] += 1
        return None if self.unreachable else self.pins.get((listing.key, walker), "")

    def save_pin(self, listing: Listing, walker: str, snapshot: str) -> bool:
        self.calls["save_pin"] += 1
        if self.unreachable or self.pins_fail:
            return False
        self.pins[listing.key, walker] = snapshot
        return True

    def busy(self, account: Account) -> Sequence[Busy]:
        return [] if self.unreachable else [busy for busy in self._busy.values() if busy.listing.account == account]

    def _put(self, listing: Listing, slot: Slot, lease: Lease | None, pointer: Pointer) -> None:
        changed = replace(pointer, page=lease) if slot is Slot.PAGE else replace(pointer, walk=lease)
        self.pointers[listing.key] = changed


@dataclass(slots=True)
class MemoryAccountStore:
    """`AccountStore`. `unreachable`: it does not say."""

    unreachable: bool = False
    kept: dict[tuple[str, int], Health] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def within(self, seconds_left: Callable[[], float]) -> MemoryAccountStore:
        return self

    def health(self, account: Account) -> Health | None:
        self.calls["health"] += 1
        return None if self.unreachable else self._of(account)

    def note_refusal(self, account: Account, at: datetime) -> None:
        self._change(account, replace(self._of(account), refused_at=at))

    def note_fault(
        self, account: Account, fault: str, at: datetime, rest_until: datetime | None, listing: str = ""
    ) -> None:
        there = self._of(account)
        rests = rest_until or there.rest_until
        self._change(account, Health(there.refused_at, there.faults + 1, fault, at, rests, None, there.seats, listing))

    def note_success(self, account: Account) -> None:
        self._change(account, replace(self._of(account), faults=0, probe_until=None))

    def take_probe(self, account: Account, faults: int, until: datetime, now: datetime) -> bool:
        there = self._of(account)
        free = there.probe_until is None or there.probe_until <= now
        if self.unreachable or there.faults != faults or not free:
            return False
        self._change(account, replace(there, probe_until=until))
        return True

    def take_seat(self, account: Account, seat: int, until: datetime, now: datetime) -> bool | None:
        if self.unreachable:
            return None
        there = self._of(account)
        if seat not in there.free_seats(now):
            return False
        self._change(account, replace(there, seats={**there.seats, seat: until}))
        return True

    def leave_seat(self, account: Account, seat: int) -> None:
        there = self._of(account)
        self._change(account, replace(there, seats={kept: at for kept, at in there.seats.items() if kept != seat}))

    def _of(self, account: Account) -> Health:
        return self.kept.get((account.district_id, account.epoch), Health())

    def _change(self, account: Account, health: Health) -> None:
        if not self.unreachable:
            self.kept[account.district_id, account.epoch] = health
