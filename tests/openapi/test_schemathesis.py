"""Schemathesis, `--checks all`, against the real handler: the OpenAPI document is kept, for tokens of every preset."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.negotiation import MEDIA_TYPES
from hallpass.domain.openapi import openapi
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW, PRESETS
from hallpass.domain.schema import Group
from hallpass.domain.scope import Scope
from hypothesis import settings
from jsonschema import Draft202012Validator

from tests.openapi.front import Asked, Call, Exchange, document_for, handler_of, serving
from tests.vendor.deployed import Answer, Deployed
from tests.vendor.world import EVERYTHING

HERE = Path(__file__).parent
# Hypothesis keeps its table of Unicode there; to make it anew takes as long as everything else.
STORAGE = HERE.parents[1] / ".hypothesis"
LONG = settings.get_current_profile_name() == "long"
CUSTOM = CustomFields(
    frozenset({Group.ENVELOPE, Group.CONTEXT, Group.DISCIPLINE}), Victims.PRESENCE, Numbers.DROPPED
).name
# Schemathesis lists cases (coverage) before it draws some. HEAD is GET without the body, and what is malformed is
# refused before a view is looked at, so the short profile lists everything for the GETs of one preset only.
SHORT = """
[[operations]]
include-method = "HEAD"
phases.coverage.enabled = false
"""
SHORTER = """
[phases.coverage.generation]
mode = "positive"

[[operations]]
include-path = ["/v1/incidents", "/public/v1/incidents.xml"]
phases.coverage.enabled = false
"""


@dataclass(frozen=True, slots=True)
class Run:
    """`text`: what Schemathesis tells a reader; `report`: the same as JSON; `exchanges`: what it asked and was told."""

    text: str
    report: Mapping[str, Any]
    exchanges: Sequence[Exchange]

    @property
    def found(self) -> dict[str, list[str]]:
        """The operations by the kind of failure. What kept a check from running is found too."""
        errors = {error["title"]: ["error"] for error in self.report["errors"]}
        unfinished = {} if self.report["complete"] else {"not finished": ["error"]}
        return {failure["type"]: failure["operations"] for failure in self.report["failures"]} | errors | unfinished

    def pages(self, media_type: str) -> list[bytes]:
        """The pages of incidents in a format, each once."""
        return list(dict.fromkeys(one.content for one in self.exchanges if one.disclosed(media_type)))


def configuration(fields: str) -> str:
    told = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    if LONG:
        return told
    return told + SHORT + ("" if fields == ALL_DOCUMENTED_VIEW else SHORTER)


def schemathesis(house: Deployed, call: Call, token: str, fields: str, folder: Path, *options: str) -> Run:
    """Runs it as a vendor would, in a process of its own, with answers as `call` gives them."""
    with serving(call) as front:
        document = document_for(house, token, fields, front.url)
        (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "schemathesis.toml").write_text(configuration(fields), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", front.url]
        command += ["--checks", "all", "--continue-on-failure", "--max-examples", "200" if LONG else "4"]
        command += ["--report", "json", "--report-json-path", "report.json", "--workers", "2", *options]
        environment = {
            **os.environ,
            "HALLPASS_HOOKS": str(HERE / "said_in_words.py"),
            "HALLPASS_TOKEN": token,
            "HALLPASS_FIELDS": fields,
            "HYPOTHESIS_STORAGE_DIRECTORY": str(STORAGE),
            "NO_PROXY": "127.0.0.1",
        }
        told = subprocess.run(  # noqa: S603 - our own command
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1_200
        )
    assert (folder / "report.json").exists(), told.stdout + told.stderr
    return Run(told.stdout, json.loads((folder / "report.json").read_bytes()), front.exchanges)


def known_token(house: Deployed, fields: str) -> str:
    """As somebody holds it: nobody does so soon that a container which heard bad ones before does not know it yet."""
    token = house.token(Scope(EVERYTHING, fields))
    house.restart()
    return token


@pytest.mark.parametrize("fields", [*PRESETS, CUSTOM])
def test_every_check_holds_for(
    fields: str, house: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = known_token(house, fields)
    run = schemathesis(house, handler_of(house), token, fields, tmp_path)
    capsys.readouterr()  # thousands of audit lines, which would hide the report
    assert run.found == {}, run.text
    # The token has held to the end, and there was something to check.
    assert house.get(token, "/v1/token").status == 200
    assert all(run.pages(media_type) for media_type, _ in MEDIA_TYPES if media_type != "text/xml")
    assert_shape(run, json.loads(house.call("/v1/incidents.schema.json", urlencode({"fields": fields})).body))


def assert_shape(run: Run, schema: Mapping[str, Any]) -> None:
    """Once more by another implementation of JSON Schema, and the lines of NDJSON, which OpenAPI calls text."""
    pages = [json.loads(page) for page in run.pages("application/json")]
    lines = [json.loads(line) for page in run.pages("application/x-ndjson") for line in page.splitlines()]
    assert lines
    assert any(page["incidents"] for page in pages)
    whole = Draft202012Validator(schema)
    each = Draft202012Validator(schema["properties"]["incidents"]["items"])
    for page in pages:
        whole.validate(page)
    for line in lines:
        each.validate(line)


SAID = {
    ("/v1/incidents", "snapshot"): "from a link of an earlier answer",
    ("/v1/incidents", "page"): "1, and only then the others",
    ("/v1/incidents", "from"): "only together with `to`",
    ("/v1/incidents", "to"): "not before `from`",
    ("/v1/incidents", "modified_since"): "only together with `dataset`",
    ("/v1/incidents", "school"): "printable characters without white space, and not the word `all`",
    ("/v1/incidents.xml", "school"): "Not with XML under upstream@1",
    ("/v1/incidents.xml", "modified_since"): "Not with XML under upstream@1",
    ("/v1/incidents.schema.json", "fields"): "as `GET /v1/token` tells it",
    ("/v1/token", "confirm"): "as `GET /v1/token` tells it",
}


@pytest.mark.parametrize(("where", "words"), SAID.items(), ids=[f"{path} {name}" for path, name in SAID])
def test_what_the_run_forgives_stands_in_the_document(where: tuple[str, str], words: str) -> None:
    """`said_in_words.py` and `schemathesis.toml` forgive a refusal of what the parameters' schemas allow."""
    path, name = where
    document: dict[str, Any] = json.loads(json.dumps(openapi("https://hallpass.example", "0")))
    found = [
        parameter.get("description", "")
        for operation in document["paths"][path].values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == name
    ]
    assert found
    assert all(words in text for text in found)


