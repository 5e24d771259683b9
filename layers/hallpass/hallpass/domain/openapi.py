"""The OpenAPI 3.1 document of the vendor API, made from the code's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hallpass.domain.negotiation import MEDIA_TYPES
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW, PRESETS
from hallpass.domain.query import MOST_SCHOOLS, Format
from hallpass.domain.school_code import MAX_SCHOOL_CODE
from hallpass.domain.scope import IncidentType

Doc: TypeAlias = "str | int | bool | Sequence[Doc] | Mapping[str, Doc]"

_DATE: Mapping[str, Doc] = {"type": "string", "format": "date"}
_TIME: Mapping[str, Doc] = {"type": "string", "format": "date-time"}
_PAGE: Mapping[str, Doc] = {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1}
_PARAMETERS: Mapping[str, tuple[str, Mapping[str, Doc]]] = {
    "page": ("One page of up to 1,000 incidents, from 1.", _PAGE),
    "type": ("Incidents of one type.", {"type": "string", "enum": [kind.value for kind in IncidentType]}),
    "deleted": ("Deleted incidents too.", {"type": "string", "enum": ["1"]}),
    "from": ("First day; only together with `to`.", _DATE),
    "to": ("Last day; only together with `from`.", _DATE),
    "school": (
        f"Incidents of these schools; repeat it, up to {MOST_SCHOOLS}.",
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_SCHOOL_CODE},
            "uniqueItems": True,
        },
    ),
    "modified_since": (
        "Incidents that may have changed since; only together with `dataset`.",
        {"anyOf": [_DATE, _TIME]},
    ),
    "dataset": ("The `dataset` of your copy.", {"type": "string", "pattern": r"^[0-9]{1,9}\.[0-9]{1,9}$"}),
    "format": ("Where the path names none; wins over Accept.", {"type": "string", "enum": [f.value for f in Format]}),
}
_PROBLEMS: Mapping[str, str] = {
    "400": "A parameter is unknown, repeated or malformed; or the scope needs dates.",
    "401": "No token, or one that does not hold.",
    "403": "The scope does not grant what the query names; or the integration is paused.",
    "405": "The method is not allowed here.",
    "409": "`modified_since` with a dataset that is not this token's any more: read everything again.",
    "406": "None of the accepted media types is available; or the page must be sent with gzip.",
    "500": "Something failed on our side.",
    "502": "The upstream's answer cannot be used, or it refuses the district's credential.",
    "503": "The upstream or the registry cannot be reached; see Retry-After.",
    "504": "The upstream did not answer in time.",
}
_INCIDENT_PATHS = {
    "/v1/incidents": [name for name, _ in MEDIA_TYPES],
    "/v1/incidents.xml": ["application/xml"],
    "/v1/incidents.json": ["application/json"],
    "/v1/incidents.ndjson": ["application/x-ndjson"],
    "/v1/incidents.csv": ["text/csv"],
    "/public/v1/incidents.xml": ["application/xml"],
}


_XML = "XML with the root `incidents`, as the upstream documents it."
_TEXTS = {
    "application/x-ndjson": "A line for each incident: a member of `incidents` in the JSON.",
    "text/csv": "A header line, then a line for each incident and offender.",
}


def openapi(base_url: str, version: str) -> Mapping[str, Doc]:
    """`base_url`: where the API is served."""
    paths: dict[str, Doc] = {path: _incidents(media_types) for path, media_types in _INCIDENT_PATHS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hallpass vendor API", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": {**paths, **_OTHER_PATHS},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "hp_live_..."}},
            "schemas": {"Problem": _PROBLEM},
        },
    }


def _incidents(media_types: Sequence[str]) -> Mapping[str, Doc]:
    parameters: list[Doc] = [
        {"name": name, "in": "query", "description": text, "schema": schema}
        for name, (text, schema) in _PARAMETERS.items()
    ]
    content: Mapping[str, Doc] = {name: {"schema": _body(name)} for name in media_types}
    answers: Mapping[str, Doc] = {
        "200": {"description": "A page of incidents, as far as the token's scope goes.", "content": content},
        "304": {"description": "Nothing has changed since the ETag in If-None-Match."},
    }
    responses = {**answers, **_problems(_PROBLEMS)}
    return {
        "get": {"summary": "Incidents", "parameters": parameters, "responses": responses},
        "head": {"summary": "The headers of the same", "parameters": parameters, "responses": responses},
    }


def _body(media_type: str) -> Mapping[str, Doc]:
    if media_type == "application/json":
        # Relative to this document's own address, so that it holds under any base.
        return {"$ref": "incidents.schema.json"}
    return {"type": "string", "description": _TEXTS.get(media_type, _XML)}


def _problems(texts: Mapping[str, str]) -> dict[str, Doc]:
    content: Mapping[str, Doc] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in texts.items()}


def _plain(summary: str, status: str, *errors: str, security: bool = True) -> Mapping[str, Doc]:
    problems = _problems({error: _PROBLEMS[error] for error in errors})
    operation: dict[str, Doc] = {"summary": summary, "responses": {status: {"description": summary}, **problems}}
    if not security:
        operation["security"] = []
    return operation


def _document(summary: str, *parameters: Doc) -> Mapping[str, Doc]:
    operation = {**_plain(summary, "200", "400", security=False), "parameters": parameters}
    return {"get": operation, "head": operation}


_FIELDS: Mapping[str, Doc] = {
    "name": "fields",
    "in": "query",
    "description": "A preset, or a list of groups in its one spelling, as `GET /v1/token` tells it.",
    "schema": {"type": "string", "examples": list(PRESETS), "default": ALL_DOCUMENTED_VIEW},
}
_CONFIRM: Mapping[str, Doc] = {"name": "confirm", "in": "query", "required": True, "schema": {"type": "string"}}
_OTHER_PATHS: Mapping[str, Doc] = {
    "/v1/token": {
        "get": _plain("What this token may do", "200", "400", "401", "403", "503"),
        "delete": {
            **_plain("Revokes this token, for good", "204", "400", "401", "403", "503"),
            "parameters": [_CONFIRM],
        },
    },
    "/v1/health": _document("That the service runs"),
    "/v1/incidents.schema.json": _document("JSON Schema of a view", _FIELDS),
    "/v1/openapi.json": _document("This document"),
}
_PROBLEM: Mapping[str, Doc] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "retry", "owner"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "retry": {"type": "string", "enum": ["no", "now", "after"]},
        "owner": {"type": "string", "enum": ["vendor", "district", "operator", "upstream"]},
    },
}
