"""Lists in pages: how many at once, and an opaque text that says where to go on.

Rule: what is listed has an order of its own that nobody changes; who goes on sees nothing twice, and what was added
behind the place where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from hallpass.domain.audit import time_text
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.ledger_cursor import cursor_text, read_cursor

PARAMETERS: Final = ("limit", "next")
USUAL, MOST = 100, 500
LIMIT_RULE = f"a whole number from 1 to {MOST}"
NEXT_RULE = "is `next` of an answer to the same question, unchanged"

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """`next`: where to go on; None: that was all."""

    items: Sequence[_Item]
    next: str | None


@dataclass(frozen=True, slots=True)
class Paging:
    """What a request says of it. `question`: what the list depends on; `after`: the place of the last one seen."""

    question: tuple[str, ...]
    limit: int = USUAL
    after: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str], *question: str) -> Paging:
        """Raises InvalidParametersError."""
        limit, after = asked.get("limit", str(USUAL)), asked.get("next")
        if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= MOST):
            raise InvalidParametersError([{"name": "limit", "detail": LIMIT_RULE}])
        try:
            place = "" if after is None else read_cursor(after, question, 1)[0]
        except ValueError as error:
            raise InvalidParametersError([{"name": "next", "detail": NEXT_RULE}]) from error
        return cls(question, int(limit), place)

    def cut(self, listed: Sequence[_Item], place: Callable[[_Item], str]) -> Page[_Item]:
        """`place`: of an item in its order, as a text that compares so and that no two share."""
        following = sorted((one for one in listed if place(one) > self.after), key=place)
        taken = following[: self.limit]
        more = len(following) > len(taken)
        return Page(taken, cursor_text(self.question, [place(taken[-1])]) if more else None)


def by_time(moment: datetime, name: str) -> str:
    """The place of what is listed oldest first."""
    return f"{time_text(moment)}#{name}"


def by_time_backwards(moment: datetime, name: str) -> str:
    """The place of what is listed newest first."""
    return f"{10**17 - round(moment.timestamp() * 1_000_000):018d}#{name}"
