"""A page is read as it was meant: nothing is glued to a heading, no table is torn apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.test_docs import PAGES, ROOT

_HEAD = re.compile(r"\|(?: ?:?-+:? ?\|)+")


def faults(page: str) -> Iterator[str]:
    """Lines that a reader of Markdown would take for something else. What is fenced is code."""
    lines = ["", *re.sub(r"^ *```.*?^ *```$", "", page, flags=re.MULTILINE | re.DOTALL).splitlines(), ""]
    for before, line in pairwise(lines):
        if line.startswith("#") and before:
            yield f"no empty line before: {line}"
    for (before, line), after in zip(pairwise(lines), lines[2:], strict=False):
        if _row(line) and not _row(before) and not _HEAD.fullmatch(after.strip()):
            yield f"a row without its table: {line}"


def _row(line: str) -> bool:
    return line.lstrip().startswith("|")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_headings_and_tables_stand_by_themselves(page: Path) -> None:
    assert list(faults(page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        pytest.param("# One\n\n## Two\n", [], id="headings"),
        pytest.param("Text.\n## Two\n", ["no empty line before: ## Two"], id="a heading that is glued to a text"),
        pytest.param("```sh\nx\n# y\n```\n", [], id="a comment in code"),
        pytest.param("| a | b |\n| --- | --- |\n| 1 | 2 |\n", [], id="a table"),
        pytest.param("Text.\n| 1 | 2 |\n", ["a row without its table: | 1 | 2 |"], id="a row behind a text"),
    ],
)
def test_what_is_torn_is_found(page: str, found: list[str]) -> None:
    assert list(faults(page)) == found
