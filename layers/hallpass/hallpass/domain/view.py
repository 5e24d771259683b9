"""A field view: the paths that a preset grants, and an incident with nothing else in it.

Rule: an allow-list over full paths, checked against the table. Applying a view twice is applying it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hallpass.domain.model import Incident, Node
from hallpass.domain.schema import BY_NAME_GROUPS, FIELDS, GRANTABLE_PATHS, VALUE_PATHS
from hallpass.domain.scope import UPSTREAM_VIEW
from hallpass.domain.tree import Element, granted_tree

ALL_DOCUMENTED_VIEW = "all-documented@1"


class UnknownPathError(ValueError):
    """A view names a path that is not documented. There are no patterns and no exclusions."""


class UnknownPresetError(ValueError):
    """No preset has this name and version."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """What a preset version grants. A list or record is shown iff a path at or below it is granted.

    Raises UnknownPathError for a path that the table does not have, or that is a list's.
    """

    preset: str
    paths: frozenset[str]

    def __post_init__(self) -> None:
        if not self.paths <= GRANTABLE_PATHS:
            raise UnknownPathError("a view names documented values and records only")

    @property
    def tree(self) -> Element:
        """The documented tree cut down to this view."""
        return _tree(self.paths)

    def apply(self, incident: Incident) -> Incident:
        """The incident with only what is granted, in the source's order."""
        return _cut_record(incident, self.tree)


@lru_cache(maxsize=128)
def _tree(paths: frozenset[str]) -> Element:
    return granted_tree(paths)


@lru_cache(maxsize=8)
def preset_view(name: str) -> FieldView:
    """The view of `preset@version`. Raises UnknownPresetError.

    `upstream@1` is the upstream's own bytes; its view, every documented path, serves the typed forms of the same
    data (JSON), which have no place for what is not documented.
    """
    if name == UPSTREAM_VIEW:
        return FieldView(name, VALUE_PATHS)
    if name == ALL_DOCUMENTED_VIEW:
        by_name = {path for path, field in FIELDS.items() if field.group in BY_NAME_GROUPS}
        return FieldView(name, VALUE_PATHS - by_name)
    raise UnknownPresetError(name)


def _cut(node: Node, element: Element) -> Node:
    if isinstance(node, dict):
        return _cut_record(node, element)
    if isinstance(node, list):
        return [_cut(item, element.item) for item in node]
    return node


def _cut_record(node: Incident, element: Element) -> Incident:
    """Also of an element with attributes, whose own text is a member beside them."""
    children = {child.field.json: child for child in element.children.values()}
    values = {attribute.json for attribute in element.attributes.values()} | {element.text_key}
    cut: Incident = {}
    for key, below in node.items():
        if key in values:
            cut[key] = below
        elif key in children:
            cut[key] = _cut(below, children[key])
    return cut
