"""A page as CSV (RFC 4180): a row for each incident and offender, an incident without offenders in a row of its own.

Rule: the columns are those of the view, whatever a page holds; lists below an offender, and victims, stand in one cell
as JSON, so that nothing is lost. A text that a spreadsheet could take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

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
_FORMULA: Final = tuple("=+-@\t\r'\uff1d\uff0b\uff0d\uff20")

_Members: TypeAlias = Mapping[str, Json]


class _Lines(list[str]):
    """What the csv module takes for a file."""

    write = list.append


@dataclass(frozen=True, slots=True)
class Column:
    """`name`: the members' names on the way, by dots. `kind`: LIST for a cell that holds JSON."""

    name: str
    kind: Kind
    keys: tuple[str, ...]

    def cell(self, row: _Members) -> str:
        value: Json = row
        for key in self.keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return "" if value is None else _WRITE.get(self.kind, _text)(value)


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
    above, below = columns(view)
    write(header(view))
    for incident in incidents:
        shown = converter.convert(incident)
        cells = [column.cell(shown) for column in above]
        for offender in _offenders(shown) if below else [None]:
            write(cells + _offender_cells(offender, below))
    return Rendered("".join(lines).encode(), len(incidents), count_persons(incidents, view), converter.unparsed)


def _offenders(shown: _Members) -> Sequence[tuple[int, _Members] | None]:
    listed = shown.get(_OFFENDERS)
    assert isinstance(listed, list)  # a granted list is always there
    return list(enumerate(listed, 1)) or [None]


def _offender_cells(offender: tuple[int, _Members] | None, below: Sequence[Column]) -> list[str]:
    if not below:
        return []
    if offender is None:
        return [""] * (1 + len(below))
    number, shown = offender
    return [str(number), *[column.cell(shown) for column in below]]


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
            yield _column(field, path)
        else:
            yield from _columns(child, path)


def _column(field: Field, keys: tuple[str, ...]) -> Column:
    typed = field.kind in PARSERS or field.kind is Kind.LIST
    return Column(".".join(keys), field.kind if typed else Kind.TEXT, keys)


def _text(value: Json) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(value: Json) -> str:
    return str(value)


# What was checked to be a number, a date or JSON begins no formula that does anything.
_WRITE: Final[Mapping[Kind, Callable[[Json], str]]] = {
    Kind.BOOL: lambda value: "true" if value else "false",
    Kind.LIST: lambda value: orjson.dumps(value).decode(),
    **{kind: _plain for kind in (Kind.INT, Kind.FLOAT, Kind.DATE, Kind.TIME, Kind.DATETIME)},
}
