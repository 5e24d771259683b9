"""The number that somebody is asked about: typed, or read from a file or a pipe.

Rule: it is never an argument or an option's value, so that it stands in no shell's history and no list of processes;
nothing of it is trimmed but the end of its line.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from hallpass_cli.failures import UsageError

MOST_BYTES = 2_000
PIPE = Path("-")


def number(whose: str, file: Path | None) -> str:
    """`file`: None to ask for it, PIPE for what is piped. Raises UsageError."""
    found, name = _typed(whose) if file is None else _read(file)
    line = _line(found, name)
    if line != line.strip():
        typer.echo("The number begins or ends with a blank: it is asked for with it.", err=True)
    return line


def _typed(whose: str) -> tuple[bytes, str]:
    # Seen while it is typed: a digit that is wrong would be answered as a child whom nobody knows.
    typer.echo(f"The {whose}'s number, as EducatorsHandbook.com writes it: ", nl=False, err=True)
    return sys.stdin.buffer.readline(MOST_BYTES + 1), "What was typed"


def _read(file: Path) -> tuple[bytes, str]:
    """Raises UsageError."""
    if file == PIPE:
        return sys.stdin.buffer.read(MOST_BYTES + 1), "The pipe"
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1), str(file)
    except OSError as error:
        raise UsageError(f"{file} could not be read ({type(error).__name__}).") from error


def _line(content: bytes, name: str) -> str:
    """Raises UsageError."""
    try:
        # Editors of some systems put a mark in front.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8.") from error
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line or len(content) > MOST_BYTES:
        raise UsageError(f"{name} is something else than one line with a number.")
    return line
