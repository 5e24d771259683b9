"""What the upstream's words mean: its numbers, booleans, dates and times, by strict ASCII grammars.

Rule: a word that does not fit its grammar means nothing (None); it is never guessed at. Dates and times stay the
upstream's own strings, for it states no time zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, TypeAlias

from hallpass.domain.schema import Kind

Scalar: TypeAlias = str | int | float | bool
Json: TypeAlias = "Scalar | Sequence[Json] | Mapping[str, Json] | None"

# Fifteen digits: what every JSON reader holds exactly (RFC 8259 section 6).
INT_PATTERN: Final = r"-?[0-9]{1,15}"
FLOAT_PATTERN: Final = r"-?([0-9]{1,15}(\.[0-9]{1,15})?|\.[0-9]{1,15})"
DATE_PATTERN: Final = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
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


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _date(text: str) -> str | None:
    return text if _DATE.fullmatch(text) and _is_day(text) else None


def _time(text: str) -> str | None:
    return text if _TIME.fullmatch(text) else None


def _datetime(text: str) -> str | None:
    return text if _DATETIME.fullmatch(text) and _is_day(text) else None


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
