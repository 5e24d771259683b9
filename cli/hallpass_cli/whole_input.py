"""A whole file, or what comes through a pipe, up to a bound.

Rule: what cannot be read is a sentence, and says nothing of the content.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hallpass_cli.failures import UsageError


def read_whole(file: Path, most: int) -> bytes:
    """`-`: the standard input. Raises UsageError."""
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(most + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(most + 1)
    except OSError as error:
        raise UsageError(f"{file} could not be read ({type(error).__name__}).") from error
    if len(content) > most:
        raise UsageError(f"{file} is longer than {most:,} bytes.")
    return content
