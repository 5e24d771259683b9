"""What a writer hands back: the body, and the counts that the record of the disclosure needs.

Rule: a person whose number the view shows is counted once on a page; one without a shown number, at each occurrence.
Persons are those whom an incident is about: students, as offenders or victims, and employees as victims.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hallpass.domain.model import Incident, Node
from hallpass.domain.tree import Element
from hallpass.domain.view import FieldView

_PARTIES = (("offenders", "offender"), ("victims", "victim"))
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
    numbered: set[tuple[str, str]] = set()
    unnumbered = 0
    for kind, number in _shown_persons(incidents, view.tree):
        if number:
            numbered.add((kind, number))
        else:
            unnumbered += 1
    return len(numbered) + unnumbered


def _shown_persons(incidents: Sequence[Incident], tree: Element) -> Iterator[tuple[str, str]]:
    """Each occurrence: student or employee, and the shown number or ""."""
    for wrapper, item in _PARTIES:
        parties = tree.children.get(wrapper)
        shown = parties.children[item].children if parties and item in parties.children else {}
        people = [(kind, "district-id" in shown[kind].attributes) for kind in _PEOPLE if kind in shown]
        if not people:
            continue
        for incident in incidents:
            for party in _members(incident.get(wrapper)):
                yield from _of_party(party, people)


def _members(node: Node) -> list[Node]:
    return node if isinstance(node, list) else []


def _of_party(party: Node, people: list[tuple[str, bool]]) -> Iterator[tuple[str, str]]:
    assert isinstance(party, dict)  # the reader puts nothing else into these lists
    for kind, number_shown in people:
        person = party.get(kind)
        if isinstance(person, dict):
            yield kind, str(person.get("district_id", "")) if number_shown else ""
