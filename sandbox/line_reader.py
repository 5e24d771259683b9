"""A child's output, line by line.

A line longer than CloudWatch takes (256 KiB an event) is cut into pieces, so that a handler that never prints
a newline cannot fill this process.
"""

from asyncio import StreamReader
from collections.abc import Callable

LONGEST = 256 * 1024 - 26
_CHUNK = 65_536


async def read_lines(reader: StreamReader, put: Callable[[str], None]) -> None:
    """Calls `put` for every line, without its newline, until the pipe ends. Empty lines are left out."""
    rest = b""
    while chunk := await reader.read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            _put(line, put)
        while len(rest) > LONGEST:
            _put(rest[:LONGEST], put)
            rest = rest[LONGEST:]
    _put(rest, put)


def _put(line: bytes, put: Callable[[str], None]) -> None:
    text = line.decode("utf-8", "replace").rstrip("\r")
    if text:
        put(text)
