"""HTTP-date (RFC 9110 section 5.6.7): the three forms, exactly.

Rule: what is not a date to the letter is no date. `email.utils` reads much that is none, and a malformed `Expires`
means "expired".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SHORT_DAY: Final = f"(?P<weekday>{'|'.join(day[:3] for day in _DAYS)})"
_LONG_DAY: Final = f"(?P<weekday>{'|'.join(_DAYS)})"
_MONTH: Final = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS: Final = (
    re.compile(rf"{_SHORT_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    re.compile(rf"{_SHORT_DAY} {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)


def read_http_date(text: str, near: datetime) -> datetime | None:
    """UTC, or None for what is no HTTP-date. `near`: about when it was sent, to tell what century `94` is of."""
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            return _moment(found, near.astimezone(UTC))
    return None


def _moment(found: re.Match[str], near: datetime) -> datetime | None:
    month, day = _MONTHS.index(found["month"]) + 1, int(found["day"])
    # The grammar has a leap second, datetime does not.
    second = 59 if found["second"] == "60" else int(found["second"])
    clock = (int(found["hour"]), int(found["minute"]), second)
    year = int(found["year"])
    if len(found["year"]) == 2:
        year = _year(year, (month, day, *clock), near)
    try:
        moment = datetime(year, month, day, *clock, tzinfo=UTC)
    except ValueError:
        return None
    return moment if _DAYS[moment.weekday()].startswith(found["weekday"]) else None


def _year(two_digits: int, rest: tuple[int, ...], near: datetime) -> int:
    # RFC 9110 section 5.6.7: one that seems more than 50 years ahead is of the past.
    year = near.year - near.year % 100 + two_digits
    ahead = (year - 50, rest) > (near.year, (near.month, near.day, near.hour, near.minute, near.second))
    return year - 100 if ahead else year
