"""Turns: who has one, until when, and that a later one has the greater fence and the greater snapshot id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.leases import LEASE_FOR, NOTED_EVERY, Granted, Lease, Pointer, Slot, next_fence
from hallpass.services.deadline import ANSWER_WITHIN_SECONDS
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HEX = st.text("0123456789abcdef", min_size=8, max_size=8)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # with zone


def held_until(until: datetime, slot: Slot = Slot.PAGE, owner: str = "ann") -> Pointer:
    lease = Lease(owner, until)
    return Pointer(page=lease) if slot is Slot.PAGE else Pointer(walk=lease)


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize(
    ("until", "who", "taken"),
    [
        pytest.param(NOW + INSTANT, "bob", True, id="another's, while it lasts"),
        pytest.param(NOW, "bob", False, id="another's, at its end"),
        pytest.param(NOW - INSTANT, "bob", False, id="another's, after its end"),
        pytest.param(NOW + INSTANT, "ann", False, id="one's own"),
    ],
)
def test_a_turn_is_somebody_elses_until_its_end(slot: Slot, until: datetime, who: str, taken: bool) -> None:
    pointer = held_until(until, slot)
    assert pointer.taken(slot, who, NOW) is taken
    other = Slot.WALK if slot is Slot.PAGE else Slot.PAGE
    assert not pointer.taken(other, who, NOW), "a turn is for one thing"


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize(
    ("pointer", "owned"),
    [
        pytest.param(Pointer(), False, id="given back"),
        pytest.param(Pointer(page=Lease("ann", NOW), walk=Lease("ann", NOW)), True, id="over, and nobody took it"),
        pytest.param(Pointer(page=Lease("bob", NOW), walk=Lease("bob", NOW)), False, id="taken by another"),
    ],
)
def test_a_turn_is_ones_own_until_it_was_given_back_or_taken(slot: Slot, pointer: Pointer, owned: bool) -> None:
    assert pointer.owned(slot, "ann") is owned


def test_a_free_listing_is_nobodys() -> None:
    assert not any(Pointer().taken(slot, "bob", NOW) for slot in Slot)
    assert Pointer().lease(Slot.PAGE) is None


def test_a_lease_outlasts_a_request() -> None:
    assert timedelta(seconds=ANSWER_WITHIN_SECONDS) < LEASE_FOR


@pytest.mark.parametrize("walked", [False, True])
@pytest.mark.parametrize(
    ("ago", "due"),
    [
        pytest.param(None, True, id="never noted"),
        pytest.param(NOTED_EVERY, True, id="noted long ago"),
        pytest.param(NOTED_EVERY - INSTANT, False, id="noted a moment ago"),
    ],
)
def test_a_use_is_noted_once_in_a_while(walked: bool, ago: timedelta | None, due: bool) -> None:
    noted = None if ago is None else NOW - ago
    pointer = Pointer(walked_at=noted) if walked else Pointer(asked_at=noted)
    assert pointer.use_due(NOW, walked=walked) is due
    assert pointer.use_due(NOW, walked=not walked), "the two are apart"


@given(st.integers(0, 2**52), MOMENTS)
def test_a_later_fence_is_the_greater_whatever_the_clock_says(seen: int, now: datetime) -> None:
    assert next_fence(seen, now) > seen


@given(MOMENTS, MOMENTS)
def test_a_count_that_was_lost_is_not_begun_anew(before: datetime, after: datetime) -> None:
    before, after = sorted((before, after))
    lost = next_fence(0, after)
    assert lost >= next_fence(0, before)
    assert lost == (after - datetime(1970, 1, 1, tzinfo=UTC)) // INSTANT


@given(st.integers(0, 16**14 - 2), st.integers(1, 1000), HEX, HEX)
def test_snapshot_ids_are_in_the_order_of_their_turns(fence: int, more: int, one: str, other: str) -> None:
    later = min(fence + more, 16**14 - 1)
    assert Granted("ann", fence).snapshot(one) < Granted("bob", later).snapshot(other)
