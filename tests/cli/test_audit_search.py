"""Searching the ledger and adding it up at the command line, over the real admin API."""

from __future__ import annotations

import csv
import io
import itertools
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain.audit import FIELD_NAMES
from hallpass.domain.row_query import MOST_DAYS
from hallpass.domain.scope import DateRange
from hallpass_cli import spans
from hallpass_cli.audit_report import added
from hypothesis import given
from hypothesis import strategies as st

from tests.admin.conftest import Office
from tests.cli.conftest import Terminal
from tests.ledger_reading.house import OTHER_VENDOR, House, at, open_house
from tests.records import DISTRICT_ID, INTEGRATION_ID
from tests.vendor_fakes import ListedAudit

FEBRUARY = ("--from", "2026-02-01", "--to", "2026-02-28")
SEARCH = ("audit", "search", DISTRICT_ID, *FEBRUARY)
REPORT = ("audit", "report", DISTRICT_ID, *FEBRUARY)


@pytest.fixture
def house() -> House:
    return open_house(ListedAudit())


@pytest.fixture
def office(house: House) -> Office:
    return house.office


def sheet(file: Path) -> list[list[str]]:
    text = file.read_bytes().decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.reader(io.StringIO(text)))


def test_rows_are_shown_newest_first_and_it_is_said_that_they_are_all(terminal: Terminal, house: House) -> None:
    house.record(at(2), incidents=3, persons=2)
    house.nothing(at(3), status=403, problem="token-paused")
    found = terminal.run(*SEARCH)
    assert found.exit_code == 0, found.output
    head, newest, oldest = found.stdout.splitlines()
    assert head.startswith("time")
    assert newest.startswith(f"2026-02-03T12:00:00Z  403  incidents.read            D1st  {INTEGRATION_ID}  Tok1 ")
    assert "token-paused" in newest
    assert "3 incidents, 2 persons" in oldest
    assert found.stderr == "Rows: 2, all there are from 2026-02-01 to 2026-02-28.\n"
    newer = terminal.run("audit", "search", DISTRICT_ID, "--from=2026-02-01", "--to=2026-03-02")
    assert "to 2026-03-02; of what began after 2026-03-02T14:58:00.000000Z some may be missing.\n" in newer.stderr


def test_where_there_is_nothing_that_is_said(terminal: Terminal) -> None:
    found = terminal.run(*SEARCH)
    assert (found.stdout, "Rows: 0, all there are" in found.stderr) == ("", True)


CONDITIONS = {
    "--integration": INTEGRATION_ID, "--token": "Tok1", "--actor": "Person01", "--action": "incidents.read",
    "--problem": "token-paused", "--status": "4xx", "--disclosure": "no-records", "--request-id": "wanted",
    "--trace": "0" * 32,
}  # fmt: skip


@pytest.mark.parametrize("option", CONDITIONS)
def test_every_condition_narrows(terminal: Terminal, house: House, option: str) -> None:
    facts = {"actor": "Person01", "problem": "token-paused", "request_id": "wanted", "trace": "0" * 32}
    house.nothing(at(2), status=403, **facts)
    house.record(at(3), integration=OTHER_VENDOR, token="Tok2", action="token", problem="expired")
    found = terminal.json(*SEARCH, option, CONDITIONS[option])
    assert [row["request_id"] for row in found["rows"]] == ["wanted"]


def test_what_the_api_refuses_of_a_condition_is_told(terminal: Terminal) -> None:
    refused = terminal.run(*SEARCH, "--disclosure", "some", "--trace", "no trace")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "trace: is a trace's id" in refused.stderr
    assert "disclosure: " in refused.stderr


@pytest.mark.parametrize(("status", "found"), [("401", 1), ("4xx", 2), ("400", 0)])
def test_a_status_is_asked_for_alone_or_by_its_class(terminal: Terminal, house: House, status: str, found: int) -> None:
    house.nothing(at(2), status=401, problem="token-revoked")
    house.nothing(at(3), status=403, problem="token-paused")
    assert len(terminal.json(*SEARCH, "--status", status)["rows"]) == found


@pytest.mark.parametrize("order", ["--oldest-first", None])
def test_a_long_span_is_read_to_its_end_whatever_one_call_takes(
    terminal: Terminal, house: House, order: str | None
) -> None:
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=5 * number) for number in range(300)]
    made = [house.record(start).request_id for start in starts]
    # A search leaves rows of its own.
    options = ["--action", "incidents.read", *([order] if order else [])]
    words = ("audit", "search", DISTRICT_ID, "--from", "2025-12-01", "--to", "2026-03-31", "--limit", "300", *options)
    found = terminal.json(*words)
    told = [row["request_id"] for row in found["rows"]]
    assert told == (made if order else made[::-1])
    assert (found["from"], found["to"], found["more"]) == ("2025-12-01", "2026-03-31", False)


