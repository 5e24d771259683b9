"""`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): structured fields, RFC 9651.

Rule: they tell what this container knows; others may have taken more meanwhile, and a 429 has the last word.
"""

from __future__ import annotations

from datetime import datetime

from hallpass.domain.limits import Limits
from hallpass.domain.quota import (
    BURST,
    DAILY,
    DAY_SECONDS,
    WHOLE,
    Level,
    microseconds,
    most_ahead,
    most_spent,
    seconds_of_day_left,
    spent_on,
    whole_takes,
)


def rate_limit_fields(level: Level, in_hand: int, limits: Limits, at: datetime) -> tuple[tuple[str, str], ...]:
    """`in_hand`: tenths that were taken and not used."""
    return (
        ("RateLimit-Policy", _policies(limits)),
        ("RateLimit", f"{_burst(level, in_hand, limits, at)}, {_daily(level, in_hand, limits, at)}"),
    )


def _policies(limits: Limits) -> str:
    # "q" of a bucket is what it holds, "w" how long it takes to fill.
    window = -(-60 * limits.burst // limits.per_minute)
    return f'"{BURST}";q={limits.burst};w={window}, "{DAILY}";q={limits.pages_a_day};w={DAY_SECONDS}'


def _burst(level: Level, in_hand: int, limits: Limits, at: datetime) -> str:
    takes, now = whole_takes(limits), microseconds(at)
    ahead = max(level.free_at - now, 0)
    there = max(most_ahead(limits) - ahead, 0) // takes
    left = min(there + in_hand // WHOLE, limits.burst)
    if left == limits.burst:
        return f'"{BURST}";r={left}'
    until_next = ahead - most_ahead(limits) + (there + 1) * takes
    return f'"{BURST}";r={left};t={max(-(-until_next // 1_000_000), 1)}'


def _daily(level: Level, in_hand: int, limits: Limits, at: datetime) -> str:
    left = max(most_spent(limits) - spent_on(level, at) + in_hand, 0) // WHOLE
    return f'"{DAILY}";r={min(left, limits.pages_a_day)};t={seconds_of_day_left(at)}'