Bug: TypeAlias = Callable[[Call, Deployed, str], Call]


def undeclared_member(call: Call, _house: Deployed, _token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        told = call(asked.without("accept-encoding"))
        if told.status != 200 or not told.headers["content-type"].startswith("application/json"):
            return told
        page = json.loads(told.body)
        rows = [{**row, "undeclared": "x"} for row in page["incidents"]]
        return replace(told, body=json.dumps({**page, "incidents": rows}).encode())

    return answer


def another_preset(call: Call, house: Deployed, token: str) -> Call:
    """A narrower one, whose members are all declared: it shows days where the schema has times."""
    other = house.token(Scope(EVERYTHING, "pseudonymised@1"))

    def answer(asked: Asked) -> Answer:
        mine = asked.headers.get("authorization") == f"Bearer {token}"
        return call(replace(asked, headers={**asked.headers, "authorization": f"Bearer {other}"}) if mine else asked)

    return answer


def crash_on_one_query(call: Call, _house: Deployed, _token: str) -> Call:
    """As a problem document under a documented status: nothing is wrong with it but that it happens."""

    def answer(asked: Asked) -> Answer:
        if asked.values("type") != ["minor"]:
            return call(asked)
        told = call(replace(asked, query="type=wrong"))
        return replace(told, status=500, body=told.body.replace(b'"status":400', b'"status":500'))

    return answer


def documented_value_refused(call: Call, _house: Deployed, _token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        return call(replace(asked, query="type=wrong") if asked.values("deleted") == ["1"] else asked)

    return answer


def no_token_needed(call: Call, _house: Deployed, token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        return call(replace(asked, headers={"authorization": f"Bearer {token}", **asked.headers}))

    return answer


BUGS = {
    "a member that the schema does not have": (undeclared_member, "GET /v1/incidents.json", "JsonSchemaError"),
    "a page of another preset": (another_preset, "GET /v1/incidents.json", "JsonSchemaError"),
    "a crash on one query": (crash_on_one_query, "GET /v1/incidents.json", "ServerError"),
    "a documented value that is refused": (documented_value_refused, "GET /v1/incidents.json", "RejectedPositiveData"),
    "an address that needs no token": (no_token_needed, "GET /v1/token", "IgnoredAuth"),
}


@pytest.mark.parametrize(("bug", "operation", "found"), BUGS.values(), ids=BUGS)
def test_it_finds(
    bug: Bug, operation: str, found: str, house: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = known_token(house, ALL_DOCUMENTED_VIEW)
    call = bug(handler_of(house), house, token)
    options = ("--phases", "coverage", "--mode", "positive", "--include-name", operation)
    run = schemathesis(house, call, token, ALL_DOCUMENTED_VIEW, tmp_path, *options)
    capsys.readouterr()
    assert run.found == {found: [operation]}, run.text
