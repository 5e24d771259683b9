"""The number that somebody is asked about: typed, or read from a file or a pipe.

Rule: it is never an argument or an option's value, so that it stands in no shell's history and no list of processes;
nothing of it is trimmed but the end of its line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import typer

from hallpass_cli.failures import UsageError

MOST_BYTES = 2_000
PIPE = Path("-")


def number(kind: str, file: Path | None) -> str:
    """`file`: None to ask, PIPE for what is piped. Raises UsageError."""
    found = typer.prompt(f"The {kind}'s number, as EducatorsHandbook.com writes it", err=True) if file is None else ""
    if file is not None:
        found = _line(file)
    if found != found.strip():
        typer.echo("The number begins or ends with a blank: it is asked for with it.", err=True)
    return str(found)


def _line(file: Path) -> str:
    """Raises UsageError."""
    try:
        if file == PIPE:
            content = _read(sys.stdin.buffer)
        else:
            with file.open("rb") as opened:
                content = _read(opened)
        # Editors of some systems put a mark in front.
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} could not be read ({type(error).__name__}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{_name(file)} is not UTF-8.") from error
    line = text.removesuffix("\n").removesuffix("\r")
    if not line or "\n" in line or len(content) > MOST_BYTES:
        raise UsageError(f"{_name(file)} holds something else than one line with a number.")
    return line


def _read(source: BinaryIO) -> bytes:
    return source.read(MOST_BYTES + 1)


def _name(file: Path) -> str:
    return "The pipe" if file == PIPE else str(file)
