"""D-14: containers whose clocks differ by up to five minutes each way, over one table: nothing current goes back.

Turns end by clocks and so may be taken too early; the fence, which no clock sets back, decides who publishes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hallpass.domain.leases import LEASE_FOR, Granted, Pointer, Slot
from hallpass.domain.listing import Listing
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import SetClock
from tests.store.conftest import Bench, Table, stand_in
from tests.store.material import ACCOUNT, LISTING, arrive, upstream_body
from tests.store.wire import Wire
from tests.vendor_fakes import CountedTelemetry

SKEW = timedelta(minutes=5)
_EPOCHS = count(100)


class Container:
    """One that reads a listing whenever it has the turn. `owner`: of its turns."""

    def __init__(self, table: Table, owner: str, skew: timedelta, listing: Listing = LISTING) -> None:
        self.clock = SetClock()
        self.clock.move(skew)
        self.owner, self.listing = owner, listing
        self.bench = Bench(table, self.clock, CountedTelemetry(), Wire(table.client))
        self.turn: Granted | None = None

    def look(self) -> Pointer:
        pointer = self.bench.walks.pointer(self.listing)
        assert pointer is not None
        return pointer

    def take(self, slot: Slot = Slot.PAGE) -> bool:
        turn = self.bench.walks.take(self.listing, slot, self.look(), self.owner)
        self.turn = turn if isinstance(turn, Granted) else self.turn
        return isinstance(turn, Granted)

    def publish(self, slot: Slot = Slot.PAGE) -> str | None:
        """The snapshot, if it is current now."""
        if self.turn is None:
            return None
        snapshot = self.turn.snapshot(self.owner)
        return snapshot if self.bench.walks.publish(self.listing, slot, self.turn, snapshot) else None


@pytest.mark.parametrize("slot", list(Slot))
def test_a_turn_that_a_fast_clock_takes_over_makes_the_slow_owners_publish_refused(table: Table, slot: Slot) -> None:
    slow, fast = Container(table, "000000aa", -SKEW), Container(table, "000000bb", SKEW)
    assert slow.take(slot)
    # By its clock the turn was over minutes ago.
    assert fast.take(slot)
    assert slow.publish(slot) is None
    current = fast.publish(slot)
    assert current is not None
    assert slow.publish(slot) is None
    slow.bench.walks.release(LISTING, slot, slow.owner)
    assert slow.look().snapshot == current


def test_a_slow_clock_publishes_after_a_fast_one(table: Table) -> None:
    """Its turn is later although its time is earlier: the fence goes on from the other's."""
    slow, fast = Container(table, "000000aa", -SKEW), Container(table, "000000bb", SKEW)
    assert fast.take()
    first = fast.publish()
    assert slow.take()
    second = slow.publish()
    assert first is not None
    assert second is not None
    assert first < second == fast.look().snapshot


def test_a_fast_clock_that_dies_in_its_turn_holds_a_slow_one_up_for_as_long_as_they_differ(moto_table: Table) -> None:
    slow, fast = Container(moto_table, "000000aa", -SKEW), Container(moto_table, "000000bb", SKEW)
    assert fast.take()
    slow.clock.move(2 * SKEW + LEASE_FOR - timedelta(seconds=1))
    assert not slow.take()
    slow.clock.move(timedelta(seconds=1))
    assert slow.take()


@pytest.mark.parametrize("skews", [(-SKEW, SKEW), (SKEW, -SKEW)], ids=["read by a fast clock", "read by a slow clock"])
def test_what_one_container_writes_is_whole_to_another(table: Table, skews: tuple[timedelta, timedelta]) -> None:
    writer, reader = (Container(table, f"000000{number:02}", skew) for number, skew in enumerate(skews))
    assert writer.take()
    assert writer.turn is not None
    snapshot = writer.turn.snapshot(writer.owner)
    arrival = arrive(upstream_body(5), snapshot=snapshot, now=writer.clock.now())
    saved = writer.bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)
    assert saved == arrival.page
    assert writer.publish() == snapshot
    writer.bench.accounts.note_fault(ACCOUNT, "upstream-busy", writer.clock.now(), writer.clock.now() + SKEW)
    health = reader.bench.accounts.health(ACCOUNT)
    assert health is not None
    assert (health.faults, health.faulted_at) == (1, writer.clock.now())
    assert health.rest_until == writer.clock.now() + SKEW
    assert reader.look().snapshot == snapshot
    assert reader.bench.pages.find_page(LISTING, snapshot, 1) == arrival.page
    assert reader.bench.telemetry.counts == {}


def test_of_two_clocks_one_probes(table: Table) -> None:
    slow, fast = Container(table, "000000aa", -SKEW), Container(table, "000000bb", SKEW)
    for _ in range(3):
        slow.bench.accounts.note_fault(ACCOUNT, "upstream-error", slow.clock.now(), None)
    now = fast.clock.now()
    assert fast.bench.accounts.take_probe(ACCOUNT, 3, now + LEASE_FOR, now)
    now = slow.clock.now()
    assert not slow.bench.accounts.take_probe(ACCOUNT, 3, now + LEASE_FOR, now)


@pytest.fixture(scope="module")
def one_table() -> Iterator[Table]:
    with stand_in(None) as table:
        yield table


STEPS = st.tuples(
    st.integers(0, 2), st.sampled_from(["take", "publish", "release", "wait"]), st.sampled_from(list(Slot))
)


@settings(max_examples=settings().max_examples // 4)
@given(
    skews=st.lists(st.integers(-300, 300), min_size=3, max_size=3),
    steps=st.lists(STEPS, min_size=5, max_size=20),
)
def test_whatever_the_clocks_say_current_snapshots_only_go_forward(
    one_table: Table, skews: list[int], steps: list[tuple[int, str, Slot]]
) -> None:
    listing = Listing(replace(ACCOUNT, epoch=next(_EPOCHS)), LISTING.query)
    containers = [
        Container(one_table, f"{number:08}", timedelta(seconds=skew), listing) for number, skew in enumerate(skews)
    ]
    current: list[str] = []
    given_turns: list[tuple[str, Slot]] = []
    for who, what, slot in steps:
        container = containers[who]
        if what == "wait":
            for each in containers:
                each.clock.move(timedelta(seconds=20))
        elif what == "release":
            container.bench.walks.release(listing, slot, container.owner)
        elif what == "take" and container.take(slot):
            given_turns.append((container.owner, slot))
        elif what == "publish" and (snapshot := container.publish(slot)):
            current.append(snapshot)
            # Nobody was given the same turn since.
            assert [owner for owner, taken in given_turns if taken is slot][-1] == container.owner
    assert current == sorted(set(current))
    assert containers[0].look().snapshot == (current[-1] if current else None)
