"""`hallpass preview`: what a vendor with a scope would see, before it is granted.

Rule: a number stands beside what it is short of. A real incident is shown only when that is said, and that is recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from hallpass.domain.access import INTEGRATION_ID_LENGTH

from hallpass_cli import scopes
from hallpass_cli.api import Document, connect
from hallpass_cli.districts import path_part
from hallpass_cli.failures import UsageError
from hallpass_cli.output import AsJson, plain, show_json, show_one, show_rows
from hallpass_cli.purges import DistrictId
from hallpass_cli.whole_input import read_whole

EXAMPLES = (
    "Examples: hallpass preview D1st --fields identified@1 --type minor --all-schools --days 90 --against D1stVnd1 · "
    "hallpass preview D1st --scope scope.json --example synthetic"
)
MOST_SCOPE = 1 << 20


class ExampleKind(StrEnum):
    SYNTHETIC = "synthetic"
    REAL = "real"


ScopeFile = Annotated[
    Path | None,
    typer.Option("--scope", metavar="FILE", help="A scope as JSON, as `integration show --json` has it; - is a pipe."),
]
Types = Annotated[list[str] | None, typer.Option("--type", help="referral, minor, pending; repeat it.")]
Against = Annotated[
    str | None, typer.Option("--against", metavar="INTEGRATION", help="Tell what changes for that integration.")
]
Example = Annotated[
    ExampleKind | None,
    typer.Option("--example", help="Show one incident before and after: an invented one or, on record, a real one."),
]


def preview(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: DistrictId,
    scope: ScopeFile = None,
    types: Types = None,
    fields: scopes.Fields = None,
    groups: scopes.Groups = None,
    victims: scopes.Victims = "none",
    numbers: scopes.Numbers = None,
    schools: scopes.Schools = None,
    all_schools: scopes.AllSchools = False,
    days: scopes.Days = None,
    first: scopes.First = None,
    last: scopes.Last = None,
    unbounded: scopes.Unbounded = False,
    deleted: scopes.Deleted = False,
    against: Against = None,
    example: Example = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a scope would show of what is cached: incidents, schools and fields, and what it changes.

    Nothing is granted, and EducatorsHandbook.com is not asked.
    """
    rows = scopes.RowOptions(types or [], schools, all_schools, days, first, last, unbounded, deleted)
    said = scopes.FieldOptions(fields, groups, victims, numbers)
    body: dict[str, Any] = {"scope": _scope(scope, rows, said)}
    if against is not None:
        body["compare_with"] = path_part(against, INTEGRATION_ID_LENGTH)
    if example is not None:
        body["example"] = example.value
    told = connect().post(f"/districts/{path_part(district)}/preview", body)
    if as_json:
        show_json(told)
    else:
        _show(told, shows_example=example is not None)


def _scope(file: Path | None, rows: scopes.RowOptions, fields: scopes.FieldOptions) -> Any:
    """Raises UsageError."""
    if file is None:
        if not rows.types:
            raise UsageError("Say which scope: --scope with a file, or --type and the other options.")
        return {"rows": rows.json(), "fields": fields.json()}
    if rows != scopes.RowOptions([], None, False, None, None, None, False, False) or fields != scopes.NOTHING_SAID:
        raise UsageError("Say the scope by --scope with a file or by options, not by both.")
    try:
        return json.loads(read_whole(file, MOST_SCOPE))
    except ValueError as error:
        raise UsageError(f"{file} is no JSON.") from error


def _show(told: Document, *, shows_example: bool) -> None:
    show_one(_pairs(told))
    typer.echo()
    lines = [
        {
            "what": line["label"],
            "shown": ", ".join(line["shown"]) or "-",
            "withheld": ", ".join(line["withheld"]) or "-",
        }
        for line in told["fields"]
    ]
    show_rows(("what", "shown", "withheld"), lines, "")
    if told["current"] is not None:
        typer.echo(f"\nAgainst {told['current']['integration']}:")
        for sentence in told["sentences"] or ["Nothing is cached that both could be counted over."]:
            typer.echo(plain(f"  {sentence}").plain)
    for sentence in [*told["not_counted"], *([told["how_to_cache"]] if told["how_to_cache"] else [])]:
        typer.echo(plain(f"\n{sentence}".lstrip("\n")).plain)
    if shows_example:
        _show_example(told["example"])


def _pairs(told: Document) -> Iterator[tuple[str, object]]:
    side, reach = told["proposed"], told["reach"]
    counts = side["counts"]
    if counts is None:
        yield "incidents", "nothing is cached that could be counted"
    else:
        yield from _counted(counts)
    yield "fields", f"{side['fields']['shown']} of {side['fields']['documented']}"
    yield "earliest day that the scope reaches", reach["earliest"] or "no bound"
    yield "", reach["words"]
    for over in side["counted_over"]:
        named = over["query"] or "the list without parameters"
        yield "counted over", f"{named}, {over['pages_counted']} of {over['pages']} pages, read at {over['read_at']}"


def _counted(counts: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    incidents, schools, students = counts["incidents"], counts["schools"], counts["students"]
    yield "incidents", f"{incidents['in']:,} of {incidents['all']:,}"
    for out in incidents["out_by_reason"]:
        yield "", f"{out['incidents']:,} are out: {out['words']}"
    yield "schools", f"{schools['in']:,} of {schools['all']:,}"
    numbered, without = students["numbered"], students["entries_without_a_number"]
    yield "students in these incidents", f"{numbered:,}, and {without:,} entries without a number"
    yield "period counted", _days(counts["period"])
    yield "period of the incidents in", _days(counts["period_in"])


def _days(period: Mapping[str, Any]) -> str:
    dated = f"{period['first']} to {period['last']}" if period["first"] else "no day"
    return f"{dated}, {period['undated']:,} without a day" if period["undated"] else dated


def _show_example(example: Document | None) -> None:
    if example is None:
        typer.echo("\nThere is no incident in what was counted that the scope shows.")
        return
    titles = {
        "upstream": "As EducatorsHandbook.com sends it",
        "current": "As it is shown now",
        "proposed": "As it would be",
    }
    typer.echo(f"\nAn example ({example['kind']}).")
    for name, title in titles.items():
        if example[name] is not None:
            # Escaped, so that no character of a record reaches the terminal as anything but itself.
            typer.echo(f"\n{title}:\n{json.dumps(example[name], indent=2)}")
