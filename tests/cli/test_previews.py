"""`hallpass preview` and `hallpass explain` over the real admin API."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass.domain.scope import Scope

from tests.admin.conftest import Office
from tests.cli.conftest import Terminal
from tests.preview.house import House
from tests.preview.material import incident, students
from tests.records import DISTRICT_ID, a_token, an_integration
from tests.vendor.world import rows

DOCS = Path(__file__).parents[2] / "docs"
OPTIONS = ("--fields=identified@1", "--type=referral", "--school=007", "--days=30")
SCOPE: dict[str, Any] = {
    "rows": {"types": ["referral"], "schools": ["007"], "window": {"days": 30}, "deleted": False},
    "fields": "identified@1",
}


@pytest.fixture
def house() -> House:
    house = House()
    house.pages(
        [
            incident(1, "referral", "2026-02-10", "007", "", [students("S1", "Invented", "")]),
            incident(2, "minor", "2026-02-11", "012", "", [students("", "Invented\u202e", "")]),
            incident(3, "referral", "someday", "", "", []),
        ]
    )
    house.receive_all(Scope(rows("minor"), "no-people@1"))
    return house


@pytest.fixture
def office(house: House) -> Office:
    return house.office


def shown(terminal: Terminal, *arguments: str) -> str:
    done = terminal.run(*arguments)
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


def test_a_preview_in_words(terminal: Terminal, house: House) -> None:
    told = shown(terminal, "preview", DISTRICT_ID, *OPTIONS, "--against", house.latest())
    for said in (
        "incidents 1 of 3 1 are out: its school is not granted, or not asked for 1 are out: its type is not granted",
        "schools 1 of 2",
        "students in these incidents 1, and 0 entries without a number",
        "period counted 2026-02-10 to 2026-02-11, 1 without a day",
        "period of the incidents in 2026-02-10 to 2026-02-10",
        "fields 34 of 72",
        "earliest day that the scope reaches 2026-02-01",
        "counted over the list without parameters, 1 of 1 pages, read at 2026-03-02T15:00:00Z",
        f"Against {house.latest()}: Adds 1 incident. Removes 1 incident.",
        "Adds student race for 1 student.",
    ):
        assert said in told, told
    assert "An example" not in told


def test_the_commands_of_the_docs_do_what_they_say(terminal: Terminal, house: House) -> None:
    house.world.registry.add_integration(an_integration())
    house.world.registry.add_token(a_token(), an_integration())
    docs = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("districts.md", "operations.md"))
    commands = re.findall(r"(?:^|`)hallpass ((?:preview|explain) D1st[^`\n]*)", docs, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        shown(terminal, *shlex.split(command))


def test_a_scope_may_come_from_a_file_or_a_pipe(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "scope.json"
    file.write_text(json.dumps(SCOPE))
    by_options = terminal.json("preview", DISTRICT_ID, *OPTIONS)
    assert terminal.json("preview", DISTRICT_ID, "--scope", str(file)) == by_options
    piped = terminal.run("preview", DISTRICT_ID, "--scope", "-", "--json", typed=json.dumps(SCOPE))
    assert json.loads(piped.stdout) == by_options
    assert by_options["proposed"]["scope"] == SCOPE


def test_where_nothing_is_cached_it_says_how(house: House, terminal: Terminal) -> None:
    house.world.walks.unreachable = True
    told = shown(terminal, "preview", DISTRICT_ID, *OPTIONS, "--against", house.latest())
    assert "incidents nothing is cached that could be counted" in told
    assert "Nothing is cached that both could be counted over." in told
    assert "A preview never asks EducatorsHandbook.com." in told


def test_a_preview_without_a_day_and_without_a_bound(house: House, terminal: Terminal) -> None:
    house.pages([incident(3, "referral", "someday", "", "", [])])
    house.receive_all(Scope(rows("minor", deleted=True), "all-documented@1"))
    told = shown(
        terminal, "preview", DISTRICT_ID, "--type=minor", "--all-schools", "--unbounded", "--deleted",
        "--group=envelope", "--numbers=kept",
    )  # fmt: skip
    assert "period counted no day, 1 without a day" in told
    assert "period of the incidents in no day students" not in told
    assert "earliest day that the scope reaches no bound" in told


def test_an_example_is_shown_when_it_is_asked_for(house: House, terminal: Terminal) -> None:
    invented = terminal.run("preview", DISTRICT_ID, *OPTIONS, "--example=synthetic", "--against", house.latest())
    assert "An example (synthetic)." in invented.stdout
    assert "As EducatorsHandbook.com sends it" in invented.stdout
    assert "As it would be" in invented.stdout
    assert "As it is shown now" not in invented.stdout, "the current scope does not show it"
    refused = terminal.run("preview", DISTRICT_ID, *OPTIONS, "--example=real")
    assert refused.exit_code == 1
    assert "only to an admin of that very district" in refused.stderr


def test_a_districts_admin_may_see_a_real_one_and_nothing_of_it_steers_the_terminal(
    house: House, terminal: Terminal
) -> None:
    token = house.office.person(Role.DISTRICT_ADMIN, DISTRICT_ID)
    words = ("preview", DISTRICT_ID, "--fields=identified@1", "--type=minor", "--all-schools", "--days=30")
    real = terminal.run(*words, "--example=real", HALLPASS_TOKEN=token)
    assert "An example (real)." in real.stdout
    assert "Invented\\u202e" in real.stdout
    assert house.world.ledger.records[-1].disclosure == "records"
    nothing = terminal.run(
        "preview", DISTRICT_ID, "--fields=identified@1", "--type=minor", "--school=099", "--days=30", "--example=real",
        HALLPASS_TOKEN=token,
    )  # fmt: skip
    assert "There is no incident in what was counted that the scope shows." in nothing.stdout


WRONG = [
    ([], "Say which scope"),
    (["--fields=identified@1"], "Say which scope"),
    (["--type=minor"], "Say which schools"),
    (["--scope={file}", "--type=minor"], "not by both"),
    (["--scope={file}", "--fields=identified@1"], "not by both"),
    (["--scope={file}"], "is no JSON"),
    (["--scope=missing.json"], "could not be read"),
    ([*OPTIONS, "--against=../D2nd"], "letters and digits"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_what_was_said_wrongly_is_told(terminal: Terminal, tmp_path: Path, options: list[str], said: str) -> None:
    file = tmp_path / "scope.json"
    file.write_bytes(b"{\xff")
    done = terminal.run("preview", DISTRICT_ID, *(option.format(file=file) for option in options))
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_a_file_that_is_too_long_is_told(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hallpass_cli.previews.MOST_SCOPE", 4)
    file = tmp_path / "scope.json"
    file.write_text("12345")
    done = terminal.run("preview", DISTRICT_ID, f"--scope={file}")
    assert (done.exit_code, "is longer than 4 bytes" in done.stderr) == (2, True)


def test_an_explanation_in_words(house: House, terminal: Terminal) -> None:
    told = shown(terminal, "explain", house.latest(), "?page=1", "--token", first_token(house))
    for said in (
        "answer 200, unless the upstream or a limit says otherwise list without parameters page 1 cache key",
        "found hit It is cached and fresh.",
        "pages in all 1",
        "seconds that it is still fresh 300",
        "computed before yes",
        "incidents on the page 3 shown 1 2 left out: its type is not granted persons shown 0",
    ):
        assert said in told, told
    assert "computed before no" in shown(terminal, "explain", house.latest(), "--format=csv")
    assert terminal.json("explain", house.latest(), "page=1")["rows"]["shown"] == 1


def first_token(house: House) -> str:
    return str(house.world.registry.tokens(house.latest())[0].id)


def test_an_explained_refusal_in_words(house: House, terminal: Terminal) -> None:
    told = shown(terminal, "explain", house.latest(), "surplus=1")
    assert "answer 400 invalid-parameters" in told
    assert "surplus: unknown; the parameters are" in told
    paused = shown(terminal, "explain", house.latest(), "type=referral")
    assert "answer 403 insufficient-scope" in paused
    fetched = shown(terminal, "explain", house.latest(), "from=2026-02-01&to=2026-02-10")
    assert "list from=2026-02-01&to=2026-02-10 page 1 cache key" in fetched
    missing = shown(terminal, "explain", house.latest(), "type=minor")
    assert "found fetch It is not cached." in missing
    assert "incidents on the page" not in missing
