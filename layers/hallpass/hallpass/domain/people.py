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

from hallpass.domain.model import Incident, incident_uuid
from hallpass.domain.parties import PERSONS, Person, parties
from hallpass.domain.schema import FIELDS, Group
from hallpass.domain.view import FieldView

__all__ = [
    "DISCLOSED", "KEY_BYTES", "LEVELS", "MARK_BYTES", "Marks", "Numbered", "People", "Person", "Shown", "Unnumbered",
    "people_of",
]  # fmt: skip

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


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes marks under a district's ledger key."""

    key: bytes = field(repr=False)

    def of(self, person: Person, number: str) -> bytes:
        """`number`: byte for byte as the upstream writes it."""
        return self._mark(f"1|{person.value}|", number.encode())

    def of_incident(self, told: bytes) -> bytes:
        return self._mark("1|incident|", told)

    def validator(self, content: bytes) -> str:
        """What stands for these bytes in an ETag (hex): by it nobody can tell that a guess of them is right."""
        return self._mark("1|content|", content).hex()

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
    for path, person, met in parties(rows):
        found[_level(path, view)].update((person, number) for _, number in met if number is not None)
        nameless.update((person, _told(incident)) for incident, number in met if number is None)
    there = set(map(id, rows))
    for _, person, met in parties(incident for incident in page if id(incident) not in there):
        found[Shown.WITHHELD].update((person, number) for _, number in met if number is not None)
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


_FREE_TEXT = tuple(path for path, known in FIELDS.items() if known.group is Group.NARRATIVE)
