"""Schemathesis, `--checks all`, against the real admin API: its OpenAPI document is kept, whatever is sent."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hallpass.adapters.admin_open_pages import ACTIONS
from hypothesis import settings

from tests.admin.conftest import CREDENTIAL, InvocationContext, ListedVault, Office, http_event, open_office
from tests.admin.documented import book
from tests.admin.test_people import draft
from tests.docs.test_restore import table
from tests.fakes import MemoryRegistry
from tests.openapi.front import Asked, Call, serving
from tests.openapi.test_schemathesis import STORAGE
from tests.vendor.deployed import Answer
from tests.vendor_fakes import ListedUsage, MemoryQuarantine

HERE = Path(__file__).parent
# One: Python 3.11 parses in no two threads at once (a SystemError of ast), and Hypothesis does to name its strategies.
WORKERS = ("--workers", "1")
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


UNREACHED = {
    "disclosures.person", "district.delete", "integration.renew-pseudonyms", "invitation.accept", "person.rotate",
    "session.end", "token.rotate",
}  # fmt: skip
FINAL = ("/end", "/revoke", "/stop", "/withdraw")
"""What happens once: to others than the rest is tried on."""


def ids_of(office: Office, district: str) -> Mapping[str, str]:
    """One that there is, of each kind."""
    path = office.integration(district)
    token = office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(9)}).json["id"]
    person = office.call("POST", "/admin/v1/people", draft(office)).json["id"]
    ids = {"district_id": district, "integration_id": path.rpartition("/")[2], "token_id": token}
    claim = office.call("POST", f"{path}/claims", {}).json["claim_id"]
    return ids | {"person_id": person, "claim_id": claim}


def document_for(office: Office) -> dict[str, Any]:
    """With ids that there are, times that are ahead, and what else is said in words and no schema can say."""
    document: dict[str, Any] = office.send(http_event("GET", "/admin/v1/openapi.json", {})).json
    district = office.district()
    going_on, over = ids_of(office, district), ids_of(office, district)
    assert isinstance(office.desk.quarantine, MemoryQuarantine)
    office.desk.quarantine.note(district, {"incident/new": 1}, office.clock.now())
    invited = office.call("POST", "/admin/v1/invitations", draft(office)).json["id"]
    for path, item in document["paths"].items():
        ids = dict(over if path.endswith(FINAL) else going_on)
        ids |= {"person_id": invited} if path.endswith("/withdraw") else {}
        for operation in item.values():
            for parameter in operation["parameters"]:
                known = {**ids, "If-Match": "*"}.get(parameter["name"])
                parameter["schema"] |= {} if known is None else {"enum": [known]}
    claim = office.call("POST", f"{office.integration(district)}/claims", {}).json["claim"]
    schemas = document["components"]["schemas"]
    for name, member, values in (
        ("TokenBody", "expires_at", [office.ahead(9)]),
        ("ClaimBody", "expires_at", [None, office.ahead(9)]),
        ("RevealBody", "claim", [claim]),
        ("PersonBody", "expires_at", [office.ahead(9)]),
        ("PersonBody", "district", [None]),
        ("PersonBody", "role", ["operator", "auditor"]),
        ("AgreementBody", "ends_on", ["2026-12-31"]),
        ("DistrictBody", "time_zone", ["UTC", "America/Chicago"]),
        ("DistrictBody", "upstream_token", [CREDENTIAL]),
        ("RotationBody", "expires_at", [None]),
        ("IntegrationBody", "scope", [office.integration_body()["scope"]]),
        ("IntegrationBody", "confirm", [None]),
        ("PreviewBody", "scope", [office.integration_body()["scope"]]),
        ("ReviewBody", "path", ["incident/new"]),
        ("PreviewBody", "compare_with", [None, going_on["integration_id"]]),
    ):
        schemas[name]["properties"][member] = {"enum": values}
    return document


@dataclass(frozen=True, slots=True)
class Run:
    """`found`: operations by the kind of failure; `answered`: actions that were answered with 2xx at least once."""

    found: Mapping[str, list[str]]
    answered: frozenset[str]
    text: str


def schemathesis(office: Office, call: Call, folder: Path, *options: str) -> Run:
    with serving(call) as front:
        (folder / "openapi.json").write_text(json.dumps(document_for(office)), encoding="utf-8")
        (folder / "schemathesis.toml").write_text((HERE / "admin.toml").read_text(encoding="utf-8"), encoding="utf-8")
        command = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", front.url]
        command += ["--checks", "all", "--continue-on-failure", "--max-examples", "100" if LONG else "3"]
        command += ["--report", "json", "--report-json-path", "report.json", *WORKERS, *options]
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
    good = [one.asked for one in front.exchanges if 200 <= one.answer.status < 300]
    answered = {book().find(asked.method, asked.path).address.action for asked in good if asked.path not in ACTIONS}
    return Run(found, frozenset(answered), told.stdout)


@pytest.fixture
def office() -> Office:
    return open_office(MemoryRegistry(), ListedVault(), ListedUsage())


def test_every_check_holds(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = schemathesis(office, handler_of(office), tmp_path)
    capsys.readouterr()
    assert run.found == {}, run.text
    # There was something to check: all but what takes another token, a typed confirmation or a state that is rare.
    assert {address.action for address in table()} - run.answered <= UNREACHED
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
    run = schemathesis(office, bug(office), tmp_path, "--phases", "coverage", "--include-name", operation)
    capsys.readouterr()
    assert found in run.found, run.text
