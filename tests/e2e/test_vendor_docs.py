"""What the vendors' site says, done over real HTTP: its pages, its programs, and every problem that it names."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from hallpass.domain.synthetic import VENDORS

from press.provocations import PROVOCATIONS
from press.site import PAGES, Page, files
from sandbox.running import Running
from tests.site.programs import LANGUAGES, code, run, run_program

pytestmark = pytest.mark.xdist_group("sandbox")
TOKEN = VENDORS["identified"].token


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_served_and_kept_until_it_changes(sandbox: Running, http: requests.Session, page: Page) -> None:
    answer = http.get(sandbox.url + page.address, timeout=20)
    assert (answer.status_code, answer.text) == (200, files()[f"{page.name}.html"])
    again = http.get(sandbox.url + page.address, headers={"If-None-Match": answer.headers["ETag"]}, timeout=20)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("slug", PROVOCATIONS)
def test_a_problem_is_met_as_the_docs_say(sandbox: Running, http: requests.Session, slug: str) -> None:
    provoked = PROVOCATIONS[slug]
    # `requests` would accept gzip by itself, which one of the problems is about.
    fields = {"Accept-Encoding": "identity", **provoked.fields()}
    answer = http.request(provoked.method, sandbox.url + provoked.target, headers=fields, timeout=20)
    assert answer.json()["type"] == f"urn:hallpass:problem:{slug}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_of_the_quickstart_reads_everything(sandbox: Running, language: str, tmp_path: Path) -> None:
    done = run_program(language, tmp_path, sandbox.url, TOKEN)
    assert (done.returncode, done.stdout.split()) == (0, ["25", "incidents"]), done.stderr
    refused = run_program(language, tmp_path, sandbox.url, VENDORS["token-expired"].token)
    assert refused.returncode != 0
    assert "The token has expired" in refused.stdout + refused.stderr


def test_the_commands_of_the_quickstart_answer(sandbox: Running) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    commands = code("sh").replace("https://hallpass.example", sandbox.url)
    done = run(["sh", "-ec", commands.replace("curl -sS", "curl -fsS -w '\\n'")], {})
    assert done.returncode == 0, done.stderr
    first, second, csv, token = done.stdout[:12], done.stdout, done.stdout, done.stdout.splitlines()[-1]
    assert first == '{"count":10,'
    assert second.count('"next_page":') == 2
    assert "\nuuid,type,last_modified," in csv
    assert '"token_id":"0001"' in token


def test_a_test_token_is_counted_as_such_and_read_by_operators(sandbox: Running, http: requests.Session) -> None:
    answer = http.get(f"{sandbox.url}/v1/incidents.json", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20)
    asked = answer.headers["X-Request-Id"]
    day = datetime.now(UTC).date()
    found = http.post(
        f"{sandbox.demo['admin_url']}/districts/none/audit/search",
        json={
            "from": str(day - timedelta(days=1)),
            "to": str(day),
            "request_id": asked,
            "disclosure": "synthetic",
        },
        headers={"Authorization": f"Bearer {sandbox.demo['operator']['token']}"},
        timeout=20,
    ).json()
    assert [(row["integration"], row["status"]) for row in found["rows"]] == [("TestIden", 200)]
