"""What every store of the limits does: the fake and the real one alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.limits import Limits
from hallpass.domain.quota import UNUSED, WHOLE, Level, microseconds, whole_takes
from hallpass.ports import Quotas

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ONE, OTHER = "D1stVnd1", "D1stVnd2"
LIMITS = Limits(per_minute=6, burst=3, pages_a_day=5)
SEEN = [
    pytest.param(UNUSED, id="nothing was seen"),
    pytest.param(Level(0, NOON.date(), 0), id="it was seen to rest"),
    pytest.param(Level(microseconds(NOON) + 1, NOON.date() - timedelta(days=1), 0), id="of the day before"),
    pytest.param(Level(microseconds(NOON) + 1, NOON.date(), 0), id="it was seen in use"),
]


@pytest.mark.parametrize("seen", SEEN)
def test_what_was_seen_decides_nothing(quotas: Quotas, seen: Level) -> None:
    found = [quotas.take(ONE, LIMITS, NOON, seen) for _ in range(4)]
    assert [one.fits for one in found] == [True, True, True, False]
    full = Level(microseconds(NOON) + 3 * whole_takes(LIMITS), NOON.date(), 3 * WHOLE)
    assert [one.level for one in found[2:]] == [full, full]


def test_each_has_its_own(quotas: Quotas) -> None:
    for _ in range(3):
        quotas.take(ONE, LIMITS, NOON, UNUSED)
    assert not quotas.take(ONE, LIMITS, NOON, UNUSED).fits
    assert quotas.take(OTHER, LIMITS, NOON, UNUSED).fits


def test_it_comes_back_with_time(quotas: Quotas) -> None:
    level = UNUSED
    for _ in range(3):
        level = quotas.take(ONE, LIMITS, NOON, level).level
    assert not quotas.take(ONE, LIMITS, NOON + timedelta(seconds=9), UNUSED).fits
    assert quotas.take(ONE, LIMITS, NOON + timedelta(seconds=10), level).fits
    assert not quotas.take(ONE, LIMITS, NOON + timedelta(seconds=10), level).fits


@pytest.mark.parametrize("rested", [True, False], ids=["rested", "in use"])
def test_a_day_is_full_until_the_next_one(quotas: Quotas, rested: bool) -> None:
    limits = Limits(per_minute=6, burst=100, pages_a_day=5)
    late = NOON.replace(hour=23, minute=0 if rested else 59, second=59)
    level = UNUSED
    for _ in range(5):
        level = quotas.take(ONE, limits, late, level).level
    assert not quotas.take(ONE, limits, late, level).fits
    morning = NOON.replace(day=3, hour=0)
    for seen in (level, UNUSED):
        found = quotas.take(ONE, limits, morning, seen)
        assert found.fits
    assert (found.level.day, found.level.spent) == (morning.date(), 2 * WHOLE)


def test_a_clock_that_is_behind_takes_from_the_day_that_has_begun(quotas: Quotas) -> None:
    midnight, limits = NOON.replace(day=3, hour=0), Limits(per_minute=6, burst=4, pages_a_day=3)
    level = quotas.take(ONE, limits, midnight, UNUSED).level
    for seen in (level, UNUSED):
        level = quotas.take(ONE, limits, midnight - timedelta(seconds=1), seen).level
    assert level == Level(microseconds(midnight) + 3 * whole_takes(limits), midnight.date(), 3 * WHOLE)
    assert not quotas.take(ONE, limits, midnight - timedelta(seconds=1), UNUSED).fits


def test_limits_that_change_count_at_once(quotas: Quotas) -> None:
    for _ in range(3):
        level = quotas.take(ONE, LIMITS, NOON, UNUSED).level
    wide = Limits(per_minute=6, burst=4, pages_a_day=4)
    assert quotas.take(ONE, wide, NOON, level).fits
    assert not quotas.take(ONE, wide, NOON, level).fits
    assert not quotas.take(ONE, LIMITS, NOON + timedelta(seconds=10), level).fits
