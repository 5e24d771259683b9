"""A district at one look, its end, and the report that it files."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass_cli.canary import AGREEMENT, VENDOR
from hallpass_cli.leaving_report import report

from tests.admin.scopes import PSEUDONYMISED, create
from tests.admin.test_purges import fill
from tests.cli.conftest import Terminal
from tests.ledger_fake import MemoryLedger
from tests.page_eraser_fake import MemoryEraser

DISTRICT = {"id": "D1st", "name": "Invented Unified", "ended_at": "2026-11-25T04:00:00Z", "ended_by": "Person01"}
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
    district = next(one for one in terminal.office.desk.registry.districts())
    ended = f"{district.ended_at:%Y-%m-%dT%H:%M:%SZ} by {district.ended_by}"
    headings = [line for line in told.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Vendors", "## The token of EducatorsHandbook.com", "## Pages of incidents", "## Admins of the district",
        "## What is kept",
    ]  # fmt: skip
    assert f"District {district.id}, ended {ended}." in told
    assert f": ended {ended}\n" in told, "when and by whom of an integration"
    assert r"- Fields, at its end: all\-documented@1" in told
    assert "2 in all. Every one is ended" in told
    assert r"- Agreement DPA\-2026\-01, its last day" in told
    assert f"fell with the integration, {ended.replace('-', chr(92) + '-')} |" in told
    assert "| never | fell" in told
    assert "It never had a token." in told
    assert "still works at EducatorsHandbook.com until the district revokes it" in told.replace("\n", " ")
    assert "Erased in all (requests: 1): 1 lists that the upstream was asked for, 1 readings of these, 1 pages" in told
    assert "broken off" not in told
    assert "No admin of the district has a token that goes on." in told
    assert "Not the last word" in told
    assert "The record of every disclosure since" in told
    assert "`LogRetentionDays`" in told


def test_the_last_report_tells_what_all_runs_erased(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "end.md"
    district, first = leave(terminal, "--report", str(file))
    counted = file.read_text(encoding="utf-8").partition("requests: 1): ")[2].partition("\n")[0]
    assert "Erased in all (requests: 1): 1 lists" in first.stdout
    terminal.office.clock.move(timedelta(seconds=300))
    again = terminal.run("district", "delete", district, "--confirm", district, "--report", str(file), "--force")
    assert again.exit_code == 0, again.output
    told = file.read_text(encoding="utf-8")
    assert f"Erased in all (requests: 2): {counted}\n" in told
    assert " 1 pages, 2 stored documents, " in counted
    assert "this is the last word" in told


def test_what_a_broken_request_erased_is_told_to_be_missing(terminal: Terminal, tmp_path: Path) -> None:
    eraser, file = terminal.office.desk.eraser, tmp_path / "end.md"
    assert isinstance(eraser, MemoryEraser)
    eraser.unreachable = True
    district, failed = leave(terminal, "--report", str(file))
    assert (failed.exit_code, file.exists()) == (1, False)
    eraser.unreachable = False
    assert terminal.run("district", "delete", district, "--confirm", district, "--report", str(file)).exit_code == 0
    told = file.read_text(encoding="utf-8")
    assert "Erased in all (requests: 2): 1 lists" in told
    assert "Of these requests were broken off, or still run: 1. What they erased is gone" in told


def test_admins_whose_tokens_go_on_are_named_with_what_ends_them(terminal: Terminal, tmp_path: Path) -> None:
    file, district = tmp_path / "end.md", terminal.district()
    terminal.office.person(Role.DISTRICT_ADMIN, district)
    admin = next(one.id for one in terminal.office.desk.registry.people() if one.district_id == district)
    words = ("district", "delete", district, "--confirm", district, "--report", str(file))
    assert f"The token of {admin} (district-admin) goes on" in terminal.run(*words).stdout
    told = file.read_text(encoding="utf-8")
    assert rf"| {admin} | district\-admin | " in told
    assert f"An operator ends their tokens: `hallpass person revoke {admin}`." in told
    assert terminal.run("person", "revoke", admin, "--yes").exit_code == 0
    assert "goes on" not in terminal.run(*words, "--force").stdout
    assert "No admin of the district has a token that goes on." in file.read_text(encoding="utf-8")


def an_answer_about(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "D1stVnd1", "vendor": VENDOR, "contact": "c", "purpose": "p", "fields": "no-people@1", "scope_version": 1,
        "agreement": {"id": AGREEMENT, "ends_on": "2026-12-31"}, "status": "ended", "pseudonym_key": "never made",
        "ended_at": "2026-03-04T15:00:00Z", "ended_by": "Person01", "tokens": [],
    }  # fmt: skip
    return usual | changes


def test_runs_of_the_doctor_are_one_line_and_who_only_bears_its_name_is_a_vendor() -> None:
    runs = [an_answer_about(id=f"D1stDoc{number}") for number in range(3)]
    alone = report(answer(integrations=runs), AT)
    assert "which saw nobody and are all ended: 3.\n\nNo vendor ever had access." in alone
    assert "D1stDoc" not in alone
    others: list[dict[str, Any]] = [
        {"vendor": "Madeup Analytics"}, {"fields": "identified@1"}, {"scope_version": 2},
        {"agreement": {"id": "DPA-1", "ends_on": "2026-12-31"}},
    ]  # fmt: skip
    told = report(answer(integrations=[*runs, *(an_answer_about(**one) for one in others)]), AT)
    assert "4 in all. Every one is ended" in told
    assert told.count("- Integration D1stVnd1: ended 2026-03-04T15:00:00Z by Person01") == 4


@pytest.mark.parametrize(
    ("end", "at", "by", "shown"),
    [
        (
            "revoked before",
            "2026-03-04T15:00:00Z",
            "holder",
            "revoked before, 2026-03-04T15:00:00Z by the vendor itself",
        ),
        (
            "revoked before",
            "2026-03-04T15:00:00Z",
            None,
            "revoked before, 2026-03-04T15:00:00Z by whom the record says",
        ),
        ("stopped before", None, None, "stopped before, when and by whom the record says"),
        ("fell with the integration", None, None, "fell with the integration, when and by whom the record says"),
        ("expired before", "2026-03-04T15:00:00Z", None, "expired before"),
        ("void since a restore", None, None, "void since a restore"),
    ],
)
def test_how_a_token_ended_is_told_with_when_and_by_whom(end: str, at: str | None, by: str | None, shown: str) -> None:
    token = {
        "id": "Tok1", "issued_at": "2026-01-01T00:00:00Z", "expires_at": "2026-12-01T00:00:00Z",
        "last_used": "2026-03-03T10:20:59Z", "end": end, "ended_at": at, "ended_by": by,
    }  # fmt: skip
    told = report(answer(integrations=[an_answer_about(vendor="V", tokens=[token])]), AT).replace("\\", "")
    assert f"| Tok1 | 2026-01-01T00:00:00Z | 2026-12-01T00:00:00Z | 2026-03-03T10:20Z | {shown} |" in told
    assert "the last may be up to a minute later" in told


def answer(**changes: Any) -> dict[str, Any]:
    counts = dict.fromkeys(("listings", "snapshots", "pages", "artefacts", "chunks", "bytes", "uncounted"), 0)
    usual: dict[str, Any] = {
        "district": DISTRICT, "integrations": [], "erased_in_all": {**counts, "calls": 1}, "again_after": None,
        "admins": [], "ledger_since": None,
    }  # fmt: skip
    return usual | changes


def test_a_district_without_vendors_and_records_is_told_so() -> None:
    told = report(answer(), AT)
    assert "No vendor ever had access." in told
    assert "this is the last word" in told
    assert "There is no record of disclosures" in told
    assert "This report: 2026-11-26T04:00:00Z." in told


def test_what_comes_from_elsewhere_is_text() -> None:
    named = DISTRICT | {"name": "[x](http://e) | <b>\x1b[31m`"}
    heading = report(answer(district=named), AT).splitlines()[0]
    assert heading == r"# The end of \[x\]\(http://e\) \| \<b\>�\[31m\` in Hallpass"


def test_the_ledger_is_where_it_was(terminal: Terminal) -> None:
    district, _ = leave(terminal)
    ledger = terminal.office.desk.ledger
    assert isinstance(ledger, MemoryLedger)
    assert ledger.accounts() == [district]
