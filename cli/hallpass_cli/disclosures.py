"""`hallpass disclosures`: who received anything about one person, and under which agreements anything is shared.

Rule: no number of a person is an argument or an option's value, and none is printed or written.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from hallpass.domain.disclosures import Verdict
from rich.console import Console

from hallpass_cli import person_answer, sheets, spans
from hallpass_cli.api import Document, connect
from hallpass_cli.districts import path_part
from hallpass_cli.failures import UsageError
from hallpass_cli.local_times import local
from hallpass_cli.output import AsJson, show_json, show_one
from hallpass_cli.person_number import number
from hallpass_cli.private_file import check_place
from hallpass_cli.purges import DistrictId
from hallpass_cli.sheets import AsCsv, Force

app = typer.Typer(help="Who received what: about one person, and under which agreement.", no_args_is_help=True)


class Kind(StrEnum):
    STUDENT = "student"
    STAFF = "staff"


WHOSE = {Kind.STUDENT: "student", Kind.STAFF: "employee"}


@app.command(
    epilog="Examples: hallpass disclosures person D1st --csv answer.csv · "
    "hallpass disclosures person D1st --kind staff --number-file number.txt"
)
def person(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: DistrictId,
    kind: Annotated[Kind, typer.Option(help="Whose number it is.")] = Kind.STUDENT,
    number_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the number from a file, or with - from a pipe.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="Only from this day on, of the district's time zone.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Only up to this day, included.")] = None,
    csv: AsCsv = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Tell who received anything about a student or an employee, when, how often, and what.

    It asks for the number, as EducatorsHandbook.com writes it. Of --from and --to also those answers are told that
    were sent on the same day of UTC.
    """
    path, period = f"/districts/{path_part(district)}/disclosures", _period(first, last)
    if csv is not None:
        check_place(csv, force=force)
    api = connect()
    body = {**period, "kind": kind.value, "number": number(WHOSE[kind], number_file)}
    with Console(stderr=True).status("Reading"):
        answer = person_answer.whole(spans.answers(api, path, body)) | period
    if csv is not None:
        sheets.write(csv, sheets.person_lines(answer), force=force)
    if as_json:
        show_json(answer)
    elif csv is None:
        _show(answer)


def _period(first: str | None, last: str | None) -> dict[str, str]:
    """Raises UsageError."""
    if (first is None) != (last is None):
        raise UsageError("Say --from and --to together, or neither: then all that there is is told.")
    return {} if first is None else spans.asked(spans.span(first, last))


def _show(answer: Document) -> None:
    zone = answer["time_zone"]
    for one in answer["recipients"]:
        show_one(_recipient(one, zone))
        typer.echo()
    for note in person_answer.notes(answer):
        typer.echo(note)
    if answer["verdict"] == Verdict.NEVER_SEEN:
        typer.echo(person_answer.ADVICE)
    if answer["disclosures"]:
        typer.echo(f"Answers in all: {len(answer['disclosures'])}. --csv FILE lists each.")


def _recipient(one: Document, zone: str) -> list[tuple[str, object]]:
    return [
        ("who received it", person_answer.receiver(one)),
        ("contact", one["contact"]),
        ("why", one["purpose"]),
        ("agreements", ", ".join(one["agreements"])),
        ("in how many answers", one["answers"]),
        ("first", local(one["first"], zone)),
        ("last", local(one["last"], zone)),
        ("how shown", person_answer.shown_words(one["shown"])),
        ("what was shared", "; ".join(one["elements"])),
        ("fields", " ".join(one["fields"])),
        ("formats", ", ".join(one["formats"])),
        ("integration", one["integration"]),
    ]


@app.command(epilog="Example: hallpass disclosures agreements D1st --csv register.csv")
def agreements(district: DistrictId, csv: AsCsv = None, force: Force = False, as_json: AsJson = False) -> None:
    """List a district's agreements: who receives what, why, until when, and what it was sent."""
    if csv is not None:
        check_place(csv, force=force)
    register = connect().all(f"/districts/{path_part(district)}/agreements", "agreements")
    if csv is not None:
        sheets.write(csv, sheets.agreement_lines(register), force=force)
    if as_json:
        show_json(register)
    elif csv is None:
        titles, *listed, _ = sheets.agreement_lines(register)
        for cells in listed:
            show_one(zip(titles, cells, strict=True))
            typer.echo()
        typer.echo(sheets.agreement_note(register) if listed else "There is no agreement.")
