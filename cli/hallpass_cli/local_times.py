"""The ledger's times as a person of the district reads them: the district's clock, with the zone beside it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def local(time: str, time_zone: str) -> str:
    """`time`: RFC 3339. 2026-02-02 06:00:00 CST, so that the hour that comes twice in autumn is two."""
    return f"{datetime.fromisoformat(time).astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M:%S %Z}"
