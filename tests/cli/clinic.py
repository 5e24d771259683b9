"""One address with both APIs behind it over the same registry and ledger, for the doctor; a test may bend an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from typer.testing import Result

from tests.admin.conftest import Office, http_event
from tests.cli.conftest import Terminal
from tests.fakes import MemoryRegistry
from tests.ledger_fake import MemoryLedger
from tests.vendor.world import World


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Bend = Callable[[str, str, Callable[[], Told]], Told]
"""Method, path without its query, what would be answered -> what is."""


def unbent(_method: str, _path: str, answer: Callable[[], Told]) -> Told:
    return answer()


def told(status: int, document: object = None) -> Told:
    return Told(status, b"" if document is None else json.dumps(document).encode())


@dataclass(slots=True)
class Clinic:
    terminal: Terminal
    world: World
    bend: Bend = unbent
    asked: list[str] = field(default_factory=list)

    @property
    def office(self) -> Office:
        return self.terminal.office

    def doctor(self, *arguments: str, **settings: str) -> Result:
        return self.terminal.run("doctor", *arguments, **settings)

    def findings(self, *arguments: str, code: int = 0, **settings: str) -> dict[str, dict[str, str]]:
        """By the check's name."""
        done = self.doctor(*arguments, "--json", **settings)
        assert done.exit_code == code, done.output
        return {one["check"]: one for one in json.loads(done.stdout)["checks"]}

    def integrations(self, district: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.terminal.json("integration", "list", district)["integrations"]
        return listed

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: str) -> Told:
        self.asked.append(f"{method} {path}")
        bare, _, query = path.partition("?")
        return self.bend(method, bare, lambda: self._straight(method, bare, query, headers, body))

    def _straight(self, method: str, path: str, query: str, headers: Mapping[str, str], body: str) -> Told:
        if path.startswith("/admin/"):
            event = http_event(method, path, headers, next(self.office.numbers))
            reply = self.office.send(event | ({"body": body} if body else {}))
            return Told(reply.status, reply.text.encode(), reply.headers)
        answered = self.world.send(method, path, query, headers)
        return Told(answered.status, answered.body, dict(answered.headers))


class Door(BaseHTTPRequestHandler):
    clinic: Clinic

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0"))).decode()
        reply = self.clinic.answer(method, self.path, headers, body)
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


@contextmanager
def open_clinic(terminal: Terminal) -> Iterator[Clinic]:
    """`terminal` asks it from then on."""
    office = terminal.office
    registry, ledger = office.desk.registry, office.desk.ledger
    assert isinstance(registry, MemoryRegistry)
    assert isinstance(ledger, MemoryLedger)
    clinic = Clinic(terminal, World(clock=office.clock, registry=registry, ledger=ledger))
    with HTTPServer(("127.0.0.1", 0), type("DoorOfTheTest", (Door,), {"clinic": clinic})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        terminal.environment["HALLPASS_URL"] = f"http://127.0.0.1:{server.server_port}"
        yield clinic
        server.shutdown()
        thread.join()
