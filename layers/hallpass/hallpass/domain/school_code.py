"""What a school's code may look like, in a scope and in a query alike."""

from __future__ import annotations

from typing import Final

MAX_SCHOOL_CODE: Final = 100


def is_school_code(text: str) -> bool:
    """1 to MAX_SCHOOL_CODE printable characters without white space, and not the word `all` in any case."""
    # Who lists "all" means every school, and would be granted one of that code.
    if text.casefold() == "all":
        return False
    # The one white space that is printable is the blank.
    # U+FFFD stands for bytes that were no UTF-8.
    return 1 <= len(text) <= MAX_SCHOOL_CODE and text.isprintable() and not set(text) & {" ", "\ufffd"}
