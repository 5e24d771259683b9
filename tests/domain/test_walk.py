"""What vouches for a walk: the steps that its check asks for, and what breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.arrival import receive
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness, Received
from hallpass.domain.pages import LONGEST_USE, StoredPage
from hallpass.domain.walk import (
    KEPT_AFTER_USE,
    Confirm,
    Finish,
    PageRead,
    Read,
    State,
    Step,
    Walk,
    any_twice,
    calls_of,
    life,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.vendor.world import incident, page

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FRESHNESS = Freshness(5 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE)
CHECKS = st.sampled_from(list(Check))


def first_page(body: bytes) -> StoredPage:
    received = Received(200, (), NOW - timedelta(seconds=2), NOW)
    return receive("D1st", "0f-1", 1, body, received).page


def a_walk(total: int = 3, check: Check = Check.GUARDED, whole: int | None = None, read: int = 1) -> Walk:
    digests = tuple(f"d{number}" for number in range(1, read + 1))
    return Walk("0f-1", State.BUILDING, check, total, digests, whole, NOW, NOW + timedelta(hours=5))


def steps(walk: Walk) -> list[Step]:
    """To its end, when nothing moves."""
    taken: list[Step] = []
    while True:
        step = walk.next_step()
        taken.append(step)
        grown: Walk | None = None
        if isinstance(step, Read):
            grown = walk.with_page(PageRead(f"d{step.number}", 2, walk.total_pages, [f"u{step.number}"]), set())
        elif isinstance(step, Confirm):
            grown = walk.with_confirmation(step.number, walk.digests[step.number - 1])
        if grown is None:
            return taken
        walk = grown


@pytest.mark.parametrize(
    ("check", "total", "expected"),
    [
        pytest.param(Check.OFF, 3, [Read(2), Read(3), Finish()], id="off: read, and that is all"),
        pytest.param(Check.OFF, 1, [Finish()], id="off: one page is there already"),
        pytest.param(Check.GUARDED, 1, [Confirm(1), Finish()], id="guarded: one page again"),
        pytest.param(Check.GUARDED, 2, [Read(2), Confirm(1), Confirm(2), Finish()], id="guarded: both again"),
        pytest.param(
            Check.GUARDED,
            4,
            [Read(2), Read(3), Read(4), Confirm(1), Confirm(4), Finish()],
            id="guarded: the ends again",
        ),
        pytest.param(
            Check.VERIFIED,
            3,
            [Read(2), Read(3), Confirm(1), Confirm(2), Confirm(3), Finish()],
            id="verified: all again, after all were read",
        ),
    ],
)
def test_the_steps_of_a_check(check: Check, total: int, expected: list[Step]) -> None:
    assert steps(a_walk(total, check)) == expected


@given(CHECKS, st.integers(1, 30))
def test_the_calls_of_a_walk_are_its_steps_and_page_one(check: Check, total: int) -> None:
    taken = steps(a_walk(total, check))
    assert calls_of(total, check) == len(taken), "page 1, which is read before, in place of the end"
    assert [step.number for step in taken if isinstance(step, Read)] == list(range(2, total + 1))
    assert isinstance(taken[-1], Finish)


@pytest.mark.parametrize(
    ("read", "whole", "holds"),
    [
        pytest.param(PageRead("d2", 2, 3, ["c", "d"]), None, True, id="nothing moved"),
        pytest.param(PageRead("d2", 2, 4, ["c", "d"]), None, False, id="the list grew by a page"),
        pytest.param(PageRead("d2", 2, 3, ["b", "c"]), None, False, id="an incident of a page before"),
        pytest.param(PageRead("d2", 2, 3, ["c", "c"]), None, False, id="an incident twice on it"),
        pytest.param(PageRead("d2", 6, 3, ["c", "d"]), 6, True, id="the whole's count is the same"),
        pytest.param(PageRead("d2", 5, 3, ["c", "d"]), 6, False, id="the whole's count is another"),
        pytest.param(PageRead("d2", 0, 3, []), 0, True, id="a whole that counts none"),
    ],
)
def test_a_page_that_shows_that_the_list_moved_breaks_the_walk(read: PageRead, whole: int | None, holds: bool) -> None:
    seen = {"a", "b"}
    for check in (Check.GUARDED, Check.VERIFIED):
        grown = a_walk(check=check, whole=whole).with_page(read, seen)
        assert (grown is not None) is holds
        if grown is not None:
            assert grown.digests == ("d1", "d2")
    unchecked = a_walk(check=Check.OFF, whole=whole).with_page(read, seen)
    assert unchecked is not None
    assert unchecked.digests == ("d1", "d2")


def test_a_page_that_is_another_when_it_is_read_again_breaks_the_walk() -> None:
    walk = a_walk(2, read=2)
    assert walk.with_confirmation(2, "d1") is None
    confirmed = walk.with_confirmation(2, "d2")
    assert confirmed is not None
    assert confirmed.confirmed == 1


def test_a_step_that_succeeds_ends_the_fault_before_it() -> None:
    faulty = replace(a_walk(2), fault="upstream-error", faulted_at=NOW)
    read = faulty.with_page(PageRead("d2", 1, 2, ["x"]), set())
    again = replace(faulty, digests=("d1", "d2")).with_confirmation(1, "d1")
    for walk in (read, again):
        assert walk is not None
        assert (walk.fault, walk.faulted_at) == ("", None)


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        pytest.param(page(incident(1), incident(2), total=3), None, id="the root counts the page's own rows"),
        pytest.param(page(incident(1), total=3).replace(b'count="1" page', b'count="5" page'), 5, id="it counts all"),
    ],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_a_walk_begins_with_its_page_one(body: bytes, whole: int | None, quiet: bool) -> None:
    first = first_page(body)
    walk = Walk.begun(first, Check.VERIFIED, FRESHNESS, quiet=quiet)
    assert (walk.snapshot, walk.state, walk.check, walk.total_pages) == ("0f-1", State.BUILDING, Check.VERIFIED, 3)
    assert (walk.digests, walk.whole, walk.quiet, walk.step) == ((first.model.name,), whole, quiet, 0)
    assert walk.read_from == NOW - timedelta(seconds=2), "from when it was asked for, not when it came"
    assert walk.expires_at == NOW + life(FRESHNESS)
    assert walk.held_in == walk.snapshot


def test_what_the_check_looks_at_of_a_page() -> None:
    """An incident without a uuid cannot be there twice."""
    received = Received(200, (), NOW, NOW)
    arrival = receive("D1st", "0f-1", 1, page(incident(1), "<incident/>", incident(2), total=2), received)
    read = PageRead.of(arrival.page, arrival.model)
    assert read == PageRead(arrival.page.model.name, 3, 2, ["u-1", "u-2"])


@pytest.mark.parametrize("state", list(State))
def test_a_walk_whose_place_a_later_one_took_says_where_its_pages_are(state: State) -> None:
    """Complete, it has the later one's digests; else its own stand."""
    earlier = replace(a_walk(), step=4)
    later = replace(a_walk(read=3), snapshot="1f-2")
    settled = earlier.settled(state, later)
    assert (settled.state, settled.held_in, settled.step, settled.snapshot) == (state, "1f-2", 5, earlier.snapshot)
    assert settled.digests == (later if state is State.COMPLETE else earlier).digests


