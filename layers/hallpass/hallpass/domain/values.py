"""What the upstream's words mean: its numbers, booleans, dates and times, by strict ASCII grammars.

Rule: a word that does not fit its grammar means nothing (None); it is never guessed at. Dates and times stay the
upstream's own strings, for it states no time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Final, TypeAlias

from hallpass.domain.schema import Kind

Scalar: TypeAlias = str | int | float | bool
Json: TypeAlias = "Scalar | Sequence[Json] | Mapping[str, Json] | None"

# Fifteen digits: what every JSON reader holds exactly (RFC 8259 section 6).
INT_PATTERN: Final = r"-?[0-9]{1,15}"
FLOAT_PATTERN: Final = r"-?([0-9]{1,15}(\.[0-9]{1,15})?|\.[0-9]{1,15})"
DATE_PATTERN: Final = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_PARTS = re.compile(
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?(?:\.[0-9]+)?"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?P<zone>Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2})?)?"
)
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
_TWELVE_HOURS = r"(0?[1-9]|1[0-2]):[0-5][0-9](:[0-5][0-9])? ?[AaPp][Mm]"
TIME_PATTERN: Final = rf"({_CLOCK}{_ZONE}|{_TWELVE_HOURS})"
DATETIME_PATTERN: Final = rf"{DATE_PATTERN}[T ]({_CLOCK}{_ZONE}|{_TWELVE_HOURS})"

BOOLEANS: Final[Mapping[str, bool]] = MappingProxyType(
    {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
)
"""Spellings in any case: the upstream does not say which it uses."""

_INT = re.compile(INT_PATTERN)
_FLOAT = re.compile(FLOAT_PATTERN)
_DATE = re.compile(DATE_PATTERN)
_TIME = re.compile(TIME_PATTERN)
_DATETIME = re.compile(DATETIME_PATTERN)


def _int(text: str) -> int | None:
    return int(text) if _INT.fullmatch(text) else None


def _float(text: str) -> float | None:
    return float(text) if _FLOAT.fullmatch(text) else None


def _bool(text: str) -> bool | None:
    return BOOLEANS.get(text.lower()) if text.isascii() else None


def read_day(text: str) -> date | None:
    """A day written `YYYY-MM-DD` in ASCII digits and no other way, that the calendar has."""
    # date.fromisoformat alone also takes `20250101` and `2025-W01-1`.
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _date(text: str) -> str | None:
    return text if read_day(text) else None


def _time(text: str) -> str | None:
    return text if _TIME.fullmatch(text) else None


def _datetime(text: str) -> str | None:
    return text if _DATETIME.fullmatch(text) and read_day(text[:10]) else None


PARSERS: Final[Mapping[Kind, Callable[[str], Scalar | None]]] = MappingProxyType(
    {
        Kind.INT: _int,
        Kind.BOOL: _bool,
        Kind.FLOAT: _float,
        Kind.DATE: _date,
        Kind.TIME: _time,
        Kind.DATETIME: _datetime,
    }
)
"""The kinds that have a grammar; the others are text."""


def day_of(text: str) -> str:
    """The day of a date, or of a date and time; "" for what is neither."""
    return text[:10] if _date(text) or _datetime(text) else ""


def checked(kind: Kind) -> Callable[[str], str]:
    """A text as it is where it fits its kind, else ""."""
    parse = PARSERS[kind]
    return lambda text: text if parse(text) is not None else ""


def instant_of(text: str, unsaid: tzinfo) -> datetime | None:
    """The moment of a date and time: whole seconds, UTC; None for what is none. `unsaid`: the zone of one without."""
    parts = _PARTS.fullmatch(text[11:]) if _datetime(text) else None
    if parts is None:
        return None
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"] in "Pp" else 0)
    clock = time(hour, int(parts["minute"]), int(parts["second"] or 0))
    try:
        return datetime.combine(date.fromisoformat(text[:10]), clock, _zone(parts, unsaid)).astimezone(UTC)
    except (ValueError, OverflowError):
        # An offset of a day or more, or a day at either end of the calendar.
        return None


def _zone(parts: re.Match[str], unsaid: tzinfo) -> tzinfo:
    """Raises ValueError for an offset of a day or more."""
    if not parts["zone"]:
        return unsaid
    if not parts["sign"]:
        return UTC
    offset = timedelta(hours=int(parts["zone_hour"]), minutes=int(parts["zone_minute"] or 0))
    return timezone(-offset if parts["sign"] == "-" else offset)
