"""The OpenAPI document says what the code does: its routes, methods, parameters, statuses and shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from hallpass.domain import retry_errors
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.openapi import openapi
from hallpass.domain.presets import PRESETS
from hallpass.domain.query import IncidentQuery
from hallpass.domain.view import view_of
from jsonschema import Draft202012Validator

from tests.domain.error_cases import ERRORS
from tests.domain.openapi_shape import SHAPE
from tests.vendor.world import World

PROBLEM = {"$ref": "#/components/schemas/Problem"}
BASE = "https://hallpass.example/prod"
DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi(BASE, "1.2.3")))
INCIDENTS = [path for path in DOCUMENT["paths"] if "incidents" in path and "schema" not in path]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}


def schemas(node: object) -> Iterator[Any]:
    """Every schema in the document."""
    if isinstance(node, dict):
        if "schema" in node:
            yield node["schema"]
        for below in node.values():
            yield from schemas(below)
    elif isinstance(node, list):
        for below in node:
            yield from schemas(below)


def parameters(path: str, method: str = "get") -> dict[str, Any]:
    return {parameter["name"]: parameter for parameter in DOCUMENT["paths"][path][method].get("parameters", [])}


def test_it_has_the_shape_of_an_openapi_3_1_document() -> None:
    Draft202012Validator.check_schema(SHAPE)
    Draft202012Validator(SHAPE).validate(DOCUMENT)


def test_every_schema_in_it_is_a_json_schema() -> None:
    found = [*schemas(DOCUMENT), *DOCUMENT["components"]["schemas"].values()]
    assert len(found) > 20
    for schema in found:
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere_under_any_base() -> None:
    references = {schema["$ref"] for schema in schemas(DOCUMENT) if "$ref" in schema}
    served_at = f"{BASE}/v1/openapi.json"
    places = {f"{BASE}{path}" for path in DOCUMENT["paths"]} | {f"{served_at}#/components/schemas/Problem"}
    assert {urljoin(served_at, reference) for reference in references} <= places


def test_its_paths_and_methods_are_the_routes() -> None:
    routes = {path: sorted(route.methods) for path, route in World().api._routes.items()}
    assert {path: sorted(map(str.upper, item)) for path, item in DOCUMENT["paths"].items()} == routes


@pytest.mark.parametrize("path", INCIDENTS)
@pytest.mark.parametrize("method", ["get", "head"])
def test_its_parameters_are_the_parsers(path: str, method: str) -> None:
    with pytest.raises(InvalidParametersError) as caught:
        IncidentQuery.parse("unknown=1")
    assert caught.value.errors[0]["detail"].endswith(": " + ", ".join(parameters(path, method)))


VALUES = {
    f"{name}={value}": (name, value)
    for name, parameter in parameters("/v1/incidents").items()
    for value in parameter["schema"].get("enum", [])
}


@pytest.mark.parametrize(("name", "value"), VALUES.values(), ids=VALUES)
def test_the_parser_takes_every_documented_value(name: str, value: str) -> None:
    assert (name, value) in IncidentQuery.parse(urlencode({name: value})).parameters(
        1, value if name == "snapshot" else None
    )


def test_the_parser_takes_the_documented_bounds_and_default() -> None:
    page = parameters("/v1/incidents")["page"]["schema"]
    assert IncidentQuery.parse("").page == page["default"] == page["minimum"] == IncidentQuery.parse("page=1").page
    assert IncidentQuery.parse(f"page={page['maximum']}").page == page["maximum"]
    for beyond in (page["minimum"] - 1, page["maximum"] + 1):
        with pytest.raises(InvalidParametersError):
            IncidentQuery.parse(f"page={beyond}")


def test_the_schema_address_takes_every_preset_there_is() -> None:
    presets = parameters("/v1/incidents.schema.json")["fields"]["schema"]["examples"]
    assert presets == list(PRESETS) == [view_of(preset).preset for preset in presets]


def test_the_kill_switch_cannot_be_pulled_without_its_parameter() -> None:
    assert parameters("/v1/token", "delete")["confirm"]["required"] is True


@pytest.mark.parametrize("path", INCIDENTS)
def test_every_status_that_an_error_of_the_straight_line_has_is_documented(path: str) -> None:
    elsewhere = {"404"}  # an unknown address
    # A vendor only reads: what a write ends with is the admin API's.
    of_reads = [error for error in ERRORS if error.__module__ != retry_errors.__name__]
    answered = {str(error.status) for error in of_reads} - elsewhere
    assert set(DOCUMENT["paths"][path]["get"]["responses"]) == answered | {"200", "304"}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_error_is_a_problem(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        assert (set(content) == {"application/problem+json", "application/problem+xml"}) == (status >= "400")
        assert status < "400" or content["application/problem+json"]["schema"] == PROBLEM


def test_only_what_holds_nobodys_data_is_open_without_a_token() -> None:
    open_to_all = {name for name, operation in OPERATIONS.items() if operation.get("security") == []}
    documents = ["/v1/health", "/v1/incidents.schema.json", "/v1/openapi.json"]
    assert open_to_all == {f"{method} {path}" for method in ("GET", "HEAD") for path in documents}
    assert DOCUMENT["security"] == [{"token": []}]


def test_it_says_where_and_what_it_is() -> None:
    assert DOCUMENT["servers"] == [{"url": BASE}]
    assert DOCUMENT["info"]["version"] == "1.2.3"