def test_it_stops_at_the_limit_and_says_so(terminal: Terminal, house: House) -> None:
    for day in (2, 3, 4):
        house.record(at(day))
    cut = terminal.run(*SEARCH, "--limit", "2")
    assert len(cut.stdout.splitlines()) == 3
    assert "Stopped at --limit 2: there are more from 2026-02-01 to 2026-02-28." in cut.stderr
    assert [terminal.json(*SEARCH, "--limit", limit)["more"] for limit in ("2", "3")] == [True, False]
    assert terminal.run(*SEARCH, "--limit", "0").exit_code == 2


def test_unless_said_the_last_week_is_searched(terminal: Terminal, house: House) -> None:
    today = datetime.now(UTC)
    wanted = house.record(today - timedelta(days=1))
    house.record(today - timedelta(days=9))
    found = terminal.json("audit", "search", DISTRICT_ID)
    assert [row["request_id"] for row in found["rows"]] == [wanted.request_id]


def test_rows_go_into_a_file_under_the_names_of_their_fields(terminal: Terminal, house: House, tmp_path: Path) -> None:
    made = house.record(at(2), query="=cmd|' /C calc'!A0")
    file = tmp_path / "rows.csv"
    done = terminal.run(*SEARCH, "--csv", str(file))
    assert (done.exit_code, done.stdout, f"Written: {file}" in done.stderr) == (0, "", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    names, row, ending = sheet(file)
    assert names == list(FIELD_NAMES)
    told = {name: value for name, value in zip(names, row, strict=True) if value}
    assert told.pop("query") == "'=cmd|' /C calc'!A0"
    assert told == {name: str(value) for name, value in made.line().items() if name != "query" and value != ""}
    assert (ending[0][:20], set(ending[1:]), len(ending)) == ("Rows: 1, all there a", {""}, len(names))


@pytest.mark.parametrize("words", [SEARCH, REPORT], ids=["search", "report"])
def test_a_file_that_is_there_stays_unless_force_is_said(
    terminal: Terminal, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "kept.csv"
    file.write_text("kept")
    asked = (*words, "--csv", str(file))
    refused = terminal.run(*asked)
    assert (refused.exit_code, "--force" in refused.stderr, file.read_text()) == (2, True, "kept")
    assert terminal.run(*asked, "--force").exit_code == 0
    assert sheet(file)
    assert terminal.json(*asked, "--force")["from"] == "2026-02-01"


REFUSED = "Requests that Hallpass refused"


def table(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def test_a_report_shows_each_vendor(terminal: Terminal, house: House) -> None:
    house.record(at(2), incidents=3, persons=2, bytes=70)
    house.nothing(at(3), status=403, problem="token-paused")
    house.nothing(at(3), status=304)
    shown = terminal.run(*REPORT)
    assert shown.exit_code == 0, shown.output
    head, first, second = table(shown.stdout)
    assert head == ["id", "vendor", "answers", "incidents", "persons", "days", "304", "bytes", "refusals", "failures"]
    assert first == [INTEGRATION_ID, "Madeup", "Analytics", "1", "3", "2", "1", "1", "70", "token-paused:", "1", "none"]
    assert second == [OTHER_VENDOR, "Other", "Made-up", "0", "0", "0", "0", "0", "0", "none", "none"]
    assert "A person in two answers is counted twice." in shown.stderr
    assert "Days of UTC from 2026-02-01 to 2026-02-28.\n" in shown.stderr
    alone = terminal.json(*REPORT, "--integration", OTHER_VENDOR)
    assert [one["integration"] for one in alone["integrations"]] == [OTHER_VENDOR]


def test_a_report_of_a_year_is_the_sum_of_its_parts(terminal: Terminal, house: House) -> None:
    for month, day in ((1, 5), (1, 5), (2, 25)):
        house.record(at(day, month=month), incidents=3, persons=2, bytes=70, fields_preset=f"no-people@{month}")
    house.nothing(at(6, month=1), status=403, problem="token-paused")
    house.nothing(at(26), status=403, problem="token-paused")
    house.nothing(at(26), status=429, problem="too-many-requests")
    for day in (6, 7):
        house.nothing(at(day, month=1), status=503, problem="upstream-error")
    house.nothing(at(26), status=502, problem="upstream-invalid")
    house.nothing(at(26), integration="D1stGone", status=401, problem="token-unknown")
    told = terminal.json("audit", "report", DISTRICT_ID, "--from=2025-08-01", "--to=2026-06-30")
    first, second = told["integrations"]
    assert [first[name] for name in ("requests", "answers", "incidents", "persons_by_answer", "bytes")] == [
        9, 3, 9, 6, 210,
    ]  # fmt: skip
    assert first["days"] == ["2026-01-05", "2026-02-25"]
    assert first["fields"] == ["no-people@1", "no-people@2"]
    assert first["denials"] == {"token-paused": 2, "too-many-requests": 1}
    # What failed at us or at the upstream, nobody refused.
    assert first["failures"] == {"upstream-error": 2, "upstream-invalid": 1}
    assert (second["requests"], told["unknown_integrations"]["denials"]) == (0, {"token-unknown": 1})
    assert (told["from"], told["to"]) == ("2025-08-01", "2026-06-30")


def test_an_integration_that_comes_while_it_is_added_up_is_not_lost() -> None:
    empty: dict[str, Any] = {"requests": 0, "answers": 0, "incidents": 0, "persons_by_answer": 0, "bytes": 0}
    empty |= {
        "not_modified": 0,
        "days": [],
        "fields": [],
        "elements": [],
        "agreements": [],
        "denials": {},
        "failures": {},
    }
    ends = {"unknown_integrations": empty, "complete_until": "first"}
    new = {**empty, "integration": "D1stVnd9", "vendor": "New", "answers": 2, "days": ["2026-02-02"]}
    told = added(iter([{"integrations": [], **ends}, {"integrations": [new], **ends, "complete_until": "second"}]))
    assert told["integrations"] == [new]
    assert told["complete_until"] == "first"


def test_a_report_goes_into_a_file_with_plain_titles(terminal: Terminal, house: House, tmp_path: Path) -> None:
    house.record(at(2), incidents=3, persons=2, bytes=70)
    house.nothing(at(3), integration="D1stGone", status=401, problem="token-unknown")
    house.nothing(at(3), status=503, problem="upstream-error")
    file = tmp_path / "report.csv"
    assert terminal.run(*REPORT, "--csv", str(file)).exit_code == 0
    titles, first, _, unknown, note = sheet(file)
    told = dict(zip(titles, first, strict=True))
    assert (told["Vendor"], told["Incidents sent"], told[REFUSED]) == ("Madeup Analytics", "3", "")
    assert told["Requests that failed at Hallpass or the upstream"] == "upstream-error: 1"
    assert told["Persons, counted anew in each answer"] == "2"
    assert told["What was shared"].startswith("Offenders by name and number")
    nobody = dict(zip(titles, unknown, strict=True))
    assert (nobody["Vendor"], nobody[REFUSED]) == ("(no such integration)", "token-unknown: 1")
    assert note[0] == "Days of UTC from 2026-02-01 to 2026-02-28."


@pytest.mark.parametrize(
    ("days", "told"),
    [
        pytest.param(["--from", "2026-2-1"], "--from is a day as 2026-12-31", id="a day spelt otherwise"),
        pytest.param(["--to", "today"], "--to is a day as 2026-12-31", id="a word"),
        pytest.param(["--from", "2026-02-02", "--to", "2026-02-01"], "--to is a day from --from on", id="backwards"),
        pytest.param(["--to", "0001-01-02"], "--to is a day that has days before it", id="the first days there are"),
    ],
)
def test_what_is_no_span_is_told(terminal: Terminal, days: list[str], told: str) -> None:
    refused = terminal.run("audit", "search", DISTRICT_ID, *days)
    assert (refused.exit_code, told in refused.stderr) == (2, True)


def test_a_foreign_district_is_told_as_one_that_there_is_not(terminal: Terminal) -> None:
    told = {terminal.run(words[0], words[1], "D9th", *FEBRUARY).stderr.splitlines()[0] for words in (SEARCH, REPORT)}
    assert told == {"Nothing is there under this address (404)"} or all("(404)" in line for line in told)


DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))


@given(DAYS, st.integers(0, 800), st.booleans())
def test_the_parts_of_a_span_are_the_span(first: date, more: int, newest: bool) -> None:
    whole = DateRange(first, first + timedelta(days=more))
    parts = list(spans.parts(whole, newest=newest))
    ordered = parts[::-1] if newest else parts
    assert all(0 <= (part.last - part.first).days < MOST_DAYS for part in parts)
    assert (ordered[0].first, ordered[-1].last) == (whole.first, whole.last)
    for before, after in itertools.pairwise(ordered):
        assert after.first == before.last + timedelta(days=1)
