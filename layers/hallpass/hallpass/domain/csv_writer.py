"""A page as CSV (RFC 4180): a row for each incident and offender, an incident without offenders in a row of its own.

Rule: the columns are those of the view, whatever a page holds; lists below an offender, and victims, stand in one cell
as JSON, so that nothing is lost. A text that a spreadsheet could take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from hallpass.domain.json_writer import RowConverter
from hallpass.domain.model import Incident
from hallpass.domain.rendered import Rendered, count_persons
from hallpass.domain.schema import FIELDS, Field, Kind
from hallpass.domain.tree import Element, Shape
from hallpass.domain.values import PARSERS, Json
from hallpass.domain.view import FieldView

OFFENDER: Final = "offender"
"""The column that says which offender of its incident a row is about, from 1; empty where there is none."""
_OFFENDERS: Final = FIELDS["incident/offenders"].json
# What spreadsheets start a formula with, and the wide forms that some of them fold; the apostrophe itself, so that
# one leading apostrophe is always ours.
_FORMULA: Final = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")


class _Lines(list[str]):
    """What the csv module takes for a file."""

    write = list.append


@dataclass(frozen=True, slots=True)
class Column:
    """`name`: the members' names on the way, by dots. `kind`: LIST for a cell that holds JSON."""

    name: str
    kind: Kind


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
    converter, lines = RowConverter(view), _Lines()
    write = csv.writer(lines, lineterminator="\r\n").writerow
    cells, offender_cells = _Cells(view.tree, without=_OFFENDERS), _offender_cells(view)
    write(header(view))
    for incident in incidents:
        shown = converter.convert(incident)
        above = cells.of(shown)
        if offender_cells is None:
            write(above)
            continue
        offenders = shown[_OFFENDERS]
        assert isinstance(offenders, list)  # a granted list is always there
        for number, offender in enumerate(offenders, 1):
            write([*above, str(number), *offender_cells.of(offender)])
        if not offenders:
            write([*above, "", *offender_cells.blank])
    return Rendered("".join(lines).encode(), len(incidents), count_persons(incidents, view), converter.unparsed)


def _offender_cells(view: FieldView) -> _Cells | None:
    parties = view.tree.children.get("offenders")
    return _Cells(parties.item) if parties and any(_columns(parties.item, ())) else None


class _Cells:
    """The cells of a record, in the order of its columns. `blank`: those of a record that is not there."""

    def __init__(self, element: Element, without: str = "") -> None:
        self._steps: list[tuple[str, _Cells | Callable[[Json], str]]] = []
        for key, field, below in _members(element, without):
            self._steps.append((key, _Cells(below) if below else _WRITE.get(field.kind, _text)))
        self.blank: list[str] = []
        for _, step in self._steps:
            self.blank += step.blank if isinstance(step, _Cells) else [""]

    def of(self, shown: Json) -> list[str]:
        if not isinstance(shown, Mapping):
            return self.blank
        cells: list[str] = []
        for key, step in self._steps:
            value = shown.get(key)
            if isinstance(step, _Cells):
                cells += step.of(value)
            else:
                cells.append("" if value is None else step(value))
        return cells


def _members(element: Element, without: str = "") -> Iterator[tuple[str, Field, Element | None]]:
    """Attributes first, then the text, then what is below in the table's order; the element where that is a record."""
    for attribute in element.attributes.values():
        yield attribute.json, attribute, None
    if element.text_key:
        yield element.text_key, element.field, None
    for child in element.children.values():
        if child.field.json != without:
            flat = child.shape in (Shape.LIST, Shape.LEAF)
            yield child.field.json, child.field, None if flat else child


def _columns(element: Element, above: tuple[str, ...], without: str = "") -> Iterator[Column]:
    for key, field, below in _members(element, without):
        if below:
            yield from _columns(below, (*above, key))
        else:
            typed = field.kind in PARSERS or field.kind is Kind.LIST
            yield Column(".".join((*above, key)), field.kind if typed else Kind.TEXT)


def _text(value: Json) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in _FORMULA else text


# What was checked to be a number, a date or JSON begins no formula that does anything.
_WRITE: Final[Mapping[Kind, Callable[[Json], str]]] = {
    Kind.BOOL: lambda value: "true" if value else "false",
    Kind.LIST: lambda value: orjson.dumps(value).decode(),
    **dict.fromkeys((Kind.INT, Kind.FLOAT, Kind.DATE, Kind.TIME, Kind.DATETIME), str),
}
