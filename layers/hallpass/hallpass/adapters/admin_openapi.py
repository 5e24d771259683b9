"""The OpenAPI 3.1 document of the admin API, made from its own table of addresses and the bodies it validates with.

Rule: nothing is written twice: bodies are pydantic's, parameters and headers the table's, answers `admin_answers.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from hallpass.adapters.admin_addresses import NO_TOKEN, OWN_INVITATION, OWN_SESSION, OWN_TOKEN, WIDTHS, Address
from hallpass.adapters.admin_answers import ANSWERS
from hallpass.adapters.admin_shapes import DAY, RECORDS, TEXT, Shape
from hallpass.adapters.admin_words import PARAMETER_WORDS, PROBLEMS, SUMMARIES
from hallpass.domain.failure import Owner, Retry
from hallpass.domain.paging import MOST, USUAL
from hallpass.domain.preconditions import Match

Document = dict[str, Any]
_JSON, _PROBLEM_JSON = "application/json", "application/problem+json"
_COMPONENT = "#/components/schemas/{model}"
_ANYWHERE = ("400", "401", "403", "405", "429", "500", "503")
_OF_THE_DOOR = {"400", "403", "404", "405", "409", "410", "429", "500", "503"}
_OF_PARAMETER: Mapping[str, Shape] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    "next": {"type": "string", "minLength": 1},
    "from": DAY,
    "to": DAY,
}
_NEEDED = frozenset({"from", "to"})
_MADE = frozenset({
    "district.create", "integration.create", "token.issue", "token.rotate", "claim.create", "claim.reveal",
    "person.create", "person.rotate", "invitation.create", "invitation.accept", "session.start",
})  # fmt: skip
_USUAL: Mapping[str, str] = {"district.warm": "202"}
_SOMETIMES: Mapping[str, Sequence[str]] = {
    "district.create": ("200",),
    "district.purge": ("202",),
    "district.delete": ("202",),
}
"""Other answers of the same shape: a credential that was only tried; what is not finished."""
_UPSTREAM = frozenset({"district.create"})
_OPENED = {
    OWN_TOKEN: "Opened by an admin token, and by no session.",
    OWN_SESSION: "Opened by a session.",
    OWN_INVITATION: "Opened by an invitation.",
    NO_TOKEN: "Opened by the link's secret in the body: nobody signs in.",
}
_PROBLEM: Shape = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "retry", "owner"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": {"type": "string", "format": "uri"},
        "retry": {"enum": list(Retry)},
        "owner": {"enum": list(Owner)},
    },
}


def openapi(table: Sequence[Address], base_url: str, version: str) -> Document:
    """`base_url`: where the API is served."""
    schemas: Document = {**RECORDS, "Problem": _PROBLEM}
    paths: dict[str, Document] = {}
    for address in table:
        operation = _operation(address, schemas)
        paths.setdefault(_path(address.rule), {})[address.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hallpass admin API", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "hp_admin_..."}},
            "schemas": schemas,
        },
    }


def _path(rule: str) -> str:
    return rule.replace("<", "{").replace(">", "}")


def _operation(address: Address, schemas: Document) -> Document:
    operation: Document = {
        "operationId": address.action,
        "summary": SUMMARIES[address.action],
        "description": " ".join(_who(address)),
        "tags": [address.action.partition(".")[0]],
        "parameters": list(_parameters(address)),
        "responses": _responses(address),
    }
    if not address.opens:
        operation["security"] = []
    body = body_of(address)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _schema(body, schemas)}}}
    return operation


def _who(address: Address) -> Iterator[str]:
    yield _OPENED.get(address.opens, "Opened by an admin token or its session.")
    if address.operators:
        yield "An operator's alone."
    elif address.opens:
        yield "An auditor may." if address.auditor else "Not an auditor's."


def body_of(address: Address) -> type[BaseModel] | None:
    """The model that the address validates its body with."""
    annotated = get_type_hints(address.answer, include_extras=True).get("body")
    model = get_args(annotated)[0] if annotated is not None else None
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _schema(body: type[BaseModel], schemas: Document) -> Shape:
    schema = body.model_json_schema(ref_template=_COMPONENT)
    for name, shape in schema.pop("$defs", {}).items():
        schemas[name] = shape
    schemas[body.__name__] = schema
    return {"$ref": _COMPONENT.format(model=body.__name__)}


def _parameters(address: Address) -> Iterator[Document]:
    for name in re.findall(r"<(\w+)>", address.rule):
        shape = {"type": "string", "pattern": f"^[0-9A-Za-z]{{{WIDTHS[name]}}}$"}
        yield {"name": name, "in": "path", "required": True, "description": PARAMETER_WORDS[name], "schema": shape}
    for name in address.takes:
        yield {
            "name": name,
            "in": "query",
            "required": name in _NEEDED,
            "description": PARAMETER_WORDS[name],
            "schema": _OF_PARAMETER[name],
        }
    if address.match is not Match.NEVER:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": address.match is Match.MUST,
            "description": "The `ETag` of what you read; `*`: whatever it is.",
            "schema": {"type": "string", "pattern": '^("[0-9]{1,15}"|\\*)$'},
        }
    if address.once:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A UUID of this request: sent again within 24 hours, it is answered again and made once.",
            "schema": {"type": "string", "pattern": '^"?[0-9A-Za-z_.:-]{8,128}"?$'},
        }


def _responses(address: Address) -> Document:
    usual = _USUAL.get(address.action, "201" if address.action in _MADE else "200")
    content = {_JSON: {"schema": ANSWERS[address.action]}}
    statuses = sorted({usual, *_SOMETIMES.get(address.action, ())})
    answers = {status: {"description": SUMMARIES[address.action], "content": content} for status in statuses}
    problem = {_PROBLEM_JSON: {"schema": {"$ref": _COMPONENT.format(model="Problem")}}}
    refused = {status: {"description": PROBLEMS[status], "content": problem} for status in sorted(_refusals(address))}
    return answers | refused


def _refusals(address: Address) -> set[str]:
    if not address.opens:
        return _OF_THE_DOOR
    found = set(_ANYWHERE)
    # An address under an id, or one of people, may name what is not there; every change may meet another state.
    if "<" in address.rule or address.action == "session.end":
        found.add("404")
    if address.changes:
        found.add("409")
    if address.once:
        found.add("422")
    if address.match is not Match.NEVER:
        found |= {"412"}
    if address.match is Match.MUST:
        found |= {"428"}
    if address.action in _UPSTREAM:
        found |= {"502", "504"}
    return found
