"""A page as CSV (RFC 4180): a row for each incident and offender, an incident without offenders in a row of its own.

Rule: the columns are those of the view, whatever a page holds; lists below an offender, and victims, stand in one cell
as JSON, so that nothing is lost. A text that a spreadsheet could take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import orjson

from hallpass.domain.csv_cells import guarded, line, quoted
from hallpass.domain.json_writer import Convert, RowConverter
from hallpass.domain.model import Incident, Node
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.schema import FIELDS, Field, Kind
from hallpass.domain.tree import Element, Shape
from hallpass.domain.values import PARSERS, Json
from hallpass.domain.view import FieldView

OFFENDER: Final = "offender"
"""The column that says which offender of its incident a row is about, from 1; empty where there is none."""
_OFFENDERS: Final = FIELDS["incident/offenders"].json
_NOTHING: Final[Incident] = {}


class _Cells(dict[Node, str]):
    """A value of the model -> its cell, quoted. Values of a page repeat; what has no meaning is counted each time."""

    def __init__(self, convert: Convert | None, write: Callable[[Json], str]) -> None:
        super().__init__({None: ""})
        self._convert = convert
        self._write = write

    def __missing__(self, node: Node) -> str:
        value = node if self._convert is None else self._convert(node)
        if value is None:
            return ""
        self[node] = cell = quoted(self._write(value))
        return cell


class _Lists:
    """A list of the model -> its cell. A granted list is always there."""

    def __init__(self, convert: Convert | None) -> None:
        self._convert = convert

    def __getitem__(self, node: Node) -> str:
        shown = [] if node is None else node if self._convert is None else self._convert(node)
        return quoted(orjson.dumps(shown).decode())


_Source: TypeAlias = "_Cells | _Lists"


@dataclass(frozen=True, slots=True)
class Column:
    """`name`: the members' names on the way, by dots. `keys`: those names. `element`: of a list, whose cell is JSON."""

    name: str
    field: Field
    keys: tuple[str, ...]
    element: Element | None = None


class _Record:
    """Writes the cells of a record of the model and of the records in it, in the columns' order."""

    def __init__(self, columns: Sequence[Column], converter: RowConverter) -> None:
        ways = list(dict.fromkeys(column.keys[:-1] for column in columns))
        # Nothing is deeper than an element with attributes in a record: a way is empty, or has one or two names.
        self._ways = ways
        self._steps = [
            (ways.index(column.keys[:-1]), column.keys[-1], _source(column, converter)) for column in columns
        ]

    def cells(self, node: Incident) -> list[str]:
        parents = [_at(node, way) for way in self._ways]
        return [cells[parents[number].get(key)] for number, key, cells in self._steps]


def _at(node: Incident, way: tuple[str, ...]) -> Incident:
    for key in way:
        below = node.get(key)
        if not isinstance(below, dict):
            return _NOTHING
        node = below
    return node


def _source(column: Column, converter: RowConverter) -> _Source:
    if column.element is not None:
        return _Lists(converter.element(column.element))
    typed = column.field.kind in PARSERS
    return _Cells(converter.scalar(column.field), _WRITE[column.field.kind] if typed else _text)


def columns(view: FieldView) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Those of an incident, and those of one offender of it. The column OFFENDER stands between them."""
    parties = view.tree.children.get("offenders")
    above = tuple(_columns(view.tree, (), without=_OFFENDERS))
    return above, tuple(_columns(parties.item, ())) if parties else ()


def header(view: FieldView) -> list[str]:
    above, below = columns(view)
    names = [column.name for column in above]
    return [*names, OFFENDER, *(f"{OFFENDER}.{column.name}" for column in below)] if below else names


def render_csv(incidents: Sequence[Incident], view: FieldView) -> Rendered:
    """The header line, then the rows, each ended by CRLF, in UTF-8."""
    converter = RowConverter(view)
    above, below = columns(view)
    row, party, blank = _Record(above, converter), _Record(below, converter), [""] * (1 + len(below))
    lines = [line(list(map(quoted, header(view))))]
    for incident in incidents:
        cells = row.cells(incident)
        offenders = incident.get(_OFFENDERS) if below else None
        if not offenders:
            lines.append(line(cells + blank if below else cells))
            continue
        assert isinstance(offenders, list)  # the reader puts nothing else there
        for number, offender in enumerate(offenders, 1):
            assert isinstance(offender, dict)
            lines.append(line([*cells, str(number), *party.cells(offender)]))
    return Rendered(b"".join(lines), len(incidents), count_persons(incidents, view), converter.unparsed)


def _columns(element: Element, keys: tuple[str, ...], without: str = "") -> Iterator[Column]:
    """The values of a record and of the records in it, attributes first, then in the table's order."""
    for attribute in element.attributes.values():
        yield _column(attribute, (*keys, attribute.json))
    if element.text_key:
        yield _column(element.field, (*keys, element.text_key))
    for child in element.children.values():
        field, path = child.field, (*keys, child.field.json)
        if field.json == without and not keys:
            continue
        if child.shape in (Shape.LIST, Shape.LEAF):
            yield _column(field, path, child if child.shape is Shape.LIST else None)
        else:
            yield from _columns(child, path)


def _column(field: Field, keys: tuple[str, ...], element: Element | None = None) -> Column:
    return Column(".".join(keys), field, keys, element)


def _text(value: Json) -> str:
    return guarded(str(value))


# What was checked to be a number, a date or JSON begins no formula that does anything.
_WRITE: Final[Mapping[Kind, Callable[[Json], str]]] = {
    Kind.BOOL: lambda value: "true" if value else "false",
    **dict.fromkeys((Kind.INT, Kind.FLOAT, Kind.DATE, Kind.TIME, Kind.DATETIME), str),
}
