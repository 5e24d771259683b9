"""The real command line against the real admin API, over HTTP on loopback."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hallpass_cli.main import app
from typer.testing import CliRunner, Result

from tests.admin.conftest import CREDENTIAL, ListedVault, Office, http_event, open_office
from tests.fakes import MemoryRegistry
from tests.vendor_fakes import ListedAudit, ListedUsage


@dataclass(slots=True)
class Terminal:
    """Runs `hallpass` as a person with these settings would."""

    office: Office
    environment: dict[str, str | None]

    def run(self, *arguments: str, typed: str = "", **environment: str | None) -> Result:
        return CliRunner().invoke(app, arguments, input=typed, env={**self.environment, **environment})

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def district(self, time_zone: str = "America/Chicago") -> str:
        made = self.json("district", "create", "--name", "Invented Unified", "--time-zone", time_zone, "--yes")
        return str(made["district"]["id"])

    def integration(self, district_id: str) -> str:
        return str(self.json("integration", "create", district_id, *SCOPE)["integration"]["id"])


# The command line counts days from the machine's own clock.
TODAY = datetime.now(UTC).date()
SCOPE = (
    "--vendor=Madeup Analytics",
    "--contact=pat@vendor.example",
    "--purpose=Attendance dashboards",
    "--agreement=DPA-2026-01",
    f"--agreement-ends={TODAY + timedelta(days=300)}",
    "--fields=all-documented@1",
    "--type=minor",
    "--school=10",
    "--days=30",
)


class Gateway(BaseHTTPRequestHandler):
    """As much of an HTTP API as a command line needs."""

    office: Office

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        event = http_event(method, path, headers, 1) | {"rawQueryString": query}
        length = int(headers.get("content-length", "0"))
        if length:
            event["body"] = self.rfile.read(length).decode()
        reply = self.office.send(event)
        body = reply.text.encode()
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture
def office() -> Office:
    return open_office(MemoryRegistry(), ListedVault(), ListedUsage(), ListedAudit(), datetime.now(UTC))


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    handler = type("GatewayOfTheTest", (Gateway,), {"office": office})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def terminal(office: Office, address: str) -> Terminal:
    settings = {
        "HALLPASS_URL": address,
        "HALLPASS_TOKEN": office.operator,
        "HALLPASS_PROFILE": None,
        "HALLPASS_CONFIG": os.devnull,
        "HALLPASS_UPSTREAM_TOKEN": CREDENTIAL,
        "COLUMNS": "200",
        "NO_PROXY": "127.0.0.1",
    }
    return Terminal(office, {**settings})
