"""The limits as arithmetic: what passes, what is left, and when to come again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hallpass.domain.limits import (
    LIMIT_BOUNDS,
    Limits,
    LimitsInvalidError,
    limits_from_json,
    limits_to_json,
    limits_words,
)
from hallpass.domain.quota import (
    BURST,
    DAILY,
    UNUSED,
    WHOLE,
    Level,
    seconds_of_day_left,
    seconds_to_wait,
    taken,
    violated,
)
from hallpass.domain.quota_fields import rate_limit_fields
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SLOW = Limits(per_minute=6, burst=3, pages_a_day=100)


def passed(limits: Limits, at: datetime, level: Level = UNUSED, most: int = 10_000) -> tuple[int, Level]:
    """How many whole requests fit at one instant."""
    for count in range(most):
        found = taken(level, limits, at)
        if not found.fits:
            return count, level
        level = found.level
    return most, level


@pytest.mark.parametrize("limits", [Limits(), SLOW, Limits(7, 1, 10), Limits(6_000, 6_000, 1_000_000)], ids=str)
def test_a_burst_passes_at_once_and_then_one_each_interval(limits: Limits) -> None:
    count, level = passed(limits, NOON)
    assert count == limits.burst
    one = timedelta(seconds=60 / limits.per_minute)
    assert not taken(level, limits, NOON + one * 0.9).fits
    # Rounded so that no more pass: a thousandth of the interval later at the latest.
    assert passed(limits, NOON + one * 1.001, level)[0] == 1
    assert passed(limits, NOON + one * 1.001 * limits.burst, level)[0] == limits.burst
    assert passed(limits, NOON + timedelta(hours=3), level)[0] == limits.burst, "a rest saves up no more than a burst"


def test_a_days_pages_are_counted_from_midnight_to_midnight_of_utc() -> None:
    limits = Limits(6_000, 6_000, 5)
    late = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    count, level = passed(limits, late)
    assert (count, violated(level, limits, late)) == (5, (DAILY,))
    assert passed(limits, late + timedelta(seconds=1), level)[0] == 5


def test_a_clock_that_is_behind_counts_in_the_day_that_another_has_begun() -> None:
    limits, midnight = Limits(6_000, 6_000, 5), datetime(2026, 3, 3, tzinfo=UTC)
    _, level = passed(limits, midnight)
    assert violated(level, limits, midnight - timedelta(seconds=1)) == (DAILY,)
    one = taken(UNUSED, limits, midnight).level
    again = taken(one, limits, midnight - timedelta(seconds=1)).level
    assert (again.day, again.spent) == (midnight.date(), 2 * WHOLE)


def test_a_lower_limit_counts_what_was_taken_under_the_higher_one() -> None:
    _, level = passed(Limits(60, 60, 5_000), NOON)
    assert violated(level, SLOW, NOON) == (BURST,)
    assert violated(level, Limits(60, 60, 60), NOON) == (BURST, DAILY)
    assert violated(level, Limits(60, 6_000, 60), NOON) == (DAILY,)
    assert violated(level, Limits(60, 6_000, 61), NOON) == ()


@pytest.mark.parametrize(
    ("limits", "used_at", "now", "wait"),
    [
        pytest.param(SLOW, NOON, NOON, 10, id="until one has come back"),
        pytest.param(SLOW, NOON, NOON + timedelta(seconds=9.5), 1, id="a part of a second is a whole one"),
        pytest.param(SLOW, NOON, NOON + timedelta(seconds=11), 1, id="never less than one"),
        pytest.param(Limits(60, 3, 3), NOON, NOON, 43_200, id="until midnight"),
        pytest.param(Limits(1, 1, 1), NOON.replace(hour=23, minute=59, second=30),
                     NOON.replace(hour=23, minute=59, second=30), 60, id="the longer of both"),
    ],
)  # fmt: skip
def test_who_is_refused_is_told_when_to_come_again(limits: Limits, used_at: datetime, now: datetime, wait: int) -> None:
    _, level = passed(limits, used_at)
    assert seconds_to_wait(level, limits, now) == wait
    assert taken(level, limits, now + timedelta(seconds=wait)).fits


@pytest.mark.parametrize(
    ("at", "left"),
    [(NOON, 43_200), (datetime(2026, 3, 2, tzinfo=UTC), 86_400),
     (datetime(2026, 3, 2, 23, 59, 59, 999_999, tzinfo=UTC), 1)], ids=["noon", "midnight", "the last microsecond"],
)  # fmt: skip
def test_how_long_the_day_still_is(at: datetime, left: int) -> None:
    assert seconds_of_day_left(at) == left


@pytest.mark.parametrize(
    ("taken_before", "in_hand", "later", "told"),
    [
        pytest.param(0, 0, 0, '"burst";r=3, "daily";r=100;t=43200', id="nothing used"),
        pytest.param(1, 0, 0, '"burst";r=2;t=10, "daily";r=99;t=43200', id="one used"),
        pytest.param(1, 9, 0, '"burst";r=2;t=10, "daily";r=99;t=43200', id="nine tenths in hand are no whole one"),
        pytest.param(2, 18, 0, '"burst";r=2;t=10, "daily";r=99;t=43200', id="a whole one in hand"),
        pytest.param(3, 0, 0, '"burst";r=0;t=10, "daily";r=97;t=43200', id="all used"),
        pytest.param(3, 0, 4, '"burst";r=0;t=6, "daily";r=97;t=43196', id="all used a moment ago"),
        pytest.param(3, 0, 25, '"burst";r=2;t=5, "daily";r=97;t=43175', id="two have come back"),
        pytest.param(3, 0, 60, '"burst";r=3, "daily";r=97;t=43140', id="rested"),
        pytest.param(3, 0, 43_200, '"burst";r=3, "daily";r=100;t=86400', id="another day"),
    ],
)
def test_the_fields_of_the_draft(taken_before: int, in_hand: int, later: int, told: str) -> None:
    level = UNUSED
    for _ in range(taken_before):
        level = taken(level, SLOW, NOON).level
    assert rate_limit_fields(level, in_hand, SLOW, NOON + timedelta(seconds=later)) == (
        ("RateLimit-Policy", '"burst";q=3;w=30, "daily";q=100;w=86400'),
        ("RateLimit", told),
    )


def test_nothing_is_left_of_limits_that_were_lowered_below_what_was_used() -> None:
    _, level = passed(Limits(), NOON)
    [_, (_, told)] = rate_limit_fields(level, 0, Limits(6, 1, 10), NOON)
    assert told == '"burst";r=0;t=60, "daily";r=0;t=43200'


ANY_LIMITS = st.builds(Limits, *(st.integers(*bounds) for bounds in ((1, 600), (1, 50), (1, 200))))
MOMENTS = st.lists(st.integers(0, 20_000_000), min_size=1, max_size=120)


@given(ANY_LIMITS, MOMENTS)
def test_never_more_than_the_limit_passes_in_any_window_and_never_fewer_from_one_place(
    limits: Limits, pauses: list[int]
) -> None:
    level, now, times = UNUSED, NOON, []
    for pause in pauses:
        now += timedelta(microseconds=pause)
        found = taken(level, limits, now)
        if found.fits:
            times.append(now)
        else:
            wait = seconds_to_wait(level, limits, now)
            assert taken(level, limits, now + timedelta(seconds=wait)).fits
            assert wait == 1 or not taken(level, limits, now + timedelta(seconds=wait - 1)).fits
        level = found.level
    assert len(times) <= limits.pages_a_day
    for first in range(len(times)):
        for last in range(first, len(times)):
            window = (times[last] - times[first]).total_seconds()
            assert last - first + 1 <= limits.burst + window * limits.per_minute / 60 + 1e-6


def test_limits_survive_as_json_and_are_told_in_words() -> None:
    assert limits_from_json(limits_to_json(SLOW)) == SLOW
    assert limits_words(SLOW) == "per_minute=6 burst=3 pages_a_day=100"


GOOD = limits_to_json(SLOW)


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {**GOOD, "more": 1}, {name: GOOD[name] for name in ("burst", "per_minute")}, {**GOOD, "burst": "3"},
     {**GOOD, "burst": True}, {**GOOD, "burst": 1.0}, {**GOOD, "burst": 0}, {**GOOD, "burst": 6_001}],
    ids=str,
)  # fmt: skip
def test_what_are_no_limits_is_none(value: object) -> None:
    with pytest.raises(LimitsInvalidError):
        limits_from_json(value)  # type: ignore[arg-type]  # as it may be stored


def test_the_usual_limits_are_within_the_bounds() -> None:
    assert all(least <= limits_to_json(Limits())[name] <= most for name, (least, most) in LIMIT_BOUNDS.items())
    assert UNUSED.day < date(1970, 1, 1)
