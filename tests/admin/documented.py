"""Every answer of the admin API in a test is one that its OpenAPI document has: status, and shape of the body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from hallpass.adapters.admin_addresses import AddressBook
from hallpass.adapters.admin_openapi import openapi
from hallpass.domain.failure import HallpassError
from jsonschema import Draft202012Validator

from tests.docs.test_restore import table


@cache
def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(openapi(table(), "https://hallpass.example", "0")))
    return made


@cache
def book() -> AddressBook:
    return AddressBook(table())


@cache
def validator(path: str, method: str, status: str) -> Draft202012Validator:
    answer = document()["paths"][path][method]["responses"][status]
    [content] = answer["content"].values()
    return Draft202012Validator({**content["schema"], "components": document()["components"]})


def check_documented(event: Mapping[str, Any], status: int, body: str) -> None:
    method = str(event["requestContext"]["http"]["method"])
    try:
        address = book().find(method, str(event["rawPath"])).address
    except HallpassError:
        return
    path = address.rule.replace("<", "{").replace(">", "}")
    known = document()["paths"][path][method.lower()]["responses"]
    assert str(status) in known, f"{method} {path} answered {status}, which is not documented"
    errors = [error.message for error in validator(path, method.lower(), str(status)).iter_errors(json.loads(body))]
    assert errors == [], f"{method} {path}: {errors}"
