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
from hallpass.domain.schema import FIELDS, Group, Identity, Kind
from hallpass.domain.tree import DOCUMENTED, Element
from hallpass.domain.view import FieldView

MARK_BYTES = 16
"""128 bits of an HMAC-SHA256: two persons of a district do not share a mark."""
KEY_BYTES = 32


class Shown(StrEnum):
    """How much of a person an answer showed, the most first.

    `identified`: a number or a name; `described`: free text of the incident, which may name anybody; `pseudonymised`: a
    pseudonym; `unidentified`: the incident, and none of these; `withheld`: the incident stood on the page that was
    read, and was not sent.
    """

    IDENTIFIED = "identified"
    DESCRIBED = "described"
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
    held somebody without a number, by who that may be. Sorted, so that the same persons have the same name.
    """

    shown: tuple[tuple[Shown, tuple[bytes, ...]], ...]
    unnumbered: tuple[tuple[Person, tuple[bytes, ...]], ...]

    @property
    def name(self) -> str:
        parts = [
            f"{told.value}:{len(marks)}".encode() + b"".join(marks) for told, marks in self.shown + self.unnumbered
        ]
        return hashlib.sha256(b"people|2|" + b"|".join(parts)).hexdigest()

    def at(self, level: Shown) -> tuple[bytes, ...]:
        return dict(self.shown).get(level, ())

    def without_number(self, person: Person) -> tuple[bytes, ...]:
        return dict(self.unnumbered).get(person, ())


Numbered: TypeAlias = tuple[Person, str]
Unnumbered: TypeAlias = tuple[Person, bytes]
"""Who somebody may be, and a name of the incident."""


def people_of(
    sent: Iterable[Incident],
    page: Iterable[Incident],
    view: FieldView,
    marks: Marks,
    numbers: Iterable[Numbered] = (),
    unnumbered: Iterable[Unnumbered] = (),
) -> People:
    """`sent`: the rows of the answer; `page`: all that the page holds, these too.

    `numbers`, `unnumbered`: of what was sent beside the rows, as it came.
    """
    rows = list(sent)
    found: dict[Shown, set[Numbered]] = {level: set() for level in LEVELS}
    found[Shown.IDENTIFIED].update(numbers)
    nameless = set(unnumbered)
    for person, level, parties in _parties(rows, view):
        found[level].update((person, number) for _, number in parties if number is not None)
        nameless.update((person, _told(incident)) for incident, number in parties if number is None)
    there = set(map(id, rows))
    for person, _, parties in _parties([incident for incident in page if id(incident) not in there], view):
        found[Shown.WITHHELD].update((person, number) for _, number in parties if number is not None)
    by_kind = {
        kind: sorted({marks.of_incident(told) for person, told in nameless if person is kind}) for kind in Person
    }
    left = tuple((kind, tuple(of)) for kind, of in by_kind.items() if of)
    return People(tuple(_by_level(found, marks)), left)


def _by_level(found: Mapping[Shown, set[Numbered]], marks: Marks) -> Iterator[tuple[Shown, tuple[bytes, ...]]]:
    """Each person at the first level, which shows the most of them."""
    known: set[Numbered] = set()
    for level in LEVELS:
        if left := found[level] - known:
            yield level, tuple(sorted(marks.of(person, number) for person, number in left))
            known |= left


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
_Parties: TypeAlias = list[tuple[Incident, str | None]]


def _parties(incidents: Iterable[Incident], view: FieldView) -> Iterator[tuple[Person, Shown, _Parties]]:
    """By where persons stand, and how the view shows them there: the incident of each, and the number, if any."""
    # All incidents at once, place by place: most places are empty in most of them.
    for branch, parties in _reach([(incident, incident) for incident in incidents], _TREE):
        for person in branch.persons:
            yield person, _level(branch.path, view), parties


def _reach(nodes: _Nodes, branch: _Branch) -> Iterator[tuple[_Branch, _Parties]]:
    if branch.below or branch.item is not None:
        yield from _reach_below(nodes, branch)
    else:
        yield branch, [(incident, _number(node)) for incident, node in nodes]


def _reach_below(nodes: _Nodes, branch: _Branch) -> Iterator[tuple[_Branch, _Parties]]:
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


def _level(path: str, view: FieldView) -> Shown:
    if view.shows(f"{path}/@district-id"):
        return Shown.PSEUDONYMISED if view.pseudonymised else Shown.IDENTIFIED
    named = f"{path}/name" if PERSONS.get(path) is Person.STUDENT else path
    if path in PERSONS and view.shows(named):
        return Shown.IDENTIFIED
    return Shown.DESCRIBED if any(map(view.shows, _FREE_TEXT)) else Shown.UNIDENTIFIED


def _told(incident: Incident) -> bytes:
    uuid = incident_uuid(incident)
    return uuid.encode() if uuid else orjson.dumps(incident, option=orjson.OPT_SORT_KEYS)


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
_FREE_TEXT = tuple(path for path, known in FIELDS.items() if known.group is Group.NARRATIVE)


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
