"""`hallpass audit search`: the ledger's rows of a district that hold what is asked for.

Rule: it stops at --limit and nowhere else, and says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from hallpass.domain.access import INTEGRATION_ID_LENGTH, PERSON_ID_LENGTH, TOKEN_ID_LENGTH
from hallpass.domain.row_query import MOST_ROWS
from hallpass.domain.scope import DateRange
from rich.console import Console

from hallpass_cli import row_words, sheets, spans
from hallpass_cli.api import AdminApi, Document, connect
from hallpass_cli.audit_lines import HEAD, text
from hallpass_cli.districts import path_part
from hallpass_cli.output import AsJson, show_json
from hallpass_cli.private_file import check_place
from hallpass_cli.sheets import AsCsv, Force

WIDTHS = {"integration": INTEGRATION_ID_LENGTH, "token": TOKEN_ID_LENGTH, "actor": PERSON_ID_LENGTH}
EXAMPLE = "Example: hallpass audit search D1st --from 2026-11-01 --to 2026-11-30 --problem token-revoked"


def search(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: Annotated[
        str, typer.Argument(help="The district's id; `none`, for operators: requests that named no district.")
    ],
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day (UTC); a week before --to unless said.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="The last day, included; today unless said.")
    ] = None,
    integration: Annotated[str | None, typer.Option(help="Of this integration, by its id.")] = None,
    token: Annotated[str | None, typer.Option(help="Of this token, by its public id.")] = None,
    actor: Annotated[str | None, typer.Option(help="Of this person who administers, by the id.")] = None,
    action: Annotated[str | None, typer.Option(help="Of this action, such as incidents.read.")] = None,
    problem: Annotated[str | None, typer.Option(help="Refused so, such as token-revoked.")] = None,
    status: Annotated[str | None, typer.Option(help="Answered so: 403, or 4xx.")] = None,
    disclosure: Annotated[str | None, typer.Option(help="records, no-records; synthetic: a test token.")] = None,
    request_id: Annotated[str | None, typer.Option(help="This request, by its `X-Request-Id`.")] = None,
    trace: Annotated[str | None, typer.Option(help="Of this trace, by its 32 digits.")] = None,
    oldest_first: Annotated[bool, typer.Option("--oldest-first", help="In the order in which they came.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Stop after so many rows.")] = 100,
    csv: AsCsv = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Search a district's record: who asked for what, how it was answered, who changed what. Newest first."""
    conditions = {
        "integration": integration, "token": token, "actor": actor, "action": action, "problem": problem,
        "status": status, "disclosure": disclosure, "request_id": request_id, "trace": trace,
    }  # fmt: skip
    row_words.check(district, conditions)
    body: dict[str, Any] = {name: value for name, value in conditions.items() if value is not None}
    for name in body.keys() & WIDTHS.keys():
        path_part(body[name], WIDTHS[name])
    body |= {"order": "oldest" if oldest_first else "newest", "limit": MOST_ROWS}
    whole = spans.span(first, last)
    if csv is not None:
        check_place(csv, force=force)
    found = _found(connect(), f"/districts/{path_part(district)}/audit/search", whole, body, limit)
    if csv is not None:
        sheets.write(csv, sheets.row_lines(found["rows"], _ending(found)), force=force)
    if as_json:
        show_json(found)
    elif csv is None:
        _show(found)


def _found(api: AdminApi, path: str, whole: DateRange, body: Document, limit: int) -> Document:
    """The rows, and whether they are all. Of one row more than the limit it is known that there is one."""
    read = _Reading()
    with Console(stderr=True).status("Reading") as status:
        rows = []
        for row in itertools.islice(read.rows(api, path, whole, body), limit + 1):
            rows.append(row)
            status.update(f"Read {read.count} rows, found {len(rows)}")
    more = len(rows) > limit
    return {**spans.asked(whole), "rows": rows[:limit], "more": more, "complete_until": read.complete_until}


@dataclass(slots=True)
class _Reading:
    """Goes through a district's rows. `count`: how many were looked at; `complete_until`: as the first answer said."""

    count: int = 0
    complete_until: str | None = None

    def rows(self, api: AdminApi, path: str, whole: DateRange, body: Document) -> Iterator[Document]:
        for part in spans.parts(whole, newest=body["order"] == "newest"):
            for answer in spans.answers(api, path, {**body, **spans.asked(part)}):
                self.count += answer["read"]
                self.complete_until = self.complete_until or answer["complete_until"]
                yield from answer["rows"]


def _show(found: Document) -> None:
    if found["rows"]:
        typer.echo(HEAD)
    for row in found["rows"]:
        typer.echo(text(row))
    typer.echo(_ending(found), err=True)


def _ending(found: Document) -> str:
    days, rows = f"from {found['from']} to {found['to']}", len(found["rows"])
    if found["more"]:
        return f"Stopped at --limit {rows}: there are more {days}."
    return f"Rows: {rows}, all there are {days}{sheets.so_far(found)}."
