"""Mutable items that do not say what they should: no answer, counted, and in nobody's way."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from hallpass.adapters import page_items, walk_items
from hallpass.adapters.page_items import BrokenItemError
from hallpass.domain.leases import Granted, Pointer, Slot
from hallpass.domain.listing import STORE_SCHEMA, Listing, UpstreamQuery
from hallpass.domain.walk import State, Walk
from hypothesis import given
from hypothesis import strategies as st

from tests.store.conftest import Bench
from tests.store.material import ACCOUNT, FIRST, LATER, LISTING, NOW, a_walk, later

MINE, THEIRS, WALKER = "000000aa", "000000bb", "D1stV001Tok1"
NEVER = "9999-12-31T00:00:00.000000+00:00"
OF_ANOTHER_RELEASE = [
    pytest.param({"schema": STORE_SCHEMA + 1}, id="D-20 of a newer schema"),
    pytest.param({"schema": STORE_SCHEMA - 1}, id="D-20 of an older schema"),
    pytest.param({"schema": str(STORE_SCHEMA)}, id="D-20 with its schema in text"),
    pytest.param({"schema": ...}, id="D-20 without a schema"),
]
UNKNOWN = pytest.param({"invented": "x"}, id="D-20 with an attribute nobody knows")
ODD: list[object] = [None, True, Decimal(-1), Decimal("1.5"), Binary(b"x"), [], {}, {"x"}, "", "invented", "٣"]


def spoil(bench: Bench, sk: str, change: dict[str, Any], pk: str = "") -> None:
    """Changes a stored item; `...` takes an attribute away."""
    (item,) = bench.table.of_kind(pk, sk)
    bench.table.put({name: value for name, value in {**item, **change}.items() if value is not ...})


def published(bench: Bench) -> Granted:
    pointer = bench.walks.pointer(LISTING) or Pointer()
    turn = bench.walks.take(LISTING, Slot.PAGE, pointer, MINE)
    assert isinstance(turn, Granted)
    assert bench.walks.publish(LISTING, Slot.PAGE, turn, turn.snapshot("0badcafe"))
    return turn


@pytest.mark.parametrize(
    "change",
    [
        *OF_ANOTHER_RELEASE,
        UNKNOWN,
        pytest.param({"snapshot": 7}, id="a snapshot that is a number"),
        pytest.param({"snapshot": "zzz"}, id="a snapshot that none could follow"),
        pytest.param({"snapshot": f"{16**14:x}-00000000"}, id="a snapshot of another width"),
        pytest.param({"fence": "1"}, id="a fence in text"),
        pytest.param({"fence": Decimal(-1)}, id="a fence below zero"),
        pytest.param({"fence": Decimal("1.5")}, id="half a fence"),
        pytest.param({"fence": Decimal(10) ** 37}, id="a fence that none could follow"),
        pytest.param({"page_owner": MINE}, id="a turn without an end"),
        pytest.param({"page_owner": 7, "page_until": NEVER}, id="a turn of a number"),
        pytest.param({"walk_owner": MINE, "walk_until": "soon"}, id="a turn that ends some time"),
        pytest.param({"stale_since": "2026-03-02"}, id="a purge without a time of day"),
        pytest.param({"asked_at": 7}, id="a use at a number"),
    ],
)
@pytest.mark.parametrize("slot", list(Slot))
def test_a_broken_pointer_is_begun_anew(bench: Bench, change: dict[str, Any], slot: Slot) -> None:
    before = published(bench)
    spoil(bench, "pointer", change)
    assert bench.walks.pointer(LISTING) == Pointer()
    assert bench.telemetry.counts == {"CacheBroken": 1}
    turn = bench.walks.take(LISTING, slot, Pointer(), THEIRS)
    assert isinstance(turn, Granted)
    assert not bench.walks.publish(LISTING, slot, before, before.snapshot("ffffffff"))
    assert bench.walks.publish(LISTING, slot, turn, turn.snapshot("00000000"))
    pointer = bench.walks.pointer(LISTING)
    assert pointer is not None
    assert pointer.snapshot == turn.snapshot("00000000")
    assert bench.telemetry.counts == {"CacheBroken": 1}


@pytest.mark.parametrize("slot", list(Slot))
def test_a_turn_whose_end_no_clock_can_have_set_holds_nobody_up(bench: Bench, slot: Slot) -> None:
    published(bench)
    spoil(bench, "pointer", {f"{slot}_owner": MINE, f"{slot}_until": NEVER})
    pointer = bench.walks.pointer(LISTING)
    assert pointer is not None
    assert not pointer.taken(slot, THEIRS, NOW)
    assert isinstance(bench.walks.take(LISTING, slot, pointer, THEIRS), Granted)


def test_a_use_that_no_clock_can_have_noted_is_noted_anew(bench: Bench) -> None:
    published(bench)
    spoil(bench, "pointer", {"asked_at": NEVER, "walked_at": NEVER})
    pointer = bench.walks.pointer(LISTING)
    assert pointer is not None
    bench.walks.note_use(LISTING, pointer, walked=True)
    assert [busy.asked_at for busy in bench.walks.busy(ACCOUNT)] == [NOW]


WALK = a_walk(total_pages=3, digests=("a" * 64, "b" * 64), step=2)


def stored_walk(bench: Bench) -> None:
    bench.table.put(dict(walk_items.walk_item(LISTING, WALK)))
    assert bench.walks.find_walk(LISTING, FIRST) == WALK


@pytest.mark.parametrize(
    "change",
    [
        *OF_ANOTHER_RELEASE,
        UNKNOWN,
        pytest.param({"state": "invented"}, id="a state nobody knows"),
        pytest.param({"state": "complete"}, id="complete with a page unread"),
        pytest.param({"state": "complete", "total_pages": 2}, id="complete with no page confirmed"),
        pytest.param({"check": "invented"}, id="a check nobody knows"),
        pytest.param({"digests": ""}, id="no page read"),
        pytest.param({"digests": " ".join("abcd")}, id="more pages read than there are"),
        pytest.param({"digests": ["a"]}, id="digests in a list"),
        pytest.param({"total_pages": 1_001}, id="more pages than any walk"),
        pytest.param({"total_pages": Decimal(10) ** 30}, id="pages without end"),
        pytest.param({"whole": "many"}, id="a count that is none"),
        pytest.param({"whole": "1" * 5_000}, id="a count without end"),
        pytest.param({"step": "2"}, id="a step in text"),
        pytest.param({"confirmed": Decimal("0.5")}, id="half a page confirmed"),
        pytest.param({"read_from": "soon"}, id="read some time"),
        pytest.param({"read_from": NEVER, "expires_at": NEVER}, id="read in time to come"),
        pytest.param({"expires_at": NEVER}, id="kept for ever"),
        pytest.param({"expires_at": "2026-03-02T15:00:00.000000"}, id="a time without a zone"),
        pytest.param({"faulted_at": "soon"}, id="a fault some time"),
        pytest.param({"fault": 7}, id="a fault in a number"),
        pytest.param({"pages_in": ...}, id="an attribute missing"),
    ],
)
def test_a_broken_walk_reads_as_broken_and_is_never_complete(bench: Bench, change: dict[str, Any]) -> None:
    """Then the vendor begins anew, in another snapshot: nothing vouches for this one's pages."""
    stored_walk(bench)
    spoil(bench, "snapshot#", change)
    walk = bench.walks.find_walk(LISTING, FIRST)
    assert walk is not None
    assert walk.state is State.BROKEN
    assert bench.telemetry.counts == {"CacheBroken": 1}
    assert bench.walks.save_walk(LISTING, a_walk(snapshot=LATER))
    assert bench.walks.find_walk(LISTING, LATER) == a_walk(snapshot=LATER)


