"""When a token is to end: a number of days, a day, or a moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from hallpass.domain.scope_format import day_from_json

from hallpass_cli.failures import UsageError

Days = Annotated[int | None, typer.Option("--days", min=1, max=400, help="Days from now.")]
ExpiresAt = Annotated[
    str | None,
    typer.Option("--expires-at", help="A day (to its end) or a moment such as 2026-12-31T23:59:59Z."),
]
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII)


def end_of_life(days: int | None, expires_at: str | None, time_zone: Callable[[], str]) -> str:
    """RFC 3339. `time_zone`: asked only for a day. Raises UsageError."""
    if (days is None) == (expires_at is None):
        raise UsageError("Say when it ends: --days or --expires-at, one of them.")
    if days is not None:
        return written(datetime.now(UTC) + timedelta(days=days))
    try:
        return _moment(str(expires_at), time_zone)
    except (ValueError, OverflowError) as error:
        raise UsageError("--expires-at is a day as 2026-12-31 or a moment as 2026-12-31T23:59:59Z.") from error


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_the_minute(timestamp: str | None) -> str | None:
    """Of a moment that is known no better: `2026-03-04T15:00:59Z` is `2026-03-04T15:00Z`."""
    return None if timestamp is None else f"{timestamp[:16]}Z"


def _moment(text: str, time_zone: Callable[[], str]) -> str:
    """Raises ValueError, OverflowError."""
    day_text, mark, clock = text.partition("T")
    day = day_from_json(day_text, "")
    if mark:
        # datetime.fromisoformat takes many spellings that the API does not.
        if not _CLOCK.fullmatch(clock):
            raise ValueError("a moment that is not spelt as RFC 3339, or has no offset")
        return written(datetime.fromisoformat(text))
    day_after = day + timedelta(days=1)
    return written(datetime.combine(day_after, time(), ZoneInfo(time_zone())))
