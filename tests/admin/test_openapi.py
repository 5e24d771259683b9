"""The admin API's document and its page: whole, valid, and with nothing of anybody in them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from hallpass.adapters.admin_answers import ANSWERS
from hallpass.adapters.admin_open_pages import DOCUMENT, PAGE
from hallpass.adapters.admin_page import STYLE, page
from hallpass.adapters.admin_words import PARAMETER_WORDS, SUMMARIES
from jsonschema import Draft202012Validator

from tests.admin.conftest import Office, Reply, http_event
from tests.admin.documented import document
from tests.admin.test_people import slug
from tests.docs.test_restore import table


def shown(office: Office, path: str, method: str = "GET", query: str = "") -> Reply:
    """As a stranger."""
    return office.send(http_event(method, path, {}) | {"rawQueryString": query})


def test_every_address_is_documented_and_nothing_else() -> None:
    actions = {address.action for address in table()}
    assert set(ANSWERS) == set(SUMMARIES) == actions
    operations = [one for item in document()["paths"].values() for one in item.values()]
    assert len(operations) == len(table())
    assert {one["operationId"] for one in operations} == actions
    named = {parameter["name"] for one in operations for parameter in one["parameters"]}
    assert named == set(PARAMETER_WORDS) | {"If-Match", "Idempotency-Key"}


def test_every_shape_is_json_schema_and_every_reference_leads_somewhere() -> None:
    schemas = document()["components"]["schemas"]
    for shape in schemas.values():
        Draft202012Validator.check_schema(shape)
    told = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document())))
    assert told <= set(schemas)
    # What is there and nobody refers to would be left over.
    assert set(schemas) - told == set()


def test_every_body_is_documented_as_it_is_validated() -> None:
    for address in table():
        operation = document()["paths"][address.rule.replace("<", "{").replace(">", "}")][address.method.lower()]
        assert ("requestBody" in operation) == address.body, address.action
        if address.body:
            ref = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            shape = document()["components"]["schemas"][ref.rpartition("/")[2]]
            assert shape["additionalProperties"] is False


def test_a_stranger_reads_the_document(office: Office) -> None:
    reply = shown(office, DOCUMENT)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/vnd.oai.openapi+json;version=3.1")
    assert reply.json["servers"] == [{"url": "https://hallpass.example"}]
    assert reply.json["paths"] == document()["paths"]
    assert shown(office, DOCUMENT, "HEAD").text == ""


def test_a_stranger_reads_the_page_without_a_script_or_anything_from_elsewhere(office: Office) -> None:
    reply = shown(office, PAGE)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = reply.headers["Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "unsafe" not in policy
    assert re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL) == [STYLE]
    assert not re.search(r"<script|<img|<link|<iframe| on\w+=|style=|https?://(?!json-schema)", reply.text)
    for path in document()["paths"]:
        assert path in reply.text
    assert shown(office, PAGE, "HEAD").text == ""


@pytest.mark.parametrize("path", [DOCUMENT, PAGE])
def test_what_is_open_to_all_takes_no_other_method_and_no_parameter(office: Office, path: str) -> None:
    wrong = shown(office, path, "POST")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET, HEAD")
    assert slug(shown(office, path, query="x=1")) == "invalid-parameters"
    assert slug(shown(office, path, query=f"token={office.operator}")) == "token-in-query"


def test_the_page_writes_no_text_as_markup() -> None:
    nasty = '<b title="x">&canary'
    operation: dict[str, Any] = {
        "summary": nasty,
        "parameters": [{"name": nasty, "in": nasty, "description": nasty}],
        "requestBody": {"content": {"application/json": {"schema": {"const": nasty}}}},
        "responses": {"200": {"description": nasty, "content": {"application/json": {"schema": {"const": nasty}}}}},
    }
    told = page(
        {
            "info": {"title": nasty, "version": nasty},
            "paths": {nasty: {"get": operation}},
            "components": {"schemas": {nasty: {"const": nasty}}},
        }
    )
    assert nasty not in told
    assert "<b title" not in told
    assert "&lt;b title=" in told
