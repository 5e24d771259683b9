"""A district's cache policy: when a window is closed, its bounds, and its one JSON shape."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hallpass.domain.cache_policy import BOUNDS, LONGEST_STALE, CachePolicy, Check
from hallpass.domain.cache_policy_format import (
    PolicyInvalidError,
    policy_from_json,
    policy_to_json,
    policy_words,
    stale_cap_of,
)
from hallpass.domain.http_caching import Freshness, UpstreamControl
from hallpass.domain.pages import LONGEST_USE
from hallpass.domain.walk import KEPT_AFTER_USE, life
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 3, 2)
USUAL = {
    "fresh_for": 300,
    "stale_while_revalidate": 3600,
    "stale_if_error": 86400,
    "closed_after": 2592000,
    "closed_fresh_for": 86400,
    "control": "override",
    "check": "guarded",
}


def _within(name: str) -> st.SearchStrategy[timedelta]:
    least, most = (int(bound.total_seconds()) for bound in BOUNDS[name])
    return st.integers(least, most).map(lambda seconds: timedelta(seconds=seconds))


POLICIES = st.builds(
    CachePolicy,
    **{name: _within(name) for name in BOUNDS},
    control=st.sampled_from(UpstreamControl),
    check=st.sampled_from(Check),
)


def test_what_a_district_decides_that_has_said_nothing() -> None:
    assert policy_to_json(CachePolicy()) == USUAL
    assert policy_from_json(USUAL) == CachePolicy()
    assert policy_words(CachePolicy()) == (
        "fresh_for=300 stale_while_revalidate=3600 stale_if_error=86400 closed_after=2592000 closed_fresh_for=86400 "
        "control=override check=guarded"
    )


@given(POLICIES)
def test_every_policy_within_bounds_comes_back_from_its_json(policy: CachePolicy) -> None:
    assert policy_from_json(json.loads(json.dumps(policy_to_json(policy)))) == policy


@pytest.mark.parametrize(
    ("last", "fresh_for"),
    [
        pytest.param(None, 300, id="no dates named"),
        pytest.param(TODAY, 300, id="ends today"),
        pytest.param(TODAY - timedelta(days=30), 300, id="ends as long ago as is still open"),
        pytest.param(TODAY - timedelta(days=31), 86400, id="ends a day earlier: closed"),
    ],
)
def test_a_closed_window_is_fresh_for_longer(last: date | None, fresh_for: int) -> None:
    expected = Freshness(timedelta(seconds=fresh_for), timedelta(hours=1), timedelta(hours=24))
    assert CachePolicy().freshness(last, TODAY) == expected


@given(POLICIES, st.sampled_from([None, date(2000, 1, 1)]))
def test_what_any_policy_lets_be_used_is_kept_an_hour_longer(policy: CachePolicy, last: date | None) -> None:
    freshness = policy.freshness(last, TODAY)
    longest = freshness.fresh_for + max(freshness.stale_while_revalidate, freshness.stale_if_error)
    assert life(freshness) == longest + KEPT_AFTER_USE <= LONGEST_USE


def test_the_longest_policy_there_can_be_is_kept_to_its_end() -> None:
    most = {name: bound for name, (_, bound) in BOUNDS.items()}
    fresh_for = max(most["fresh_for"], most["closed_fresh_for"])
    stale = max(most["stale_while_revalidate"], most["stale_if_error"], LONGEST_STALE)
    assert fresh_for + stale + KEPT_AFTER_USE <= LONGEST_USE


@pytest.mark.parametrize("name", BOUNDS)
def test_a_time_is_held_to_its_bounds_both_included(name: str) -> None:
    least, most = (int(bound.total_seconds()) for bound in BOUNDS[name])
    for seconds in (least, most):
        assert policy_to_json(policy_from_json(USUAL | {name: seconds}))[name] == seconds
    for seconds in (least - 1, most + 1, 10**30, -(10**30)):
        with pytest.raises(PolicyInvalidError):
            policy_from_json(USUAL | {name: seconds})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({}, id="no member"),
        pytest.param({name: USUAL[name] for name in USUAL if name != "check"}, id="a member missing"),
        pytest.param(USUAL | {"more": 1}, id="a member too many"),
        pytest.param(USUAL | {"fresh_for": "300"}, id="a time that is text"),
        pytest.param(USUAL | {"fresh_for": 300.0}, id="a time that is no whole number"),
        pytest.param(USUAL | {"fresh_for": True}, id="a time that is true"),
        pytest.param(USUAL | {"control": "ignore"}, id="an unknown control"),
        pytest.param(USUAL | {"check": "OFF"}, id="a check in another case"),
        pytest.param(USUAL | {"check": None}, id="no check"),
        pytest.param(USUAL | {"control": []}, id="a control that is a list"),
    ],
)
def test_what_is_not_wholly_a_policy_is_none(value: Any) -> None:
    with pytest.raises(PolicyInvalidError):
        policy_from_json(value)


@pytest.mark.parametrize(("seconds", "held"), [(0, True), (172_800, True), (-1, False), (172_801, False), ("1", False)])
def test_a_cap_on_stale_answers_is_at_most_two_days(seconds: object, held: bool) -> None:
    if held:
        assert stale_cap_of(seconds).total_seconds() == seconds
        return
    with pytest.raises(PolicyInvalidError):
        stale_cap_of(seconds)


def test_a_check_vouches_for_all_that_a_weaker_one_does() -> None:
    stronger_first = [Check.VERIFIED, Check.GUARDED, Check.OFF]
    assert set(stronger_first) == set(Check)
    covered = [[one.covers(other) for other in stronger_first] for one in stronger_first]
    assert covered == [[True, True, True], [False, True, True], [False, False, True]]


@given(POLICIES, st.none() | st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_cap_bounds_stale_answers_whatever_they_are_for(policy: CachePolicy, cap: timedelta | None) -> None:
    own, capped = policy.freshness(None, TODAY), policy.freshness(None, TODAY).within(cap)
    allowed = [own.stale_while_revalidate, own.stale_if_error]
    bounded = allowed if cap is None else [min(time, cap) for time in allowed]
    assert [capped.stale_while_revalidate, capped.stale_if_error] == bounded
    assert (capped.fresh_for, capped.control) == (own.fresh_for, own.control)
