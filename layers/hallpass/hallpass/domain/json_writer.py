"""A page as typed JSON, from the model, under a view: a pure function of what the view shows.

Rule: one shape for 0, 1 and n children, a granted list is always there; ids and codes stay strings; a value that is
not what the upstream documents is null, and counted. No NaN, no Infinity: orjson has no word for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import orjson

from hallpass.domain.model import Incident, Node, PageModel
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.schema import Field
from hallpass.domain.tree import Element, Shape
from hallpass.domain.values import PARSERS, Json, Scalar
from hallpass.domain.view import FieldView

_LINE_ENDS = tuple((chr(code).encode(), f"\\u{code:04x}".encode()) for code in (0x85, 0x2028, 0x2029))
Convert: TypeAlias = Callable[[Node], Json]


class _Typed(dict[Node, "Scalar | None"]):
    """Text -> value, of one kind. Values of a page repeat; only what has no meaning is asked for again, and counted."""

    def __init__(self, parse: Callable[[str], Scalar | None]) -> None:
        super().__init__()
        self._parse = parse
        self.unparsed = 0

    def __missing__(self, text: Node) -> Scalar | None:
        assert isinstance(text, str)  # values of the model are strings, but for codes, which no view rewrites
        value = self._parse(text)
        if value is None:
            self.unparsed += 1
        else:
            self[text] = value
        return value


def next_page(model: PageModel) -> int | None:
    """The page after this one; None at the end and past it."""
    return model.page + 1 if model.page < model.total_pages else None


def render_json(model: PageModel, incidents: Sequence[Incident], view: FieldView, dataset: str) -> Rendered:
    """`incidents`: the rows of `model` that are left; `dataset`: the token's dataset name, repeated as it is."""
    page: dict[str, Json] = {
        "count": len(incidents),
        "page": model.page,
        "total_pages": model.total_pages,
        "next_page": next_page(model),
        "dataset": dataset,
        "incidents": [],
    }
    return _in_rows(incidents, view, orjson.dumps(page).removesuffix(b"]}"), b",", b"]}")


def render_ndjson(incidents: Sequence[Incident], view: FieldView) -> Rendered:
    """An incident a line, each as it stands in the list of `render_json`; no incidents, no line.

    What some readers take for the end of a line (U+0085, U+2028, U+2029) is escaped: it stands in strings only.
    """
    rendered = _in_rows(incidents, view, b"", b"\n", b"\n" if incidents else b"")
    body = rendered.body
    for character, escaped in () if body.isascii() else _LINE_ENDS:
        body = body.replace(character, escaped)
    return replace(rendered, body=body)


def _in_rows(incidents: Sequence[Incident], view: FieldView, head: bytes, between: bytes, tail: bytes) -> Rendered:
    """Row by row into one buffer: the typed form of a whole page never stands beside its bytes."""
    converter, body = RowConverter(view), bytearray(head)
    for number, incident in enumerate(incidents):
        if number:
            body += between
        body += orjson.dumps(converter.convert(incident))
    body += tail
    return Rendered(bytes(body), len(incidents), count_persons(incidents, view), converter.unparsed)


class RowConverter:
    """`convert` turns a row of the model into its typed form under a view. `unparsed`: values that became null so far.

    The view's tree is turned into functions once; what they parse is shared, for values of a page repeat. None
    instead of a function: the model's node is the JSON as it is.
    """

    def __init__(self, view: FieldView) -> None:
        self._view = view
        self._typed = {kind: _Typed(parse) for kind, parse in PARSERS.items()}
        self._rewritten: dict[str, _Typed] = {}
        self.convert = self._record(view.tree)

    @property
    def unparsed(self) -> int:
        return sum(values.unparsed for values in (*self._typed.values(), *self._rewritten.values()))

    def scalar(self, field: Field) -> Convert | None:
        rewrite = self._view.rewriter(field)
        if rewrite is not None:
            parse: Callable[[str], Scalar | None] = PARSERS.get(field.kind, lambda text: text)
            values = self._rewritten[field.path] = _Typed(lambda text: parse(rewrite(text)))
            return values.__getitem__
        known = self._typed.get(field.kind)
        return None if known is None else known.__getitem__

    def element(self, element: Element) -> Convert | None:
        if element.shape is Shape.LEAF:
            return self.scalar(element.field)
        if element.shape is Shape.LIST:
            return self._list(element)
        if element.shape is Shape.VALUE and element.whole and not any(self._members(element).values()):
            return None
        return self._record(element)

    def _list(self, element: Element) -> Convert | None:
        item = self.element(element.item)
        if item is None:
            return None

        def convert(node: Node) -> list[Json]:
            assert isinstance(node, list)
            return [item(below) for below in node]

        return convert

    def _members(self, element: Element) -> dict[str, Convert | None]:
        members = {field.json: self.scalar(field) for field in element.attributes.values()}
        members |= {child.field.json: self.element(child) for child in element.children.values()}
        if element.text_key:
            members[element.text_key] = self.scalar(element.field)
        return members

    def _record(self, element: Element) -> Callable[[Node], dict[str, Json]]:
        """Of a record, and of an element with attributes: its text is a member beside them."""
        lists = {child.field.json for child in element.children.values() if child.shape is Shape.LIST}
        steps = [(key, step, key in lists) for key, step in self._members(element).items()]

        def convert(node: Node) -> dict[str, Json]:
            assert isinstance(node, dict)
            shown: dict[str, Json] = {}
            for key, step, is_list in steps:
                if key in node:
                    shown[key] = node[key] if step is None else step(node[key])
                elif is_list:
                    shown[key] = []
            return shown

        return convert