def test_a_snapshot_whose_walk_is_broken_is_nobodys_beginning_any_more(bench: Bench) -> None:
    snapshot = published(bench).snapshot("0badcafe")
    bench.walks.save_walk(LISTING, a_walk(snapshot=snapshot))
    bench.walks.save_walk(LISTING, a_walk(snapshot=LATER))
    spoil(bench, f"snapshot#{LATER}", {"step": "lost"})
    bench.walks.find_walk(LISTING, LATER)
    pointer = bench.walks.pointer(LISTING)
    assert pointer is not None
    assert pointer.snapshot == snapshot
    spoil(bench, f"snapshot#{snapshot}", {"step": "lost"})
    bench.walks.find_walk(LISTING, snapshot)
    pointer = bench.walks.pointer(LISTING)
    assert pointer is not None
    assert pointer.snapshot is None


_VALUES = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=30),
    st.integers(0, 2**70),
    st.sampled_from([state.value for state in State]),
)
_WALK_ITEM = walk_items.walk_item(LISTING, WALK)


@given(st.dictionaries(st.sampled_from([*_WALK_ITEM, "invented"]), _VALUES, max_size=3))
def test_whatever_a_walk_holds_it_reads_as_a_walk_that_may_be_or_as_broken(changes: dict[str, object]) -> None:
    try:
        walk = walk_items.walk_of(LISTING, FIRST, {**_WALK_ITEM, **changes}, NOW)
    except BrokenItemError:
        return
    assert isinstance(walk, Walk)
    assert 1 <= len(walk.digests) <= walk.total_pages
    assert walk.state is not State.COMPLETE or len(walk.digests) == walk.total_pages


