"""What every WalkStore does with walks, pins and uses: the fake, and the real one over two stand-ins of the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.leases import NOTED_EVERY, Busy, Slot
from hallpass.domain.listing import Account
from hallpass.domain.walk import State, Walk
from hallpass.page_ports import WalkStore

from tests.fakes import SetClock
from tests.store.material import ACCOUNT, FIRST, LATER, LISTING, NOW, a_walk, later
from tests.store.test_contract_turns import MINE, OTHER, granted, seen

WALKS = [
    pytest.param({}, id="begun"),
    pytest.param({"whole": 7}, id="whose root says how many there are in all"),
    pytest.param({"total_pages": 3, "digests": ("a" * 64, "b" * 64)}, id="half read"),
    pytest.param({"state": State.BROKEN, "pages_in": LATER, "quiet": True}, id="given up for another"),
    pytest.param({"earlier": (FIRST, LATER), "fault": "upstream-error", "faulted_at": later(seconds=1)}, id="faulted"),
]


@pytest.mark.parametrize("changes", WALKS)
def test_a_walk_comes_back_as_it_was_saved(walks: WalkStore, changes: dict[str, Any]) -> None:
    walk = a_walk(**changes)
    assert walks.save_walk(LISTING, walk)
    assert walks.find_walk(LISTING, FIRST) == walk
    assert walks.find_walk(LISTING, LATER) is None
    assert walks.find_walk(OTHER, FIRST) is None


@pytest.mark.parametrize(
    ("stored", "step", "saved"),
    [
        pytest.param(None, 0, True, id="the first"),
        pytest.param(None, 1, False, id="the second without a first"),
        pytest.param(3, 4, True, id="the next"),
        pytest.param(3, 3, False, id="the same again"),
        pytest.param(3, 2, False, id="an earlier one"),
        pytest.param(3, 5, False, id="the one after the next"),
        pytest.param(3, 0, False, id="the first again"),
    ],
)
def test_a_walk_goes_one_step_at_a_time(walks: WalkStore, stored: int | None, step: int, saved: bool) -> None:
    before: Walk | None = None
    for number in range(0 if stored is None else stored + 1):
        before = a_walk(step=number)
        assert walks.save_walk(LISTING, before)
    after = a_walk(step=step, confirmed=1)
    assert walks.save_walk(LISTING, after) is saved
    assert walks.find_walk(LISTING, FIRST) == (after if saved else before)


def test_a_pin_is_one_walkers_on_one_listing_and_the_last_one_counts(walks: WalkStore) -> None:
    for snapshot in (LATER, FIRST):
        walks.save_pin(LISTING, "walker", snapshot)
    assert walks.pin(LISTING, "walker") == FIRST
    assert walks.pin(LISTING, "another") == ""
    assert walks.pin(OTHER, "walker") == ""


def test_use_is_noted_at_most_once_in_some_minutes(walks: WalkStore, clock: SetClock) -> None:
    noted = []
    for step in (timedelta(0), timedelta(seconds=1), NOTED_EVERY - timedelta(seconds=2), timedelta(seconds=1)):
        clock.move(step)
        walks.note_use(LISTING, seen(walks), walked=False)
        noted.append(seen(walks).asked_at)
    assert noted == [NOW, NOW, NOW, NOW + NOTED_EVERY]
    assert list(walks.busy(ACCOUNT)) == [Busy(LISTING, NOW + NOTED_EVERY, None)]


def test_a_walk_is_noted_beside_a_first_page(walks: WalkStore, clock: SetClock) -> None:
    walks.note_use(LISTING, seen(walks), walked=False)
    clock.move(timedelta(seconds=1))
    walks.note_use(LISTING, seen(walks), walked=True)
    assert (seen(walks).asked_at, seen(walks).walked_at) == (clock.now(), clock.now())
    walked_at = clock.now()
    clock.move(NOTED_EVERY)
    walks.note_use(LISTING, seen(walks), walked=False)
    assert list(walks.busy(ACCOUNT)) == [Busy(LISTING, clock.now(), walked_at)]


@pytest.mark.parametrize(
    "account",
    [
        pytest.param(replace(ACCOUNT, district_id="D2nd"), id="of another district"),
        pytest.param(replace(ACCOUNT, epoch=2), id="of an earlier epoch"),
        pytest.param(replace(ACCOUNT, origin="https://b.example"), id="of another upstream"),
    ],
)
def test_what_is_busy_is_one_accounts(walks: WalkStore, account: Account) -> None:
    other = replace(LISTING, account=account)
    walks.note_use(other, seen(walks, other), walked=True)
    assert list(walks.busy(ACCOUNT)) == []
    for listing in (LISTING, OTHER):
        walks.note_use(listing, seen(walks, listing), walked=True)
    found = sorted(walks.busy(ACCOUNT), key=lambda busy: busy.listing.key)
    assert found == sorted((Busy(listing, NOW, NOW) for listing in (LISTING, OTHER)), key=lambda busy: busy.listing.key)


def test_noting_use_leaves_turns_and_snapshot_alone(walks: WalkStore) -> None:
    turn = granted(walks, MINE, Slot.WALK)
    walks.publish(LISTING, Slot.WALK, turn, turn.snapshot("00000000"))
    before = seen(walks)
    walks.note_use(LISTING, before, walked=True)
    assert seen(walks) == replace(before, asked_at=NOW, walked_at=NOW)
