"""The programs of the quickstart against a server that makes them wait and begin again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.site.programs import LANGUAGES, run_program

Answer = tuple[int, dict[str, Any]]
WAIT: Answer = (503, {"title": "Wait", "detail": "a little", "instance": "urn:1", "retry": "after"})
BEGIN: Answer = (410, {"title": "Gone", "detail": "over", "instance": "urn:2", "retry": "no", "restart": "page 1"})
NEVER: Answer = (403, {"title": "Refused", "detail": "for good", "instance": "urn:3", "retry": "no"})


def page(next_page: int | None, *incidents: str) -> Answer:
    return 200, {"incidents": [{"uuid": uuid} for uuid in incidents], "next_page": next_page}


@contextmanager
def scripted(answers: list[Answer]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers in order, and what it was asked."""
    asked: list[str] = []

    class Scripted(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['Authorization']}")
            status, told = answers.pop(0) if answers else NEVER
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's
            pass

    server = HTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_waits_begins_again_and_counts_nothing_twice(language: str, tmp_path: Path) -> None:
    answers = [page(2, "a", "b"), WAIT, BEGIN, page(2, "c", "b"), page(3), page(None, "d")]
    with scripted(answers) as (url, asked):
        done = run_program(language, tmp_path, url, "hp_test_one")
    assert (done.returncode, done.stdout.split()) == (0, ["3", "incidents"]), done.stderr
    assert [each.split()[0][-1] for each in asked] == ["1", "2", "2", "1", "2", "3"]
    assert {each.partition(" ")[2] for each in asked} == {"Bearer hp_test_one"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_gives_up_at_once_on_what_no_retry_mends(language: str, tmp_path: Path) -> None:
    with scripted([page(2, "a"), NEVER]) as (url, asked):
        done = run_program(language, tmp_path, url, "hp_test_one")
    assert done.returncode != 0
    assert "Refused: for good (urn:3)" in done.stdout + done.stderr
    assert len(asked) == 2
