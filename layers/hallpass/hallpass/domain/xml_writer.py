"""A page as XML, from the model, under a view.

Rule: the same bytes for the same page, rows and view; the source's order; every `count` is of what is left.
What XML 1.0 cannot hold is refused, never written: names come from the table alone, characters are checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from hallpass.domain.model import Incident, Node, PageModel
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.schema import Field, Kind, Treatment
from hallpass.domain.tree import Element, Shape
from hallpass.domain.view import FieldView

_Write = Callable[[Node], str]

# XML 1.0 section 2.2, production [2] Char, the other way round.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnwritableTextError(ValueError):
    """A value holds a character that XML 1.0 cannot. The reader lets none through, so the model was tampered with."""


_Key = TypeVar("_Key")


class _Memory(dict[_Key, str]):
    """What was written for a value. Values of a page repeat: most are looked up, not written."""

    def __init__(self, write: Callable[[_Key], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: _Key) -> str:
        self[value] = written = self._write(value)
        return written


def _flat(text: str) -> str:
    """Without the three control characters that XML 1.0 allows."""
    return text.replace("\n", " ").replace("\t", " ").replace("\r", " ")


def _text(node: Node) -> str:
    assert isinstance(node, str)  # dicts and lists have writers of their own
    if not (node.isprintable() or _flat(node).isprintable()) and _FORBIDDEN.search(node):
        raise UnwritableTextError("a character that XML 1.0 does not allow")
    # XML 1.0 section 2.11: a parser reads U+000D as U+000A unless it is a character reference.
    return node.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _attribute(node: Node) -> str:
    # XML 1.0 section 3.3.3: a parser reads white space in an attribute as U+0020 unless it is a reference.
    return _text(node).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def render_xml(model: PageModel, incidents: Sequence[Incident], view: FieldView) -> Rendered:
    """`incidents`: the rows of `model` that are left. Raises UnwritableTextError."""
    write = _Writers(view).record(view.tree)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<incidents count="{len(incidents)}" page="{model.page}" total-pages="{model.total_pages}">\n'
    )
    # Encoded row by row: a page with one wide character would otherwise be joined in four bytes for each of all.
    rows = [f"{write(incident)}\n".encode() for incident in incidents]
    body = b"".join([head.encode(), *rows, b"</incidents>\n"])
    return Rendered(body, len(incidents), count_persons(incidents, view))


class _Writers:
    """Turns a view's tree into functions that write."""

    def __init__(self, view: FieldView) -> None:
        self._view = view

    def element(self, element: Element) -> _Write:
        if element.shape is Shape.LEAF:
            return self.leaf(element)
        if element.shape is Shape.VALUE:
            return self.value(element)
        return self.list(element) if element.shape is Shape.LIST else self.record(element)

    def _shown(self, field: Field, escape: _Write) -> _Write:
        """A value as the view shows it, escaped."""
        rewrite = self._view.rewriter(field)
        if rewrite is None:
            return escape
        plain = field.treatment is Treatment.PSEUDONYM  # letters, digits and hyphens: nothing to escape

        def write(node: Node) -> str:
            assert isinstance(node, str)  # codes, which may be None, are rewritten by no view
            return rewrite(node) if plain else escape(rewrite(node))

        return write

    def leaf(self, element: Element) -> _Write:
        name, text = element.field.name, self._shown(element.field, _text)
        memory: _Memory[Node] = _Memory(lambda node: f"<{name}>{text(node)}</{name}>")
        return memory.__getitem__

    def value(self, element: Element) -> _Write:
        """Of an element with attributes and text: remembered by all of its members."""
        name, heads, text_key = element.field.name, self._heads(element), element.text_key
        text = self._shown(element.field, _text)

        def write(members: Iterable[tuple[str, Node]]) -> str:
            head = body = ""
            for key, below in members:
                if key == text_key:
                    body = text(below)
                elif below is not None and key in heads:
                    head += heads[key](below)
            return f"<{name}{head}>{body}</{name}>"

        if any(field.kind is Kind.DATETIME for field in element.attributes.values()):
            # Hardly any two are alike, so that remembering would cost more than writing.
            return lambda node: write(node.items()) if isinstance(node, dict) else ""
        memory: _Memory[tuple[tuple[str, Node], ...]] = _Memory(write)

        def remembered(node: Node) -> str:
            assert isinstance(node, dict)
            return memory[tuple(node.items())]

        return remembered

    def list(self, element: Element) -> _Write:
        name, item = element.field.name, self.element(element.item)

        def write(node: Node) -> str:
            assert isinstance(node, list)
            return f'<{name} count="{len(node)}">{"".join(map(item, node))}</{name}>'

        return write

    def record(self, element: Element) -> _Write:
        name, heads = element.field.name, self._heads(element)
        find = {child.field.json: self.element(child) for child in element.children.values()}.get

        def write(node: Node) -> str:
            assert isinstance(node, dict)
            head, parts = "", []
            for key, below in node.items():
                child = find(key)
                if child is not None:
                    parts.append(child(below))
                elif key in heads:
                    head += heads[key](below)
            return f"<{name}{head}>{''.join(parts)}</{name}>"

        return write

    def _heads(self, element: Element) -> dict[str, _Write]:
        """JSON name -> what writes the attribute."""
        return {field.json: self._head(name, field) for name, field in element.attributes.items()}

    def _head(self, name: str, field: Field) -> _Write:
        value = self._shown(field, _attribute)
        memory: _Memory[Node] = _Memory(lambda node: f' {name}="{value(node)}"')
        return memory.__getitem__
