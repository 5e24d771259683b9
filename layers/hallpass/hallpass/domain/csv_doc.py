"""docs/csv-format.md, written from the columns that the code itself writes and from a page that it renders.

Rule: no column is spelled here that the code does not have; a test holds the file equal.
"""

from __future__ import annotations

from hallpass.domain.csv_writer import OFFENDER, columns, render_csv
from hallpass.domain.json_doc import EXAMPLE_PAGE
from hallpass.domain.reading import read_page
from hallpass.domain.schema import VALUE_PATHS, Field, Kind
from hallpass.domain.view import FieldView, view_of

_EVERYTHING = FieldView("everything", VALUE_PATHS)
_INTRODUCTION = """\
# CSV and lines of JSON

`/v1/incidents.ndjson` is the [JSON](json-format.md) without its frame: each line is one member of `incidents`. The
page's number, the next page and the dataset are in the headers `Link` and `Hallpass-Dataset`.

`/v1/incidents.csv` is RFC 4180: UTF-8, a comma, quotes where needed, CRLF behind every row, a header row always. The
file name in `Content-Disposition` says which page it is of how many.

## Rows

- **A row for each incident and offender**, in the page's order. An incident without offenders has one row, its
  offender columns empty. What belongs to the incident is repeated in each of its rows: to count
  incidents, count the rows whose `{offender}` is 1 or empty.
- `{offender}` is the offender's place in its incident, from 1; empty where there is none.
- **The columns are those of your fields**, whatever a page holds, in the order below. A field you are not shown has
  no column.
- A column's name is the way through the JSON, by dots. What is a list in JSON below an offender, and `victims`, is
  one cell of JSON.
- Empty means absent, or sent as something that is not what it documents (`null` in JSON); a list that is empty is
  `[]`.
- Booleans are `true` and `false`; ids and codes are text: `007` keeps its zeros if your reader lets it.
- **Formula guard:** a text that begins with `=`, `+`, `-`, `@`, a tab, a line feed, a carriage return, one of the
  wide forms of the first four, or an apostrophe, gets one apostrophe in front. To have the text, take one leading
  apostrophe away. Numbers, dates and JSON are not touched.
"""


def csv_format_doc() -> str:
    """The whole of docs/csv-format.md."""
    return _INTRODUCTION.format(offender=OFFENDER) + _columns() + _example()


def _columns() -> str:
    """Of everything that can be granted: a column that a preset lacks is one that it does not show."""
    above, below = columns(_EVERYTHING)
    named: list[tuple[str, Field | None]] = [(column.name, column.field) for column in above]
    named += [(OFFENDER, None), *((f"{OFFENDER}.{column.name}", column.field) for column in below)]
    rows = "".join(f"| `{name}` | {_cell(field)} | {_group(field)} |\n" for name, field in named)
    head = "Of everything that can be granted, in this order; *group* is what has to be granted ([scopes](scopes.md))."
    return f"\n## Columns\n\n{head}\n\n| column | type | group |\n|---|---|---|\n{rows}"


def _cell(field: Field | None) -> str:
    if field is None:
        return "int"
    if field.kind is Kind.LIST:
        return "JSON"
    return "text" if field.kind is Kind.CODED else field.kind.value


def _group(field: Field | None) -> str:
    return f"`{field.group}`" if field and field.group else ""


def _example() -> str:
    model, view = read_page(EXAMPLE_PAGE.encode()), view_of("identified@1")
    written = render_csv(model.incidents, view).body.decode().replace("\r\n", "\n")
    head = f"The page of [JSON](json-format.md) under `{view.preset}`:"
    return f"\n## An example\n\n{head}\n\n```csv\n{written}```\n"
