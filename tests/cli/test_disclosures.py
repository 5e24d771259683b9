"""Who received anything about a person, and the register of agreements, at the command line over the real admin API."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain.access import Integration
from hallpass.domain.disclosures import Verdict
from hallpass.domain.people import People, Person, Shown
from hallpass_cli.local_times import local
from hallpass_cli.main import app
from hallpass_cli.person_answer import VERDICTS
from typer.testing import CliRunner, Result

from tests.admin.conftest import Office
from tests.cli.conftest import Terminal
from tests.ledger_reading.house import NUMBER, OTHER_VENDOR, House, an_incident, at, open_house
from tests.records import DISTRICT_ID, INTEGRATION_ID
from tests.vendor_fakes import ListedAudit

PERSON = ("disclosures", "person", DISTRICT_ID)
AGREEMENTS = ("disclosures", "agreements", DISTRICT_ID)
FEBRUARY = ("--from", "2026-02-01", "--to", "2026-02-28")
FREE_TEXT = (
    "Free text is not read: whom a description names beside those who stand in the incident, no record can tell."
)


@pytest.fixture
def house() -> House:
    return open_house(ListedAudit())


@pytest.fixture
def office(house: House) -> Office:
    return house.office


def about(terminal: Terminal, *options: str, number: str = NUMBER) -> Result:
    found = terminal.run(*PERSON, *options, typed=f"{number}\n")
    assert found.exit_code == 0, found.output
    return found


def sheet(file: Path) -> list[list[str]]:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_bytes().decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.reader(io.StringIO(text)))


def pairs(block: str) -> dict[str, str]:
    named = (line.split("  ", 1) for line in block.splitlines() if "  " in line)
    return {name: value.strip() for name, value in named if name}


def test_each_recipient_is_told_in_plain_words(terminal: Terminal, house: House) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    house.send(at(3), [an_incident("u1", [NUMBER])], format="csv", fields_preset="pseudonymised@1")
    house.send(at(4), [an_incident("u1", [NUMBER, None])], integration=OTHER_VENDOR, fields_preset="no-people@1")
    shown = about(terminal)
    first, second, notes = shown.stdout.split("\n\n")
    assert pairs(first) | {"what was shared": ""} == {
        "who received it": "Madeup Analytics", "contact": "pat@vendor.example", "why": "Attendance dashboards",
        "agreements": "DPA-2026-01", "in how many answers": "2", "first": "2026-02-02 06:00:00 CST",
        "last": "2026-02-03 06:00:00 CST", "how shown": "by name or number: 1; under a pseudonym: 1",
        "what was shared": "", "fields": "identified@1 pseudonymised@1", "formats": "csv, json",
        "integration": INTEGRATION_ID,
    }  # fmt: skip
    assert "Offenders by name and number" in first
    assert (pairs(second)["who received it"], pairs(second)["how shown"]) == (
        "Other Made-up", "the incident, without name and number: 1",
    )  # fmt: skip
    assert notes.splitlines() == [
        "Asked about: all days.",
        "Vendors received something about this person.",
        "Incidents that any vendor was sent since there are records, in which somebody of that kind stood without a "
        "number: 1. Whether that was this person, no record can tell.",
        FREE_TEXT,
        "There are records since 2026-01-01 09:00:00 CST; nothing older can be told.",
        "Complete until 2026-03-02 08:00:00 CST; of what was sent later some may be missing.",
        "Answers in all: 3. --csv FILE lists each.",
    ]


@pytest.mark.parametrize(
    ("number", "options", "said"),
    [
        pytest.param("nobody", [], VERDICTS[Verdict.NEVER_SEEN], id="a number that was never seen"),
        pytest.param("withheld", [], VERDICTS[Verdict.NOT_DISCLOSED], id="one that was withheld"),
        pytest.param(NUMBER, ["--kind=staff"], VERDICTS[Verdict.NEVER_SEEN], id="an employee's"),
        pytest.param(
            NUMBER, ["--from=2026-02-10", "--to=2026-02-11"],
            "In these days no vendor received anything of the person.", id="in other days",
        ),
    ],
)  # fmt: skip
def test_each_verdict_has_its_sentence(
    terminal: Terminal, house: House, number: str, options: list[str], said: str
) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])], [an_incident("u2", ["withheld"])])
    told = about(terminal, *options, number=number).stdout
    assert said in told.splitlines()
    assert ("with every leading zero" in told) == (said == VERDICTS[Verdict.NEVER_SEEN])
    assert ("There are disclosures outside the days" in told) == ("--from=2026-02-10" in options)


PREVIEW: dict[str, Any] = {
    "integration": None, "token": None, "agreement": None, "cache": None, "actor": "Person02",
    "action": "scope.preview",
    "fields_preset": "upstream@1",
}  # fmt: skip
SHOWN = "shown in a preview to Person02"


def test_a_preview_is_told_as_shown_to_whom(terminal: Terminal, house: House, tmp_path: Path) -> None:
    house.send(at(3), [an_incident("u1", [NUMBER])], **PREVIEW)
    block, notes = about(terminal).stdout.split("\n\n")
    assert (pairs(block)["who received it"], pairs(block)["in how many answers"]) == (SHOWN, "1")
    said = "An incident of the person was shown in a preview to: Person02."
    assert notes.splitlines()[1:3] == ["No vendor received anything of the person.", said]
    house.send(at(2), [an_incident("u1", [NUMBER])])
    file = tmp_path / "answer.csv"
    notes = about(terminal).stdout.split("\n\n")[2]
    assert notes.splitlines()[1:3] == [VERDICTS[Verdict.DISCLOSED], said]
    about(terminal, "--csv", str(file))
    _, vendor, previewed, *_ = sheet(file)
    assert (vendor[1], previewed[1], previewed[2:5]) == ("Madeup Analytics", SHOWN, ["", "", ""])


def test_where_nothing_was_ever_recorded_that_is_said(terminal: Terminal) -> None:
    told = terminal.run("disclosures", "person", "D2nd", typed=f"{NUMBER}\n").stdout
    assert "Nothing was ever recorded." in told
    assert "Nothing is indexed yet." in told


def test_more_answers_than_one_call_gives_are_one_answer(terminal: Terminal, house: House) -> None:
    people = People(((Shown.IDENTIFIED, (house.ledger.marks(DISTRICT_ID).of(Person.STUDENT, NUMBER),)),), ())
    made = [house.file(at(2), people, integration=(INTEGRATION_ID, OTHER_VENDOR)[n % 2]) for n in range(700)]
    asked = about(terminal, "--json", *FEBRUARY)
    told = json.loads(asked.stdout)
    assert {one["request_id"] for one in told["disclosures"]} == {one.request_id for one in made}
    assert len(told["disclosures"]) == 700
    assert [(one["vendor"], one["answers"]) for one in told["recipients"]] == [
        ("Madeup Analytics", 350), ("Other Made-up", 350),
    ]  # fmt: skip
    assert (told["next"], told["from"], told["to"]) == (None, "2026-02-01", "2026-02-28")
    house.index.broken = True
    assert terminal.run(*PERSON, typed=f"{NUMBER}\n").exit_code == 1


def test_one_answer_of_one_call_is_told_as_the_api_tells_it(terminal: Terminal, house: House) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])], fields_preset="all-documented@1")
    house.send(at(3), [an_incident("u1", [NUMBER])], cache="hallpass; hit; ttl=-5")
    address = f"/admin/v1/districts/{DISTRICT_ID}/disclosures"
    assert json.loads(about(terminal, "--json").stdout) == house.office.call("POST", address, {"number": NUMBER}).json


def test_a_parent_can_be_given_the_file(terminal: Terminal, house: House, tmp_path: Path) -> None:
    known = integration_of(house)
    renamed = replace(known, purpose='=HYPERLINK("http://e"), for "schools"', vendor="Ünlisted, Inc.")
    house.desk.registry.save_integration(replace(renamed, version=known.version + 1))
    house.send(at(3), [an_incident("u1", [NUMBER]), an_incident("u2", ["other"])], cache="hallpass; hit; ttl=60")
    sent = house.send(at(2), [an_incident("u1", [NUMBER])], cache="hallpass; hit; ttl=-9", token="Tok7")
    file = tmp_path / "answer.csv"
    done = about(terminal, "--csv", str(file), *FEBRUARY)
    assert (done.stdout, f"Written: {file}" in done.stderr) == ("", True)
    titles, *lines = sheet(file)
    assert {len(line) for line in lines} == {len(titles)}
    first, second, *notes = lines
    assert dict(zip(titles, first, strict=True)) == {
        "When (America/Chicago)": "2026-02-02 06:00:00 CST",
        "Who received it": "Ünlisted, Inc.",
        "Contact": "pat@vendor.example",
        "Why": '\'=HYPERLINK("http://e"), for "schools"',
        "Under which agreement": "DPA-2026-01",
        "How the person was shown": "by name or number",
        "What was shared": first[6],
        "Format": "json",
        "Incidents in this answer, of this person and of others": "1",
        "From Hallpass's own copy": "yes, an older one",
        "Reference": sent.request_id,
    }
    assert first[6].startswith("Offenders by name and number")
    assert (second[0], second[8], second[9]) == ("2026-02-03 06:00:00 CST", "2", "yes")
    assert [note[0].split(";")[0] for note in notes] == [
        "Asked about: 2026-02-01 to 2026-02-28.",
        "Vendors received something about this person.",
        FREE_TEXT,
        "There are records since 2026-01-01 09:00:00 CST",
        "Complete until 2026-03-02 08:00:00 CST",
    ]
    told = file.read_text(encoding="utf-8")
    for unwanted in (NUMBER, "canary", "Tok7", INTEGRATION_ID, "identified@1"):
        assert unwanted not in told
    assert [path.name for path in tmp_path.iterdir()] == ["answer.csv"]


def integration_of(house: House) -> Integration:
    found = house.desk.registry.integration(INTEGRATION_ID)
    assert found is not None
    return found


def test_what_the_record_or_the_registry_does_not_know_stays_empty(
    terminal: Terminal, house: House, tmp_path: Path
) -> None:
    nothing: dict[str, Any] = {"agreement": None, "format": None, "cache": None}
    house.send(at(2), [an_incident("u1", [NUMBER])], integration="D1stGone", **nothing)
    marks = house.ledger.marks(DISTRICT_ID).of(Person.STUDENT, NUMBER)
    house.file(at(3), People(((Shown.IDENTIFIED, (marks,)),), ()), integration="D1stGone", fields_preset=None)
    file = tmp_path / "answer.csv"
    about(terminal, "--csv", str(file))
    _, first, second, *_ = sheet(file)
    assert first[1:5] == ["D1stGone", "", "", ""]
    assert (first[7], first[9], second[6]) == ("", "no", "")
    assert pairs(about(terminal).stdout)["who received it"] == "D1stGone"


@pytest.mark.parametrize("words", [(*PERSON, "--number-file=-"), AGREEMENTS], ids=["of a person", "of the register"])
def test_a_file_that_is_there_stays_and_nothing_is_asked(
    terminal: Terminal, house: House, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "kept.csv"
    file.write_text("kept")
    refused = terminal.run(*words, "--csv", str(file), typed=f"{NUMBER}\n")
    assert (refused.exit_code, "--force" in refused.stderr, file.read_text()) == (2, True, "kept")
    assert house.ledger.records == []
    assert terminal.run(*words, "--csv", str(file), "--force", typed=f"{NUMBER}\n").exit_code == 0
    assert sheet(file)


def test_half_a_period_is_refused_before_the_number_is_asked_for(terminal: Terminal) -> None:
    for half in (["--from=2026-02-01"], ["--to=2026-02-28"]):
        refused = terminal.run(*PERSON, *half)
        assert (refused.exit_code, "together, or neither" in refused.stderr) == (2, True)
        assert "number" not in refused.stderr


def test_the_number_is_asked_for_and_no_option_takes_it(terminal: Terminal, house: House) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    asked = about(terminal)
    assert "The student's number, as EducatorsHandbook.com writes it" in asked.stderr
    assert "The employee's number" in about(terminal, "--kind=staff").stderr
    told = terminal.run(*PERSON, "--help").stdout
    assert "--number-file" in told
    assert "--number " not in told
    assert terminal.run(*PERSON, NUMBER).exit_code == 2


NUMBER_FILES = {
    "a line": NUMBER.encode() + b"\n",
    "a line of Windows": NUMBER.encode() + b"\r\n",
    "no end of line": NUMBER.encode(),
    "a byte order mark": b"\xef\xbb\xbf" + NUMBER.encode() + b"\n",
}


@pytest.mark.parametrize("content", NUMBER_FILES.values(), ids=NUMBER_FILES)
@pytest.mark.parametrize("piped", [False, True], ids=["in a file", "piped"])
def test_a_number_is_read_from_a_file_or_a_pipe(
    terminal: Terminal, house: House, tmp_path: Path, content: bytes, piped: bool
) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    file = tmp_path / "number.txt"
    file.write_bytes(content)
    words = [*PERSON, "--json", "--number-file", "-" if piped else str(file)]
    found = CliRunner().invoke(app, words, input=content, env=terminal.environment)
    assert json.loads(found.stdout)["verdict"] == "disclosed", found.output
    assert found.stderr == ""


@pytest.mark.parametrize("number", ["  7", "7 ", "\u00a07"])
def test_blanks_are_part_of_a_number_and_that_is_said(terminal: Terminal, house: House, number: str) -> None:
    house.send(at(2), [an_incident("u1", [number])])
    asked = about(terminal, "--json", number=number)
    assert json.loads(asked.stdout)["verdict"] == "disclosed"
    assert "begins or ends with a blank: it is asked for with it" in asked.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "something else than one line", id="nothing"),
        pytest.param(b"\n", "something else than one line", id="an empty line"),
        pytest.param(b"canary-1\ncanary-2\n", "something else than one line", id="two lines"),
        pytest.param(b"canary" * 400, "something else than one line", id="far too much"),
        pytest.param(b"canary\xff\n", "is not UTF-8", id="not UTF-8"),
        pytest.param(b"canary\t1\n", "number: is a number on one line", id="a tab"),
        pytest.param(b"canary" * 22, "number: is a number of 1 to 128", id="too long"),
    ],
)
def test_what_is_no_number_is_told_and_not_repeated(
    terminal: Terminal, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "number.txt"
    file.write_bytes(content)
    for source in (str(file), "-"):
        words = [*PERSON, "--number-file", source]
        refused = CliRunner().invoke(app, words, input=content, env=terminal.environment)
        assert (refused.exit_code, told in refused.stderr) == (1 if "number: " in told else 2, True), refused.stderr
        assert "canary" not in refused.output


def test_a_file_that_cannot_be_read_is_told(terminal: Terminal, tmp_path: Path) -> None:
    for missing in (tmp_path / "missing.txt", tmp_path):
        refused = terminal.run(*PERSON, "--number-file", str(missing))
        assert (refused.exit_code, "could not be read" in refused.stderr) == (2, True)


def test_the_number_is_in_nothing_that_is_printed_or_written(terminal: Terminal, house: House, tmp_path: Path) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    for options in ([], ["--json"], ["--csv", str(tmp_path / "answer.csv")], ["--kind=staff"], list(FEBRUARY)):
        assert NUMBER not in about(terminal, *options).output
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert NUMBER not in written
    assert NUMBER not in "".join(os.environ.values())


def test_the_register_is_shown_in_plain_words(terminal: Terminal, house: House) -> None:
    house.send(at(20), [an_incident("u-1", ["1"])], fields_preset="no-people@1")
    shown = terminal.run(*AGREEMENTS)
    assert shown.exit_code == 0, shown.output
    first, second, _ = shown.stdout.split("\n\n")
    told = pairs(first)
    assert (told["Vendor"], told["Agreement"], told["Its last day"]) == (
        "Madeup Analytics", "DPA-2026-01", "2027-06-30",
    )  # fmt: skip
    assert told["Of which incidents"] == (
        "Types: referral; Schools: all; Dates: the last 30 days; Incidents without the deleted ones"
    )
    assert told["What is shared"].startswith("Everything documented")
    sent = "What was sent, and on which days (UTC)"
    assert told[sent].startswith("2026-02-20 to 2026-02-20: Incidents without people")
    assert pairs(second)[sent] == "nothing"
    assert terminal.json(*AGREEMENTS)["agreements"][0]["received"][0]["last_day"] == "2026-02-20"


def test_the_register_is_written(terminal: Terminal, house: House, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    done = terminal.run(*AGREEMENTS, "--csv", str(file))
    assert (done.exit_code, done.stdout) == (0, "")
    titles, first, second, note = sheet(file)
    assert note[0] == "What was sent is complete until 2026-03-02 08:00:00 CST."
    told = dict(zip(titles, second, strict=True))
    assert (told["Vendor"], told["Status"], told["Why"], told["Integration"]) == (
        "Other Made-up", "paused", "Attendance dashboards", OTHER_VENDOR,
    )  # fmt: skip
    assert (told["Since (America/Chicago)"], first[0]) == ("2026-03-02 09:00:00 CST", "Madeup Analytics")


def test_a_district_without_agreements_is_told_so(terminal: Terminal) -> None:
    assert terminal.run("disclosures", "agreements", "D2nd").stdout == "There is no agreement.\n"


def test_the_hour_that_comes_twice_is_two() -> None:
    times = ["2026-11-01T06:30:00.000000Z", "2026-11-01T07:30:00.000000Z"]
    assert [local(time, "America/Chicago") for time in times] == [
        "2026-11-01 01:30:00 CDT", "2026-11-01 01:30:00 CST",
    ]  # fmt: skip


def test_every_verdict_has_its_words() -> None:
    assert set(VERDICTS) == set(Verdict)
