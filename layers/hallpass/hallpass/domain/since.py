"""`modified_since`: what a vendor polls by, and the watermark for its next poll.

Rule: in doubt a row matches. A row without a readable `last-modified` always does, and one without a time zone (the
upstream states none) does if it could in any. Whether a row matches follows from what the view shows of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from hallpass.domain.values import day_of, instant_of, read_day

OVERLAP: Final = timedelta(hours=1)
"""How far a watermark lies before the reading: for clocks that differ, and for the time that reading takes."""
WESTMOST: Final = timezone(timedelta(hours=-12))
EASTMOST: Final = timezone(timedelta(hours=14))

# Far enough from both ends of the calendar that every time zone has the day.
_YEARS: Final = frozenset(str(year) for year in range(1900, 3000))
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Since:
    """A day, or a moment (UTC, whole seconds). A day is meant in every time zone: it begins with its earliest."""

    at: date | datetime

    @classmethod
    def parse(cls, text: str) -> Since:
        """Raises ValueError for what is neither `YYYY-MM-DD` nor `YYYY-MM-DDThh:mm:ss` with its offset."""
        day = read_day(text)
        if day is not None and str(day.year) in _YEARS:
            return cls(day)
        if text[:4] in _YEARS and _MOMENT.fullmatch(text):
            at = datetime.fromisoformat(text).astimezone(UTC)
            if str(at.year) in _YEARS:
                return cls(at)
        raise ValueError("no day and no moment")

    @property
    def below_the_day(self) -> bool:
        return isinstance(self.at, datetime)

    def text(self) -> str:
        """The canonical spelling."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ}" if isinstance(self.at, datetime) else self.at.isoformat()

    def matches(self, last_modified: str | None, *, whole_days: bool) -> bool:
        """Whether a row may have changed since. `whole_days`: the view shows the day alone, so it alone is judged."""
        text = last_modified or ""
        if whole_days:
            day = day_of(text)
            return day == "" or day >= self._moment().date().isoformat()
        changed = instant_of(text, WESTMOST)
        return changed is None or changed >= self._moment()

    def earliest_day(self) -> date:
        """The first day, in any time zone, that is not wholly before it."""
        return self._moment().astimezone(WESTMOST).date()

    def _moment(self) -> datetime:
        if isinstance(self.at, datetime):
            return self.at
        return datetime.combine(self.at, time(), EASTMOST)


def watermark(read_at: datetime, *, whole_days: bool) -> Since:
    """What to send next time, after a page that was read at `read_at`: nothing that changed later is missed."""
    moment = (read_at - OVERLAP).astimezone(UTC).replace(microsecond=0)
    return Since(moment.astimezone(WESTMOST).date()) if whole_days else Since(moment)
