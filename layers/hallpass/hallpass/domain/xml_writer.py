"""A page as XML, from the model, under a view.

Rule: the same bytes for the same page, rows and view; the source's order; every `count` is of what is left. What
XML 1.0 cannot hold is refused, never written: names come from the table alone, characters are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hallpass.domain.model import Incident, Node, PageModel
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.tree import Element, Shape
from hallpass.domain.view import FieldView

_Write = Callable[[Node], str]

# XML 1.0 section 2.11: a parser reads U+000D as U+000A unless it is a character reference;
# section 3.3.3: it reads white space in an attribute as U+0020 unless it is one.
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;",
})  # fmt: skip

# XML 1.0 section 2.2, production [2] Char. As UTF-8, the C0 bytes occur in no other character.
_FORBIDDEN_BYTES = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_FORBIDDEN_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())


class UnwritableTextError(ValueError):
    """A value holds a character that XML 1.0 cannot. The reader lets none through, so the model was tampered with."""


class _Escaped(dict[Node, str]):
    """Text -> escaped text. Values of a page repeat: most are looked up, not escaped."""

    def __init__(self, table: dict[int, str]) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, text: Node) -> str:
        assert isinstance(text, str)  # dicts and lists have writers of their own
        self[text] = escaped = text.translate(self._table)
        return escaped


def render_xml(model: PageModel, incidents: Sequence[Incident], view: FieldView) -> Rendered:
    """`incidents`: the rows of `model` that are left. Raises UnwritableTextError."""
    write = _Compiler().record(view.tree)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<incidents count="{len(incidents)}" page="{model.page}" total-pages="{model.total_pages}">\n'
    )
    lines = [head, *[write(incident) + "\n" for incident in incidents], "</incidents>\n"]
    body = _encode("".join(lines))
    return Rendered(body, len(incidents), count_persons(incidents, view))


def _encode(text: str) -> bytes:
    try:
        body = text.encode("utf-8")
    except UnicodeEncodeError:
        body = _FORBIDDEN_BYTES
    if body.translate(None, _FORBIDDEN_BYTES) != body or any(char in body for char in _FORBIDDEN_CHARACTERS):
        raise UnwritableTextError("a character that XML 1.0 does not allow")
    return body


class _Compiler:
    """Turns a view's tree into functions that write, sharing the escaped texts of one page."""

    def __init__(self) -> None:
        self._text = _Escaped(_IN_TEXT)
        self._attribute = _Escaped(_IN_ATTRIBUTE)

    def element(self, element: Element) -> _Write:
        match element.shape:
            case Shape.LEAF:
                return self.leaf(element)
            case Shape.VALUE:
                return self.value(element)
            case Shape.LIST:
                return self.list(element)
            case Shape.RECORD:
                return self.record(element)

    def leaf(self, element: Element) -> _Write:
        name, text = element.field.name, self._text
        return lambda node: f"<{name}>{text[node]}</{name}>"

    def value(self, element: Element) -> _Write:
        name, text, attribute = element.field.name, self._text, self._attribute
        heads, text_key = _heads(element), element.text_key

        def write(node: Node) -> str:
            assert isinstance(node, dict)
            head = body = ""
            for key, below in node.items():
                if key == text_key:
                    body = text[below]
                elif below is not None and key in heads:
                    head += f'{heads[key]}{attribute[below]}"'
            return f"<{name}{head}>{body}</{name}>"

        return write

    def list(self, element: Element) -> _Write:
        name, item = element.field.name, self.element(element.item)

        def write(node: Node) -> str:
            assert isinstance(node, list)
            return f'<{name} count="{len(node)}">{"".join(map(item, node))}</{name}>'

        return write

    def record(self, element: Element) -> _Write:
        name, attribute, heads = element.field.name, self._attribute, _heads(element)
        writers = {child.field.json: self.element(child) for child in element.children.values()}

        def write(node: Node) -> str:
            assert isinstance(node, dict)
            head = ""
            parts = []
            for key, below in node.items():
                writer = writers.get(key)
                if writer is not None:
                    parts.append(writer(below))
                elif key in heads:
                    head += f'{heads[key]}{attribute[below]}"'
            return f"<{name}{head}>{''.join(parts)}</{name}>"

        return write


def _heads(element: Element) -> dict[str, str]:
    """JSON name -> the attribute up to its opening quote."""
    return {field.json: f' {name}="' for name, field in element.attributes.items()}
