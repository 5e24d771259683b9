"""A district at one look, its end, and the report that it files."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hallpass_cli.leaving_report import report

from tests.admin.scopes import PSEUDONYMISED, create
from tests.admin.test_purges import fill
from tests.cli.conftest import Terminal
from tests.ledger_fake import MemoryLedger

AT = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)


def lines(output: str) -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in output.splitlines() if "  " in line)
    return {name: value.strip() for name, value in pairs}


def test_a_district_is_shown_at_one_look(terminal: Terminal) -> None:
    district = terminal.district()
    integration = terminal.integration(district)
    token = terminal.json("token", "issue", integration, "--days=20")["id"]
    now = terminal.office.clock.now()
    terminal.office.desk.index.advance(district, now - timedelta(minutes=5))
    shown = lines(terminal.run("district", "status", district).stdout)
    assert shown["district"] == f"{district} Invented Unified"
    assert shown["integrations"] == "0 draft, 1 active, 0 paused, 0 ended"
    assert shown["tokens alive"] == "1"
    assert shown["ending within 30 days"].startswith(f"1: {integration} {token} to ")
    assert (shown["not used for 90 days"], shown["agreements that are over"]) == ("0", "0")
    assert shown["records since"] == now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown["index of disclosures complete until"].endswith(", 5m ago")
    assert "fresh_for 300" in shown["cache"]
    assert terminal.json("district", "status", district)["tokens"]["alive"] == 1


def test_a_district_of_before_the_ledger_has_no_record_and_that_is_said(terminal: Terminal) -> None:
    district, ledger = terminal.district(), terminal.office.desk.ledger
    assert isinstance(ledger, MemoryLedger)
    ledger.opened.clear()
    shown = lines(terminal.run("district", "status", district).stdout)
    assert shown["records since"] == "none yet"
    assert shown["index of disclosures complete until"] == "nothing is indexed yet"


def leave(terminal: Terminal, *options: str) -> tuple[str, Any]:
    """A district with a vendor, deleted."""
    district = terminal.district()
    integration = terminal.integration(district)
    terminal.json("token", "issue", integration, "--days=20")
    create(terminal.office, district, PSEUDONYMISED)
    fill(terminal.office, district)
    return district, terminal.run("district", "delete", district, "--confirm", district, *options)


def test_the_end_tells_what_fell_what_was_destroyed_and_what_is_left_to_do(terminal: Terminal) -> None:
    _, done = leave(terminal)
    assert done.exit_code == 0, done.output
    assert "Madeup Analytics  DPA-2026-01" in done.stdout
    assert "destroyed" in done.stdout
    assert "never made" in done.stdout
    assert "revoke its token at EducatorsHandbook.com too" in done.stdout
    assert "Kept: the record of disclosures since" in done.stdout


def test_the_report_is_its_owners_alone_and_never_overwritten(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "end.md"
    district, done = leave(terminal, "--report", str(file))
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "# The end of Invented Unified in Hallpass" in file.read_text(encoding="utf-8")
    file.write_text("filed")
    words = ("district", "delete", district, "--confirm", district, "--report", str(file))
    again = terminal.run(*words)
    assert (again.exit_code, "--force" in again.stderr, file.read_text()) == (2, True, "filed")
    file.chmod(0o644)
    forced = terminal.run(*words, "--force")
    assert forced.exit_code == 0, forced.output
    assert "Invented Unified" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["end.md"]


@pytest.mark.parametrize("place", ["missing/end.md", ".", "link"])
def test_nothing_is_deleted_when_the_report_has_no_place(terminal: Terminal, tmp_path: Path, place: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    district = terminal.district()
    refused = terminal.run("district", "delete", district, "--confirm", district, "--report", str(tmp_path / place))
    assert refused.exit_code == 2
    assert terminal.json("district", "show", district)["district"]["status"] == "active"
    assert not (tmp_path / "elsewhere").exists()


def test_a_report_that_cannot_be_written_is_told_and_the_end_is_said_again(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "hardlink_to", full)
    district, failed = leave(terminal, "--report", str(tmp_path / "end.md"))
    assert (failed.exit_code, "could not be written" in failed.stderr, list(tmp_path.iterdir())) == (1, True, [])
    monkeypatch.undo()
    words = ("district", "delete", district, "--confirm", district, "--report", str(tmp_path / "end.md"))
    assert terminal.run(*words).exit_code == 0
    told = (tmp_path / "end.md").read_text(encoding="utf-8")
    assert "fell with the integration" in told, "complete the second time too"


def test_the_report_says_all_of_it(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "end.md"
    leave(terminal, "--report", str(file))
    told = file.read_text(encoding="utf-8")
    headings = [line for line in told.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Vendors", "## The token of EducatorsHandbook.com", "## Pages of incidents", "## What is kept",
    ]  # fmt: skip
    assert "2 in all. Every one is ended" in told
    assert r"- Agreement DPA\-2026\-01, its last day" in told
    assert "fell with the integration |" in told
    assert "It never had a token." in told
    assert "still works at EducatorsHandbook.com until the district revokes it" in told.replace("\n", " ")
    assert "1 pages" in told
    assert "Not the last word" in told
    assert "The record of every disclosure since" in told
    assert "`LogRetentionDays`" in told


def answer(**changes: Any) -> dict[str, Any]:
    counts = dict.fromkeys(("listings", "snapshots", "pages", "artefacts", "chunks", "bytes", "watched"), 0)
    district = {"id": "D1st", "name": "Invented Unified", "ended_at": "2026-11-25T04:00:00Z"}
    usual: dict[str, Any] = {"district": district, "integrations": [], "erased": counts, "again_after": None}
    return {**usual, "ledger_since": None, **changes}


def test_a_district_without_vendors_and_records_is_told_so() -> None:
    told = report(answer(), AT)
    assert "No vendor ever had access." in told
    assert "this is the last word" in told
    assert "There is no record of disclosures" in told
    assert "This report: 2026-11-26T04:00:00Z." in told


def test_what_comes_from_elsewhere_is_text() -> None:
    named = {"id": "D1st", "name": "[x](http://e) | <b>\x1b[31m`", "ended_at": "2026-11-25T04:00:00Z"}
    heading = report(answer(district=named), AT).splitlines()[0]
    assert heading == r"# The end of \[x\]\(http://e\) \| \<b\>�\[31m\` in Hallpass"


def test_the_ledger_is_where_it_was(terminal: Terminal) -> None:
    district, _ = leave(terminal)
    ledger = terminal.office.desk.ledger
    assert isinstance(ledger, MemoryLedger)
    assert ledger.accounts() == [district]
