"""Whom an answer is about: the persons of its incidents as keyed marks, and those whom it withheld.

Rule: a number leaves this module as a mark only, and the key that makes marks is the district's own; who is in no
set is not known to the ledger. A set is a function of the page, the rows and the view, so it is kept once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import orjson

from hallpass.domain.model import Incident, Node, incident_uuid
from hallpass.domain.schema import FIELDS, Identity, Kind
from hallpass.domain.tree import DOCUMENTED, Element
from hallpass.domain.view import FieldView

MARK_BYTES = 16
"""128 bits of an HMAC-SHA256: two persons of a district do not share a mark."""
KEY_BYTES = 32


class Shown(StrEnum):
    """How much of a person an answer showed, the most first.

    `identified`: a number or a name; `pseudonymised`: a pseudonym; `unidentified`: the incident, and neither of these;
    `withheld`: the incident stood on the page that was read, and was not sent.
    """

    IDENTIFIED = "identified"
    PSEUDONYMISED = "pseudonymised"
    UNIDENTIFIED = "unidentified"
    WITHHELD = "withheld"


LEVELS = tuple(Shown)
DISCLOSED = frozenset(LEVELS) - {Shown.WITHHELD}


class Person(StrEnum):
    """Whose number it is. A student's and an employee's that are alike are two persons."""

    STUDENT = "student"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes marks under a district's ledger key."""

    key: bytes = field(repr=False)

    def of(self, person: Person, number: str) -> bytes:
        """`number`: byte for byte as the upstream writes it."""
        return self._mark(f"1|{person.value}|", number.encode())

    def of_incident(self, told: bytes) -> bytes:
        return self._mark("1|incident|", told)

    def _mark(self, domain: str, told: bytes) -> bytes:
        return hmac.digest(self.key, domain.encode() + told, hashlib.sha256)[:MARK_BYTES]


@dataclass(frozen=True, slots=True)
class People:
    """Marks of persons by how much was shown of them, each person once; `unnumbered`: of incidents that were sent and
    held somebody without a number. Sorted, so that the same persons have the same name.
    """

    shown: tuple[tuple[Shown, tuple[bytes, ...]], ...]
    unnumbered: tuple[bytes, ...]

    @property
    def name(self) -> str:
        parts = [f"{level.value}:{len(marks)}".encode() + b"".join(marks) for level, marks in self.shown]
        return hashlib.sha256(b"people|1|" + b"|".join([*parts, b"".join(self.unnumbered)])).hexdigest()

    def at(self, level: Shown) -> tuple[bytes, ...]:
        return dict(self.shown).get(level, ())


def people_of(
    sent: Iterable[Incident], page: Iterable[Incident], view: FieldView, marks: Marks, unread: Iterable[bytes] = ()
) -> People:
    """`sent`: the rows of the answer; `page`: all that the page holds, these too.

    `unread`: a name of each incident that was sent and is no row, so that nobody can tell who is in it.
    """
    rows = list(sent)
    found: dict[Shown, set[_Numbered]] = {level: set() for level in LEVELS}
    unnumbered = {marks.of_incident(told) for told in unread}
    for path, parties in _parties(rows):
        found[_level(path, view)].update(_numbered(path, parties))
        unnumbered.update(marks.of_incident(_told(incident)) for incident, number in parties if number is None)
    there = set(map(id, rows))
    for path, parties in _parties([incident for incident in page if id(incident) not in there]):
        found[Shown.WITHHELD].update(_numbered(path, parties))
    return People(tuple(_by_level(found, marks)), tuple(sorted(unnumbered)))


def _by_level(found: Mapping[Shown, set[_Numbered]], marks: Marks) -> Iterator[tuple[Shown, tuple[bytes, ...]]]:
    """Each person at the first level, which shows the most of them."""
    known: set[_Numbered] = set()
    for level in LEVELS:
        if left := found[level] - known:
            yield level, tuple(sorted(marks.of(person, number) for person, number in left))
            known |= left


_Numbered: TypeAlias = tuple[Person, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A part of the documented tree that leads to persons. `below`: by the model's member names."""

    path: str
    person: Person | None
    below: Mapping[str, _Branch]
    item: _Branch | None


_Nodes: TypeAlias = list[tuple[Incident, Node]]
_Parties: TypeAlias = list[tuple[Incident, str | None]]


def _parties(incidents: Iterable[Incident]) -> Iterator[tuple[str, _Parties]]:
    """By where persons stand: the incident of each, and the number, or None without one."""
    # All incidents at once, place by place: most places are empty in most of them.
    return _reach([(incident, incident) for incident in incidents], _TREE)


def _reach(nodes: _Nodes, branch: _Branch) -> Iterator[tuple[str, _Parties]]:
    if branch.person is not None:
        yield branch.path, [(incident, _number(node)) for incident, node in nodes]
    elif branch.item is not None:
        items = [(incident, item) for incident, node in nodes if isinstance(node, list) for item in node]
        yield from _reach(items, branch.item)
    else:
        for name, below in branch.below.items():
            there = [(incident, node[name]) for incident, node in nodes if isinstance(node, dict) and name in node]
            yield from _reach(there, below)


def _numbered(path: str, parties: _Parties) -> Iterator[_Numbered]:
    person = _PERSONS[path]
    return ((person, number) for _, number in parties if number is not None)


def _number(person: Node) -> str | None:
    number = person.get("district_id") if isinstance(person, dict) else None
    return number if isinstance(number, str) and number else None


def _level(path: str, view: FieldView) -> Shown:
    if view.shows(f"{path}/@district-id"):
        return Shown.PSEUDONYMISED if view.pseudonymised else Shown.IDENTIFIED
    named = f"{path}/name" if _PERSONS[path] is Person.STUDENT else path
    return Shown.IDENTIFIED if view.shows(named) else Shown.UNIDENTIFIED


def _told(incident: Incident) -> bytes:
    uuid = incident_uuid(incident)
    return uuid.encode() if uuid else orjson.dumps(incident, option=orjson.OPT_SORT_KEYS)


def _branch(element: Element) -> _Branch | None:
    children = {child.field.json: _branch(child) for child in element.children.values()}
    below = {name: child for name, child in children.items() if child is not None}
    path = element.field.path
    if path not in _PERSONS and not below:
        return None
    listed = element.field.kind is Kind.LIST
    return _Branch(path, _PERSONS.get(path), {} if listed else below, next(iter(below.values())) if listed else None)


def _person_paths() -> Mapping[str, Person]:
    kinds = {Identity.STUDENT: Person.STUDENT, Identity.STAFF: Person.STAFF}
    return {known.parent: kinds[known.identity] for known in FIELDS.values() if known.identity in kinds}


_PERSONS = _person_paths()


def _whole() -> _Branch:
    whole = _branch(DOCUMENTED)
    assert whole is not None  # the table holds persons
    return whole


_TREE = _whole()
