"""What a writer hands back: the body, and the counts that the record of the disclosure needs.

Rule: a person whose number the view shows is counted once on a page; one without a shown number, at each occurrence.
Persons are those whom an incident is about: students, as offenders or victims, and employees as victims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hallpass.domain.model import Incident, Node
from hallpass.domain.tree import Element
from hallpass.domain.view import FieldView

_PARTIES = ("offenders", "victims")
_PEOPLE = ("student", "employee")


@dataclass(frozen=True, slots=True)
class Rendered:
    """`body`: UTF-8. `unparsed`: values that are not what the upstream documents, sent as null (JSON only)."""

    body: bytes
    incidents: int
    persons: int
    unparsed: int = 0


def count_persons(incidents: Sequence[Incident], view: FieldView) -> int:
    """Distinct persons that `view` shows of these incidents, by the rule above."""
    numbered: set[tuple[str, Node]] = set()
    unnumbered = 0
    for wrapper in _PARTIES:
        people = _shown_people(view.tree.children.get(wrapper))
        if people:
            for incident in incidents:
                unnumbered += _note(incident.get(wrapper), people, numbered)
    return len(numbered) + unnumbered


def _shown_people(parties: Element | None) -> list[tuple[str, bool]]:
    """Of a list of offenders or victims: what stands in it under a view, and whether its number is shown."""
    shown = parties.item.children if parties else {}
    return [(kind, "district-id" in shown[kind].attributes) for kind in _PEOPLE if kind in shown]


def _note(parties: Node, people: list[tuple[str, bool]], numbered: set[tuple[str, Node]]) -> int:
    """Add the numbered ones; how many have no number to know them by."""
    unnumbered = 0
    for party in parties if isinstance(parties, list) else ():
        assert isinstance(party, dict)  # the reader puts nothing else into these lists
        for kind, number_shown in people:
            person = party.get(kind)
            if not isinstance(person, dict):
                continue
            if number_shown and person.get("district_id"):
                numbered.add((kind, person["district_id"]))
            else:
                unnumbered += 1
    return unnumbered
