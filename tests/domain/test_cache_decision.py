"""What is done with a request: every answer from the store is one that somebody with a say in it allowed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hallpass.domain.cache_decision import (
    Cause,
    Decision,
    Fetch,
    Revalidate,
    Unsatisfiable,
    Use,
    UseStale,
    judge,
    over_policy,
    usable_for,
    usable_on_error,
)
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.http_caching import Freshness, Received, UpstreamControl
from hallpass.domain.response_age import age, lifetime, resident
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.caching_material import (
    FRESHNESS,
    NONE,
    OFFSETS,
    RECEIVED,
    SPANS,
    T0,
    VALUES,
    honour,
    override,
    received,
    saying,
    seconds,
)

TAG = ("ETag", '"v1"')
CHECK = (("If-None-Match", '"v1"'),)
STALE, BY_REQUEST = Revalidate(CHECK, Cause.STALE), Revalidate(CHECK, Cause.REQUEST)


def asking(cache_control: str = "", *, may_refresh: bool = True) -> RequestDirectives:
    return RequestDirectives.parse([cache_control], may_refresh=may_refresh)


def stale(seconds_for: float) -> UseStale:
    return UseStale(seconds(seconds_for), revalidate=False)


def due(seconds_for: float) -> UseStale:
    return UseStale(seconds(seconds_for), revalidate=True)


# A response of 60 seconds' life with a tag; what it says beside; what is asked; what the owner allows; how many
# seconds after it came; what is done.
LONG, BEHIND = honour(if_error=1000), honour(while_revalidating=30)
DECIDED: dict[str, tuple[str, str, Freshness, float, Decision]] = {
    "fresh": ("", "", LONG, 10, Use(seconds(50))),
    "fresh for a moment more": ("", "", LONG, 59.5, Use(seconds(0.5))),
    "stale at the very moment": ("", "", LONG, 60, STALE),
    "stale": ("", "", LONG, 61, STALE),
    "no-cache of the origin": ("no-cache", "", LONG, 10, STALE),
    "no-cache of the origin for one field": ('no-cache="set-cookie"', "", LONG, 10, STALE),
    "no-cache of the origin though stale ones are accepted": ("no-cache", "max-stale", LONG, 70, STALE),
    "no-store of the origin, kept under another policy": ("no-store", "", LONG, 10, Fetch()),
    "must-revalidate while fresh": ("must-revalidate", "", LONG, 10, Use(seconds(50))),
    "asked not to use the cache": ("", "no-cache", LONG, 10, BY_REQUEST),
    "asked not to use the cache once stale": ("", "no-cache", LONG, 70, STALE),
    "asked not to keep: what is kept may answer": ("", "no-store", LONG, 10, Use(seconds(50))),
    "asked for one no older": ("", "max-age=9", LONG, 10, BY_REQUEST),
    "asked for one as old": ("", "max-age=10", LONG, 10, Use(seconds(50))),
    "asked for one no older than 0, just come": ("", "max-age=0", LONG, 0, Use(seconds(60))),
    "asked for one longer fresh": ("", "min-fresh=51", LONG, 10, BY_REQUEST),
    "asked for one as long fresh": ("", "min-fresh=50", LONG, 10, Use(seconds(50))),
    "a stale one is accepted": ("", "max-stale=10", LONG, 70, stale(10)),
    "one so stale is not accepted": ("", "max-stale=10", LONG, 71, STALE),
    "any stale one is accepted": ("", "max-stale", LONG, 1060, stale(1000)),
    "any, but the owner accepts none so stale": ("", "max-stale", LONG, 1061, STALE),
    "accepted, but the origin wants a look": ("must-revalidate", "max-stale", LONG, 70, STALE),
    "accepted, but a proxy must look": ("proxy-revalidate", "max-stale", LONG, 70, STALE),
    "accepted, but not so old": ("", "max-stale, max-age=69", LONG, 70, STALE),
    "accepted, and not too old": ("", "max-stale, max-age=70", LONG, 70, stale(10)),
    "only what is kept, fresh": ("", "only-if-cached", LONG, 10, Use(seconds(50))),
    "only what is kept, stale": ("", "only-if-cached", LONG, 70, Unsatisfiable()),
    "only what is kept, even stale": ("", "only-if-cached, max-stale", LONG, 70, stale(10)),
    "only what is kept, and not from the cache": ("", "only-if-cached, no-cache", LONG, 10, Unsatisfiable()),
    "only what is kept, which is not to be used": ("no-store", "only-if-cached", LONG, 10, Unsatisfiable()),
    "while revalidating": ("", "", BEHIND, 89, due(29)),
    "at the end of that": ("", "", BEHIND, 90, STALE),
    "while revalidating, from its first moment": ("", "", BEHIND, 60, due(0)),
    "the origin allows less of it": ("stale-while-revalidate=5", "", BEHIND, 65, STALE),
    "the origin allows none": ("stale-while-revalidate=0", "", BEHIND, 60, STALE),
    "the origin allows more": ("stale-while-revalidate=50", "", BEHIND, 95, due(35)),
    "the origin allows it twice": ("stale-while-revalidate=9, stale-while-revalidate=5", "", LONG, 65, STALE),
    "what it allows is malformed": ("stale-while-revalidate=x", "", BEHIND, 65, STALE),
    "while revalidating, but the origin wants a look": ("must-revalidate", "", BEHIND, 65, STALE),
    "while revalidating, but asked for no stale one": ("", "max-age=900", BEHIND, 65, STALE),
    "while revalidating, but asked for a fresh one": ("", "min-fresh=0", BEHIND, 65, STALE),
    "while revalidating, only what is kept": ("", "only-if-cached", BEHIND, 65, stale(5)),
    "accepted and while revalidating": ("", "max-stale", BEHIND, 65, due(5)),
    "accepted and after that": ("", "max-stale=5", BEHIND, 70, due(10)),
    "overridden: the owner's life": ("", "", override(fresh_for=20), 19, Use(seconds(1))),
    "overridden: its end": ("", "", override(fresh_for=20), 20, STALE),
    "overridden: no-cache": ("no-cache", "", override(fresh_for=20), 19, Use(seconds(1))),
    "overridden: no-store": ("no-store", "", override(fresh_for=20), 19, Use(seconds(1))),
    "overridden: must-revalidate": ("must-revalidate", "max-stale=9", override(20, 0, 9), 29, stale(9)),
    "overridden: stale-while-revalidate": ("stale-while-revalidate=0", "", override(20, 9), 28, due(8)),
}  # fmt: skip


@pytest.mark.parametrize(("says", "asks", "freshness", "after", "decision"), DECIDED.values(), ids=DECIDED)
def test_decided(says: str, asks: str, freshness: Freshness, after: float, decision: Decision) -> None:
    stored = saying(", ".join(part for part in ("max-age=60", says) if part), TAG)
    assert judge(stored, asking(asks), freshness, T0 + seconds(after)) == decision


def test_nothing_is_kept() -> None:
    assert judge(None, asking("max-stale"), LONG, T0) == Fetch()
    assert judge(None, asking("only-if-cached"), LONG, T0) == Unsatisfiable()


@pytest.mark.parametrize(
    "freshness", [honour(1000, 1000, 1000), override(1000, 1000, 1000)], ids=["honour", "override"]
)
def test_what_varies_by_anything_is_never_used(freshness: Freshness) -> None:
    stored = received(("Vary", "Accept, *"))
    assert judge(stored, asking("max-stale"), freshness, T0) == Fetch()
    assert not usable_on_error(stored, asking(), freshness, T0)


def test_without_a_validator_the_whole_is_asked_for() -> None:
    assert judge(saying("max-age=1"), asking(), LONG, T0 + seconds(2)) == Revalidate((), Cause.STALE)


def test_without_the_permission_a_fresh_one_answers_whatever_is_asked() -> None:
    asked = asking("no-cache, max-age=0, min-fresh=900, no-store", may_refresh=False)
    assert judge(saying("max-age=60"), asked, LONG, T0 + seconds(10)) == Use(seconds(50))


# Invalidated so many seconds after it came; seconds after it came; the decision.
PURGED: dict[str, tuple[float, float, Decision]] = {
    "before it came": (-0.5, 10, Use(seconds(50))),
    "as it came": (0, 10, due(10)),
    "while it was fresh: stale since": (10, 25, due(15)),
    "just now": (10, 10, due(0)),
    "by a clock that is ahead of ours": (15, 10, due(0)),
    "so long ago that it is no more used": (10, 40, Revalidate((), Cause.STALE)),
    "when it was stale already: stale since it was": (65, 70, due(10)),
}


@pytest.mark.parametrize(("invalidated", "after", "decision"), PURGED.values(), ids=PURGED)
def test_invalidated(invalidated: float, after: float, decision: Decision) -> None:
    stored, freshness = saying("max-age=60"), BEHIND
    moment = T0 + seconds(invalidated)
    assert judge(stored, asking(), freshness, T0 + seconds(after), invalidated_at=moment) == decision


# What it says beside max-age=60; what is asked; the owner's stale-if-error; the cap; seconds after it came; usable.
ON_ERROR: dict[str, tuple[str, str, float, float | None, float, bool]] = {
    "fresh": ("", "", 0, None, 59, True),
    "fresh, under a cap of nothing": ("", "", 0, 0, 59, True),
    "stale, and none is allowed": ("", "", 0, None, 60, False),
    "as stale as is allowed": ("", "", 30, None, 89, True),
    "staler": ("", "", 30, None, 90, False),
    "under a cap": ("", "", 30, 10, 69, True),
    "over a cap": ("", "", 30, 10, 70, False),
    "a cap above what is allowed": ("", "", 30, 100, 90, False),
    "a cap of nothing": ("", "", 30, 0, 60, False),
    "the origin allows less": ("stale-if-error=5", "", 30, None, 65, False),
    "the origin allows more": ("stale-if-error=50", "", 30, None, 109, True),
    "more, over a cap": ("stale-if-error=50", "", 30, 40, 100, False),
    "the origin allows it malformed": ("stale-if-error=x", "", 30, None, 60, False),
    "must-revalidate": ("must-revalidate", "", 30, None, 61, False),
    "must-revalidate while fresh": ("must-revalidate", "", 30, None, 59, True),
    "proxy-revalidate": ("proxy-revalidate", "", 30, None, 61, False),
    "no-cache of the origin": ("no-cache", "", 30, None, 10, False),
    "no-store of the origin": ("no-store", "", 30, None, 10, False),
    "must-revalidate beside stale-if-error": ("must-revalidate, stale-if-error=50", "", 30, None, 61, False),
    "asked not to use the cache": ("", "no-cache", 30, None, 10, False),
    "asked for one no older": ("", "max-age=5", 30, None, 10, False),
    "asked for one no older, and it is fresh": ("", "max-age=10", 30, None, 10, True),
    "asked for one no older, but stale": ("", "max-age=900", 30, None, 61, False),
    "asked for one longer fresh": ("", "min-fresh=90", 30, None, 10, False),
    "asked for one so stale on an error": ("", "stale-if-error=5", 30, None, 64, True),
    "asked for none so stale on an error": ("", "stale-if-error=5", 30, None, 65, False),
    "asked for more than is allowed": ("", "stale-if-error=50", 30, None, 90, False),
    "a stale one on an error, else not from the cache": ("", "no-cache, stale-if-error=50", 30, None, 61, True),
    "a stale one on an error, else no older": ("", "max-age=0, stale-if-error=50", 30, None, 61, True),
    "asked for, but the origin wants a look": ("must-revalidate", "stale-if-error=50", 30, None, 61, False),
}


@pytest.mark.parametrize(("says", "asks", "allowed", "cap", "after", "usable"), ON_ERROR.values(), ids=ON_ERROR)
def test_on_an_error(says: str, asks: str, allowed: float, cap: float | None, after: float, usable: bool) -> None:
    stored = saying(", ".join(part for part in ("max-age=60", says) if part))
    bound = None if cap is None else seconds(cap)
    assert usable_on_error(stored, asking(asks), honour(if_error=allowed), T0 + seconds(after), bound) is usable


def test_on_an_error_the_owner_overrides_the_origin() -> None:
    stored = saying("no-cache, must-revalidate, no-store, stale-if-error=0")
    assert usable_on_error(stored, asking(), override(10, 0, 30), T0 + seconds(39))
    assert not usable_on_error(stored, asking(), override(10, 0, 30), T0 + seconds(40))


def test_on_an_error_what_was_invalidated_is_stale_since() -> None:
    stored, freshness, moment = saying("max-age=60"), honour(if_error=30), T0 + seconds(10)
    assert usable_on_error(stored, asking(), freshness, T0 + seconds(39), invalidated_at=moment)
    assert not usable_on_error(stored, asking(), freshness, T0 + seconds(40), invalidated_at=moment)
    assert not usable_on_error(None, asking(), freshness, T0)


ASKED = st.builds(
    lambda values, pragma, may: RequestDirectives.parse(values, pragma, may_refresh=may),
    st.lists(VALUES, max_size=3),
    st.lists(VALUES, max_size=1),
    st.booleans(),
)
PURGES = st.none() | OFFSETS.map(lambda offset: T0 + offset)


@given(RECEIVED | st.none(), ASKED, FRESHNESS, OFFSETS, PURGES, st.none() | SPANS)
def test_any_request_is_judged(
    stored: Received | None,
    asked: RequestDirectives,
    freshness: Freshness,
    after: timedelta,
    purge: datetime | None,
    cap: timedelta | None,
) -> None:
    now = T0 + after
    decision = judge(stored, asked, freshness, now, invalidated_at=purge)
    usable = usable_on_error(stored, asked, freshness, now, cap, invalidated_at=purge)
    if asked.only_if_cached:
        assert isinstance(decision, Use | UseStale | Unsatisfiable)
    else:
        assert not isinstance(decision, Unsatisfiable)
    if isinstance(decision, Use):
        assert stored is not None
        assert decision.ttl > NONE
        assert usable or asked.no_cache is False
        assert resident(stored, now) < lifetime(stored, freshness)
    if isinstance(decision, UseStale):
        assert decision.stale_for >= NONE
        assert not (asked.only_if_cached and decision.revalidate)


@given(RECEIVED, ASKED, FRESHNESS, OFFSETS, SPANS)
def test_no_answer_from_the_store_is_older_than_all_that_was_allowed(
    stored: Received, asked: RequestDirectives, freshness: Freshness, after: timedelta, cap: timedelta
) -> None:
    now = T0 + after
    honoured = freshness.control is UpstreamControl.HONOUR
    over = (age(stored, now) if honoured else resident(stored, now)) - lifetime(stored, freshness)
    decision = judge(stored, asked, freshness, now)
    if over >= NONE:
        assert not isinstance(decision, Use)
        assert not usable_on_error(stored, asked, freshness, now, cap) or over < cap
    longest = max(freshness.stale_while_revalidate, freshness.stale_if_error, seconds(30) if honoured else NONE)
    if over > longest:
        assert not isinstance(decision, Use | UseStale)


@given(RECEIVED, ASKED, FRESHNESS, OFFSETS, PURGES)
def test_a_purge_and_a_cap_only_take_away(
    stored: Received, asked: RequestDirectives, freshness: Freshness, after: timedelta, purge: datetime | None
) -> None:
    now = T0 + after
    if isinstance(judge(stored, asked, freshness, now, invalidated_at=purge), Use):
        assert isinstance(judge(stored, asked, freshness, now), Use)
    if usable_on_error(stored, asked, freshness, now, seconds(50), invalidated_at=purge):
        assert usable_on_error(stored, asked, freshness, now)


# What it says beside max-age=60; the owner's freshness; seconds from its coming for which it may be used.
USABLE: dict[str, tuple[str, Freshness, float]] = {
    "fresh, and no longer": ("", honour(), 60),
    "stale while revalidating": ("", honour(0, 30, 20), 90),
    "stale on an error": ("", honour(0, 20, 30), 90),
    "longer by the origin's word": ("stale-if-error=50, stale-while-revalidate=9", honour(0, 20, 30), 110),
    "longer by the origin's other word": ("stale-if-error=9, stale-while-revalidate=50", honour(0, 20, 30), 110),
    "overridden": ("stale-if-error=50", override(10, 20, 30), 40),
}


@pytest.mark.parametrize(("says", "freshness", "span"), USABLE.values(), ids=USABLE)
def test_usable_for(says: str, freshness: Freshness, span: float) -> None:
    assert usable_for(saying("max-age=60", ("Cache-Control", says)), freshness) == seconds(span)


def test_what_came_too_old_is_usable_for_less_or_not_at_all() -> None:
    assert usable_for(saying("max-age=60", ("Age", "70")), honour(0, 0, 30)) == seconds(20)
    assert usable_for(saying("max-age=60", ("Age", "900")), honour(0, 0, 30)) == NONE


@given(RECEIVED, ASKED, FRESHNESS, OFFSETS, PURGES)
def test_after_that_time_it_is_used_by_nobody(
    stored: Received, asked: RequestDirectives, freshness: Freshness, after: timedelta, purge: datetime | None
) -> None:
    now = T0 + usable_for(stored, freshness) + abs(after) + seconds(1)
    assert not isinstance(judge(stored, asked, freshness, now, invalidated_at=purge), Use | UseStale)
    assert not usable_on_error(stored, asked, freshness, now, invalidated_at=purge)


_HEEDED = ("cache-control", "expires", "age", "date", "pragma")


@given(RECEIVED, FRESHNESS, OFFSETS, st.booleans())
def test_overridden_nothing_that_the_origin_says_of_caching_counts(
    stored: Received, freshness: Freshness, after: timedelta, stale_accepted: bool
) -> None:
    freshness = override(*(span.total_seconds() for span in (freshness.fresh_for, freshness.stale_while_revalidate)))
    silent = tuple((name, value) for name, value in stored.headers if name.lower() not in _HEEDED)
    silenced = Received(stored.status, silent, T0, T0)
    asked = RequestDirectives(max_stale=seconds(9) if stale_accepted else None)
    now = T0 + after
    assert judge(stored, asked, freshness, now) == judge(silenced, asked, freshness, now)
    assert usable_on_error(stored, asked, freshness, now) == usable_on_error(silenced, asked, freshness, now)


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OPEN, CLOSED = date(2026, 3, 2), date(2025, 3, 2)


@pytest.mark.parametrize(
    ("last", "old", "walked", "over"),
    [
        pytest.param(OPEN, 24 * HOUR + 5 * MINUTE, False, False, id="as old as the usual policy allows"),
        pytest.param(OPEN, 24 * HOUR + 7 * MINUTE, False, True, id="older"),
        pytest.param(CLOSED, 48 * HOUR, False, False, id="of closed dates, a day fresh and a day stale"),
        pytest.param(CLOSED, 48 * HOUR + 2 * MINUTE, False, True, id="of closed dates, older than that"),
        pytest.param(CLOSED, 49 * HOUR, True, False, id="a snapshot of closed dates lasts an hour more"),
        pytest.param(OPEN, 74 * HOUR, True, False, id="a walk that goes on as long as any may"),
        pytest.param(OPEN, 75 * HOUR, True, True, id="a walk that should have ended"),
    ],
)
def test_an_answer_is_over_its_districts_policy(last: date, old: timedelta, walked: bool, over: bool) -> None:
    freshness = CachePolicy().freshness(last, OPEN)
    assert over_policy(received(), freshness, received().received_at + old, walked=walked) is over
