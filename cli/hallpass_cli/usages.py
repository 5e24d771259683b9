"""`hallpass usage`: how vendors used a district, day by day of UTC.

Rule: a long span is asked for in parts, each read to its end; what it tells is added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from hallpass.domain.scope import DateRange

from hallpass_cli import spans
from hallpass_cli.api import AdminApi, Document, connect
from hallpass_cli.districts import path_part
from hallpass_cli.integrations import DistrictId, IntegrationId, integration_path
from hallpass_cli.output import AsJson, show_json, show_one, show_rows

app = typer.Typer(help="How vendors used a district, day by day.", no_args_is_help=True)
First = Annotated[str | None, typer.Option("--from", metavar="DAY", help="The first day, of UTC.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day; unless said, today.")]


@app.command("integration")
def of_integration(
    integration: IntegrationId,
    first: First = None,
    last: Last = None,
    as_json: AsJson = False,
) -> None:
    """Show how an integration was used, day by day."""
    _show(f"{integration_path(integration)}/usage", spans.span(first, last), as_json)


@app.command("district")
def of_district(district: DistrictId, first: First = None, last: Last = None, as_json: AsJson = False) -> None:
    """Show how all vendors of a district used it, day by day."""
    _show(f"/districts/{path_part(district)}/usage", spans.span(first, last), as_json)


def _show(path: str, whole: DateRange, as_json: bool) -> None:
    api, days = connect(), dict[str, Document]()
    for answer in _answers(api, path, whole):
        # A day that was cut goes on in the next answer.
        days |= {one["day"]: _added(days.get(one["day"]), one) for one in answer["days"]}
    if as_json:
        show_json({**answer, "days": list(days.values())})
        return
    columns = ("day", "requests", "answers", "cached", "unchanged", "incidents", "bytes", "refused", "failed")
    rows = [
        {**one, "refused": sum(one["denials"].values()), "failed": sum(one["failures"].values())}
        for one in days.values()
    ]
    show_rows(columns, rows, "No request in these days.")
    last_used = [("last used", answer["last_used"])] if "last_used" in answer else []
    show_one([*last_used, ("complete until", answer["complete_until"])])


def _answers(api: AdminApi, path: str, whole: DateRange) -> Iterator[Document]:
    """Of all its days, in the parts that one call takes, each to its end."""
    for part in spans.parts(whole):
        asked = f"{path}?from={part.first}&to={part.last}"
        answer = api.get(asked)
        yield answer
        while answer["next"]:
            answer = api.get(f"{asked}&next={answer['next']}")
            yield answer


def _added(one: Document | None, other: Document) -> Document:
    if one is None:
        return other
    return {name: _sum(one[name], value) for name, value in other.items()}


def _sum(one: object, other: object) -> object:
    match one, other:
        case int(), int():
            return one + other
        case dict(), dict():
            return {name: one.get(name, 0) + other.get(name, 0) for name in one | other}
        case _:
            return other
