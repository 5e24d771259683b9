"""Which rows of a page a grant shows: judged one by one by their own type, school, date, deletion and last change.

Rule: a row that lacks what it is judged by is out; only in doubt about its last change it is in, for there a row
that is left out is a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from hallpass.domain.model import (
    Incident,
    incident_date,
    incident_deleted,
    incident_last_modified,
    incident_school,
    incident_type,
)
from hallpass.domain.scope import DateRange
from hallpass.domain.since import Since
from hallpass.domain.values import read_day

UNREQUESTED = "unrequested"
UNCHANGED = "unchanged"
UNDOCUMENTED = "undocumented"
REASONS: Mapping[str, str] = MappingProxyType(
    {
        UNREQUESTED: "the query did not ask for it, and EducatorsHandbook.com sent it",
        "type": "its type is not granted",
        "school": "its school is not granted, or not asked for",
        "date": "its date is outside the scope's, or not to be read",
        UNCHANGED: "it has not changed since `modified_since`",
        UNDOCUMENTED: "its type is none that is documented",
    }
)
"""Why a row is out, in words."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Rows that may have changed since a poll, or that came into a rolling window: dated `entered` or later."""

    since: Since
    whole_days: bool
    entered: date | None

    def admits(self, row: Incident) -> bool:
        if self.since.matches(incident_last_modified(row), whole_days=self.whole_days):
            return True
        day = _day_of(row)
        return self.entered is not None and day is not None and day >= self.entered

    def parts(self) -> list[object]:
        return [self.since.text(), self.whole_days, self.entered and self.entered.isoformat()]


@dataclass(frozen=True, slots=True)
class RowFilter:
    """None: not judged by that. `window`: already turned into dates.

    `types` with None among them: also rows without one. `asked`, `deleted`: the query's own `type` and `deleted`;
    the rest is the scope's, narrowed by the query's `school` and `modified_since`.
    """

    asked: str | None
    types: frozenset[str | None]
    schools: frozenset[str] | None
    window: DateRange | None
    deleted: bool
    changed: Changed | None = None

    def withholds(self, row: Incident) -> str | None:
        """Why a row is out, or None when it is shown.

        `unrequested`: the upstream sent what the query had not asked for.
        """
        kind = incident_type(row)
        if (self.asked is not None and kind != self.asked) or (not self.deleted and incident_deleted(row)):
            return UNREQUESTED
        if kind not in self.types:
            return "type"
        if self.schools is not None and incident_school(row) not in self.schools:
            return "school"
        if self.window is not None and not _dated_within(row, self.window):
            return "date"
        if self.changed is not None and not self.changed.admits(row):
            return UNCHANGED
        return None

    def named_types(self) -> list[str]:
        return sorted(kind for kind in self.types if kind is not None)

    def parts(self) -> list[object]:
        """The filter as plain values: a part of the identity of every representation."""
        schools = None if self.schools is None else sorted(self.schools)
        window = self.window and [self.window.first.isoformat(), self.window.last.isoformat()]
        changed = self.changed and self.changed.parts()
        return [self.asked, self.named_types(), None in self.types, schools, window, self.deleted, changed]


def _dated_within(row: Incident, window: DateRange) -> bool:
    day = _day_of(row)
    return day is not None and day in window


def _day_of(row: Incident) -> date | None:
    return read_day(incident_date(row) or "")
