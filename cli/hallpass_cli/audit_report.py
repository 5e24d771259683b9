"""`hallpass audit report`: what each vendor received in a period, added up.

Rule: the sums are of the whole period, however many calls it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer
from hallpass.domain.access import INTEGRATION_ID_LENGTH
from hallpass.domain.scope import DateRange
from rich.console import Console

from hallpass_cli import sheets, spans
from hallpass_cli.api import AdminApi, Document, connect
from hallpass_cli.districts import path_part
from hallpass_cli.output import AsJson, show_json, show_rows
from hallpass_cli.private_file import check_place
from hallpass_cli.purges import DistrictId
from hallpass_cli.sheets import AsCsv, Force
from hallpass_cli.spans import First, Last

EXAMPLE = "Example: hallpass audit report D1st --from 2026-08-01 --to 2027-06-30 --csv year.csv"
_COUNTS = ("requests", "answers", "incidents", "persons_by_answer", "bytes", "not_modified")
_LISTS = ("days", "fields", "elements", "agreements")


def report(
    district: DistrictId,
    first: First,
    last: Last,
    integration: Annotated[str | None, typer.Option(help="Of this one only, by its id.")] = None,
    csv: AsCsv = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Add up what each vendor of a district received: answers, incidents, persons, days, fields, refusals."""
    path, whole = f"/districts/{path_part(district)}/disclosures/report", spans.span(first, last)
    asked = {} if integration is None else {"integration": path_part(integration, INTEGRATION_ID_LENGTH)}
    if csv is not None:
        check_place(csv, force=force)
    with Console(stderr=True).status("Reading"):
        told = added(_answers(connect(), path, whole, asked))
    told |= spans.asked(whole)
    if csv is not None:
        sheets.write(csv, sheets.report_lines(told), force=force)
    if as_json:
        show_json(told)
    elif csv is None:
        _show(told)


def _answers(api: AdminApi, path: str, whole: DateRange, body: Document) -> Iterator[Document]:
    for part in spans.parts(whole):
        yield from spans.answers(api, path, {**body, **spans.asked(part)})


def added(answers: Iterator[Document]) -> Document:
    """One answer of many, complete as far as the first says."""
    told = next(answers)
    by_id = {one["integration"]: one for one in told["integrations"]}
    for answer in answers:
        for one in answer["integrations"]:
            _add(by_id.setdefault(one["integration"], {**one, **_NOTHING}), one)
        _add(told["unknown_integrations"], answer["unknown_integrations"])
    known = {"integrations": list(by_id.values()), "unknown_integrations": told["unknown_integrations"]}
    return known | {"complete_until": told["complete_until"]}


_NOTHING: Document = {**dict.fromkeys(_COUNTS, 0), **{name: [] for name in _LISTS}, "denials": {}, "failures": {}}


def _add(sums: Document, one: Document) -> None:
    for name in _COUNTS:
        sums[name] += one[name]
    for name in _LISTS:
        sums[name] = list(dict.fromkeys([*sums[name], *one[name]]))
    for name in ("denials", "failures"):
        sums[name] = dict(sorted((Counter(sums[name]) + Counter(one[name])).items()))


def _show(told: Document) -> None:
    columns = ("id", "vendor", "answers", "incidents", "persons", "days", "304", "bytes", "refusals", "failures")
    listed = [
        {
            **one,
            "id": one["integration"],
            "persons": one["persons_by_answer"],
            "days": len(one["days"]),
            "304": one["not_modified"],
            "refusals": sheets.counted(one["denials"]) or "none",
            "failures": sheets.counted(one["failures"]) or "none",
        }
        for one in sheets.report_rows(told)
    ]
    show_rows(columns, listed, "It has no integration.")
    typer.echo("A person in two answers is counted twice.", err=True)
    for note in sheets.report_notes(told):
        typer.echo(note, err=True)
