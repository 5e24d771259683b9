"""Fake and real store are told the same, by the same clock, in any order: they give the same answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from hallpass.domain.health import FAULTS_IN_A_ROW
from hallpass.domain.leases import LEASE_FOR, Granted, Pointer, Slot, Turn
from hallpass.domain.listing import Listing, UpstreamQuery
from hallpass.page_ports import AccountStore, WalkStore
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.fakes import SetClock
from tests.store.conftest import Bench, Table, stand_in
from tests.store.material import ACCOUNT, LISTING, a_walk
from tests.store.wire import Wire
from tests.vendor_fakes import CountedTelemetry
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

T = TypeVar("T")
QUERIES = st.sampled_from([LISTING.query, UpstreamQuery(deleted=True)])
OWNERS = st.sampled_from(["000000aa", "000000bb", "000000cc"])
SLOTS = st.sampled_from(list(Slot))
WAITS = st.sampled_from(
    [timedelta(seconds=1), timedelta(seconds=30), LEASE_FOR, timedelta(minutes=5), timedelta(minutes=-5)]
)
_EPOCHS = itertools.count(1)
_TABLES: list[Table] = []


@pytest.fixture(scope="module", autouse=True)
def one_table() -> Iterator[None]:
    """For all machines: to make one takes longer than a machine runs."""
    with stand_in(None) as table:
        _TABLES.append(table)
        yield
        _TABLES.clear()


class Both(RuleBasedStateMachine):
    """One clock, an account of its own in a real table, and the fakes."""

    def __init__(self) -> None:
        super().__init__()
        (table,) = _TABLES
        self.clock = SetClock()
        self.latest = self.clock.at
        self.account = replace(ACCOUNT, epoch=next(_EPOCHS))
        self.real = Bench(table, self.clock, CountedTelemetry(), Wire(table.client))

    @rule(by=WAITS)
    def wait(self, by: timedelta) -> None:
        # No clock goes back further than clocks differ.
        if self.clock.at + by >= self.latest - timedelta(minutes=5):
            self.clock.move(by)
        self.latest = max(self.latest, self.clock.at)

    @invariant()
    def nothing_was_out_of_reach_or_broken(self) -> None:
        assert self.real.telemetry.counts == {}


class SameWalks(Both):
    """`seen`: pointers that were read, which may be old by now; `turns`: that were given, which may be over."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = MemoryWalkStore(self.clock)
        self.seen: dict[Listing, Pointer] = {}
        self.turns: list[Granted] = [Granted("000000aa", 1)]

    def same(self, call: Callable[[WalkStore], T]) -> T:
        fake, real = call(self.fake), call(self.real.walks)
        assert fake == real
        return fake

    @rule(query=QUERIES)
    def look(self, query: UpstreamQuery) -> None:
        listing = Listing(self.account, query)
        self.seen[listing] = self.same(lambda walks: walks.pointer(listing)) or Pointer()

    @rule(query=QUERIES, slot=SLOTS, owner=OWNERS, fresh=st.booleans())
    def take(self, query: UpstreamQuery, slot: Slot, owner: str, fresh: bool) -> None:
        listing = Listing(self.account, query)
        if fresh:
            self.look(query)
        seen = self.seen.get(listing, Pointer())
        turn: Turn = self.same(lambda walks: walks.take(listing, slot, seen, owner))
        if isinstance(turn, Granted):
            self.turns.append(turn)

    @rule(query=QUERIES, slot=SLOTS, data=st.data())
    def publish(self, query: UpstreamQuery, slot: Slot, data: st.DataObject) -> None:
        listing = Listing(self.account, query)
        turn = data.draw(st.sampled_from(self.turns[-3:]))
        before = self.fake._pointer(listing).snapshot
        if self.same(lambda walks: walks.publish(listing, slot, turn, turn.snapshot("00000000"))):
            assert before is None or before < turn.snapshot("00000000")

    @rule(query=QUERIES, slot=SLOTS, owner=OWNERS)
    def release(self, query: UpstreamQuery, slot: Slot, owner: str) -> None:
        listing = Listing(self.account, query)
        self.same(lambda walks: walks.release(listing, slot, owner))

    @rule(query=QUERIES, data=st.data())
    def withdraw(self, query: UpstreamQuery, data: st.DataObject) -> None:
        listing = Listing(self.account, query)
        turn = data.draw(st.sampled_from(self.turns[-3:]))
        self.same(lambda walks: walks.withdraw(listing, turn.snapshot("00000000")))

    @rule(query=QUERIES, walked=st.booleans())
    def note_use(self, query: UpstreamQuery, walked: bool) -> None:
        listing = Listing(self.account, query)
        seen = self.seen.get(listing, Pointer())
        self.same(lambda walks: walks.note_use(listing, seen, walked=walked))

    @rule(query=QUERIES, step=st.integers(0, 3), confirmed=st.integers(0, 1))
    def save_walk(self, query: UpstreamQuery, step: int, confirmed: int) -> None:
        listing = Listing(self.account, query)
        walk = a_walk(step=step, confirmed=confirmed)
        self.same(lambda walks: walks.save_walk(listing, walk))

    @rule(query=QUERIES, walker=OWNERS)
    def pin(self, query: UpstreamQuery, walker: str) -> None:
        listing = Listing(self.account, query)
        self.same(lambda walks: walks.save_pin(listing, walker, self.turns[-1].snapshot("00000000")))

    @rule(query=QUERIES, walker=OWNERS)
    def compare(self, query: UpstreamQuery, walker: str) -> None:
        listing = Listing(self.account, query)
        self.same(lambda walks: walks.find_walk(listing, a_walk().snapshot))
        self.same(lambda walks: walks.pin(listing, walker))
        self.same(lambda walks: sorted(walks.busy(self.account), key=lambda busy: busy.listing.key))

    def teardown(self) -> None:
        for listing in list(self.seen):
            self.look(listing.query)


