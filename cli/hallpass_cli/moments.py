"""When a token is to end: a number of days, a day, or a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hallpass_cli.failures import UsageError

Days = Annotated[int | None, typer.Option("--days", min=1, max=400, help="Days from now.")]
ExpiresAt = Annotated[
    str | None,
    typer.Option("--expires-at", help="A day (to its end) or a moment such as 2026-12-31T23:59:59Z."),
]


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


def _moment(text: str, time_zone: Callable[[], str]) -> str:
    if "T" in text:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a moment without its offset")
        return written(moment)
    day_after = date.fromisoformat(text) + timedelta(days=1)
    return written(datetime.combine(day_after, time(), ZoneInfo(time_zone())))
