"""`hallpass fields`: what can be granted of a record, in plain words. Asks no server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from hallpass.domain.catalogue import GROUPS, NUMBERS, VICTIMS, Card
from hallpass.domain.presets import PRESETS, UPSTREAM_VIEW
from hallpass.domain.schema import BY_NAME_GROUPS, FIELDS
from hallpass.domain.view import UnknownPresetError, view_of

from hallpass_cli.failures import UsageError
from hallpass_cli.output import AsJson, show_json, show_rows

app = typer.Typer(help="What can be granted of a record: presets and groups.", no_args_is_help=True)


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List presets, groups, and the ways with victims and numbers."""
    listed = list(_entries())
    if as_json:
        show_json({"fields": listed})
    else:
        show_rows(("kind", "name", "label", "warning"), listed, "")


@app.command()
def show(name: Annotated[str, typer.Argument(help="A preset, or a group.")], as_json: AsJson = False) -> None:
    """Show exactly which elements and attributes a preset or group grants."""
    paths = _paths(name)
    cards = {preset.name: preset.card for preset in PRESETS.values()} | {group.value: GROUPS[group] for group in GROUPS}
    card = cards.get(name)
    if as_json:
        show_json({"name": name, "paths": paths})
        return
    if card is not None:
        typer.echo(f"{card.label}.\nExample: {card.example}\nWarning: {card.warning or '-'}\n")
    if name == UPSTREAM_VIEW:
        typer.echo("As XML also everything that is not documented. Documented are:\n")
    for path in paths:
        typer.echo(path)


def _paths(name: str) -> list[str]:
    """Raises UsageError."""
    # What a group shows of offenders; what is shown of victims is said apart.
    found = [path for path, field in FIELDS.items() if field.group == name and not field.victim]
    if found:
        return found
    try:
        granted = view_of(name).paths
    except UnknownPresetError as unknown:
        raise UsageError("There is no such preset or group: `hallpass fields list` has them all.") from unknown
    return [path for path in FIELDS if path in granted]


def _entries() -> Iterator[dict[str, Any]]:
    for preset in PRESETS.values():
        yield _entry("preset", preset.name, preset.card)
    for group, card in GROUPS.items():
        yield _entry("group, by name only" if group in BY_NAME_GROUPS else "group", group.value, card)
    for level, card in VICTIMS.items():
        yield _entry("victims", level.value, card)
    for way, card in NUMBERS.items():
        yield _entry("numbers", way.value, card)


def _entry(kind: str, name: str, card: Card) -> dict[str, Any]:
    return {"kind": kind, "name": name, "label": card.label, "example": card.example, "warning": card.warning}
