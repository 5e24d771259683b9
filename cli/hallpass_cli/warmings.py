"""`hallpass cache warm`: has a district's lists read now, in the background, and follows how far that is.

Rule: done is what the cache's statistics show: something newer than the request, and nobody reading any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hallpass_cli.api import connect
from hallpass_cli.districts import path_part
from hallpass_cli.failures import CommandError
from hallpass_cli.output import AsJson, show_json
from hallpass_cli.purges import Deleted, DistrictId, First, Last, Type, listing

EVERY_SECONDS = 2
MOST_LOOKS = 300
QUIET_LOOKS = 15
"""Longer than a start and a slow answer of the upstream together: then there is nothing to read."""

Wait = Annotated[bool, typer.Option("--wait", help="Until it is done, for ten minutes at most.")]
Statistics = dict[str, Any]


class StillReadingError(CommandError):
    """It goes on without us."""


def warm(
    district: DistrictId,
    kind: Type = None,
    deleted: Deleted = False,
    first: First = None,
    last: Last = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Have a district's lists read now, so that vendors need not wait: those they ask for, or the one that is named."""
    api, path = connect(), f"/districts/{path_part(district)}"
    named = listing(kind, first, last, deleted=deleted)
    asked = api.post(f"{path}/warm", {"listing": named} if named else {})
    if wait:
        asked["cache"] = _followed(lambda: api.get(f"{path}/cache/statistics"), asked["asked_at"])
    if as_json:
        show_json(asked)
    else:
        _tell(asked, district)


def _followed(look: Callable[[], Statistics], asked_at: str) -> Statistics:
    """What the cache holds in the end. Raises StillReadingError."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("Reading", total=None)
        for looks in range(MOST_LOOKS):
            held = look()
            if not held["reading"] and (looks >= QUIET_LOOKS or _newer(held, asked_at)):
                return held
            progress.update(task, description=f"Reading {held['reading']} lists, {held['pages']} pages are there")
            time.sleep(EVERY_SECONDS)
    raise StillReadingError("It is still being read: `hallpass district cache statistics` tells how far.")


def _newer(held: Statistics, asked_at: str) -> bool:
    """Both are UTC and of one width, so they compare as text."""
    return str(held["newest"] or "") >= asked_at


def _tell(asked: dict[str, Any], district: str) -> None:
    held = asked.get("cache")
    if held is None:
        typer.echo(f"Asked for {asked['listings']} lists, within {asked['most_calls']} upstream calls.")
        typer.echo(f"How far it is: hallpass district cache statistics {district}")
    elif _newer(held, asked["asked_at"]):
        typer.echo(f"Done: {held['listings']} lists and {held['pages']} pages are there.")
    else:
        typer.echo("Nothing was read: all of it was fresh, or EducatorsHandbook.com could not be reached.")
    if asked["left_out"]:
        typer.echo(f"{asked['left_out']} lists that were asked for longest ago are left out.")
