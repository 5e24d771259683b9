"""`hallpass token claim|claims|withdraw-claim`, against the real API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from hallpass_cli import claims
from hallpass_cli.api import AdminApi

from tests.cli.conftest import TODAY, Terminal


@pytest.fixture
def integration(terminal: Terminal) -> str:
    return terminal.integration(terminal.district())


def link_in(told: str) -> str:
    return next(line.strip() for line in told.splitlines() if "/claim#" in line)


def test_a_link_is_shown_once_and_opens_where_the_command_was_sent(terminal: Terminal, integration: str) -> None:
    result = terminal.run("token", "claim", integration, "--hours=48")
    page, _, secret = link_in(result.stdout).partition("#")
    assert requests.get(page, headers={"accept-encoding": "identity"}, timeout=10).status_code == 200
    shown = requests.post(page.replace("/claim", "/admin/v1/claims"), json={"claim": secret}, timeout=10)
    assert (result.exit_code, shown.status_code) == (0, 201)
    told = terminal.run("token", "claims", integration)
    assert (told.exit_code, "claimed" in told.stdout, shown.json()["id"] in told.stdout) == (0, True, True)
    assert secret not in told.stdout


def test_its_token_ends_when_that_was_said(terminal: Terminal, integration: str) -> None:
    made = terminal.json("token", "claim", integration, f"--expires-at={TODAY + timedelta(days=99)}")
    [listed] = terminal.json("token", "claims", integration)["claims"]
    # The day's end, in the district's time zone.
    assert listed["token_expires_at"].startswith(str(TODAY + timedelta(days=100)))
    assert (listed["status"], made["claim_id"]) == ("open", listed["id"])


def test_a_link_is_withdrawn_when_that_is_meant(terminal: Terminal, integration: str) -> None:
    assert "No links yet." in terminal.run("token", "claims", integration).stdout
    made = terminal.json("token", "claim", integration)["claim_id"]
    assert terminal.run("token", "withdraw-claim", integration, made, typed="n\n").exit_code == 1
    assert terminal.json("token", "claims", integration)["claims"][0]["status"] == "open"
    assert "withdrawn" in terminal.run("token", "withdraw-claim", integration, made, "--yes").stdout
    assert terminal.json("token", "withdraw-claim", integration, made, "--yes")["claim"]["status"] == "withdrawn"


def test_a_link_that_was_lost_on_the_way_is_said_to_be(
    terminal: Terminal, integration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(self: AdminApi, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"claim_id": "Clm1", "claim": None, "claim_url_path": None, "expires_at": "2026-03-03T15:00:00Z"}

    monkeypatch.setattr(AdminApi, "make", again)
    result = terminal.run("token", "claim", integration)
    assert (result.exit_code, "lost on the way" in result.stdout) == (0, True)
    assert claims.EXAMPLE.startswith("Example: hallpass token claim ")
