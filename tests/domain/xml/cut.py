"""A row cut down to a view, in the model: the laws of a view say that cutting twice is cutting once."""

from __future__ import annotations

from hallpass.domain.model import Incident, Node
from hallpass.domain.tree import Element
from hallpass.domain.view import FieldView


def cut_to(view: FieldView, incident: Incident) -> Incident:
    """The incident with only what is granted, in the source's order and spelling."""
    return _cut_record(incident, view.tree)


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
