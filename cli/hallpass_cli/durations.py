"""Times as a person says them: 90s, 5m, 24h, 30d, or a bare number of seconds."""

from __future__ import annotations

import re

from hallpass_cli.failures import UsageError

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd]?)", re.ASCII)


def seconds(option: str, text: str) -> int:
    """Raises UsageError, which names the option."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UsageError(f"{option} is a number of seconds, or a time such as 90s, 5m, 24h or 30d.")
    return int(match[1]) * _SECONDS[match[2]]


def words(count: int) -> str:
    """In the largest unit that fits: 300 is 5m."""
    for unit in ("d", "h", "m"):
        if count and count % _SECONDS[unit] == 0:
            return f"{count // _SECONDS[unit]}{unit}"
    return f"{count}s"
