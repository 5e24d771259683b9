"""What an integration has used of its limits: the generic cell rate algorithm (GCRA), and a count of the day's pages.

Rule: a request passes only where a whole one fits, since nobody knows beforehand what it will cost; what it did not
cost is given back. A level only ever rises, so that what is known of one is enough to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hallpass.domain.limits import Limits

WHOLE, PART = 10, 1
"""In tenths of a request: one that the upstream was asked for, and any other."""
BURST, DAILY = "burst", "daily"
DAY_SECONDS = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """Of two levels of an integration the later one is the greater.

    `free_at`: when all that was taken has come back at the limit's rate, in microseconds since 1970 (GCRA's TAT).
    `spent`: tenths that were taken on `day` (UTC).
    """

    free_at: int
    day: date
    spent: int


UNUSED = Level(0, date.min, 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a whole request fitted, and the level afterwards."""

    fits: bool
    level: Level


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def utc_day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def whole_takes(limits: Limits) -> int:
    """Microseconds until one whole request has come back: rounded up, so that no rounding lets more pass."""
    return WHOLE * -(-60_000_000 // (WHOLE * limits.per_minute))


def most_ahead(limits: Limits) -> int:
    """How far `free_at` may lie ahead of now, in microseconds."""
    return limits.burst * whole_takes(limits)


def most_spent(limits: Limits) -> int:
    return WHOLE * limits.pages_a_day


def taken(level: Level, limits: Limits, at: datetime) -> Taken:
    """One whole request more, if it fits."""
    if violated(level, limits, at):
        return Taken(fits=False, level=level)
    free_at = max(level.free_at, microseconds(at)) + whole_takes(limits)
    return Taken(fits=True, level=Level(free_at, max(level.day, utc_day(at)), spent_on(level, at) + WHOLE))


def spent_on(level: Level, at: datetime) -> int:
    """Of the day of `at`. A clock that is behind another's counts in the day that the other has begun."""
    return level.spent if level.day >= utc_day(at) else 0


def violated(level: Level, limits: Limits, at: datetime) -> tuple[str, ...]:
    """The limits in which there is no room for a whole request."""
    now = microseconds(at)
    full = max(level.free_at, now) + whole_takes(limits) - now > most_ahead(limits)
    over = spent_on(level, at) + WHOLE > most_spent(limits)
    return ((BURST,) if full else ()) + ((DAILY,) if over else ())


def seconds_to_wait(level: Level, limits: Limits, at: datetime) -> int:
    """Until the next whole request fits: at least 1."""
    ahead = level.free_at + whole_takes(limits) - most_ahead(limits) - microseconds(at)
    waits = [1, -(-ahead // 1_000_000)]
    if DAILY in violated(level, limits, at):
        waits.append(seconds_of_day_left(at))
    return max(waits)


def seconds_of_day_left(at: datetime) -> int:
    """Until the next day of UTC begins, rounded up: at least 1."""
    midnight = datetime.combine(utc_day(at) + timedelta(days=1), time(), UTC)
    return -((at - midnight) // timedelta(seconds=1))
