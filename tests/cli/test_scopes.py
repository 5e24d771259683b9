"""What is granted by the command line's words, how it is changed, renewed and ended, and what the words mean."""

from __future__ import annotations

from typing import Any

import pytest
from hallpass.domain.catalogue import GROUPS, NUMBERS, VICTIMS
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import FIELDS, Group
from hallpass.domain.view import view_of

from tests.cli.conftest import SCOPE, Terminal

WHO = tuple(word for word in SCOPE if word.startswith(("--vendor", "--contact", "--purpose", "--agreement")))
ROWS = ("--type=minor", "--school=10", "--days=30")
EVERY_ROW = ("--type=referral", "--type=minor", "--type=pending", "--all-schools", "--unbounded", "--deleted")
SOME: dict[str, Any] = {"types": ["minor"], "schools": ["10"], "window": {"days": 30}, "deleted": False}


def shown(terminal: Terminal, integration: str) -> Any:
    return terminal.json("integration", "show", integration)["integration"]


@pytest.fixture
def integration(terminal: Terminal) -> str:
    """One of pseudonymised@1."""
    made = terminal.json("integration", "create", terminal.district(), *WHO, *ROWS, "--fields=pseudonymised@1")
    return str(made["integration"]["id"])


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        pytest.param(("--fields=no-people@1",), "no-people@1", id="a preset"),
        pytest.param(
            ("--group=context", "--group=envelope", "--numbers=kept"),
            {"groups": ["envelope", "context"], "victims": "none", "numbers": "kept", "revision": "2025-12"},
            id="groups, no victims unless said",
        ),
        pytest.param(
            ("--group=student_numbers", "--victims=pseudonymised", "--numbers=pseudonymised"),
            {
                "groups": ["student_numbers"],
                "victims": "pseudonymised",
                "numbers": "pseudonymised",
                "revision": "2025-12",
            },
            id="a group, victims and numbers",
        ),
    ],
)
def test_fields_are_a_preset_or_groups_in_both_commands(terminal: Terminal, options: Any, fields: object) -> None:
    district = terminal.district()
    made = terminal.json("integration", "create", district, *WHO, *ROWS, *options)["integration"]
    assert made["scope"] == {"rows": SOME, "fields": fields}
    other = terminal.integration(district)
    changed = terminal.json("scope", "set", other, *ROWS, *options, "--yes")["integration"]
    assert (changed["scope"], changed["dataset"]) == (made["scope"], "2.1")


def test_an_integration_is_shown_with_its_dataset_rows_and_fields(terminal: Terminal) -> None:
    words = ("--group=envelope", "--numbers=pseudonymised")
    made = terminal.run("integration", "create", terminal.district(), *WHO, *ROWS, *words)
    assert made.exit_code == 0
    lines = {line.split()[0]: line.split(maxsplit=1)[1].strip() for line in made.stdout.splitlines()}
    assert lines["dataset"] == "1.1"
    assert lines["rows"] == '{"types": ["minor"], "schools": ["10"], "window": {"days": 30}, "deleted": false}'
    assert lines["fields"] == (
        '{"groups": ["envelope"], "victims": "none", "numbers": "pseudonymised", "revision": "2025-12"}'
    )
    assert terminal.run("integration", "show", lines["id"]).stdout == made.stdout


FIELDS_SAID_WRONGLY = [
    pytest.param((), "Say which fields", id="no fields"),
    pytest.param(("--fields=no-people@1", "--group=envelope"), "Say which fields", id="a preset and a group"),
    pytest.param(
        ("--fields=no-people@1", "--group=envelope", "--numbers=kept"), "Say which fields", id="a preset and all of it"
    ),
    pytest.param(("--numbers=kept",), "Say which fields", id="numbers of nothing"),
    pytest.param(("--victims=presence",), "Say which fields", id="victims of nothing"),
    pytest.param(("--group=envelope",), "With --group say what becomes of numbers", id="a group without numbers"),
    pytest.param(
        ("--group=envelope", "--victims=presence"),
        "With --group say what becomes of numbers",
        id="victims without numbers",
    ),
    pytest.param(("--fields=no-people@1", "--numbers=kept"), "A preset says itself", id="a preset with numbers"),
    pytest.param(("--fields=no-people@1", "--victims=presence"), "A preset says itself", id="a preset with victims"),
    pytest.param(("--fields=upstream@1", "--confirm=yes"), "--confirm is upstream@1", id="another confirmation"),
]


