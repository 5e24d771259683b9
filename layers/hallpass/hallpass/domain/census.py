"""What a scope lets through of incidents, counted: rows, schools, and the days they are of.

Rule: it holds numbers, days and schools, and of a person nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from hallpass.domain.model import Incident, incident_date, incident_school
from hallpass.domain.row_filter import RowFilter
from hallpass.domain.values import read_day


@dataclass(slots=True)
class School:
    """`name`: as the upstream first wrote it; "" for incidents without a school."""

    name: str = ""
    incidents: int = 0
    shown: int = 0


@dataclass(slots=True)
class Period:
    """The first and the last day; `undated`: incidents of no day that the calendar has."""

    first: date | None = None
    last: date | None = None
    undated: int = 0

    def add(self, day: date | None) -> None:
        if day is None:
            self.undated += 1
            return
        self.first = day if self.first is None else min(self.first, day)
        self.last = day if self.last is None else max(self.last, day)


@dataclass(slots=True)
class Census:
    """`removed`: rows by why they are out; `schools`: by code, None for those without; `days`: of all rows."""

    incidents: int = 0
    shown: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    schools: dict[str | None, School] = field(default_factory=dict)
    period: Period = field(default_factory=Period)
    shown_period: Period = field(default_factory=Period)
    days: set[date] = field(default_factory=set)

    def add(self, incident: Incident, rows: RowFilter) -> bool:
        """Whether the incident is shown."""
        reason = rows.withholds(incident)
        day = read_day(incident_date(incident) or "")
        school = self.schools.setdefault(incident_school(incident), School(_school_name(incident)))
        self.incidents += 1
        school.incidents += 1
        self.period.add(day)
        if day is not None:
            self.days.add(day)
        if reason is not None:
            self.removed[reason] += 1
            return False
        self.shown += 1
        school.shown += 1
        self.shown_period.add(day)
        return True


def _school_name(incident: Incident) -> str:
    school = incident.get("school")
    name = school.get("name") if isinstance(school, dict) else None
    return name if isinstance(name, str) else ""
