"""Cells and lines of CSV (RFC 4180), for pages and for what is told of the ledger.

Rule: a text that a spreadsheet could take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

# What spreadsheets start a formula with, and the wide forms that some of them fold; the apostrophe itself, so that
# one leading apostrophe is always ours.
_FORMULA: Final = frozenset("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20")
_SPECIAL: Final = re.compile('[",\\r\\n]')


def guarded(text: str) -> str:
    return f"'{text}" if text[:1] in _FORMULA else text


def quoted(cell: str) -> str:
    """RFC 4180 section 2, 6 and 7."""
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.search(cell) else cell


def line(cells: list[str]) -> bytes:
    """Of cells that are quoted."""
    # A line of one empty cell would read as no line (RFC 4180 has no word for it).
    return f"{','.join(cells)}\r\n".encode() if cells != [""] else b'""\r\n'


def csv_of(lines: Iterable[Sequence[str]]) -> bytes:
    """A file of texts: each guarded and quoted, each line ended by CRLF, in UTF-8."""
    return b"".join(line([quoted(guarded(text)) for text in cells]) for cells in lines)
