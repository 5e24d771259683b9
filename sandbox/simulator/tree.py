"""An XML element as a small tree, and its bytes.

The rule: what is written reads back as what was meant. A carriage return in text and white space in an
attribute are written as character references, or a reader would normalise them (XML 1.0, 2.11 and 3.3.3).
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time

Value = str | int | float | bool | date | time | datetime
Spell = Callable[[Value], str]

_TEXT_SPECIAL = re.compile(r"[&<>\r]")
_ATTRIBUTE_SPECIAL = re.compile(r'[&<>"\t\n\r]')
_REFERENCES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}


class Node:
    """An element: its name, attributes, text and children. Built, bent and written within one rendering."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, text: Value | None = None, /, **attributes: Value) -> None:
        """Attribute names are given with `_` for `-`."""
        self.name = name
        self.text = text
        self.attributes = {key.replace("_", "-"): value for key, value in attributes.items()}
        self.children: list[Node] = []

    def add(self, *children: "Node") -> "Node":
        """Append children and return this node, so that a tree can be written as one expression."""
        self.children.extend(children)
        return self

    def child(self, name: str) -> "Node | None":
        """The first child of that name."""
        return next((node for node in self.children if node.name == name), None)


def counted(name: str, children: list[Node]) -> Node:
    """A list element that carries the number of its children."""
    return Node(name, count=len(children)).add(*children)


def escape_text(text: str) -> str:
    """Text as it stands between tags."""
    return _TEXT_SPECIAL.sub(lambda match: _REFERENCES[match[0]], text) if _TEXT_SPECIAL.search(text) else text


def escape_attribute(text: str) -> str:
    """Text as it stands between double quotes."""
    if not _ATTRIBUTE_SPECIAL.search(text):
        return text
    return _ATTRIBUTE_SPECIAL.sub(lambda match: _REFERENCES[match[0]], text)


def write(node: Node, spell: Spell, out: list[str]) -> None:
    """Append the element's text to `out`; `spell` says how a value that is not text is written."""
    name = node.name
    out.append(f"<{name}")
    for key, value in node.attributes.items():
        text = value if isinstance(value, str) else spell(value)
        out.append(f' {key}="{escape_attribute(text)}"')
    if node.text is None and not node.children:
        out.append("/>")
        return
    out.append(">")
    if node.text is not None:
        out.append(escape_text(node.text if isinstance(node.text, str) else spell(node.text)))
    for child in node.children:
        write(child, spell, out)
    out.append(f"</{name}>")
