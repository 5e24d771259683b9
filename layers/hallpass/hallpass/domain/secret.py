"""A text that must not be shown: its `repr` and `str` hide it, and only `reveal` gives it."""

from __future__ import annotations

import hmac


class Secret:
    """Wraps a secret text. Compared in constant time; never hashable, so it is never a key of anything."""

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())
