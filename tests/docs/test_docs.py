"""What the docs list is what the code has: nothing missing, nothing left over."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer
from hallpass.domain.audit import AuditRecord, audit_schema
from hallpass.domain.cache_errors import SnapshotExpiredError
from hallpass.domain.cache_policy import BOUNDS, CachePolicy
from hallpass.domain.cache_policy_format import policy_to_json
from hallpass.domain.disclosures import SHOWN_WORDS, Verdict
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.failure import HallpassError
from hallpass.domain.people import DISCLOSED, LEVELS
from hallpass.domain.query import IncidentQuery
from hallpass.domain.row_filter import REASONS
from hallpass.domain.upstream import UpstreamError
from hallpass.domain.view import view_of
from hallpass.services.explain_lookup import Found
from hallpass.services.kept_readings import MOST_PAGES
from hallpass_cli.durations import seconds
from hallpass_cli.main import app
from typer.core import TyperCommand, TyperGroup

from tests.measured import metric_names

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    section = page.split(heading, 1)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[0].splitlines()[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def problems(base: type[HallpassError] = HallpassError) -> Iterator[type[HallpassError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from problems(kind)


def test_every_error_is_documented_as_it_is() -> None:
    # The errors of the upstream and of the cache are part of the tree.
    assert all(issubclass(kind, HallpassError) for kind in (UpstreamError, SnapshotExpiredError))
    documented = {tuple(row[:5]) for row in rows(text("docs/errors.md"), "# Errors")}
    abstract = {kind for kind in problems() if kind.__subclasses__() and "slug" not in vars(kind)}
    coded = {
        (str(kind.status), f"`{kind.slug}`", kind.title, kind.owner.value, kind.retry.value)
        for kind in problems()
        if kind not in abstract
    }
    assert documented == coded


def test_every_field_of_the_audit_line_is_documented() -> None:
    documented = [name for row in rows(text("docs/operations.md"), "## The audit line") for name in names(row[0])]
    # What every line has beside its record's fields stands in the same table.
    members = audit_schema()["properties"]
    assert isinstance(members, dict)
    assert sorted(documented) == sorted(members)
    assert members.keys() - {field.name for field in fields(AuditRecord)} == {"level", "type", "schema"}


def test_every_variable_of_the_template_is_documented() -> None:
    documented = {name for row in rows(text("docs/operations.md"), "## Settings") for name in names(row[0])}
    template = text("template.yaml")
    coded = set(re.findall(r"^ {8,12}([A-Z][A-Z_]+): ", template, re.MULTILINE))
    assert documented == coded


def test_every_metric_that_is_counted_is_documented() -> None:
    documented = {name for row in rows(text("docs/operations.md"), "## Metrics") for name in names(row[0])}
    assert documented == metric_names()


def test_every_parameter_is_documented() -> None:
    documented = {name for row in rows(text("docs/vendors.md"), "## Parameters") for name in names(row[0])}
    with pytest.raises(InvalidParametersError) as refused:
        IncidentQuery.parse("surplus=1")
    told = refused.value.errors[0]["detail"].removeprefix("unknown; the parameters are: ")
    assert documented == set(told.split(", "))


def test_the_presets_that_the_docs_name_exist() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"`([a-z-]+@[0-9]+)`", pages))
    assert len(named) == 5
    for name in named:
        assert view_of(name).paths


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_parameter_of_the_template_is_a_question_that_the_docs_answer() -> None:
    asked = ", ".join(row[0] for row in rows(text("docs/deploy.md"), "## What the first deploy asks for")).split(", ")
    parameters = text("template.yaml").split("\nParameters:\n", 1)[1].split("\nConditions:\n", 1)[0]
    named = set(re.findall(r"^  (\w+):$", parameters, re.MULTILINE))
    assert named - set(asked) == set()
    assert not {word for word in asked if re.fullmatch(r"[A-Z]\w+", word)} - named


def test_the_cache_settings_are_documented_with_their_bounds_and_what_holds_unless_said() -> None:
    documented = {names(row[0])[0]: row[2:] for row in rows(text("docs/districts.md"), "## How old an answer may be")}
    usual = policy_to_json(CachePolicy())
    assert list(documented) == list(usual)
    for name, (bounds, unless_said) in documented.items():
        if name not in BOUNDS:
            assert (bounds, names(unless_said)) == ("-", [usual[name]])
            continue
        told = tuple(seconds(name, bound) for bound in bounds.split(", "))
        assert told == tuple(bound.total_seconds() for bound in BOUNDS[name])
        assert seconds(name, unless_said) == usual[name]


def test_what_a_data_officer_is_answered_is_documented() -> None:
    asked = "## When a parent asks"
    verdicts, shown = rows(text("docs/districts.md"), asked), rows(text("docs/districts.md"), "| `disclosed` |")
    assert [names(row[0]) for row in verdicts] == [[verdict.value] for verdict in Verdict]
    assert [row[0] for row in shown] == [SHOWN_WORDS[level] for level in LEVELS if level in DISCLOSED]


def test_how_an_answer_would_be_come_by_and_why_rows_stay_out_is_documented() -> None:
    section = "## Why a vendor gets what it gets"
    found = [names(row[0])[0] for row in rows(text("docs/operations.md"), section)]
    assert found == [each.value for each in Found]
    reasons = {names(row[0])[0]: row[1] for row in rows(text("docs/operations.md"), "| `refused` |")}
    assert {reason: words.replace("`", "") for reason, words in reasons.items()} == {
        reason: words.replace("`", "") for reason, words in REASONS.items()
    }


def test_what_a_preview_is_said_to_read_is_what_it_reads() -> None:
    assert f"up to {MOST_PAGES} pages" in text("docs/operations.md")


def commands() -> list[str]:
    """Every `hallpass ...` line of the docs' shell blocks and tables, with its options."""
    found = []
    for page in PAGES:
        shell = page.read_text(encoding="utf-8").replace("\\\n", " ")
        found += re.findall(r"^\s*(?:\w+=\S+ )?(?:\.venv/bin/)?hallpass ((?:[a-z]|--).*)$", shell, re.MULTILINE)
        found += [line for line in re.findall(r"`hallpass ([a-z][^`]*)`", shell) if "--help" not in line]
    return [
        command
        for command in found
        if command.split()[0]
        in {
            "audit",
            "cache",
            "disclosures",
            "district",
            "doctor",
            "explain",
            "fields",
            "integration",
            "person",
            "preview",
            "token",
            "translate",
        }
    ]


def test_the_commands_of_the_docs_are_commands() -> None:
    assert len(commands()) > 8
    root = typer.main.get_command(app)
    for command in commands():
        given = shlex.split(re.sub(r"[<>]| id\b", "", command))
        found: object = root
        while isinstance(found, TyperGroup):
            found = found.commands[given.pop(0)]
        assert isinstance(found, TyperCommand)
        options = [option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)]
        wanted = [word for word in given if word.startswith("--")]
        assert set(wanted) <= set(options), command
        arguments = sum(parameter.param_type_name == "argument" for parameter in found.params)
        bare = [word for place, word in enumerate(given) if not word.startswith("--") and not _is_value(given, place)]
        assert len(bare) <= arguments, command


def _is_value(words: list[str], place: int) -> bool:
    return place > 0 and words[place - 1].startswith("--")
