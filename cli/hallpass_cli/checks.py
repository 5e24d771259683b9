"""Checks, one after the other: what each found, and what to do about it.

Rule: a check passes only by saying what it saw; one that raises has failed, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hallpass_cli.failures import CommandError, RefusedError


class Result(StrEnum):
    OK = "ok"
    FAILED = "FAILED"
    NOT_CHECKED = "not checked"


class FailedError(CommandError):
    """`advice`: what to do, a sentence."""

    def __init__(self, seen: str, advice: str) -> None:
        super().__init__(seen)
        self.advice = advice


class NotCheckedError(Exception):
    """Why not, a sentence."""


@dataclass(frozen=True, slots=True)
class Check:
    """`run` answers what it saw. Raises FailedError, NotCheckedError, any CommandError. `advice`: on the last."""

    name: str
    run: Callable[[], str]
    advice: str = "See what was refused, and why."


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    result: Result
    seen: str
    advice: str = ""

    def document(self) -> dict[str, str]:
        return {"check": self.check, "result": self.result.value, "seen": self.seen, "advice": self.advice}


def findings(checks: Iterable[Check]) -> Iterator[Finding]:
    """In order, as they come."""
    for check in checks:
        yield _finding(check)


def not_checked(names: Iterable[str], why: str) -> Iterator[Finding]:
    for name in names:
        yield Finding(name, Result.NOT_CHECKED, why)


def told(error: CommandError) -> str:
    """What a person would have been told, on one line."""
    return " ".join(line.strip() for line in error.lines())


def _finding(check: Check) -> Finding:
    try:
        return Finding(check.name, Result.OK, check.run())
    except NotCheckedError as why:
        return Finding(check.name, Result.NOT_CHECKED, str(why))
    except FailedError as failed:
        return Finding(check.name, Result.FAILED, str(failed), failed.advice)
    except CommandError as error:
        return Finding(check.name, Result.FAILED, told(error), _advice(error) or check.advice)
    # A check that does not know what it met has not found everything good.
    except Exception as error:
        return Finding(check.name, Result.FAILED, f"it broke off: {type(error).__name__}", "Report this as a defect.")


def _advice(error: CommandError) -> str | None:
    """What the status says, whatever was being checked; None where the check knows better."""
    match error:
        case RefusedError(status=503):
            return "What lies behind the API does not answer: with --stack see `tables` and `keys`."
        case RefusedError(status=status) if status >= 500:
            return "Find the problem's `instance` in the API's log group."
        case _:
            return None
