"""The shape of an OpenAPI 3.1 document, as far as ours uses it: strict, so that a misspelled member is found."""

from __future__ import annotations

from typing import Any


def _object(needed: str, /, **properties: Any) -> dict[str, Any]:
    """Of exactly these members (a trailing underscore keeps Python's words apart)."""
    members = {name.rstrip("_"): schema for name, schema in properties.items()}
    return {"type": "object", "required": needed.split(), "properties": members, "additionalProperties": False}


def _map(schema: dict[str, Any], names: str = ".+") -> dict[str, Any]:
    return {
        "type": "object",
        "patternProperties": {f"^{names}$": schema},
        "additionalProperties": False,
        "minProperties": 1,
    }


_TEXT = {"type": "string", "minLength": 1}
_SCHEMA: dict[str, Any] = {"type": "object", "minProperties": 1}  # checked as JSON Schema 2020-12 by the test
_CONTENT = _map(_object("schema", schema=_SCHEMA), r"[a-z]+/[a-z.+-]+")
_HEADER = _object("description schema", description=_TEXT, required={"type": "boolean"}, schema=_SCHEMA)
_RESPONSE = _object("description", description=_TEXT, headers=_map(_HEADER, "[A-Z][A-Za-z-]+"), content=_CONTENT)
_SECURITY = {"type": "array", "items": _map({"type": "array", "items": _TEXT})}
_PARAMETER = _object(
    "name in schema",
    name=_TEXT,
    in_={"enum": ["query"]},
    description=_TEXT,
    required={"type": "boolean"},
    schema=_SCHEMA,
)
_OPERATION = _object(
    "summary responses",
    summary=_TEXT,
    parameters={"type": "array", "items": _PARAMETER},
    responses=_map(_RESPONSE, "[1-5][0-9]{2}"),
    security=_SECURITY,
)
_PATH_ITEM = {"type": "object", "patternProperties": {"^(get|head|delete)$": _OPERATION}, "additionalProperties": False}
SHAPE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        "openapi info paths",
        openapi={"const": "3.1.0"},
        info=_object("title version", title=_TEXT, version=_TEXT, license=_object("name", name=_TEXT)),
        externalDocs=_object("description url", description=_TEXT, url={"type": "string", "pattern": "^https?://"}),
        servers={"type": "array", "items": _object("url", url={"type": "string", "pattern": "^https?://"})},
        security=_SECURITY,
        paths=_map(_PATH_ITEM, "/.*"),
        components=_object(
            "securitySchemes schemas",
            securitySchemes=_map(
                _object("type scheme", type={"const": "http"}, scheme={"const": "bearer"}, bearerFormat=_TEXT)
            ),
            schemas=_map(_SCHEMA),
        ),
    ),
}