@pytest.mark.parametrize(
    "change", [*OF_ANOTHER_RELEASE, UNKNOWN, *[pytest.param({"snapshot": odd}, id=repr(odd)) for odd in ODD[:8]]]
)
def test_a_broken_pin_is_none_until_the_next_page_1(moto_bench: Bench, change: dict[str, Any]) -> None:
    moto_bench.walks.save_pin(LISTING, WALKER, FIRST)
    spoil(moto_bench, "pin#", change)
    assert moto_bench.walks.pin(LISTING, WALKER) is None
    assert moto_bench.telemetry.counts == {"CacheBroken": 1}
    moto_bench.walks.save_pin(LISTING, WALKER, LATER)
    assert moto_bench.walks.pin(LISTING, WALKER) == LATER


@pytest.mark.parametrize(
    "change",
    [
        *OF_ANOTHER_RELEASE,
        *[pytest.param({"query": odd}, id=f"a query {odd!r}") for odd in ODD if odd != ""],
        pytest.param({"query": "type=minor&school=007"}, id="a query that is no listing's"),
        pytest.param({"query": "type=minor&access_token=x"}, id="a query with a token"),
        pytest.param({"query": "type=minor"}, id="another listing's query"),
        pytest.param({"asked_at": 7}, id="asked at a number"),
        pytest.param({"walked_at": "soon"}, id="walked some time"),
    ],
)
def test_a_broken_busy_item_hides_itself_alone(moto_bench: Bench, change: dict[str, Any]) -> None:
    other = Listing(ACCOUNT, UpstreamQuery(deleted=True))
    moto_bench.walks.note_use(LISTING, Pointer(), walked=False)
    spoil(moto_bench, "", change, "busy")
    moto_bench.walks.note_use(other, Pointer(), walked=False)
    assert [busy.listing for busy in moto_bench.walks.busy(ACCOUNT)] == [other]
    moto_bench.walks.note_use(LISTING, Pointer(), walked=True)
    assert {busy.listing for busy in moto_bench.walks.busy(ACCOUNT)} == {other, LISTING}


def test_a_pointer_that_broke_does_not_let_an_older_snapshot_back(bench: Bench) -> None:
    """D-17: the count of turns is lost, and goes on from the clock."""
    before = published(bench)
    spoil(bench, "pointer", {"fence": "lost"})
    bench.clock.move(timedelta(microseconds=1))
    turn = bench.walks.take(LISTING, Slot.PAGE, bench.walks.pointer(LISTING) or Pointer(), THEIRS)
    assert isinstance(turn, Granted)
    assert turn.snapshot("00000000") > before.snapshot("ffffffff")


def test_times_that_are_compared_as_text_are_of_one_width() -> None:
    last = datetime.max.replace(tzinfo=NOW.tzinfo)
    assert {len(page_items.stamp(moment)) for moment in (NOW, later(microseconds=1), last)} == {32}
