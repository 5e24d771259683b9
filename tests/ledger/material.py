"""Invented rows and sets of persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hallpass.domain.audit import AuditRecord
from hallpass.domain.ledger import Row, row_key
from hallpass.domain.people import Marks, People, Person, Shown

from tests.records import DISTRICT_ID, INTEGRATION_ID

AT = datetime(2026, 3, 2, 15, 0, 0, 120_000, tzinfo=UTC)
MARKS = Marks(bytes(range(32)))


def record(number: int = 1, *, at: datetime = AT, people: People | None = None, **facts: Any) -> AuditRecord:
    """An answer with incidents if it is about people, else one without."""
    plain = AuditRecord(at, f"req-{number}", "incidents.read", 200, 12, "0.1.0", "192.0.2.7", "no-records")
    plain = replace(plain, district=DISTRICT_ID, integration=INTEGRATION_ID, token="Tok1", format="json")
    if people is not None:
        plain = replace(plain, disclosure="records", incidents=3, persons=2, people=people.name)
    return replace(plain, **facts)


def row(number: int = 1, *, at: datetime = AT, people: People | None = None, **facts: Any) -> Row:
    told = record(number, at=at, people=people, **facts).line()
    return Row(row_key(told), told)


def student(number: str) -> bytes:
    return MARKS.of(Person.STUDENT, number)


def group(identified: str = "", withheld: str = "", unnumbered: str = "", **levels: str) -> People:
    """Numbers of students, separated by spaces, by level."""
    told = {"identified": identified, "withheld": withheld, **levels}
    by_level = [(level, sorted(student(one) for one in told.get(level.value, "").split())) for level in Shown]
    shown = tuple((level, tuple(marks)) for level, marks in by_level if marks)
    nameless = tuple(sorted(MARKS.of_incident(one.encode()) for one in unnumbered.split()))
    return People(shown, ((Person.STUDENT, nameless),) if nameless else ())


def later(**parts: float) -> datetime:
    return AT + timedelta(**parts)
