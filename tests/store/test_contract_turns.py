"""What every WalkStore does with turns: the fake, and the real one over two stand-ins of the table."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hallpass.domain.leases import LEASE_FOR, Granted, Held, Pointer, Slot, Turn
from hallpass.domain.listing import Listing, UpstreamQuery
from hallpass.page_ports import WalkStore

from tests.fakes import SetClock
from tests.store.material import ACCOUNT, FIRST, LISTING, NOW

MINE, THEIRS = "000000aa", "000000bb"
OTHER = Listing(ACCOUNT, UpstreamQuery(deleted=True))
SLOTS = pytest.mark.parametrize("slot", list(Slot))


def seen(walks: WalkStore, listing: Listing = LISTING) -> Pointer:
    pointer = walks.pointer(listing)
    assert pointer is not None
    return pointer


def take(walks: WalkStore, owner: str, slot: Slot = Slot.PAGE) -> Turn:
    return walks.take(LISTING, slot, seen(walks), owner)


def granted(walks: WalkStore, owner: str, slot: Slot = Slot.PAGE) -> Granted:
    turn = take(walks, owner, slot)
    assert isinstance(turn, Granted)
    return turn


def test_of_a_listing_never_seen_nothing_is_known(walks: WalkStore) -> None:
    assert walks.pointer(LISTING) == Pointer()
    assert walks.find_walk(LISTING, FIRST) is None
    assert walks.pin(LISTING, "walker") == ""
    assert list(walks.busy(ACCOUNT)) == []


@SLOTS
def test_a_turn_is_one_owners(walks: WalkStore, slot: Slot) -> None:
    mine = granted(walks, MINE, slot)
    assert mine.owner == MINE
    assert take(walks, THEIRS, slot) == Held()
    lease = seen(walks).lease(slot)
    assert lease is not None
    assert (lease.owner, lease.until) == (MINE, NOW + LEASE_FOR)
    assert seen(walks).fence == mine.fence


def test_the_two_turns_of_a_listing_and_those_of_two_listings_are_not_one(walks: WalkStore) -> None:
    page, walk = granted(walks, MINE, Slot.PAGE), granted(walks, THEIRS, Slot.WALK)
    assert page.fence < walk.fence
    assert isinstance(walks.take(OTHER, Slot.PAGE, seen(walks, OTHER), THEIRS), Granted)


@SLOTS
def test_its_owner_gets_it_again_with_a_greater_fence(walks: WalkStore, slot: Slot, clock: SetClock) -> None:
    first = granted(walks, MINE, slot)
    clock.move(timedelta(seconds=20))
    again = granted(walks, MINE, slot)
    assert again.fence > first.fence
    clock.move(LEASE_FOR - timedelta(seconds=1))
    assert take(walks, THEIRS, slot) == Held()


@pytest.mark.parametrize(
    ("waited", "theirs"),
    [(LEASE_FOR - timedelta(microseconds=1), False), (LEASE_FOR, True), (timedelta(days=1), True)],
    ids=["before its end", "at its end", "long after"],
)
@SLOTS
def test_a_turn_ends_by_the_clock(
    walks: WalkStore, clock: SetClock, slot: Slot, waited: timedelta, theirs: bool
) -> None:
    mine = granted(walks, MINE, slot)
    clock.move(waited)
    turn = take(walks, THEIRS, slot)
    assert isinstance(turn, Granted) is theirs
    assert not isinstance(turn, Granted) or turn.fence > mine.fence


def test_of_two_who_saw_the_same_one_gets_the_turn(walks: WalkStore) -> None:
    before = seen(walks)
    assert isinstance(walks.take(LISTING, Slot.PAGE, before, MINE), Granted)
    assert walks.take(LISTING, Slot.PAGE, before, THEIRS) == Held()
    # Not even the other slot is given for a fence that was given.
    assert walks.take(LISTING, Slot.WALK, before, THEIRS) == Held()


def test_who_asks_twice_because_the_answer_was_lost_has_the_turn(walks: WalkStore) -> None:
    """As the client does: the same call once more, at the same time."""
    before = seen(walks)
    first = walks.take(LISTING, Slot.PAGE, before, MINE)
    assert isinstance(first, Granted)
    assert walks.take(LISTING, Slot.PAGE, before, MINE) == first
    assert walks.take(LISTING, Slot.WALK, before, MINE) == Held()


def test_fences_go_up_although_the_clock_stands_or_goes_back(walks: WalkStore, clock: SetClock) -> None:
    fences = []
    for step in (0, 0, -300, 0, 300):
        clock.move(timedelta(seconds=step))
        fences.append(granted(walks, MINE).fence)
    assert fences == sorted(set(fences))


def test_a_published_snapshot_is_current_and_its_page_turn_is_given_back(walks: WalkStore) -> None:
    turn = granted(walks, MINE)
    assert walks.publish(LISTING, Slot.PAGE, turn, turn.snapshot("00000000"))
    assert seen(walks).snapshot == turn.snapshot("00000000")
    assert seen(walks).page is None
    assert isinstance(take(walks, THEIRS), Granted)


def test_a_walk_turn_is_kept_when_it_publishes(walks: WalkStore) -> None:
    turn = granted(walks, MINE, Slot.WALK)
    assert walks.publish(LISTING, Slot.WALK, turn, turn.snapshot("00000000"))
    assert take(walks, THEIRS, Slot.WALK) == Held()


@SLOTS
def test_who_has_no_turn_publishes_nothing(walks: WalkStore, slot: Slot) -> None:
    assert not walks.publish(LISTING, slot, Granted(MINE, 1), FIRST)
    turn = granted(walks, MINE, slot)
    other = next(each for each in Slot if each is not slot)
    assert not walks.publish(LISTING, slot, Granted(THEIRS, turn.fence), turn.snapshot("00000000"))
    assert not walks.publish(LISTING, other, turn, turn.snapshot("00000000"))
    assert seen(walks).snapshot is None


@SLOTS
def test_what_an_earlier_owner_does_late_is_refused(walks: WalkStore, clock: SetClock, slot: Slot) -> None:
    slow = granted(walks, MINE, slot)
    clock.move(LEASE_FOR)
    turn = granted(walks, THEIRS, slot)
    assert not walks.publish(LISTING, slot, slow, slow.snapshot("00000000"))
    walks.release(LISTING, slot, MINE)
    lease = seen(walks).lease(slot)
    assert lease is not None
    assert lease.owner == THEIRS
    assert walks.publish(LISTING, slot, turn, turn.snapshot("00000000"))
    assert not walks.publish(LISTING, slot, slow, slow.snapshot("00000000"))
    assert seen(walks).snapshot == turn.snapshot("00000000")


def test_older_data_that_is_published_later_does_not_come_back(walks: WalkStore) -> None:
    """D-17: each has its turn, and the one that got it first is done last."""
    slow, fast = granted(walks, MINE, Slot.WALK), granted(walks, THEIRS, Slot.PAGE)
    assert walks.publish(LISTING, Slot.PAGE, fast, fast.snapshot("00000000"))
    assert not walks.publish(LISTING, Slot.WALK, slow, slow.snapshot("ffffffff"))
    assert seen(walks).snapshot == fast.snapshot("00000000")


def test_a_snapshot_is_published_once(walks: WalkStore) -> None:
    turn = granted(walks, MINE, Slot.WALK)
    assert [walks.publish(LISTING, Slot.WALK, turn, turn.snapshot("00000000")) for _ in range(2)] == [True, False]


@SLOTS
def test_a_turn_that_was_given_back_is_anybodys(walks: WalkStore, slot: Slot) -> None:
    mine = granted(walks, MINE, slot)
    walks.release(LISTING, slot, MINE)
    assert seen(walks).lease(slot) is None
    assert not walks.publish(LISTING, slot, mine, mine.snapshot("00000000"))
    assert granted(walks, THEIRS, slot).fence > mine.fence


def test_giving_back_what_one_does_not_have_changes_nothing(walks: WalkStore) -> None:
    walks.release(LISTING, Slot.PAGE, MINE)
    assert seen(walks) == Pointer()
    granted(walks, THEIRS)
    before = seen(walks)
    walks.release(LISTING, Slot.PAGE, MINE)
    walks.release(LISTING, Slot.WALK, THEIRS)
    assert seen(walks) == before


def test_only_the_current_snapshot_is_withdrawn(walks: WalkStore) -> None:
    walks.withdraw(LISTING, FIRST)
    assert seen(walks) == Pointer()
    turn = granted(walks, MINE)
    walks.publish(LISTING, Slot.PAGE, turn, turn.snapshot("00000000"))
    walks.withdraw(LISTING, FIRST)
    assert seen(walks).snapshot == turn.snapshot("00000000")
    walks.withdraw(LISTING, turn.snapshot("00000000"))
    assert seen(walks).snapshot is None
    assert seen(walks).fence == turn.fence
