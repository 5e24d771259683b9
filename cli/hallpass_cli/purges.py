"""`hallpass cache purge`: what takes longer than a request is asked for again.

Rule: it asks before it erases, and calls done only what the API calls proven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.failures import CommandError, UsageError
from hallpass_cli.output import AsJson, Yes, confirm, show_json, show_one

app = typer.Typer(help="The cached pages of a district.", no_args_is_help=True)
MOST_IDLE_CALLS = 5

DistrictId = Annotated[str, typer.Argument(help="The district's id.")]
Hard = Annotated[
    bool | None, typer.Option("--hard/--soft", help="Erase for good, or have everything read anew but keep it.")
]
Type = Annotated[str | None, typer.Option("--type", help="Of one listing: referral, minor or pending.")]
Deleted = Annotated[bool, typer.Option("--deleted", help="Of one listing: that with deleted incidents.")]
First = Annotated[str | None, typer.Option("--from", help="Of one listing: its first day, YYYY-MM-DD.")]
Last = Annotated[str | None, typer.Option("--to", help="Of one listing: its last day, YYYY-MM-DD.")]
Snapshot = Annotated[str | None, typer.Option(help="One snapshot, by its id.")]


class StalledError(CommandError):
    """It went on, and nothing more was erased."""


@app.command()
def purge(  # noqa: PLR0913, PLR0917 - a parameter is an option of the command line
    district: DistrictId,
    hard: Hard = None,
    kind: Type = None,
    deleted: Deleted = False,
    first: First = None,
    last: Last = None,
    snapshot: Snapshot = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Purge a district's pages: all of them, or of one listing as the upstream was asked for it, or of a snapshot."""
    if hard is None:
        raise UsageError("Say how: --soft has everything read anew, --hard erases it.")
    path, body = f"/districts/{path_part(district)}/purge", {"mode": "hard" if hard else "soft"}
    said: dict[str, Any] = {"listing": listing(kind, first, last, deleted=deleted), "snapshot": snapshot}
    body |= {name: value for name, value in said.items() if value}
    what = "the pages that you named" if len(body) > 1 else f"every page of {district}"
    confirm(f"Erase {what} for good?" if hard else f"Have {what} read anew?", yes=yes)
    api = connect()
    answer = until_finished(lambda: api.post(path, body))
    if as_json:
        show_json(answer)
    elif hard:
        show_erased(answer)
    else:
        typer.echo(f"{answer['stale']['listings']} listings are read anew when they are asked for next.")


def listing(kind: str | None, first: str | None, last: str | None, *, deleted: bool) -> dict[str, Any]:
    """What was said of it; nothing: it is not one listing that is meant."""
    said = {"type": kind, "from": first, "to": last, "deleted": deleted or None}
    return {name: value for name, value in said.items() if value is not None}


def until_finished(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Calls again until it has finished; the last answer, with what all of them erased. Raises StalledError."""
    sums: dict[str, int] = {}
    integrations, idle = 0, 0
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("Working", total=None)
        while idle < MOST_IDLE_CALLS:
            answer = call()
            done = answer.get("erased", {})
            idle = 0 if _grew(done) else idle + 1
            sums = {name: sums.get(name, 0) * (name != "watched") + count for name, count in done.items()}
            integrations += answer.get("integrations_ended", 0)
            if answer["finished"]:
                totals = {"erased": sums} if sums else {}
                return answer | totals | ({"integrations_ended": integrations} if "district" in answer else {})
            progress.update(task, description=f"Erased {sums.get('artefacts', 0)} artefacts")
    raise StalledError("Nothing more was erased in several calls: see the operator's page, and try again later.")


def _grew(done: dict[str, int]) -> bool:
    return any(count for name, count in done.items() if name != "watched")


def show_erased(answer: Mapping[str, Any]) -> None:
    show_one([(name, count) for name, count in answer["erased"].items() if name != "watched"])
    typer.echo("Proven: everything that was deleted was looked for again, and is gone.")
    if answer["again_after"]:
        typer.echo(
            f"A reader that had begun before may still write. Say it again after {answer['again_after']} to be sure."
        )
