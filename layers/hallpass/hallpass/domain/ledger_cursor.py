"""Where to go on in an answer that was cut: an opaque text, good for the same question alone.

Rule: it holds no number and no mark, and it only says where: what may be read is decided anew for every request.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence

CURSOR_SCHEMA = 1
MOST_CURSOR = 2_000
_DIGEST_LENGTH = 16


class CursorInvalidError(ValueError):
    """A text that is no cursor, or that of another question."""


def cursor_text(question: Sequence[str], place: Sequence[str]) -> str:
    """`question`: what the answer depends on, and nothing that must not be seen; `place`: where in it."""
    told = json.dumps([CURSOR_SCHEMA, _digest(question), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_cursor(text: str, question: Sequence[str], parts: int) -> Sequence[str]:
    """The place, of so many parts. Raises CursorInvalidError."""
    try:
        told: object = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise CursorInvalidError from error
    if not isinstance(told, list) or told[:2] != [CURSOR_SCHEMA, _digest(question)]:
        raise CursorInvalidError
    place = [part for part in told[2:] if isinstance(part, str)]
    if not len(place) == len(told) - 2 == parts:
        raise CursorInvalidError
    return place


def _digest(question: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(question)).encode()).hexdigest()[:_DIGEST_LENGTH]
