"""The control plane as it is deployed: the real handler over every real adapter, AWS by moto, the simulator upstream.

What it makes, the data plane's real handler then serves.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hallpass.bootstrap_admin import admin_handler
from hallpass_cli.main import app
from typer.testing import CliRunner

from sandbox.simulator import Settings
from tests.admin.conftest import InvocationContext, Reply, http_event
from tests.aws_tables import CREDENTIALS
from tests.vendor.deployed import ENVIRONMENT, Deployed, deployed

ROOT = Path(__file__).parents[2]
SECRETS = {"SECRETS_KEY_ID": "key-of-the-stack"}


@dataclass(slots=True)
class ControlPlane:
    data_plane: Deployed
    handler: Any
    token: str

    def call(self, method: str, path: str, body: object = None) -> Reply:
        event = http_event(method, f"/admin/v1{path}", {"authorization": f"Bearer {self.token}"})
        if body is not None:
            event["headers"]["content-type"] = "application/json"
            event["body"] = json.dumps(body)
        answer = self.handler(json.loads(json.dumps(event)), InvocationContext())
        return Reply(answer["statusCode"], answer["headers"], answer["body"])


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    for name, value in (CREDENTIALS | {"POWERTOOLS_METRICS_NAMESPACE": "Hallpass"}).items():
        monkeypatch.setenv(name, value)
    with deployed(Settings(incidents=30)) as data_plane:
        made = CliRunner().invoke(app, ["bootstrap", "--table=registry", "--name=Ada Inventada", "--json"])
        handler = admin_handler({**ENVIRONMENT, **SECRETS, "UPSTREAM_URL": data_plane.simulator.url})
        yield ControlPlane(data_plane, handler, json.loads(made.stdout)["token"])


def test_from_the_first_operator_to_a_page_of_incidents_and_a_revoked_token(control: ControlPlane) -> None:
    draft = {"name": "Invented Unified", "time_zone": "America/Chicago", "upstream_token": "wrong"}
    assert control.call("POST", "/districts", draft).json["type"] == "urn:hallpass:problem:upstream-credentials"
    draft["upstream_token"] = control.data_plane.simulator.token
    seen = control.call("POST", "/districts", draft).json["account"]
    assert sum(school["incidents"] for school in seen["schools"]) == seen["incidents"] > 0
    district = control.call("POST", "/districts", draft | {"confirmed": True}).json["district"]["id"]
    ends = datetime.now(UTC) + timedelta(days=200)
    body = {
        "vendor": "Madeup Analytics",
        "contact": "pat@vendor.example",
        "purpose": "Attendance dashboards",
        "agreement": {"id": "DPA-1", "ends_on": f"{ends:%Y-%m-%d}"},
        "scope": {
            "rows": {"types": ["referral", "minor"], "schools": "all", "window": "unbounded", "deleted": False},
            "fields": "all-documented@1",
        },
    }
    integration = control.call("POST", f"/districts/{district}/integrations", body).json["integration"]["id"]
    tokens = f"/districts/{district}/integrations/{integration}/tokens"
    end = f"{ends - timedelta(days=20):%Y-%m-%dT%H:%M:%SZ}"
    issued = control.call("POST", tokens, {"expires_at": end}).json
    answer = control.data_plane.get(issued["token"])
    assert (answer.status, json.loads(answer.body)["count"] > 0) == (200, True)
    assert control.call("GET", tokens).json["tokens"][0]["last_used"] is not None
    assert control.call("POST", f"{tokens}/{issued['id']}/revoke").status == 200
    assert control.data_plane.get(issued["token"]).status == 401
    assert control.data_plane.get(control.token).status == 403


def test_the_handler_imports_from_its_own_environment() -> None:
    environment = {
        **CREDENTIALS,
        **ENVIRONMENT,
        **SECRETS,
        "UPSTREAM_URL": "https://upstream.example/incidents.xml",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/hallpass'}",
    }
    code = "from functions.admin_api.app import handler; print(handler.__name__)"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("handle", "")
