"""Problem documents (RFC 9457): the same facts in JSON and XML, and nothing of a request or a cause in either."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hallpass.domain.arrival import receive
from hallpass.domain.bearer import bearer_token
from hallpass.domain.errors import InvalidParametersError, NotFoundError
from hallpass.domain.failure import HallpassError
from hallpass.domain.grant import narrow
from hallpass.domain.http_caching import Received
from hallpass.domain.openapi import openapi
from hallpass.domain.problem import PROBLEM_NAMESPACE, problem_type, render_problem
from hallpass.domain.query import Format, IncidentQuery
from hallpass.domain.scope import DateRange, IncidentType, Rows, Scope
from jsonschema import Draft202012Validator

from tests.domain.error_cases import ERRORS, an
from tests.records import NOW, an_integration

SPACE = f"{{{PROBLEM_NAMESPACE}}}"
CANARY = "canary7"
AT = Received(200, (), NOW, NOW)


def facts(element: Element) -> object:
    """RFC 9457 appendix B, read back: elements named `i` are an array, other elements an object, text a value."""
    children = list(element)
    if not children:
        return element.text or ""
    assert all(child.tag.startswith(SPACE) for child in children)
    if {child.tag for child in children} == {f"{SPACE}i"}:
        return [facts(child) for child in children]
    return {child.tag.removeprefix(SPACE): facts(child) for child in children}


def as_texts(value: object) -> object:
    """A JSON value as XML can tell it: numbers as text; an empty array or object as nothing."""
    if isinstance(value, Mapping):
        return {name: as_texts(member) for name, member in value.items()} or ""
    if isinstance(value, list):
        return [as_texts(item) for item in value] or ""
    return str(value)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__name__} tells the same in JSON and XML")
def test_a_problem(error: type[HallpassError]) -> None:
    made = an(error)
    body, media_type = render_problem(made, "req-1", Format.JSON)
    markup, markup_type = render_problem(made, "req-1", Format.XML)
    told = json.loads(body)
    assert (media_type, markup_type) == ("application/problem+json", "application/problem+xml")
    assert facts(fromstring(markup.decode(), forbid_dtd=True)) == as_texts(told)
    assert told == {
        "type": f"urn:hallpass:problem:{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": made.detail,
        "instance": "urn:hallpass:request:req-1",
        "retry": error.retry.value,
        "owner": error.owner.value,
        **json.loads(json.dumps(made.members)),
    }


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__name__} is a Problem of the OpenAPI document")
def test_as_documented(error: type[HallpassError]) -> None:
    document = json.loads(json.dumps(openapi("https://hallpass.example", "1")))
    schema = document["components"]["schemas"]["Problem"]
    told = json.loads(render_problem(an(error), "req-1", Format.JSON)[0])
    Draft202012Validator(schema).validate(told)


def test_the_root_is_the_standards_own() -> None:
    markup = render_problem(NotFoundError(), "req-1", Format.XML)[0]
    assert markup.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    assert fromstring(markup.decode()).tag == f"{SPACE}problem"


def test_markup_in_a_text_stays_text() -> None:
    error = InvalidParametersError([{"name": "<i>&amp;", "detail": "]]></detail>"}])
    told = facts(fromstring(render_problem(error, "<&>", Format.XML)[0].decode()))
    assert isinstance(told, dict)
    assert told["errors"] == [{"name": "<i>&amp;", "detail": "]]></detail>"}]
    assert told["instance"] == "urn:hallpass:request:<&>"


def test_a_problem_type_is_a_urn_of_the_slug() -> None:
    assert problem_type("not-found") == "urn:hallpass:problem:not-found"


def _a_row(schools: str) -> Scope:
    window = DateRange(NOW.date(), NOW.date())
    return Scope(Rows(frozenset({IncidentType.MINOR}), frozenset({schools}), window, deleted=False), "all-documented@1")


LEAKS: dict[str, Callable[[], object]] = {
    "a value": lambda: IncidentQuery.parse(f"page={CANARY}"),
    "a name with a digit": lambda: IncidentQuery.parse(f"{CANARY}=1"),
    "a value of an unknown name": lambda: IncidentQuery.parse(f"limit={CANARY}"),
    "a repeated value": lambda: IncidentQuery.parse(f"type={CANARY}&type={CANARY}"),
    "a token in the query": lambda: IncidentQuery.parse(f"q=hp_live_{CANARY}"),
    "a bearer token": lambda: bearer_token(f"Bearer hp_live_{CANARY}"),
    "another scheme": lambda: bearer_token(f"Basic {CANARY}"),
    "an upstream page": lambda: receive("D1st", "s", 1, f"<html>{CANARY}</html>".encode(), AT),
    "an upstream page with a broken element": lambda: receive("D1st", "s", 1, f"<incidents><{CANARY}>".encode(), AT),
    "a scope's own schools": lambda: narrow(
        an_integration(scope=_a_row(CANARY)), IncidentQuery.parse("type=referral"), NOW.date()
    ),
}  # fmt: skip


@pytest.mark.parametrize("cause", LEAKS.values(), ids=LEAKS)
@pytest.mark.parametrize("form", Format)
def test_nothing_is_told_of(cause: Callable[[], object], form: Format) -> None:
    with pytest.raises(HallpassError) as caught:
        cause()
    body = render_problem(caught.value, "req-1", form)[0]
    assert CANARY.encode() not in body
    assert CANARY not in "".join(value for _, value in caught.value.headers)
