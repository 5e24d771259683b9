"""How functions run when nobody waits: on a schedule, again after a failure, and where what is given up goes.

The rule: as the template says it, or not at all; an event source that is not imitated here is an error.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudformation import TemplateError

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Asynchronous:
    """What becomes of a function's asynchronous events: `retries` after the first attempt, while the event is not older
    than `oldest` seconds; then the queue named `dead_letters`, if there is one.
    """

    retries: int = 2
    oldest: float = 6 * 3600.0
    dead_letters: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """`function` (its logical id) gets `payload` every so many seconds, for the first time after the first of them."""

    function: str
    every: float
    payload: bytes


def asynchronous(function: str, properties: Mapping[str, Any]) -> Asynchronous:
    """From the properties of a function, resolved. Raises TemplateError."""
    config = properties.get("EventInvokeConfig", {})
    letters = properties.get("DeadLetterQueue")
    if config.get("DestinationConfig") or (letters and letters.get("Type") != "SQS"):
        raise TemplateError(f"{function}: of what an event may end in, the sandbox has dead-letter queues of SQS only")
    usual = Asynchronous()
    return Asynchronous(
        retries=int(config.get("MaximumRetryAttempts", usual.retries)),
        oldest=float(config.get("MaximumEventAgeInSeconds", usual.oldest)),
        dead_letters=str(letters["TargetArn"]).rpartition(":")[2] if letters else None,
    )


def schedules(function: str, properties: Mapping[str, Any]) -> Iterator[Schedule]:
    """Those of a function, from its properties, that are switched on. Raises TemplateError."""
    for name, event in properties.get("Events", {}).items():
        match event.get("Type"):
            case "HttpApi":
                continue
            case "Schedule":
                yield from _schedule(f"{function}.{name}", function, event.get("Properties") or {})
            case kind:
                raise TemplateError(f"{function}.{name} is a {kind} event, which the sandbox does not know")


def _schedule(name: str, function: str, details: Mapping[str, Any]) -> Iterator[Schedule]:
    rate = _RATE.fullmatch(str(details.get("Schedule")))
    if rate is None or "Input" not in details:
        raise TemplateError(f"{name}: the sandbox knows schedules with a rate(...) and an Input")
    if details.get("State", "ENABLED") == "ENABLED" and details.get("Enabled", True) in (True, "true"):
        yield Schedule(function, float(rate[1]) * _SECONDS[rate[2]], str(details["Input"]).encode())
