"""A page as typed JSON, from the model, under a view: a pure function of what the view shows.

Rule: one shape for 0, 1 and n children, a granted list is always there; ids and codes stay strings; a value that is
not what the upstream documents is null, and counted. No NaN, no Infinity: orjson has no word for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import orjson

from hallpass.domain.model import Incident, Node, PageModel
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.schema import Kind
from hallpass.domain.tree import Element, Shape
from hallpass.domain.values import PARSERS, Json, Scalar
from hallpass.domain.view import FieldView

_Convert: TypeAlias = Callable[[Node], Json]


class _Typed(dict[Node, "Scalar | None"]):
    """Text -> value, of one kind. Values of a page repeat; only what has no meaning is asked for again, and counted."""

    def __init__(self, parse: Callable[[str], Scalar | None]) -> None:
        super().__init__()
        self._parse = parse
        self.unparsed = 0

    def __missing__(self, text: Node) -> Scalar | None:
        assert isinstance(text, str)  # typed members of the model are strings
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
    compiler = _Compiler()
    convert = compiler.record(view.tree)
    page = {
        "count": len(incidents),
        "page": model.page,
        "total_pages": model.total_pages,
        "next_page": next_page(model),
        "dataset": dataset,
        "incidents": [convert(incident) for incident in incidents],
    }
    return Rendered(orjson.dumps(page), len(incidents), count_persons(incidents, view), compiler.unparsed)


class _Compiler:
    """Turns a view's tree into functions that convert, sharing the parsed values of one page.

    None instead of a function: the model's node is the JSON as it is.
    """

    def __init__(self) -> None:
        self._typed = {kind: _Typed(parse) for kind, parse in PARSERS.items()}

    @property
    def unparsed(self) -> int:
        return sum(values.unparsed for values in self._typed.values())

    def scalar(self, kind: Kind) -> _Convert | None:
        values = self._typed.get(kind)
        return None if values is None else values.__getitem__

    def element(self, element: Element) -> _Convert | None:
        if element.shape is Shape.LEAF:
            return self.scalar(element.field.kind)
        if element.shape is Shape.LIST:
            return self.list(element)
        if element.shape is Shape.VALUE and element.whole and not any(self.members(element).values()):
            return None
        return self.record(element)

    def list(self, element: Element) -> _Convert | None:
        item = self.element(element.item)
        if item is None:
            return None

        def convert(node: Node) -> list[Json]:
            assert isinstance(node, list)
            return [item(below) for below in node]

        return convert

    def members(self, element: Element) -> dict[str, _Convert | None]:
        members = {field.json: self.scalar(field.kind) for field in element.attributes.values()}
        members |= {child.field.json: self.element(child) for child in element.children.values()}
        if element.text_key:
            members[element.text_key] = self.scalar(element.field.kind)
        return members

    def record(self, element: Element) -> _Convert:
        """Of a record, and of an element with attributes: its text is a member beside them."""
        lists = {child.field.json for child in element.children.values() if child.shape is Shape.LIST}
        steps = [(key, step, key in lists) for key, step in self.members(element).items()]

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
