"""Where persons stand in an incident, and with which number: from the table, never from the data's own shape.

Rule: an offender or a victim is somebody, also when nothing is left to read of who it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from hallpass.domain.model import Incident, Node
from hallpass.domain.schema import FIELDS, Identity, Kind
from hallpass.domain.tree import DOCUMENTED, Element


class Person(StrEnum):
    """Whose number it is. A student's and an employee's that are alike are two persons."""

    STUDENT = "student"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A part of the documented tree that leads to persons. `below`: by the model's member names.

    `persons`: who stands here; of a party of an incident, who it may be when nothing is left to read of it.
    """

    path: str
    persons: tuple[Person, ...]
    below: Mapping[str, _Branch]
    item: _Branch | None


_Nodes: TypeAlias = list[tuple[Incident, Node]]
Parties: TypeAlias = list[tuple[Incident, str | None]]


def parties(incidents: Iterable[Incident]) -> Iterator[tuple[str, Person, Parties]]:
    """By the path where persons stand, and who they may be there: the incident of each, and the number, if any."""
    # All incidents at once, place by place: most places are empty in most of them.
    for branch, found in _reach([(incident, incident) for incident in incidents], _TREE):
        for person in branch.persons:
            yield branch.path, person, found


def _reach(nodes: _Nodes, branch: _Branch) -> Iterator[tuple[_Branch, Parties]]:
    if branch.below or branch.item is not None:
        yield from _reach_below(nodes, branch)
    else:
        yield branch, [(incident, _number(node)) for incident, node in nodes]


def _reach_below(nodes: _Nodes, branch: _Branch) -> Iterator[tuple[_Branch, Parties]]:
    if branch.item is not None:
        items = [(incident, item) for incident, node in nodes if isinstance(node, list) for item in node]
        yield from _reach(items, branch.item)
        return
    if branch.persons:
        yield branch, [(incident, None) for incident, node in nodes if not _names_somebody(node, branch)]
    for name, below in branch.below.items():
        there = [(incident, node[name]) for incident, node in nodes if isinstance(node, dict) and name in node]
        yield from _reach(there, below)


def _names_somebody(party: Node, branch: _Branch) -> bool:
    """Else nothing is left to read of a party, who is somebody all the same."""
    return isinstance(party, dict) and any(below.persons and name in party for name, below in branch.below.items())


def _number(person: Node) -> str | None:
    number = person.get("district_id") if isinstance(person, dict) else None
    return number if isinstance(number, str) and number else None


def _branch(element: Element) -> _Branch | None:
    children = {child.field.json: _branch(child) for child in element.children.values()}
    below = {name: child for name, child in children.items() if child is not None}
    path = element.field.path
    if path not in PERSONS and not below:
        return None
    if element.field.kind is Kind.LIST:
        return _Branch(path, (), {}, next(iter(below.values())))
    persons = (PERSONS[path],) if path in PERSONS else tuple(PARTIES.get(path, {}).values())
    return _Branch(path, persons, below, None)


def _person_paths() -> Mapping[str, Person]:
    kinds = {Identity.STUDENT: Person.STUDENT, Identity.STAFF: Person.STAFF}
    return {known.parent: kinds[known.identity] for known in FIELDS.values() if known.identity in kinds}


PERSONS = _person_paths()
"""Where a person stands -> whose number that is."""


def _parties_of_incidents() -> Mapping[str, Mapping[str, Person]]:
    found: dict[str, dict[str, Person]] = {}
    for path, person in PERSONS.items():
        above, _, name = path.rpartition("/")
        # incident, the list, its item: an action, which is listed further down, is nobody's if nobody is named.
        if above.count("/") == 2:
            found.setdefault(above, {})[name] = person
    return found


PARTIES = _parties_of_incidents()
"""What an incident lists persons in -> who each may be, by the XML name of the element that tells."""


def _whole() -> _Branch:
    whole = _branch(DOCUMENTED)
    assert whole is not None  # the table holds persons
    return whole


_TREE = _whole()
