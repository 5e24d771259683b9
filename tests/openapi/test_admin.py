"""Schemathesis, `--checks all`, against the real admin API: its OpenAPI document is kept, whatever is sent."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.admin.conftest import InvocationContext, ListedVault, Office, http_event, open_office
from tests.admin.test_people import draft
from tests.fakes import MemoryRegistry
from tests.openapi.front import Asked, Call, serving
from tests.openapi.test_schemathesis import STORAGE
from tests.vendor.deployed import Answer
from tests.vendor_fakes import ListedUsage

HERE = Path(__file__).parent
LONG = settings.get_current_profile_name() == "long"


def handler_of(office: Office) -> Call:
    def answer(asked: Asked) -> Answer:
        event: dict[str, Any] = http_event(asked.method, asked.path, asked.headers) | {"rawQueryString": asked.query}
        event |= {"body": base64.b64encode(asked.body).decode(), "isBase64Encoded": True} if asked.body else {}
        told = office.admin.handle(event, InvocationContext())
        body = base64.b64decode(told["body"]) if told["isBase64Encoded"] else told["body"].encode()
        headers = {name.lower(): value for name, value in told["headers"].items()}
        return Answer(told["statusCode"], headers, body)

    return answer


def ids_of(office: Office) -> Mapping[str, str]:
    """One that there is, of each kind."""
    district = office.district()
    path = office.integration(district)
    token = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(9)}).json["id"]
    person = office.call("POST", "/admin/v1/people", draft(office)).json["id"]
    return {
        "district_id": district,
        "integration_id": path.rpartition("/")[2],
        "token_id": token,
        "person_id": person,
    }


def document_for(office: Office) -> dict[str, Any]:
    """With ids that there are, beside those that there are not."""
    document: dict[str, Any] = office.send(http_event("GET", "/admin/v1/openapi.json", {})).json
    ids = ids_of(office)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation["parameters"]:
                if parameter["name"] in ids:
                    parameter["schema"]["enum"] = [ids[parameter["name"]], "None"]
    return document


def schemathesis(office: Office, call: Call, folder: Path, *options: str) -> tuple[dict[str, list[str]], str]:
    with serving(call) as front:
        (folder / "openapi.json").write_text(json.dumps(document_for(office)), encoding="utf-8")
        (folder / "schemathesis.toml").write_text((HERE / "admin.toml").read_text(encoding="utf-8"), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", front.url]
        command += ["--checks", "all", "--continue-on-failure", "--max-examples", "100" if LONG else "3"]
        command += ["--report", "json", "--report-json-path", "report.json", "--workers", "2", *options]
        environment = {
            **os.environ,
            "HALLPASS_TOKEN": office.operator,
            "HYPOTHESIS_STORAGE_DIRECTORY": str(STORAGE),
            "NO_PROXY": "127.0.0.1",
        }
        told = subprocess.run(  # noqa: S603 - our own command
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1_200
        )
    assert (folder / "report.json").exists(), told.stdout + told.stderr
    report = json.loads((folder / "report.json").read_bytes())
    found: dict[str, list[str]] = {failure["type"]: failure["operations"] for failure in report["failures"]}
    found |= {error["title"]: ["error"] for error in report["errors"]}
    return found, told.stdout


@pytest.fixture
def office() -> Office:
    return open_office(MemoryRegistry(), ListedVault(), ListedUsage())


def test_every_check_holds(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, told = schemathesis(office, handler_of(office), tmp_path)
    capsys.readouterr()
    assert found == {}, told
    # The operator's own token has held to the end.
    assert office.call("GET", "/admin/v1/session").status == 200


def undeclared_member(call: Call) -> Call:
    def answer(asked: Asked) -> Answer:
        told = call(asked)
        body = json.dumps({**json.loads(told.body), "canary": 1}).encode() if told.status == 200 else told.body
        return replace(told, body=body)

    return answer


def no_token_needed(call: Call, token: str) -> Call:
    def answer(asked: Asked) -> Answer:
        return call(replace(asked, headers={"authorization": f"Bearer {token}", **asked.headers}))

    return answer


BUGS: dict[str, tuple[Callable[[Office], Call], str, str]] = {
    "a member that is not documented": (
        lambda office: undeclared_member(handler_of(office)), "GET /admin/v1/session", "JsonSchemaError",
    ),
    "an address that needs no token": (
        lambda office: no_token_needed(handler_of(office), office.operator), "GET /admin/v1/districts", "IgnoredAuth",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("bug", "operation", "found"), BUGS.values(), ids=BUGS)
def test_it_finds(
    bug: Callable[[Office], Call],
    operation: str,
    found: str,
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen, told = schemathesis(office, bug(office), tmp_path, "--phases", "coverage", "--include-name", operation)
    capsys.readouterr()
    assert found in seen, told
