"""What becomes of an invocation: the function answered, or Lambda says why not."""

import secrets
import time
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

    async def invoke(self, event: bytes, trace: str, request_id: str | None = None) -> Outcome:
        """One event through the function. Never raises for what the function does.

        `request_id` is given by who tries an event again; else it is new.
        """


def new_trace() -> str:
    """A value of X-Amzn-Trace-Id, as whoever begins a chain of calls makes one."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