class SameAccounts(Both):
    def __init__(self) -> None:
        super().__init__()
        self.fake = MemoryAccountStore()

    def same(self, call: Callable[[AccountStore], T]) -> T:
        fake, real = call(self.fake), call(self.real.accounts)
        assert fake == real
        return fake

    @rule(rests=st.booleans())
    def fault(self, rests: bool) -> None:
        now = self.clock.now()
        self.same(
            lambda accounts: accounts.note_fault(self.account, "invented", now, now + LEASE_FOR if rests else None)
        )

    @rule()
    def success(self) -> None:
        self.same(lambda accounts: accounts.note_success(self.account))

    @rule()
    def refusal(self) -> None:
        self.same(lambda accounts: accounts.note_refusal(self.account, self.clock.now()))

    @rule(faults=st.integers(1, FAULTS_IN_A_ROW + 1))
    def probe(self, faults: int) -> None:
        now = self.clock.now()
        self.same(lambda accounts: accounts.take_probe(self.account, faults, now + LEASE_FOR, now))

    @rule(seat=st.integers(0, 2))
    def sit(self, seat: int) -> None:
        now = self.clock.now()
        self.same(lambda accounts: accounts.take_seat(self.account, seat, now + LEASE_FOR, now))

    @rule(seat=st.integers(0, 2))
    def leave(self, seat: int) -> None:
        self.same(lambda accounts: accounts.leave_seat(self.account, seat))

    @invariant()
    def they_say_the_same(self) -> None:
        self.same(lambda accounts: accounts.health(self.account))


TestSameWalks, TestSameAccounts = SameWalks.TestCase, SameAccounts.TestCase
TestSameWalks.settings = settings(max_examples=settings().max_examples // 10, stateful_step_count=30)
TestSameAccounts.settings = settings(max_examples=settings().max_examples // 20, stateful_step_count=25)
