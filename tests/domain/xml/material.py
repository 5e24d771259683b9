"""Pages to read: small ones written out, and a strategy that grows any page the table allows.

The serialiser here is the tests' own, so that a fault of the product's writer cannot hide behind itself.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from hallpass.domain.schema import FIELDS, Field, Kind
from hallpass.domain.tree import DOCUMENTED, Element, Shape
from hallpass.domain.view import FieldView
from hypothesis import strategies as st

TYPE = 'type="minor"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
EVERYTHING = FieldView("everything@test", frozenset(path for path, row in FIELDS.items() if row.kind is not Kind.LIST))


def page(inner: str = "", *, root: str = 'count="1" page="1" total-pages="1"', head: str = DECLARATION) -> bytes:
    return f"{head}<incidents {root}>{inner}</incidents>".encode()


def incident(inner: str = "", attributes: str = TYPE) -> bytes:
    """A page of one incident."""
    return page(f"<incident {attributes}>{inner}</incident>")


@dataclass
class Node:
    """An element of a page that is about to be written."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[Node | str] = field(default_factory=list)

    def all(self) -> Iterable[Node]:
        yield self
        for child in self.content:
            if isinstance(child, Node):
                yield from child.all()


def write(node: Node) -> str:
    references = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
    attributes = "".join(f" {name}={quoteattr(value, references)}" for name, value in node.attributes.items())
    inner = "".join(write(part) if isinstance(part, Node) else escape(part, {"\r": "&#13;"}) for part in node.content)
    return f"<{node.name}{attributes}>{inner}</{node.name}>"


def written(root: Node) -> bytes:
    return (DECLARATION + write(root)).encode()


# XML 1.0 section 2.2, production [2]; the odd ones of X-35 come up often.
CHARACTERS = st.one_of(
    st.sampled_from("\t\n\r\x85\u2028\u202e\u0301é&<>\"'] \U0001f600"),
    st.characters(codec="utf-8", exclude_characters="\ufffe\uffff").filter(
        lambda character: character >= " " or character in "\t\n\r"
    ),
)
TEXTS = st.text(CHARACTERS, max_size=12)

_WELL_SPELLED = {
    Kind.INT: st.sampled_from(["0", "7", "-3", "007", "420"]),
    Kind.FLOAT: st.sampled_from(["0", "1.5", "-2", ".5"]),
    Kind.BOOL: st.sampled_from(["true", "False", "1", "0", "YES", "no"]),
    Kind.DATE: st.sampled_from(["2025-09-01", "2024-02-29"]),
    Kind.TIME: st.sampled_from(["08:00", "23:59:59", "8:05 AM"]),
    Kind.DATETIME: st.sampled_from(["2025-09-01T08:00:00", "2025-09-01 08:00:00Z", "2025-09-01T08:00:00.5-05:00"]),
}


def _values(row: Field) -> st.SearchStrategy[str]:
    if row.path == "incident/@type":
        return st.sampled_from(["referral", "minor", "pending"])
    well_spelled = _WELL_SPELLED.get(row.kind)
    return TEXTS if well_spelled is None else st.one_of(well_spelled, well_spelled, TEXTS)


@st.composite
def elements(draw: st.DrawFn, element: Element) -> Node:
    """An element with some of what the table has in it, in any order, each singleton at most once."""
    node = Node(element.field.name)
    for name, row in element.attributes.items():
        if row.path == "incident/@type" or draw(st.booleans()):
            node.attributes[name] = draw(_values(row))
    if element.shape is Shape.LIST:
        node.attributes["count"] = draw(st.sampled_from(["0", "1", "99", "x"]))
        node.content = list(draw(st.lists(elements(element.item), max_size=2)))
        return node
    children = list(element.children.values())
    if children:
        chosen = draw(st.lists(st.sampled_from(children), unique_by=id, max_size=len(children)))
        node.content = [draw(elements(child)) for child in chosen]
    elif element.field.holds_value:
        node.content = [draw(_values(element.field))]
    return node


@st.composite
def roots(draw: st.DrawFn, most: int = 2) -> Node:
    """A whole page of documented nodes only."""
    members = draw(st.lists(elements(DOCUMENTED), max_size=most))
    number, pages = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    attributes = {"count": str(draw(st.integers(0, 5000))), "page": str(number), "total-pages": str(pages)}
    return Node("incidents", attributes, list(members))


VIEWS = st.frozensets(st.sampled_from(sorted(EVERYTHING.paths)), min_size=1, max_size=60).map(
    lambda paths: FieldView("some@test", paths)
)
NAMES = st.one_of(
    st.sampled_from(["__proto__", "constructor", "name", "student", "description", "incident", "attributes", "x"]),
    st.text(string.ascii_lowercase, min_size=1, max_size=6).map(lambda name: "z" + name),
)
