"""Schemathesis, `--checks all`, against the real handler for tokens of every preset: the document is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW, PRESETS
from hallpass.domain.schema import Group
from hallpass.domain.scope import Scope
from hypothesis import settings
from jsonschema import Draft202012Validator

from tests.openapi.front import Asked, Call, Exchange, document_for, handler_of, serving
from tests.vendor.deployed import Answer, Deployed
from tests.vendor.world import EVERYTHING

HERE = Path(__file__).parent
LONG = settings.get_current_profile_name() == "long"
CUSTOM = CustomFields(
    frozenset({Group.ENVELOPE, Group.CONTEXT, Group.DISCIPLINE}), Victims.PRESENCE, Numbers.DROPPED
).name


@dataclass(frozen=True, slots=True)
class Report:
    """What Schemathesis says: to a reader, and as JSON."""

    text: str
    told: Mapping[str, Any]

    @property
    def found(self) -> dict[str, list[str]]:
        """The operations by the kind of failure; everything that kept a check from running is one too."""
        failures = {failure["type"]: failure["operations"] for failure in self.told["failures"]}
        errors = {error["title"]: ["error"] for error in self.told["errors"]}
        return {**failures, **errors, **({} if self.told["complete"] else {"incomplete": []})}


@dataclass(frozen=True, slots=True)
class Run:
    report: Report
    exchanges: Sequence[Exchange]


# HEAD is GET without its body, and what is malformed is refused before a view is looked at: in the short profile one
# preset's GET goes through all of it.
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


def configuration(fields: str) -> str:
    told = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    if LONG:
        return told
    return told + SHORT + ("" if fields == ALL_DOCUMENTED_VIEW else SHORTER)


def run(call: Call, house: Deployed, token: str, fields: str, folder: Path, *options: str) -> Run:
    """Everything that Schemathesis makes of the document, with `token`, of answers as `call` gives them."""
    with serving(call) as front:
        document = document_for(house, token, fields, front.url)
        (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "schemathesis.toml").write_text(configuration(fields), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", front.url]
        command += ["--checks", "all", "--max-examples", "200" if LONG else "4", "--continue-on-failure"]
        command += ["--report", "json", "--report-json-path", "report.json", "--workers", "2", *options]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "HALLPASS_HOOKS": str(HERE / "said_in_words.py"),
            "HALLPASS_TOKEN": token,
            "HALLPASS_FIELDS": fields,
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    report = folder / "report.json"
    assert report.exists(), done.stdout
    return Run(Report(done.stdout, json.loads(report.read_text(encoding="utf-8"))), front.exchanges)


@pytest.mark.parametrize("fields", [*PRESETS, CUSTOM])
def test_every_check_of_schemathesis_holds_for(
    fields: str, house: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = house.token(Scope(EVERYTHING, fields))
    done = run(handler_of(house), house, token, fields, tmp_path)
    capsys.readouterr()  # thousands of audit lines, which would hide the report
    assert done.report.found == {}, done.report.text
    assert house.get(token, "/v1/token").status == 200
    from collections import Counter
    print(len(done.exchanges), Counter((e.asked.method, e.answer.status) for e in done.exchanges))
    print(done.report.told["test_cases"], done.report.told["phases"], done.report.told["warnings"], done.report.told["operations"], done.report.told["filtered"])
    print(done.report.told["valid_rates"])
    print([e.asked.query for e in done.exchanges if e.asked.path=="/v1/incidents.schema.json"])

    schema = json.loads(house.call("/v1/incidents.schema.json", urlencode({"fields": fields})).body)
    pages = [json.loads(page) for page in bodies(done.exchanges, "application/json")]
    lines = [json.loads(line) for body in bodies(done.exchanges, "application/x-ndjson") for line in body.splitlines()]
    print(len(pages), len(lines))
    assert lines
    assert any(page["incidents"] for page in pages)
    for page in pages:
        Draft202012Validator(schema).validate(page)
    for line in lines:
        Draft202012Validator(schema["properties"]["incidents"]["items"]).validate(line)


def bodies(exchanges: Sequence[Exchange], media_type: str) -> list[bytes]:
    """The pages of incidents in this format, each once."""
    return list(dict.fromkeys(one.content for one in exchanges if one.disclosed(media_type)))


Bug = Callable[[Call, Deployed, str], Call]


def undeclared_member(call: Call, _house: Deployed, _token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        told = call(asked.without("accept-encoding"))
        if told.status != 200 or told.headers["content-type"] != "application/json; charset=utf-8":
            return told
        page = json.loads(told.body)
        for row in page["incidents"]:
            row["undeclared"] = "x"
        return replace(told, body=json.dumps(page).encode())

    return answer


def crash_on_one_query(call: Call, _house: Deployed, _token: str) -> Call:
    """Documented, and as a problem document: nothing about it is wrong but that it happens."""

    def answer(asked: Asked) -> Answer:
        if asked.values("type") != ["minor"]:
            return call(asked)
        told = call(replace(asked, query="type=wrong"))
        return Answer(500, told.headers, told.body.replace(b'"status":400', b'"status":500'))

    return answer


def no_token_needed(call: Call, _house: Deployed, token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        return call(replace(asked, headers={"authorization": f"Bearer {token}", **asked.headers}))

    return answer


def another_preset(call: Call, house: Deployed, token: str) -> Call:
    """Narrower than what the schema describes in no member's name, but in what a member may be: whole days."""
    other = house.token(Scope(EVERYTHING, "pseudonymised@1"))

    def answer(asked: Asked) -> Answer:
        mine = asked.headers.get("authorization") == f"Bearer {token}"
        return call(replace(asked, headers={**asked.headers, "authorization": f"Bearer {other}"}) if mine else asked)

    return answer


def documented_value_refused(call: Call, _house: Deployed, _token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        return call(replace(asked, query="type=wrong") if asked.values("deleted") == ["1"] else asked)

    return answer


BUGS = {
    "a member that the schema does not have": (undeclared_member, "/v1/incidents.json", "x"),
    "a crash on one query": (crash_on_one_query, "/v1/incidents.json", "x"),
    "an address that needs no token": (no_token_needed, "/v1/token", "x"),
    "a page of another preset": (another_preset, "/v1/incidents.json", "x"),
    "a documented value that is refused": (documented_value_refused, "/v1/incidents.json", "x"),
}


@pytest.mark.parametrize(("bug", "path", "found"), BUGS.values(), ids=BUGS)
def test_schemathesis_finds(
    bug: Bug, path: str, found: str, house: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operation = f"GET {path}"
    token = house.token(Scope(EVERYTHING, ALL_DOCUMENTED_VIEW))
    options = ("--mode", "positive", "--phases", "coverage", "--include-name", operation)
    done = run(bug(handler_of(house), house, token), house, token, ALL_DOCUMENTED_VIEW, tmp_path, *options)
    capsys.readouterr()
    assert done.report.found == {found: [operation]}, done.report.text
