"""`hallpass integration limits`."""

from __future__ import annotations

from tests.cli.conftest import Terminal


def test_limits_are_shown_and_changed_one_by_one(terminal: Terminal) -> None:
    words = ("integration", "limits", terminal.integration(terminal.district()))
    usual = {"per_minute": 60, "burst": 60, "pages_a_day": 5_000}
    assert terminal.json(*words) == {"limits": usual}
    shown = terminal.run(*words, "--per-minute", "6")
    assert [line.strip().split(maxsplit=1) for line in shown.stdout.splitlines()] == [
        ["per_minute", "6 (in the long run)"],
        ["burst", "60 (at once, after a rest)"],
        ["pages_a_day", "5000 (of UTC)"],
    ]
    changed = terminal.json(*words, "--burst", "1", "--pages-a-day", "10")
    assert changed == {"limits": {"per_minute": 6, "burst": 1, "pages_a_day": 10}}
    assert terminal.json(*words) == changed


def test_a_limit_out_of_bounds_changes_nothing_and_is_told_by_name(terminal: Terminal) -> None:
    words = ("integration", "limits", terminal.integration(terminal.district()))
    refused = terminal.run(*words, "--burst", "0")
    assert refused.exit_code == 1
    assert "burst" in refused.stderr
    assert terminal.json(*words)["limits"]["burst"] == 60
