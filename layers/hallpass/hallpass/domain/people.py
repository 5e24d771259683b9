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
    levels = {path: _level(path, person, view) for path, person in _PERSONS.items()}
    shown: dict[_Numbered, Shown] = {}
    unnumbered = {marks.of_incident(told) for told in unread}
    for incident in sent:
        for path, number in _parties(incident):
            if number is None:
                unnumbered.add(marks.of_incident(_told(incident)))
                continue
            known, level = (_PERSONS[path], number), levels[path]
            shown[known] = min(level, shown.get(known, level), key=LEVELS.index)
    for incident in page:
        for path, number in _parties(incident):
            if number is not None:
                shown.setdefault((_PERSONS[path], number), Shown.WITHHELD)
    by_level: dict[Shown, list[bytes]] = {level: [] for level in LEVELS}
    for (person, number), level in shown.items():
        by_level[level].append(marks.of(person, number))
    held = tuple((level, tuple(sorted(found))) for level, found in by_level.items() if found)
    return People(held, tuple(sorted(unnumbered)))


_Numbered: TypeAlias = tuple[Person, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A part of the documented tree that leads to persons. `below`: by the model's member names."""

    path: str
    person: Person | None
    below: Mapping[str, _Branch]
    item: _Branch | None


def _parties(incident: Incident) -> Iterator[tuple[str, str | None]]:
    """Where each person stands, and the number, or None without one."""
    return _walk(incident, _TREE)


def _walk(node: Node, branch: _Branch) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, list):
        assert branch.item is not None  # the reader makes a list of nothing else
        for item in node:
            yield from _walk(item, branch.item)
        return
    if branch.person is not None:
        number = node.get("district_id") if isinstance(node, dict) else None
        yield branch.path, number if isinstance(number, str) and number else None
    elif isinstance(node, dict):
        for name, below in branch.below.items():
            if name in node:
                yield from _walk(node[name], below)


def _level(path: str, person: Person, view: FieldView) -> Shown:
    if view.shows(f"{path}/@district-id"):
        return Shown.PSEUDONYMISED if view.pseudonymised else Shown.IDENTIFIED
    named = f"{path}/name" if person is Person.STUDENT else path
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
