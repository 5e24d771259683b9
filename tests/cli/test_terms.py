"""`hallpass integration edit|activate`, `scope`, `usage` and a cache's statistics, against the real API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from hallpass.domain.audit import AuditRecord, Disclosure
from hallpass_cli.usages import _added

from tests.cli.conftest import SCOPE, Terminal
from tests.ledger_fake import MemoryLedger


def shown(terminal: Terminal, integration: str) -> Any:
    return terminal.json("integration", "show", integration)["integration"]


def test_a_draft_is_activated(terminal: Terminal) -> None:
    district = terminal.district()
    made = terminal.json("integration", "create", district, *SCOPE, "--draft")["integration"]
    assert made["status"] == "draft"
    assert terminal.run("integration", "activate", made["id"], typed="n\n").exit_code == 1
    assert shown(terminal, made["id"])["status"] == "draft"
    assert terminal.json("integration", "activate", made["id"], "--yes")["integration"]["status"] == "active"


def test_an_edit_changes_what_is_said_and_nothing_else(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())
    before = shown(terminal, integration)
    result = terminal.run("integration", "edit", integration, "--contact=someone@vendor.example")
    assert (result.exit_code, "someone@vendor.example" in result.stdout) == (0, True)
    terminal.run("integration", "edit", integration, "--agreement=DPA-2")
    agreed = {"id": "DPA-2", "ends_on": before["agreement"]["ends_on"]}
    changes = {"contact": "someone@vendor.example", "agreement": agreed, "version": 3}
    assert shown(terminal, integration) == before | changes


def test_an_edit_that_says_nothing_is_told_how(terminal: Terminal) -> None:
    result = terminal.run("integration", "edit", "D1stVnd1")
    assert (result.exit_code, "--help" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["integration", "edit", "{}", "--purpose=Other"], id="terms"),
        pytest.param(["integration", "cache", "set", "{}", "--may-refresh"], id="allowance"),
        pytest.param(["scope", "set", "{}", *SCOPE[5:], "--yes"], id="scope"),
    ],
)
def test_a_change_that_is_meant_for_another_version_is_not_made(terminal: Terminal, command: list[str]) -> None:
    integration = terminal.integration(terminal.district())
    command = [word.format(integration) for word in command]
    result = terminal.run(*command, "--if-match=7")
    assert (result.exit_code, "has changed since you read it (412)" in result.stderr) == (1, True)
    assert shown(terminal, integration)["version"] == 1
    assert terminal.run(*command, "--if-match=1").exit_code == 0


def test_the_policy_of_another_version_is_not_changed(terminal: Terminal) -> None:
    district = terminal.district()
    set_policy = ("district", "cache", "set", district, "--fresh-for=10m")
    assert terminal.run(*set_policy, "--if-match=7").exit_code == 1
    assert terminal.json(*set_policy, "--if-match=1")["version"] == 2


def test_the_scopes_are_listed_with_who_and_when(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())
    narrowed = [word for word in SCOPE[6:] if not word.startswith("--fields")]
    changed = terminal.run("scope", "set", integration, *narrowed, "--fields=no-people@1", "--yes")
    assert changed.exit_code == 0, changed.output
    told = terminal.json("scope", "versions", integration)["scopes"]
    assert [one["scope"]["fields"] for one in told] == ["all-documented@1", "no-people@1"]
    table = terminal.run("scope", "versions", integration).stdout
    assert "scope_version" in table


def test_long_lists_are_read_to_their_end(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    district = terminal.district()
    made = {terminal.integration(district) for _ in range(3)}
    monkeypatch.setattr("hallpass.domain.paging.USUAL", 2)
    told = terminal.json("integration", "list", district)
    assert ({one["id"] for one in told["integrations"]}, told["next"]) == (made, None)


def test_usage_is_shown_day_by_day_to_its_end(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hallpass.services.use_of_integrations.MOST_READ", 1)
    integration = terminal.integration(terminal.district())
    assert "No request in these days." in terminal.run("usage", "integration", integration).stdout
    ledger, now = terminal.office.desk.ledger, datetime.now(UTC)
    assert isinstance(ledger, MemoryLedger)
    for number, days in enumerate((2, 1, 1)):
        record(ledger, integration, now - timedelta(days=days), number)
    told = terminal.json("usage", "integration", integration)
    assert [(one["requests"], one["incidents"]) for one in told["days"]] == [(1, 3), (2, 6)]
    assert "complete until" in terminal.run("usage", "integration", integration).stdout
    assert terminal.run("usage", "integration", integration, "--from=yesterday").exit_code == 2
    whole = terminal.json("usage", "district", integration[:4])
    assert whole["days"] == told["days"]
    assert "complete until" in terminal.run("usage", "district", integration[:4]).stdout


def record(ledger: MemoryLedger, integration: str, at: datetime, number: int) -> None:
    named = {"district": integration[:4], "integration": integration, "token": "Tok1", "incidents": 3}
    ledger.add(
        AuditRecord(
            time=at,
            request_id=f"req-{number}",
            action="incidents.read",
            status=200,
            ms=1,
            version="0",
            source="192.0.2.1",
            disclosure=Disclosure.RECORDS,
            **named,  # type: ignore[arg-type]  # named as its own fields
        )
    )


def test_a_day_that_was_cut_is_added_up() -> None:
    one = {"day": "2026-02-02", "requests": 1, "denials": {"conflict": 1}}
    other = {"day": "2026-02-02", "requests": 2, "denials": {"conflict": 1, "not-found": 3}}
    assert _added(None, one) == one
    assert _added(one, other) == {"day": "2026-02-02", "requests": 3, "denials": {"conflict": 2, "not-found": 3}}


def test_what_is_cached_is_shown(terminal: Terminal) -> None:
    district = terminal.district()
    assert "listings" in terminal.run("district", "cache", "statistics", district).stdout
    assert terminal.json("district", "cache", "statistics", district)["finished"] is True
    assert "There is more" not in terminal.run("district", "cache", "statistics", district).stdout
    terminal.office.desk.counter.calls_needed = 99  # type: ignore[attr-defined]  # of the fake
    assert "There is more" in terminal.run("district", "cache", "statistics", district).stdout


def test_a_token_whose_answer_was_lost_is_issued_once(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    integration = terminal.integration(terminal.district())
    sent, real = [], requests.Session.request

    def lose_the_first(session: requests.Session, method: str, url: str, **also: Any) -> requests.Response:
        answer = real(session, method, url, **also)
        sent.append(also["headers"])
        if method == "POST" and len(sent) == 1:
            raise requests.ConnectionError
        return answer

    monkeypatch.setattr(requests.Session, "request", lose_the_first)
    result = terminal.run("token", "issue", integration, "--days=9")
    assert (result.exit_code, "lost on the way" in result.stdout) == (0, True)
    assert sent[0] == sent[1]
    monkeypatch.undo()
    assert len(terminal.json("token", "list", integration)["tokens"]) == 1
