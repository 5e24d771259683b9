"""What the upstream sent and nobody documented, at the command line: listed, and reviewed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.quarantine import Finding, unnamed

from tests.cli.conftest import Terminal


def test_a_districts_quarantine_is_a_table_and_json(terminal: Terminal) -> None:
    district = terminal.district()
    writer: Any = terminal.office.desk.quarantine
    now = terminal.office.clock.now()
    writer.note(district, {"incident/canary": 7}, now - timedelta(days=1))
    writer.note(district, {"incident/school/@two": 1}, now)
    result = terminal.run("district", "quarantine", district)
    assert result.exit_code == 0
    first, last = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (now - timedelta(days=1), now))
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["path", "logged_as", "nodes", "first_seen", "last_seen", "review"],
        ["incident/school/@two", unnamed("incident/school/@two"), "1", last, last, "-"],
        ["incident/canary", unnamed("incident/canary"), "7", first, first, "-"],
    ]
    assert terminal.json("district", "quarantine", district) == {
        "quarantine": [
            {
                "path": "incident/school/@two",
                "logged_as": unnamed("incident/school/@two"),
                "first_seen": last,
                "last_seen": last,
                "nodes": 1,
                "review": None,
            },
            {
                "path": "incident/canary",
                "logged_as": unnamed("incident/canary"),
                "first_seen": first,
                "last_seen": first,
                "nodes": 7,
                "review": None,
            },
        ],
        "next": None,
    }


def test_an_empty_quarantine_says_so(terminal: Terminal) -> None:
    district = terminal.district()
    assert terminal.run("district", "quarantine", district).stdout == "Nothing undocumented has come.\n"
    assert terminal.json("district", "quarantine", district) == {"quarantine": [], "next": None}


@pytest.mark.parametrize(("district", "code"), [("None", 1), ("D?st", 2), ("../people", 2)])
def test_a_quarantine_of_no_district_is_told(terminal: Terminal, district: str, code: int) -> None:
    result = terminal.run("district", "quarantine", district)
    assert (result.exit_code, result.stdout) == (code, "")


@pytest.mark.parametrize("finding", list(Finding))
def test_a_path_is_reviewed_and_listed_as_such(terminal: Terminal, finding: Finding) -> None:
    district = terminal.district()
    writer: Any = terminal.office.desk.quarantine
    writer.note(district, {"incident/canary": 7, "incident/other": 1}, terminal.office.clock.now())
    result = terminal.run("district", "review-quarantine", district, "incident/canary", "--as", finding.value)
    assert result.exit_code == 0
    by = terminal.office.operator[9:17]
    at = f"{terminal.office.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["path", "incident/canary"],
        ["reviewed", "as", finding.value],
        ["reviewed", "at", at],
        ["reviewed", "by", by],
    ]
    listed = terminal.run("district", "quarantine", district).stdout.splitlines()[1:]
    assert [(line.split()[0], line.split()[-1]) for line in listed] == [
        ("incident/canary", finding.value),
        ("incident/other", "-"),
    ]
    said = terminal.run("district", "status", district).stdout
    assert "undocumented paths withheld" in said
    assert "2, 1 not reviewed" in said
    told = terminal.json("district", "review-quarantine", district, "incident/canary", "--as", finding.value)
    assert told["quarantined"]["review"] == {"by": by, "at": at, "as": finding.value}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("incident/other", "--as", "known-harmless"), 1, id="a path that is not there"),
        pytest.param(("incident/canary", "--as", "fine"), 2, id="a finding that there is not"),
        pytest.param(("incident/canary",), 2, id="no finding"),
    ],
)
def test_a_review_that_cannot_be_made_is_told(terminal: Terminal, words: tuple[str, ...], code: int) -> None:
    district = terminal.district()
    writer: Any = terminal.office.desk.quarantine
    writer.note(district, {"incident/canary": 7}, terminal.office.clock.now())
    result = terminal.run("district", "review-quarantine", district, *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert [found.review for found in terminal.office.desk.quarantine.quarantine(district)] == [None]
