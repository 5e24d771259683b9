"""docs/json-format.md, written from the table and from a page that the code itself renders.

Rule: no name or rule of the format is spelled here that the code does not have; a test holds the file equal.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from hallpass.domain.json_writer import render_json
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW
from hallpass.domain.reading import read_page
from hallpass.domain.schema import BY_NAME_GROUPS, FIELDS, TABLE, Field, Kind
from hallpass.domain.values import BOOLEANS
from hallpass.domain.view import view_of

_INTRODUCTION = """\
# The JSON format

What `/v1/incidents.json` answers with, for every element and attribute that the upstream documents for its XML
([CSV and lines of JSON](csv-format.md) say the same).
This page is written by the code that writes the JSON. The same facts as JSON Schema (2020-12): every answer in JSON or
lines of JSON leads to the schema of its fields with `Link: <...>; rel="describedby"`, which is
`/v1/incidents.schema.json?fields=<preset>`. `GET /v1/token` links to yours; without `fields` it is that of
`all-documented@1`.

## A page

| upstream | JSON | type |
|---|---|---|
| `incidents` | the whole document | object |
| `incidents/@count` | `count` | integer: the incidents on *this* page, as you see it |
| `incidents/@page` | `page` | integer, from 1 |
| `incidents/@total-pages` | `total_pages` | integer; 0 when there is nothing |
| | `next_page` | integer, or `null` on the last page and past it |
| | `dataset` | string: when it changes, fetch everything again |
| `incidents/incident` | `incidents` | list, `[]` when there are none |

Until `next_page` is `null`, ask for `page=<next_page>`. A page may hold few incidents or none and not be the last.

## Rules

- **Lists are lists.** A list that your token is granted is always there, `[]` for none; one child is a list of one. The
  upstream's wrappers and their `count` are gone: take the list's length.
- **Code and text** are always `{"code", "name"}`: `code` is `null` where the upstream sent no code, `name` is `""`
  where it sent no text.
- **Ids and codes are strings**, also when they look like numbers: `"007"` stays `"007"`.
- **Numbers and booleans** only where the upstream documents them. Booleans are read in every spelling: \
{booleans}, in any case.
- **Dates and times** are the upstream's own strings, checked to be dates and times. It states no time zone; nor do we.
  Under whole days (`GET /v1/token` tells) a date and time is its day.
- **Pseudonyms** stand where numbers and uuids would, if your fields say so.
- **`null`** elsewhere than in `next_page` and `code` means: the upstream sent something that is not what it documents.
- **Absent** means that the upstream sent nothing, or that your token is not granted it: the schema tells which.
- **Nothing else.** What the upstream does not document is left out, whatever it is, until this page lists it. An
  element that must occur once and came twice is left out too: which one is true is not ours to guess.
- Members come in the order of the table below; do not rely on it.
"""

_TABLE_HEAD = """\

## Every element and attribute

*Group* is the name under which a token is granted the field; those marked * are only ever granted by their own name.
*Since* is when the upstream first documented it. Paths start at `incident`.

| upstream | JSON, within an incident | type | group | since |
|---|---|---|---|---|
"""

_EXAMPLE_HEAD = """\

## An example

Everything in it is invented. The upstream's XML:

```xml
{xml}```

The same page for a token with `{view}`:

```json
{json}
```

`victims` and `weapons` are there although the upstream sent none; `end` is `null` because `noon` is not a time; `iep`
is absent because this preset does not grant it.
"""

EXAMPLE_PAGE = """\
<?xml version="1.0" encoding="UTF-8"?>
<incidents count="1" page="1" total-pages="3">
  <incident uuid="0c6f0000-0000-4000-8000-000000000001" type="referral" last-modified="2025-10-02T15:04:05">
    <date>2025-10-02</date>
    <time>10:25</time>
    <written-by datetime="2025-10-02T10:40:00" district-id="s-0001">Staff Member One</written-by>
    <school code="007">Example Elementary</school>
    <location code="12">Playground</location>
    <offense>Example offense</offense>
    <description>An invented event &amp; its invented course.</description>
    <offenders count="1">
      <offender>
        <student district-id="0000042">
          <name>Example O&apos;Student</name>
          <grade>05</grade>
          <iep>no</iep>
        </student>
        <injury code="0">None</injury>
        <offenses count="1">
          <offense code="045">Example offense</offense>
        </offenses>
        <actions count="1">
          <action code="A1" cost="yes">
            <name>Example action</name>
            <duration day-length="420">0.5</duration>
            <schedule count="1">
              <event>
                <date>2025-10-03</date>
                <start>08:00</start>
                <end>noon</end>
                <served>1</served>
              </event>
            </schedule>
            <assigned-by datetime="2025-10-02T11:00:00" district-id="s-0002">Staff Member Two</assigned-by>
          </action>
        </actions>
      </offender>
    </offenders>
  </incident>
</incidents>
"""

_TYPES = {
    Kind.TEXT: "string",
    Kind.INT: "integer",
    Kind.BOOL: "boolean",
    Kind.FLOAT: "number",
    Kind.DATE: "string, a date",
    Kind.TIME: "string, a time",
    Kind.DATETIME: "string, a date and time",
    Kind.RECORD: "object",
    Kind.LIST: "list",
}


def json_format_doc() -> str:
    """The whole of docs/json-format.md."""
    booleans = ", ".join(f"`{spelling}`" for spelling in BOOLEANS)
    rows = "".join(row for field in TABLE[1:] for row in _rows(field))
    return _INTRODUCTION.replace("{booleans}", booleans) + _TABLE_HEAD + rows + _example()


def _example() -> str:
    model = read_page(EXAMPLE_PAGE.encode())
    page = render_json(model, model.incidents, view_of(ALL_DOCUMENTED_VIEW), "1.1").body
    pretty = orjson.dumps(orjson.loads(page), option=orjson.OPT_INDENT_2).decode()
    return _EXAMPLE_HEAD.format(xml=EXAMPLE_PAGE, view=ALL_DOCUMENTED_VIEW, json=pretty)


def _rows(field: Field) -> Iterator[str]:
    """An element with attributes is an object in JSON: one row for it, one for its text."""
    path = _json_path(field)
    if not field.text_json:
        kind = "string, or `null`" if _is_code(field) else _TYPES[field.kind]
        yield _row(field.path, path, kind, field)
        return
    yield _row(field.path, path, "object", field)
    text = Kind.TEXT if field.kind is Kind.CODED else field.kind
    yield _row(field.path, f"{path}.{field.text_json}", _TYPES[text], field, what=", its text")


def _row(path: str, json: str, kind: str, field: Field, what: str = "") -> str:
    group = f"`{field.group}`" if field.group else ""
    by_name = "\\*" if field.group in BY_NAME_GROUPS else ""
    return f"| `{path.removeprefix('incident/')}`{what} | `{json}` | {kind} | {group}{by_name} | {field.since} |\n"


def _is_code(field: Field) -> bool:
    return field.is_attribute and FIELDS[field.parent].kind is Kind.CODED


def _json_path(field: Field) -> str:
    """`offenders[].student.name`: an item has no name of its own, its list stands for it."""
    if field.parent == "incident":
        return field.json
    parent = FIELDS[field.parent]
    above = _json_path(parent)
    if parent.kind is Kind.LIST:
        return f"{above}[]"
    return f"{above}.{field.json}"
