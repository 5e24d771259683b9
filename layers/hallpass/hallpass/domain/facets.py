"""What an incident shows, as bits: each documented value, by the incident and by each person in it.

Rule: one walk over the model finds what is there; which of it a view shows is a mask. A person is known by the number,
or, without one, by the place in the incident; neither leaves what counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import orjson

from hallpass.domain.field_groups import VICTIM
from hallpass.domain.model import Incident, Node, incident_uuid
from hallpass.domain.schema import FIELDS, Identity, Kind, Treatment
from hallpass.domain.tree import DOCUMENTED, Element, Shape
from hallpass.domain.view import FieldView

_OFFENDER: Final = "incident/offenders/offender"
_PARTIES: Final = frozenset({_OFFENDER, VICTIM})
_STAFF: Final = frozenset(field.parent for field in FIELDS.values() if field.identity is Identity.STAFF)


class Bearer(StrEnum):
    """Whom or what a value is about."""

    INCIDENT = "incident"
    STUDENT = "student"
    UNNUMBERED = "unnumbered"
    STAFF = "staff"
    UNNUMBERED_STAFF = "unnumbered-staff"


_OF_STAFF: Final = frozenset({Bearer.STAFF, Bearer.UNNUMBERED_STAFF})
_WITHOUT: Final = {Bearer.STUDENT: Bearer.UNNUMBERED, Bearer.STAFF: Bearer.UNNUMBERED_STAFF}
Known: TypeAlias = tuple[Bearer, str]


@dataclass(frozen=True, slots=True)
class Facet:
    """A value and how it is shown: as it is, as a pseudonym, or by its day."""

    path: str
    treatment: Treatment | None = None


def _facets() -> Iterator[Facet]:
    for path, field in FIELDS.items():
        if not field.holds_value and path != VICTIM:
            continue
        yield Facet(path)
        if field.identity is not None:
            yield Facet(path, Treatment.PSEUDONYM)
        if field.kind is Kind.DATETIME:
            yield Facet(path, Treatment.DAY)


FACETS: Final = tuple(_facets())
THERE: Final = 1
"""The bit of an incident or a person that is there at all."""
_BITS: Final = {facet: 2 << place for place, facet in enumerate(FACETS)}
_OF_PATH: Final = {facet.path: sum(_BITS[one] for one in FACETS if one.path == facet.path) for facet in FACETS}


def bit(facet: Facet) -> int:
    return _BITS[facet]


def facets_of(view: FieldView) -> tuple[Facet, ...]:
    """Those that a view shows, in the table's order."""
    shown = {_shown_as(path, view) for path in view.paths if path in _OF_PATH}
    return tuple(facet for facet in FACETS if facet in shown)


def mask_of(view: FieldView) -> int:
    return sum(map(bit, facets_of(view)), THERE)


def _shown_as(path: str, view: FieldView) -> Facet:
    treatment = view.treatment(path)
    # A date by its day is the date, and a number that is checked is the number.
    facet = Facet(path, treatment)
    return facet if facet in _BITS else Facet(path)


def name_of(incident: Incident) -> str:
    """What tells it apart from others: its uuid, or all that it holds."""
    return incident_uuid(incident) or orjson.dumps(incident, option=orjson.OPT_SORT_KEYS).decode()


def present(incident: Incident) -> dict[Known, int]:
    """What is there, by whom it is about: an empty text is not."""
    found: dict[Known, int] = {}
    _walk(incident, _TREE, (Bearer.INCIDENT, name_of(incident)), found)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """An element of the documented tree that is no leaf. `values`: members of the model that hold one, with their bits.

    `bits`: for being there. `turns`: whether somebody else may be whom it is about. `item`: of a list.
    """

    path: str
    bits: int
    turns: bool
    values: tuple[tuple[str, int], ...]
    parts: tuple[tuple[str, _Part], ...]
    item: _Part | None


def _part(element: Element) -> _Part:
    path, children = element.field.path, element.children.values()
    values = [(attribute.json, _OF_PATH[attribute.path]) for attribute in element.attributes.values()]
    values += [(child.field.json, _OF_PATH[child.field.path]) for child in children if child.shape is Shape.LEAF]
    if element.shape is Shape.VALUE:
        values.append((element.text_key, _OF_PATH[path]))
    listed = element.shape is Shape.LIST
    return _Part(
        path=path,
        bits=_OF_PATH[path] if path == VICTIM else 0,
        turns=path in _PARTIES or path in _STAFF,
        values=tuple(values),
        parts=tuple((child.field.json, _part(child)) for child in children if child.shape is not Shape.LEAF),
        item=_part(element.item) if listed else None,
    )


_TREE: Final = _part(DOCUMENTED)


def _walk(node: Node, part: _Part, bearer: Known, found: dict[Known, int]) -> None:
    if part.item is not None:
        assert isinstance(node, list)
        for item in node:
            _walk(item, part.item, bearer, found)
        return
    assert isinstance(node, dict)
    if part.turns:
        bearer = _bearer(node, part.path, bearer, len(found))
    bits = part.bits
    for key, bit_of_it in part.values:
        if node.get(key):
            bits |= bit_of_it
    found[bearer] = found.get(bearer, THERE) | bits
    for key, below in part.parts:
        if key in node:
            _walk(node[key], below, bearer, found)


def _bearer(node: Incident, path: str, above: Known, place: int) -> Known:
    """Whom what stands here is about. `above`: whom what it stands in is about; `place`: tells the unnumbered apart."""
    if path in _PARTIES:
        student = "student" in node or "employee" not in node
        kind, person = (Bearer.STUDENT, node.get("student")) if student else (Bearer.STAFF, node["employee"])
    elif above[0] in _OF_STAFF:
        # An employee who is a victim is the victim.
        return above
    else:
        kind, person = Bearer.STAFF, node
    number = person.get("district_id") if isinstance(person, dict) else None
    if isinstance(number, str) and number:
        return kind, number
    return _WITHOUT[kind], f"{above[1]}#{place}"
