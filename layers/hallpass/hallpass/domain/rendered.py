"""What a writer hands back: the body, and the counts that the record of the disclosure needs.

Rule: whoever stands in an incident and is shown counts: students, employees as victims, and who wrote or assigned.
Whose number the view shows is counted once on a page; one without a shown number, at each occurrence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hallpass.domain.model import Incident, Node
from hallpass.domain.schema import FIELDS, Identity
from hallpass.domain.tree import Element, Shape
from hallpass.domain.view import FieldView

_PERSONS = {
    known.parent: known.identity
    for known in FIELDS.values()
    if known.identity is Identity.STUDENT or known.identity is Identity.STAFF
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """`body`: UTF-8. `unparsed`: values that are not what the upstream documents, sent as null (JSON only)."""

    body: bytes
    incidents: int
    persons: int
    unparsed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A part of a view's tree that leads to persons. `identity`: of the person that it is; `below`: by the model's
    member names.
    """

    identity: Identity | None
    number_shown: bool
    listed: bool
    below: Mapping[str, _Branch]


def count_persons(incidents: Sequence[Incident], view: FieldView) -> int:
    """Distinct persons that `view` shows of these incidents, by the rule above."""
    numbered: set[tuple[Identity, str]] = set()
    unnumbered = 0
    whole = _persons_in(view.tree)
    for identity, number_shown, people in _reach(incidents, whole) if whole else ():
        for person in people:
            number = person.get("district_id") if number_shown else None
            if number:
                assert isinstance(number, str)  # the reader makes nothing else of an attribute
                numbered.add((identity, number))
            # An element of the staff stands there, empty, also where nobody is meant.
            elif identity is Identity.STUDENT or any(person.values()):
                unnumbered += 1
    return len(numbered) + unnumbered


def _reach(nodes: Sequence[Node], branch: _Branch) -> Iterator[tuple[Identity, bool, list[Incident]]]:
    """All persons of a place together: most places are empty in most incidents."""
    if branch.identity is not None:
        yield branch.identity, branch.number_shown, [node for node in nodes if isinstance(node, dict)]
        return
    for name, below in branch.below.items():
        if branch.listed:
            there = [item for node in nodes if isinstance(node, list) for item in node]
        else:
            there = [node[name] for node in nodes if isinstance(node, dict) and name in node]
        if there:
            yield from _reach(there, below)


@lru_cache(maxsize=128)
def _persons_in(tree: Element) -> _Branch | None:
    return _branch(tree)


def _branch(element: Element) -> _Branch | None:
    """None: it leads to nobody."""
    identity = _PERSONS.get(element.field.path)
    below = {child.field.json: found for child in element.children.values() if (found := _branch(child))}
    if identity is None and not below:
        return None
    return _Branch(identity, "district-id" in element.attributes, element.shape is Shape.LIST, below)