def test_who_has_another_page_one_may_not_go_on() -> None:
    assert a_walk(read=2).begins_as(a_walk())
    assert not a_walk().begins_as(replace(a_walk(), digests=("other",)))


@pytest.mark.parametrize(
    ("uuids", "seen", "twice"),
    [([], [], False), (["a"], [], False), (["a", "a"], [], True), (["a"], ["a"], True), (["a"], ["b"], False)],
)
def test_whether_an_incident_was_there_before(uuids: list[str], seen: list[str], twice: bool) -> None:
    assert any_twice(uuids, set(seen)) is twice


@given(st.timedeltas(timedelta(0), LONGEST_USE), st.timedeltas(timedelta(0), LONGEST_USE))
def test_a_walk_that_is_used_is_kept_an_hour_more_but_never_past_its_sweeping(
    age: timedelta, kept_for: timedelta
) -> None:
    latest = NOW + LONGEST_USE
    now = NOW + age
    walk = replace(a_walk(), expires_at=min(now + kept_for, latest))
    used = walk.used(now, latest)
    assert walk.expires_at <= used.expires_at <= latest
    assert used.expires_at >= min(now + KEPT_AFTER_USE, latest)
    assert (used is walk) is (kept_for >= KEPT_AFTER_USE and walk.expires_at - now >= KEPT_AFTER_USE)


@pytest.mark.parametrize(
    ("freshness", "kept"),
    [
        pytest.param(FRESHNESS, 5 * MINUTE + timedelta(hours=25), id="an hour past stale-if-error"),
        pytest.param(Freshness(MINUTE, 30 * MINUTE, MINUTE), 91 * MINUTE, id="an hour past stale-while-revalidate"),
        pytest.param(Freshness(timedelta(days=7), MINUTE, MINUTE), LONGEST_USE, id="no longer than any use"),
    ],
)
def test_how_long_a_snapshot_is_kept(freshness: Freshness, kept: timedelta) -> None:
    assert life(freshness) == kept
