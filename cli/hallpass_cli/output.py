"""How answers are shown: tables for people, the API's own JSON for scripts.

Rule: what comes from elsewhere is shown as text, never as markup or control characters of a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hallpass_cli.failures import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Seen = Annotated[
    int | None,
    typer.Option(
        "--if-match", help="The version that the change is meant for, as `show` told it; else the present one."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def plain(value: object) -> Text:
    """A value as one line of visible characters."""
    text = "-" if value is None else str(value)
    return Text("".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text))


def show_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(document, indent=2))


def show_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], empty: str) -> None:
    """A table of the named members of each row."""
    listed = list(rows)
    if not listed:
        typer.echo(empty)
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column in ("id", "path"), overflow="fold")
    for row in listed:
        table.add_row(*(plain(row.get(column)) for column in columns))
    Console().print(table)


def show_one(pairs: Iterable[tuple[str, object]], *, error: bool = False) -> None:
    """Names and values, one a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in pairs:
        table.add_row(Text(name), plain(value))
    Console(stderr=error).print(table)


def show_token(token: str | None, what: str) -> None:
    """`token`: None when the answer that had it was lost on the way."""
    if token is None:
        typer.echo(
            f"\n{what} It was issued, but its text was lost on the way: rotate it, or revoke it and issue another.\n"
        )
        return
    typer.echo(f"\n{what} Keep it now, it is not shown again:\n\n  {token}\n")


def confirm_typed(warning: str, text: str, given: str | None) -> None:
    """Has the person type `text`, unless it is `given`; anything else ends the command. Raises UsageError."""
    if given is None:
        typer.echo(warning, err=True)
        if typer.prompt(f"Type {text} to go on", err=True).strip() != text:
            raise typer.Abort
    elif given != text:
        raise UsageError(f"--confirm is {text} or nothing.")


def confirm(question: str, *, yes: bool) -> None:
    """Asks on the terminal's error stream; anything but yes ends the command."""
    if not yes:
        typer.confirm(question, abort=True, err=True)
