"""One incident as an example: an invented one that has every documented element, or any as a view shows it.

Rule: where a vendor would get a pseudonym stands a placeholder: nobody here can make one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hallpass.domain.json_writer import RowConverter
from hallpass.domain.model import Incident, Node
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.pseudonyms import KEY_BYTES, Pseudonyms
from hallpass.domain.row_filter import RowFilter
from hallpass.domain.schema import Identity
from hallpass.domain.values import Json
from hallpass.domain.view import FieldView, view_of


class Placeholders(Pseudonyms):
    """Numbered by kind, in the order of their values' first appearance."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        # What is made of this key is never given out: `of` is the only way to a pseudonym here.
        super().__init__(bytes(KEY_BYTES), 0)
        self._told: dict[tuple[Identity, str], str] = {}

    def of(self, identity: Identity) -> Callable[[str], str]:
        def told(value: str) -> str:
            number = 1 + sum(kind is identity for kind, _ in self._told)
            return self._told.setdefault((identity, value), f"({identity} pseudonym {number})") if value else ""

        return told


def as_upstream(incident: Incident) -> dict[str, Json]:
    """Everything of it that is documented, typed."""
    return RowConverter(view_of(UPSTREAM_VIEW)).convert(incident)


def as_shown(incident: Incident, view: FieldView) -> dict[str, Json]:
    bound = view.bound(Placeholders()) if view.pseudonymised else view
    return RowConverter(bound).convert(incident)


def invented(rows: RowFilter, today: date) -> Incident:
    """One that the rows let through, of today or of the last day before."""
    day = today if rows.window is None or today in rows.window else rows.window.last
    school = "007" if rows.schools is None else min(rows.schools)
    kind = "referral" if "referral" in rows.types else min(rows.named_types())
    told = {"uuid": "00000000-0000-4000-8000-000000000001", "type": kind, "last_modified": f"{day}T15:04:05"}
    return {**told, **_facts(day.isoformat(), school), "offenders": [_offender(day.isoformat())], "victims": _victims()}


def _facts(day: str, school: str) -> Incident:
    return {
        "bounced": "1",
        "deleted": "0",
        "date": day,
        "time": "10:25",
        "written_by": {"datetime": f"{day}T10:40:00", "district_id": "s-0001", "name": "Staff Member One"},
        "school": {"code": school, "name": "Example Elementary"},
        "location": {"code": "12", "name": "Example playground"},
        "subject": {"code": "3", "name": "Example subject"},
        "arrangement": {"code": "1", "name": "Example arrangement"},
        "offense": {"code": "045", "name": "Example offense"},
        "description": "An invented event & its invented course.",
        "attributes": {"count": "2"},
    }


def _offender(day: str) -> Node:
    return {
        "student": _student("0000042", "Example O'Student"),
        "injury": {"code": "0", "name": "None"},
        "offenses": [{"code": "045", "name": "Example offense"}],
        "weapons": [{"code": "3", "name": "Example object"}],
        "actions": [_action(day)],
    }


def _action(day: str) -> Node:
    return {
        "code": "A1",
        "cost": "yes",
        "name": "Example action",
        "duration": {"day_length": "420", "value": "0.5"},
        "schedule": [{"date": day, "start": "08:00", "end": "11:30", "served": "1"}],
        "details": "Invented details.",
        "attributes": {"count": "1"},
        "assigned_by": {"datetime": f"{day}T11:00:00", "district_id": "s-0002", "name": "Staff Member Two"},
    }


def _victims() -> list[Node]:
    hurt: Incident = {"injury": {"code": "2", "name": "Example injury"}, "attributes": {"count": "1"}}
    employee: Node = {"district_id": "s-0003", "name": "Staff Member Three"}
    return [{"student": _student("0000043", "Sample Pupil"), **hurt}, {"employee": employee, **hurt}]


def _student(number: str, name: str) -> Node:
    facts = {"grade": "05", "gender": "F", "race": "Example race", "ethnicity": "Example ethnicity"}
    flags = {"iep": "no", "plan": "yes", "ell": "no", "homeless": "no", "foster": "no", "frpl": "yes"}
    return {"district_id": number, "name": name, **facts, **flags}
