"""The documented tree as the states that the reader moves through, laid out for speed.

Rule: derived from the tree, once, at import; it knows no name that the table does not have.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from hallpass.domain.schema import LIST_COUNT, ROOT, ROOT_ATTRIBUTES, Kind
from hallpass.domain.tree import DOCUMENTED, Element, Shape


class StateShape(Enum):
    LEAF = "leaf"
    VALUE = "value"
    RECORD = "record"
    LIST = "list"
    ITEM = "item"
    INCIDENT = "incident"


LEAF: Final = StateShape.LEAF
VALUE: Final = StateShape.VALUE
RECORD: Final = StateShape.RECORD
LIST: Final = StateShape.LIST
ITEM: Final = StateShape.ITEM
INCIDENT: Final = StateShape.INCIDENT


class State:
    """Inside an element. `coded`: a VALUE that always has `code`; `depth`: 1 at the root, which is its own parent."""

    __slots__ = ("attributes", "children", "coded", "depth", "in_list", "key", "parent", "path", "shape", "text_key")

    def __init__(self, path: str, key: str, shape: StateShape, parent: State | None) -> None:
        self.path = path
        self.key = key
        self.shape = shape
        self.parent: State = parent or self
        self.depth: int = parent.depth + 1 if parent else 1
        self.in_list = parent is not None and parent.shape is LIST
        self.text_key = ""
        self.coded = False
        self.attributes: dict[str, str] = {}
        self.children: dict[str, State] = {}


def _shape(element: Element, parent: State) -> StateShape:
    if element.shape is Shape.RECORD and parent.shape is LIST:
        return INCIDENT if parent.key == ROOT else ITEM
    return StateShape(element.shape.value)


def _state(element: Element, parent: State) -> State:
    field = element.field
    # An item has no key of its own: it never stands in a record, so it is never a repeat there.
    key = "" if parent.shape is LIST else field.json
    state = State(field.path, key, _shape(element, parent), parent)
    state.text_key = element.text_key
    state.attributes = {name: attribute.json for name, attribute in element.attributes.items()}
    state.coded = field.kind is Kind.CODED
    if state.shape is LIST:
        state.attributes = {LIST_COUNT: LIST_COUNT}
    state.children = {name: _state(child, state) for name, child in element.children.items()}
    return state


def _root_state() -> State:
    state = State(ROOT, ROOT, LIST, None)
    state.attributes = {name: name for name in ROOT_ATTRIBUTES}
    state.children = {DOCUMENTED.field.name: _state(DOCUMENTED, state)}
    return state


ROOT_STATE: Final = _root_state()