@pytest.mark.parametrize(("options", "said"), FIELDS_SAID_WRONGLY)
@pytest.mark.parametrize("command", ["create", "scope"])
def test_fields_said_wrongly_are_told_before_anything_is_sent_or_asked(
    terminal: Terminal, command: str, options: Any, said: str
) -> None:
    words = ("create", "D1st", *WHO) if command == "create" else ("scope", "D1stVnd1")
    result = terminal.run("integration", *words, *ROWS, *options, HALLPASS_URL="http://127.0.0.1:9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Replace the whole scope" not in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("scope", "D1stVnd1", "--school=10", "--days=30", "--fields=no-people@1"), id="no type"),
        pytest.param(("scope", "D1stVnd1", "--type=minor", "--days=30", "--fields=no-people@1"), id="no school"),
        pytest.param(("scope", "D1stVnd1", *ROWS, "--unbounded", "--fields=no-people@1"), id="days and no bound"),
        pytest.param(("scope", "D1stVnd1", *ROWS[:2], "--to=2026-01-01", "--fields=no-people@1"), id="to without from"),
        pytest.param(("scope", "../people", *ROWS, "--fields=no-people@1", "--yes"), id="an id with a slash"),
        pytest.param(("end", "D1st/Vnd", "--yes"), id="an end of an id with a slash"),
        pytest.param(("renew-pseudonyms", "D1st?Vnd", "--yes"), id="a renewal of an id with a question mark"),
    ],
)
def test_a_wrong_use_is_told_before_anything_is_sent(terminal: Terminal, words: tuple[str, ...]) -> None:
    result = terminal.run("integration", *words, HALLPASS_URL="http://127.0.0.1:9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.output


def test_what_the_api_refuses_is_told_by_its_field(terminal: Terminal, integration: str) -> None:
    words = ("--group=narrative", "--numbers=pseudonymised", "--yes")
    result = terminal.run("scope", "set", integration, *ROWS, *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "  scope.fields.groups: is without narrative: free text tells who it was" in result.stderr
    assert shown(terminal, integration)["dataset"] == "1.1"


# --- what is asked first


@pytest.mark.parametrize(
    ("words", "asked", "then"),
    [
        pytest.param(
            ("scope", *ROWS, "--fields=identified@1"), "Replace the whole scope of {}?", {"dataset": "2.2"}, id="scope"
        ),
        pytest.param(("renew-pseudonyms",), "Renew every pseudonym of {}?", {"dataset": "1.2"}, id="renew-pseudonyms"),
        pytest.param(("end",), "End {}?", {"status": "ended"}, id="end"),
    ],
)
def test_what_cannot_be_taken_back_is_asked_about(
    terminal: Terminal, integration: str, words: tuple[str, ...], asked: str, then: dict[str, str]
) -> None:
    command = ("integration", words[0], integration, *words[1:])
    before = shown(terminal, integration)
    for typed in ("n\n", "\n", ""):
        result = terminal.run(*command, typed=typed)
        assert (result.exit_code, asked.format(integration) in result.stderr) == (1, True)
        assert shown(terminal, integration) == before
    agreed = terminal.run(*command, typed="y\n")
    assert agreed.exit_code == 0
    assert asked.format(integration) in agreed.stderr
    after = shown(terminal, integration)
    assert {name: after[name] for name in then} == then
    assert {value for name, value in after.items() if name in then} <= set(agreed.stdout.split())


@pytest.mark.parametrize("flag", ["--yes", "-y"])
def test_a_script_is_not_asked(terminal: Terminal, integration: str, flag: str) -> None:
    for words, dataset, status in (
        (("scope", *ROWS, "--group=envelope", "--numbers=pseudonymised"), "2.1", "active"),
        (("renew-pseudonyms",), "2.2", "active"),
        (("end",), "2.2", "ended"),
    ):
        result = terminal.run("integration", words[0], integration, *words[1:], flag, "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        after = shown(terminal, integration)
        assert (after["dataset"], after["status"]) == (dataset, status)


def test_a_change_to_the_upstreams_bytes_is_typed_and_then_asked_about(terminal: Terminal, integration: str) -> None:
    command = ("scope", "set", integration, *EVERY_ROW, "--fields=upstream@1")
    for typed in ("", "y\ny\n", "upstream@1\nn\n", "upstream@1\n"):
        result = terminal.run(*command, typed=typed)
        assert (result.exit_code, "shows everything the upstream sends" in result.stderr) == (1, True)
    assert terminal.run(*command, "--yes", typed="y\n").exit_code == 1
    assert shown(terminal, integration)["dataset"] == "1.1"
    assert terminal.run(*command, typed="upstream@1\ny\n").exit_code == 0
    assert shown(terminal, integration)["scope"]["fields"] == "upstream@1"
    assert terminal.run(*command, "--confirm=upstream@1", "--yes").exit_code == 0


def test_what_has_ended_says_so(terminal: Terminal, integration: str) -> None:
    issued = terminal.json("token", "issue", integration, "--days", "30")
    assert terminal.run("integration", "end", integration, "--yes").exit_code == 0
    assert terminal.run("integration", "end", integration, "--yes").exit_code == 0
    listed = terminal.json("token", "list", integration)["tokens"]
    assert [(token["id"], token["status"]) for token in listed] == [(issued["id"], "revoked")]
    for words in (("scope", integration, *ROWS, "--fields=no-people@1"), ("renew-pseudonyms", integration)):
        result = terminal.run("integration", *words, "--yes")
        assert result.exit_code == 1
        assert "The integration has ended, and an end is final." in result.stderr


def test_without_pseudonyms_there_is_nothing_to_renew(terminal: Terminal) -> None:
    result = terminal.run("integration", "renew-pseudonyms", terminal.integration(terminal.district()), "--yes")
    assert (result.exit_code, "The integration's scope shows no pseudonyms." in result.stderr) == (1, True)


# --- what the words mean. No server is asked: there is none.


def alone(terminal: Terminal, *arguments: str) -> Any:
    return terminal.run("fields", *arguments, HALLPASS_URL=None, HALLPASS_TOKEN=None)


def test_everything_that_can_be_said_of_fields_is_listed(terminal: Terminal) -> None:
    result = alone(terminal, "list")
    assert result.exit_code == 0
    lines = [line.split("  ")[0:2] for line in result.stdout.splitlines()]
    assert lines[0][0] == "kind"
    names = {*PRESETS, *GROUPS, *VICTIMS, *NUMBERS}
    assert all(name in result.stdout for name in names)
    assert "Pseudonymised, not anonymous" in " ".join(result.stdout.split())


def test_what_is_listed_says_its_kind_and_which_groups_are_granted_by_name_only(terminal: Terminal) -> None:
    listed = terminal.json("fields", "list")["fields"]
    kinds: dict[str, list[str]] = {}
    for entry in listed:
        assert set(entry) == {"kind", "name", "label", "example", "warning"}
        assert entry["label"]
        assert entry["example"]
        kinds.setdefault(entry["kind"], []).append(entry["name"])
    assert kinds == {
        "preset": ["no-people@1", "pseudonymised@1", "identified@1", "all-documented@1", "upstream@1"],
        "group": [
            "envelope", "context", "student_numbers", "student_names", "demographics", "harm", "discipline",
            "narrative", "staff", "attributes",
        ],
        "group, by name only": ["special_education", "homeless", "foster", "frpl"],
        "victims": ["none", "presence", "pseudonymised", "as-offenders"],
        "numbers": ["kept", "dropped", "pseudonymised"],
    }  # fmt: skip
    assert next(entry for entry in listed if entry["name"] == "frpl")["warning"].endswith("ends within 366 days.")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_shown_with_its_words_and_its_paths(terminal: Terminal, preset: str) -> None:
    card = PRESETS[preset].card
    words, _, paths = alone(terminal, "show", preset).stdout.partition("\n\n")
    assert words.splitlines() == [f"{card.label}.", f"Example: {card.example}", f"Warning: {card.warning}"]
    if preset == "upstream@1":
        said, _, paths = paths.partition("\n\n")
        assert said == "As XML also everything that is not documented. Documented are:"
    granted = [path for path in FIELDS if path in view_of(preset).paths]
    assert paths.splitlines() == granted
    assert terminal.json("fields", "show", preset) == {"name": preset, "paths": granted}


@pytest.mark.parametrize("group", Group)
def test_a_group_is_shown_with_its_words_and_its_paths(terminal: Terminal, group: Group) -> None:
    card = GROUPS[group]
    words, _, paths = alone(terminal, "show", group.value).stdout.partition("\n\n")
    assert words.splitlines() == [f"{card.label}.", f"Example: {card.example}", f"Warning: {card.warning or '-'}"]
    of_the_group = {path for path, field in FIELDS.items() if field.group is group}
    assert {path for path in of_the_group if not FIELDS[path].victim} <= set(paths.splitlines()) <= of_the_group
    assert terminal.json("fields", "show", group.value) == {"name": group.value, "paths": paths.splitlines()}


def test_a_list_of_groups_is_shown_as_audit_lines_spell_it(terminal: Terminal) -> None:
    name = "groups@2025-12:student_names:victims-presence:numbers-kept"
    result = alone(terminal, "show", name)
    assert result.stdout.splitlines() == ["incident/offenders/offender/student/name", "incident/victims/victim"]
    assert terminal.json("fields", "show", name)["paths"] == result.stdout.splitlines()


@pytest.mark.parametrize(
    "name",
    ["pseudonymised@2", "pseudonymised", "Envelope", "none", "kept", "", "incident/date",
     "groups@2025-12:envelope,context:victims-none:numbers-kept"],
)  # fmt: skip
def test_a_name_that_is_none_is_told_where_the_names_are(terminal: Terminal, name: str) -> None:
    for more in ((), ("--json",)):
        result = alone(terminal, "show", name, *more)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "`hallpass fields list` has them all" in result.stderr
