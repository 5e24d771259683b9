"""What is told of the ledger as CSV for people: plain titles, and what has to be said beside it as last lines.

Rule: every line has as many cells as the titles; no number of a person, and no id but those that one asks about again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from hallpass.domain.audit import FIELD_NAMES
from hallpass.domain.csv_cells import csv_of
from hallpass.domain.disclosures import SHOWN_WORDS
from hallpass.domain.field_words import field_words
from hallpass.domain.people import Shown

from hallpass_cli.api import Document
from hallpass_cli.local_times import local
from hallpass_cli.person_answer import notes, party_of, receiver
from hallpass_cli.private_file import write_private

AsCsv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write it as CSV into a file that you alone can read.")
]
_SPREADSHEETS_TAKE_AS_UTF_8 = "\ufeff"
Force = Annotated[bool, typer.Option("--force", help="Replace the file of --csv.")]


def write(file: Path, lines: Iterable[Sequence[str]], *, force: bool) -> None:
    """Raises UsageError, CommandError."""
    write_private(file, _SPREADSHEETS_TAKE_AS_UTF_8 + csv_of(lines).decode(), force=force)
    typer.echo(f"Written: {file}", err=True)


def person_lines(answer: Document) -> Iterator[Sequence[str]]:
    zone = answer["time_zone"]
    yield from _noted(
        [
            f"When ({zone})", "Who received it", "Contact", "Why", "Under which agreement", "How the person was shown",
            "What was shared", "Format", "Incidents in this answer, of this person and of others",
            "From Hallpass's own copy", "Reference",
        ],
        _answers(answer, zone),
        notes(answer),
    )  # fmt: skip


def _answers(answer: Document, zone: str) -> Iterator[list[str]]:
    parties = {party_of(one): one for one in answer["recipients"]}
    for one in sorted(answer["disclosures"], key=lambda each: (each["time"], each["request_id"])):
        party = parties[party_of(one)]
        yield [
            local(one["time"], zone),
            receiver(party),
            *_texts(party, "contact", "purpose"),
            one["agreement"] or "",
            SHOWN_WORDS[Shown(one["shown"])],
            "; ".join(field_words(one["fields"])) if one["fields"] else "",
            one["format"] or "",
            str(one["incidents"]),
            "yes, an older one" if one["stale"] else "yes" if one["cached"] else "no",
            one["request_id"],
        ]


def agreement_lines(register: Document) -> Iterator[Sequence[str]]:
    zone = register["time_zone"]
    yield from _noted(
        [
            "Vendor", "Contact", "Why", "Agreement", "Its last day", "Status", f"Since ({zone})", "What is shared",
            "Of which incidents", "What was sent, and on which days (UTC)", "Integration",
        ],
        (_agreement(one, zone) for one in register["agreements"]),
        [agreement_note(register)],
    )  # fmt: skip


def agreement_note(register: Document) -> str:
    until, zone = register["complete_until"], register["time_zone"]
    return f"What was sent is complete until {local(until, zone)}." if until else "Nothing is indexed yet."


def _agreement(one: Document, zone: str) -> list[str]:
    return [
        *_texts(one, "vendor", "contact", "purpose"),
        *_texts(one["agreement"], "id", "ends_on"),
        one["status"],
        local(one["since"], zone),
        "; ".join(one["elements"]),
        "; ".join(one["incidents"]),
        " | ".join(map(_received, one["received"])) or "nothing",
        one["integration"],
    ]


def _received(one: Document) -> str:
    return f"{one['first_day']} to {one['last_day']}: {'; '.join(one['elements'])}"


def report_lines(report: Document) -> Iterator[Sequence[str]]:
    """`report`: as `hallpass audit report --json` prints it."""
    yield from _noted(
        [
            "Vendor", "Integration", "Contact", "Why", "Agreements", "Answers with incidents", "Incidents sent",
            "Persons, counted anew in each answer", "Days (UTC) with such an answer", "What was shared",
            "Answers that nothing had changed", "Requests that Hallpass refused",
            "Requests that failed at Hallpass or the upstream", "Bytes of the answers with incidents", "All requests",
        ],
        map(_sums, report_rows(report)),
        report_notes(report),
    )  # fmt: skip


def report_rows(report: Document) -> list[Document]:
    """One of each integration, and one of requests that named an integration that there is not."""
    unknown = report["unknown_integrations"]
    nobody = {"vendor": "(no such integration)", "integration": None, "contact": None, "purpose": None}
    return [*report["integrations"], *([nobody | unknown] if unknown["requests"] else [])]


def report_notes(report: Document) -> Iterator[str]:
    yield f"Days of UTC from {report['from']} to {report['to']}{so_far(report)}."


def so_far(told: Mapping[str, Any]) -> str:
    """What is said of days that are not over, or only just."""
    until = told["complete_until"]
    return f"; of what began after {until} some may be missing" if until[: len(told["to"])] <= told["to"] else ""


def counted(problems: Mapping[str, int]) -> str:
    return "; ".join(f"{problem}: {count}" for problem, count in problems.items())


def _sums(one: Document) -> list[str]:
    return [
        *_texts(one, "vendor", "integration", "contact", "purpose"),
        "; ".join(one["agreements"]),
        *(str(one[name]) for name in ("answers", "incidents", "persons_by_answer")),
        str(len(one["days"])),
        "; ".join(one["elements"]),
        str(one["not_modified"]),
        counted(one["denials"]),
        counted(one["failures"]),
        *(str(one[name]) for name in ("bytes", "requests")),
    ]


def row_lines(rows: Iterable[Document], ending: str) -> Iterator[Sequence[str]]:
    """The ledger's rows as they are, under the names of their fields."""
    yield from _noted(FIELD_NAMES, ([str(row.get(name, "")) for name in FIELD_NAMES] for row in rows), [ending])


def _noted(titles: Sequence[str], lines: Iterable[Sequence[str]], said: Iterable[str]) -> Iterator[Sequence[str]]:
    yield titles
    yield from lines
    for note in said:
        yield [note, *[""] * (len(titles) - 1)]


def _texts(told: Mapping[str, Any], *names: str) -> list[str]:
    return [told[name] or "" for name in names]
