"""How much one page may hold, whoever sends it; the same for what is kept and for what is passed over.

Rule: a limit is judged while reading, before anything is built of what is over it.
"""

from __future__ import annotations

from typing import Final

from hallpass.domain.unreadable import Reason, UnreadablePageError

MAX_DEPTH: Final = 32
MAX_ATTRIBUTES: Final = 64
"""On one element, namespace declarations of the page included."""
MAX_TEXT: Final = 1 << 20
"""Characters of one run of text, or of one attribute."""
MAX_NAME: Final = 1024
MAX_ELEMENTS: Final = 2_000_000


def check_name(name: str) -> None:
    if len(name) > MAX_NAME:
        raise UnreadablePageError(Reason.NAME_TOO_LONG)


def check_sizes(name: str, attributes: dict[str, str]) -> None:
    """Of an element that nobody keeps."""
    check_name(name)
    for attribute, value in attributes.items():
        check_name(attribute)
        if len(value) > MAX_TEXT:
            raise UnreadablePageError(Reason.TEXT_TOO_LONG)
