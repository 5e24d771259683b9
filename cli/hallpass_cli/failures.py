"""What can go wrong for the person at the command line, and the exit code of each.

0 ok · 1 refused by the API · 2 used wrongly · 3 unreachable
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class CommandError(Exception):
    """`lines`: what to tell the person."""

    exit_code = 1

    def lines(self) -> Iterator[str]:
        yield str(self)


class UsageError(CommandError):
    exit_code = 2


class UnreachableError(CommandError):
    exit_code = 3

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Nothing usable answers at {url} ({reason}). Is HALLPASS_URL right?")


class AwsError(CommandError):
    """What AWS itself did not give, to the commands that ask it."""

    exit_code = 3


class RefusedError(CommandError):
    """A problem document (RFC 9457), or what little a gateway says."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.problem = problem

    def lines(self) -> Iterator[str]:
        title = self.problem.get("title") or self.problem.get("message") or "The request was refused"
        yield f"{title} ({self.status})"
        detail = self.problem.get("detail")
        if detail and detail != title:
            yield str(detail)
        for entry in self.problem.get("errors") or []:
            yield f"  {entry.get('name')}: {entry.get('detail')}"
        if self.problem.get("instance"):
            yield f"Ask about it as {self.problem['instance']}"
