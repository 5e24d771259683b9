"""The table as a tree of elements, and the tree cut down to what a view grants.

Rule: the reader, the views and both writers walk this tree, never the data: a node that is not in it is not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from hallpass.domain.schema import FIELDS, TABLE, Field, Kind


class Shape(Enum):
    """How an element stands in the model: a string, an object with its own text, an object, a list."""

    LEAF = "leaf"
    VALUE = "value"
    RECORD = "record"
    LIST = "list"


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A documented element. `attributes` and `children` are by XML name; a list has no attributes of its own.

    `text_key`: the model's member for the element's own text ("" when there is none, or it is not granted);
    `whole`: every value that is documented at and below it is granted.
    """

    field: Field
    shape: Shape
    text_key: str
    whole: bool
    attributes: Mapping[str, Field]
    children: Mapping[str, Element]

    @property
    def item(self) -> Element:
        """The repeated child of a list."""
        return next(iter(self.children.values()))


def _shape(field: Field) -> Shape:
    if field.kind is Kind.LIST:
        return Shape.LIST
    if field.kind is Kind.RECORD:
        return Shape.RECORD
    return Shape.VALUE if field.text_json else Shape.LEAF


def _by_parent() -> Mapping[str, list[Field]]:
    below: dict[str, list[Field]] = {field.path: [] for field in TABLE}
    for field in TABLE[1:]:
        below[field.parent].append(field)
    return MappingProxyType(below)


_BELOW = _by_parent()


def _grow(path: str, granted: frozenset[str], treated: Callable[[Field], Field]) -> Element | None:
    """The element at `path` with what is granted at or below it; None when nothing is."""
    field, below = treated(FIELDS[path]), _BELOW[path]
    grown = {child.name: _grow(child.path, granted, treated) for child in below if not child.is_attribute}
    children = {name: child for name, child in grown.items() if child is not None}
    attributes = {child.name: treated(child) for child in below if child.is_attribute and child.path in granted}
    if path not in granted and not children and not attributes:
        return None
    text_key = field.text_json if path in granted else ""
    whole = len(attributes) + len(children) == len(below) and all(child.whole for child in children.values())
    whole = whole and (path in granted or not field.holds_value)
    return Element(field, _shape(field), text_key, whole, MappingProxyType(attributes), MappingProxyType(children))


def granted_tree(granted: frozenset[str], treated: Callable[[Field], Field] = lambda field: field) -> Element:
    """The tree of an incident under a view. An incident is always an element, if an empty one.

    `treated`: a field of the table as the view has it.
    """
    tree = _grow("incident", granted | {"incident"}, treated)
    assert tree is not None  # "incident" itself is granted above
    return tree


DOCUMENTED = granted_tree(frozenset(FIELDS))
"""Everything the upstream documents."""
