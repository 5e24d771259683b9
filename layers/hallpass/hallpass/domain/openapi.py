"""The OpenAPI 3.1 document of the vendor API, made from the code's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hallpass.domain.negotiation import MEDIA_TYPES
from hallpass.domain.openapi_parameters import PARAMETERS, Doc
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW, PRESETS
from hallpass.domain.query import SNAPSHOT_TAKES

_PROBLEMS: Mapping[str, str] = {
    "400": "A parameter is unknown, repeated or malformed; or the scope needs dates.",
    "401": "No token, or one that does not hold.",
    "403": "The scope does not grant what the query names; or the integration is paused.",
    "405": "The method is not allowed here.",
    "409": "`modified_since` with a dataset that is not this token's any more: read everything again.",
    "406": "None of the accepted media types is available; or the page must be sent with gzip.",
    "410": "The snapshot of the walk is not kept any more: begin again at `restart`.",
    "429": "The integration is over its limits, or this address sent too many bad tokens: see Retry-After.",
    "500": "Something failed on our side.",
    "502": "The upstream's answer cannot be used, or it refuses the district's credential.",
    "503": "Upstream or registry cannot be reached, the page is being read, or the list changed: see Retry-After.",
    "504": "The upstream did not answer in time, or `only-if-cached` and it is not.",
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
        "externalDocs": {"description": "For vendors' developers, with test tokens", "url": f"{base_url}/docs"},
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
        for name, (text, schema) in PARAMETERS.items()
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


_LIMITS: Mapping[str, Doc] = {
    "RateLimit": _header("What is left of the integration's limits, as far as is known.", always=False),
    "RateLimit-Policy": _header("These limits; draft-ietf-httpapi-ratelimit-headers-10.", always=False),
}
_PAGE_HEADERS: Mapping[str, Doc] = {
    "ETag": _header("For If-None-Match."),
    "Link": _header("RFC 8288: first, prev, next and last page; of JSON and NDJSON also `describedby`, its schema."),
    "Cache-Status": _header("RFC 9211: whether and since when the page was kept."),
    "Hallpass-Dataset": _header("The `dataset` that the page belongs to."),
    "Hallpass-Next-Since": _header("The next poll's `modified_since`, where the token may send one.", always=False),
    **_LIMITS,
}
_SNAPSHOT_HEADERS = ("ETag", "Link", "Cache-Status", "Hallpass-Dataset", *_LIMITS)
_SNAPSHOT_BODY: Mapping[str, Doc] = {
    "type": "object",
    "required": ["dataset", "incidents", "digest"],
    "properties": {
        "dataset": {"type": "string"},
        "incidents": {"type": "integer", "minimum": 0},
        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
}
_PROBLEM_HEADERS: Mapping[str, Mapping[str, Doc]] = {
    "401": {"WWW-Authenticate": _header("RFC 6750 section 3.")},
    "405": {"Allow": _header("The methods that are.")},
    "429": {"Retry-After": _header("Seconds."), **_LIMITS},
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


_SNAPSHOT: Mapping[str, Doc] = {
    "summary": "Whether anything in all pages of a listing has changed, as this token sees them",
    "parameters": [
        {"name": name, "in": "query", "description": text, "schema": schema}
        for name, (text, schema) in PARAMETERS.items()
        if name in SNAPSHOT_TAKES
    ],
    "responses": {
        "200": {
            "description": "A small document whose ETag changes with what the token sees, and with nothing else.",
            "headers": {name: _PAGE_HEADERS[name] for name in _SNAPSHOT_HEADERS},
            "content": {"application/json": {"schema": _SNAPSHOT_BODY}},
        },
        "304": {"description": "Nothing has changed since the ETag in If-None-Match."},
        **_problems({status: text for status, text in _PROBLEMS.items() if status not in ("406", "409")}),
    },
}
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
        "get": _plain("What this token may do", "200", "401", "403", "429", media_type="application/json"),
        "delete": {
            **_plain("Revokes this token, for good", "204", "401", "403", "429"),
            "parameters": [_CONFIRM],
        },
    },
    "/v1/snapshot": {"get": _SNAPSHOT, "head": _SNAPSHOT},
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
