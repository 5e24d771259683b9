"""What the docs list is what the code has: nothing missing, nothing left over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hallpass.domain.audit import AuditRecord
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.failure import HallpassError
from hallpass.domain.query import IncidentQuery
from hallpass.domain.upstream import UpstreamError
from hallpass.domain.view import preset_view

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
    assert issubclass(UpstreamError, HallpassError)  # the upstream's errors are part of the tree
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
    assert sorted(documented) == sorted(field.name for field in fields(AuditRecord))


def test_every_variable_of_the_template_is_documented() -> None:
    documented = {name for row in rows(text("docs/operations.md"), "## Settings") for name in names(row[0])}
    template = text("template.yaml")
    coded = set(re.findall(r"^ {8,12}([A-Z][A-Z_]+): ", template, re.MULTILINE))
    assert documented == coded


def test_every_metric_that_is_counted_is_documented() -> None:
    documented = {name for row in rows(text("docs/operations.md"), "## Metrics") for name in names(row[0])}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "layers/hallpass/hallpass").rglob("*.py")]
    counted = {name for source in sources for name in re.findall(r'\.count\("([A-Z]\w+)"', source)}
    assert documented == counted


def test_every_parameter_is_documented() -> None:
    documented = {name for row in rows(text("docs/vendors.md"), "## Parameters") for name in names(row[0])}
    with pytest.raises(InvalidParametersError) as refused:
        IncidentQuery.parse("surplus=1")
    told = refused.value.errors[0]["detail"].removeprefix("unknown; the parameters are: ")
    assert documented == set(told.split(", "))


def test_the_presets_that_the_docs_name_exist() -> None:
    for name in set(re.findall(r"`([a-z-]+@[0-9]+)`", text("docs/districts.md"))):
        assert preset_view(name).paths


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
