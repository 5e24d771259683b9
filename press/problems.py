"""The page of errors: docs/errors.md without what the admin API alone answers, with the request that provokes each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from press.provocations import PROVOCATIONS

_ROW = re.compile(r"^\| (\d{3}) \| `([a-z-]+)` \| (.+?) \| (\w+) \| (\w+) \| (.+) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """A row of docs/errors.md."""

    status: str
    slug: str
    means: str
    owner: str
    retry: str
    do: str


def problems(text: str) -> list[Problem]:
    return [Problem(*row) for row in _ROW.findall(text) if row[1] in PROVOCATIONS]


def errors_page(text: str) -> str:
    """Markdown. The words before the table and behind it stay."""
    before, _, rest = text.partition("\n| status |")
    after = rest.rpartition("|\n")[2]
    found = sorted(problems(text), key=lambda problem: (problem.status, problem.slug))
    summary = "".join(
        f"| {each.status} | [`{each.slug}`](#{each.slug}) | {each.owner} | {each.retry} |\n" for each in found
    )
    head = "\n| status | type | mended by | retry |\n| --- | --- | --- | --- |\n"
    sections = "".join(_section(each) for each in found)
    return f"{before}{head}{summary}{after}\n{sections}"


def _section(problem: Problem) -> str:
    retry = {"no": "no", "now": "at once", "after": "after `Retry-After` seconds"}[problem.retry]
    return (
        f"## {problem.slug}\n\n**{problem.status}: {problem.means}.** Mended by: {problem.owner}. "
        f"Retry: {retry}. Do: {problem.do}.\n\n```sh\n{PROVOCATIONS[problem.slug].curl()}\n```\n\n"
    )
