"""Turns and health: the store in memory, and the real one over moto and MiniStack, decide alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.pages_table import PagesTable
from hallpass.domain.leases import LEASE_FOR, Granted, Held, Pointer, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.page_ports import AccountStore, WalkStore
from moto import mock_aws

from tests.fakes import SetClock
from tests.store.conftest import new_table
from tests.vendor_fakes import CountedTelemetry
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

LISTING = Listing(Account("D1st", "https://upstream.example", 1), UpstreamQuery())
Stores = tuple[WalkStore, AccountStore]


@pytest.fixture(params=["memory", "moto", "ministack"])
def stores(request: pytest.FixtureRequest, clock: SetClock) -> Iterator[Stores]:
    if request.param == "memory":
        yield MemoryWalkStore(clock), MemoryAccountStore()
    elif request.param == "ministack":
        yield _real(request.getfixturevalue("ministack"), clock)
    else:
        with mock_aws():
            yield _real(None, clock)


def _real(endpoint: str | None, clock: SetClock) -> Stores:
    table = new_table(endpoint)
    pages = PagesTable(table.client, table.name, clock, CountedTelemetry())
    return DynamoDbWalkStore(pages), DynamoDbAccountStore(pages)


def taken(walks: WalkStore, owner: str, seen: Pointer | None, slot: Slot = Slot.PAGE) -> Granted:
    assert seen is not None
    turn = walks.take(LISTING, slot, seen, owner)
    assert isinstance(turn, Granted)
    return turn


def test_nobody_takes_a_turn_to_read_what_was_published_since_he_looked(stores: Stores, clock: SetClock) -> None:
    walks, _ = stores
    seen = walks.pointer(LISTING)
    assert seen is not None
    turn = taken(walks, "ann", seen)
    assert walks.publish(LISTING, Slot.PAGE, turn, turn.snapshot("00000001"))
    clock.move(timedelta(seconds=1))
    assert walks.take(LISTING, Slot.PAGE, seen, "bob") == Held()
    again = walks.pointer(LISTING)
    second = taken(walks, "bob", again)
    assert walks.publish(LISTING, Slot.PAGE, second, second.snapshot("00000002"))
    clock.move(timedelta(seconds=1))
    assert again is not None
    assert walks.take(LISTING, Slot.PAGE, again, "cid") == Held()
    taken(walks, "cid", again, Slot.WALK)


def test_a_turn_that_is_over_is_the_next_ones_and_the_first_owner_publishes_no_more(
    stores: Stores, clock: SetClock
) -> None:
    walks, _ = stores
    first = taken(walks, "ann", walks.pointer(LISTING))
    assert walks.take(LISTING, Slot.PAGE, Pointer(), "bob") == Held()
    clock.move(LEASE_FOR)
    second = taken(walks, "bob", walks.pointer(LISTING))
    assert second.fence > first.fence
    assert not walks.publish(LISTING, Slot.PAGE, first, first.snapshot("00000001"))
    walks.release(LISTING, Slot.PAGE, "ann")
    assert walks.publish(LISTING, Slot.PAGE, second, second.snapshot("00000002"))
    pointer = walks.pointer(LISTING)
    assert pointer is not None
    assert (pointer.snapshot, pointer.page) == (second.snapshot("00000002"), None)


def test_a_success_ends_the_faults_but_not_the_rest_that_a_429_asked_for(stores: Stores, clock: SetClock) -> None:
    _, accounts = stores
    rests = clock.now() + timedelta(seconds=90)
    accounts.note_fault(LISTING.account, "upstream-busy", clock.now(), rests)
    accounts.note_success(LISTING.account)
    health = accounts.health(LISTING.account)
    assert health is not None
    assert (health.faults, health.rest_until, health.probe_until) == (0, rests, None)


def test_what_an_earlier_turn_read_does_not_become_current_after_a_later_ones(stores: Stores) -> None:
    walks, _ = stores
    earlier = taken(walks, "ann", walks.pointer(LISTING), Slot.WALK)
    later = taken(walks, "bob", walks.pointer(LISTING))
    assert walks.publish(LISTING, Slot.PAGE, later, later.snapshot("00000001"))
    assert not walks.publish(LISTING, Slot.WALK, earlier, earlier.snapshot("00000002"))
    pointer = walks.pointer(LISTING)
    assert pointer is not None
    assert pointer.snapshot == later.snapshot("00000001")


def test_who_looked_before_a_try_failed_or_succeeded_may_not_try(stores: Stores, clock: SetClock) -> None:
    _, accounts = stores
    account, now = LISTING.account, clock.now()
    for _ in range(3):
        accounts.note_fault(account, "upstream-error", now, None)
    until = now + timedelta(seconds=30)
    assert accounts.take_probe(account, 3, until, now)
    assert not accounts.take_probe(account, 3, until, now), "one at a time"
    accounts.note_fault(account, "upstream-error", now, None)
    assert not accounts.take_probe(account, 3, until, now)
    assert accounts.take_probe(account, 4, until, now)
    accounts.note_success(account)
    assert not accounts.take_probe(account, 4, until, now)
