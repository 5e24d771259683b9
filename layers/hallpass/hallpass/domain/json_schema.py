"""The JSON Schema (2020-12) of a page under a view, from the same tree that the writer walks.

Rule: closed (`additionalProperties: false`) at every level, so that a member nobody granted is a schema error.
"""

from __future__ import annotations

from hallpass.domain.pseudonyms import PSEUDONYM_PATTERN
from hallpass.domain.schema import Field, Kind, Treatment
from hallpass.domain.scope import IncidentType
from hallpass.domain.tree import Element, Shape
from hallpass.domain.values import DATE_PATTERN, DATETIME_PATTERN, TIME_PATTERN, Json
from hallpass.domain.view import FieldView

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PATTERNS = {Kind.DATE: DATE_PATTERN, Kind.TIME: TIME_PATTERN, Kind.DATETIME: DATETIME_PATTERN}
_NUMBERS = {Kind.INT: "integer", Kind.FLOAT: "number", Kind.BOOL: "boolean"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_PAGE: Json = {"type": "integer", "minimum": 1}


def json_schema(view: FieldView) -> dict[str, Json]:
    """What `render_json` sends under `view`: every member that may be there, and which always are."""
    members: dict[str, Json] = {
        "count": _COUNT,
        "page": _PAGE,
        "total_pages": _COUNT,
        "next_page": {"type": ["integer", "null"], "minimum": 2},
        "dataset": {"type": "string"},
        "incidents": {"type": "array", "items": _element(view.tree)},
    }
    title = f"A page of incidents, {view.preset}"
    return {"$schema": DIALECT, "title": title, **_object(members, list(members))}


def _object(members: dict[str, Json], required: list[str]) -> dict[str, Json]:
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


def _scalar(kind: Kind) -> Json:
    """A value without the meaning that is documented is null, so every typed member may be."""
    if kind in _PATTERNS:
        return {"type": ["string", "null"], "pattern": f"^(?:{_PATTERNS[kind]})$"}
    if kind in _NUMBERS:
        return {"type": [_NUMBERS[kind], "null"]}
    return {"type": "string"}


def _attribute(field: Field, owner: Element) -> Json:
    if field.treatment is Treatment.PSEUDONYM:
        return {"type": "string", "pattern": PSEUDONYM_PATTERN}
    if owner.field.kind is Kind.CODED:
        return {"type": ["string", "null"]}
    if field.path == "incident/@type":
        return {"enum": [kind.value for kind in IncidentType]}
    return _scalar(field.kind)


def _element(element: Element) -> Json:
    if element.shape is Shape.LEAF:
        return _scalar(element.field.kind)
    if element.shape is Shape.LIST:
        return {"type": "array", "items": _element(element.item)}
    members = {field.json: _attribute(field, element) for field in element.attributes.values()}
    members |= {child.field.json: _element(child) for child in element.children.values()}
    if element.text_key:
        members[element.text_key] = _scalar(element.field.kind)
    return _object(members, _required(element, members))


def _required(element: Element, members: dict[str, Json]) -> list[str]:
    """Lists, an element's own text, and of a coded element all of it; the rest may be absent upstream."""
    if element.field.kind is Kind.CODED:
        return list(members)
    lists = [child.field.json for child in element.children.values() if child.shape is Shape.LIST]
    return [*lists, *([element.text_key] if element.text_key else [])]
