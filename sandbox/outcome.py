"""What becomes of an invocation: the function answered, or Lambda says why not."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class FailureKind(Enum):
    """Who is to say sorry: the function (500), or Lambda, which has no worker to spare (503)."""

    FUNCTION = "function"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Answer:
    """The handler's return value as JSON."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """An invocation without an answer, with the error type and message Lambda gives."""

    kind: FailureKind
    error_type: str
    message: str


Outcome = Answer | Failure


class Runtime(Protocol):
    """Something that runs a function."""

    async def invoke(self, event: bytes, trace: str) -> Outcome:
        """One event through the function. Never raises for what the function does."""
