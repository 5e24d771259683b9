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
# RFC 3339 also has fractions of a second, small letters and every year; `modified_since` has not.
_DAY_SINCE = "(?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME_SINCE = f"{_DAY_SINCE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})"
_SINCE: Mapping[str, Doc] = {
    "anyOf": [
        {"type": "string", "format": "date", "pattern": f"^{_DAY_SINCE}$"},
        {"type": "string", "format": "date-time", "pattern": f"^{_TIME_SINCE}$"},
    ]
}
_NOT_VERBATIM = "Not with XML under upstream@1, which is the upstream's own bytes."
_PAGE: Mapping[str, Doc] = {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1}
_PARAMETERS: Mapping[str, tuple[str, Mapping[str, Doc]]] = {
    "page": ("One page of up to 1,000 incidents, from 1.", _PAGE),
    "type": ("Incidents of one type.", {"type": "string", "enum": [kind.value for kind in IncidentType]}),
    "deleted": ("Deleted incidents too.", {"type": "string", "enum": ["1"]}),
    "from": ("First day; only together with `to`.", _DATE),
    "to": ("Last day, not before `from`; only together with `from`.", _DATE),
    "school": (
        f"Incidents of these schools; repeat it, up to {MOST_SCHOOLS}. A code is printable characters without white "
        f"space, and not the word `all`. {_NOT_VERBATIM}",
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_SCHOOL_CODE, "pattern": r"^\S+$"},
            "uniqueItems": True,
            "maxItems": MOST_SCHOOLS,
        },
    ),
    "modified_since": (
        f"Incidents that may have changed since; only together with `dataset`. {_NOT_VERBATIM}",
        _SINCE,
    ),
    "dataset": (
        "The `dataset` of your copy; only together with `modified_since`.",
        {"type": "string", "pattern": r"^[0-9]{1,9}\.[0-9]{1,9}$"},
    ),
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
    # A path that names its format takes no other.
    formats = list(dict.fromkeys(form.value for name, form in MEDIA_TYPES if name in media_types))
    own: Mapping[str, Mapping[str, Doc]] = {"format": {"type": "string", "enum": formats}}
    parameters: list[Doc] = [
        {"name": name, "in": "query", "description": text, "schema": own.get(name, schema)}
        for name, (text, schema) in _PARAMETERS.items()
    ]
    content: Mapping[str, Doc] = {name: {"schema": _body(name)} for name in media_types}
    answers: Mapping[str, Doc] = {
        "200": {
            "description": "A page of incidents, as far as the token's scope goes.",
            "headers": _PAGE_HEADERS,
            "content": content,
        },
        "304": {"description": "Nothing has changed since the ETag in If-None-Match.", "headers": _PAGE_HEADERS},
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


def _header(text: str, *, always: bool = True) -> Doc:
    return {"description": text, "required": always, "schema": {"type": "string"}}


_PAGE_HEADERS: Mapping[str, Doc] = {
    "ETag": _header("For If-None-Match."),
    "Link": _header("RFC 8288: first, prev, next and last page; of JSON and NDJSON also `describedby`, its schema."),
    "Cache-Status": _header("RFC 9211: whether and since when the page was kept."),
    "Hallpass-Dataset": _header("The `dataset` that the page belongs to."),
    "Hallpass-Next-Since": _header("The next poll's `modified_since`, where the token may send one.", always=False),
}
_PROBLEM_HEADERS: Mapping[str, Mapping[str, Doc]] = {
    "401": {"WWW-Authenticate": _header("RFC 6750 section 3.")},
    "405": {"Allow": _header("The methods that are.")},
    "503": {"Retry-After": _header("Seconds.")},
    "504": {"Retry-After": _header("Seconds.")},
}
# Any address: also its audit line has to be written before an answer leaves.
_ANYWHERE = ("400", "405", "500", "503")


def _problems(texts: Mapping[str, str]) -> dict[str, Doc]:
    """In JSON or XML: what Accept prefers, else what the address speaks."""
    content: Mapping[str, Doc] = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        "application/problem+xml": {"schema": {"type": "string", "description": "The same, as RFC 9457 appendix B."}},
    }
    return {status: {"description": text, **_headers(status), "content": content} for status, text in texts.items()}


def _headers(status: str) -> Mapping[str, Doc]:
    return {"headers": _PROBLEM_HEADERS[status]} if status in _PROBLEM_HEADERS else {}


def _plain(summary: str, status: str, *errors: str, security: bool = True, media_type: str = "") -> Mapping[str, Doc]:
    problems = _problems({error: _PROBLEMS[error] for error in sorted({*errors, *_ANYWHERE})})
    content: Mapping[str, Doc] = {"content": {media_type: {"schema": {"type": "object"}}}} if media_type else {}
    operation: dict[str, Doc] = {
        "summary": summary,
        "responses": {status: {"description": summary, **content}, **problems},
    }
    if not security:
        operation["security"] = []
    return operation


def _document(summary: str, *parameters: Doc, media_type: str = "application/json") -> Mapping[str, Doc]:
    operation = {**_plain(summary, "200", security=False, media_type=media_type), "parameters": parameters}
    return {"get": operation, "head": operation}


_FIELDS: Mapping[str, Doc] = {
    "name": "fields",
    "in": "query",
    "description": "A preset, or a list of groups in its one spelling, as `GET /v1/token` tells it.",
    "schema": {"type": "string", "examples": list(PRESETS), "default": ALL_DOCUMENTED_VIEW},
}
_CONFIRM: Mapping[str, Doc] = {
    "name": "confirm",
    "in": "query",
    "description": "The token's own `token_id`, as `GET /v1/token` tells it.",
    "required": True,
    "schema": {"type": "string"},
}
_OTHER_PATHS: Mapping[str, Doc] = {
    "/v1/token": {
        "get": _plain("What this token may do", "200", "401", "403", media_type="application/json"),
        "delete": {
            **_plain("Revokes this token, for good", "204", "401", "403"),
            "parameters": [_CONFIRM],
        },
    },
    "/v1/health": _document("That the service runs"),
    "/v1/incidents.schema.json": _document("JSON Schema of a view", _FIELDS, media_type="application/schema+json"),
    "/v1/openapi.json": _document("This document", media_type="application/vnd.oai.openapi+json"),
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
