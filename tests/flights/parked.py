"""A port behind which its caller parks: whoever calls it waits to be chosen, and the call may come to nothing.

Rule: generic over the ports, so that a method which a port gets later parks too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from tests.flights.stage import Kind, Stage

P = TypeVar("P")
Seen = Callable[[str, tuple[Any, ...], Any], None]


@dataclass(slots=True)
class Parked:
    """`port` has a flag `unreachable`, under which it does nothing and says what it says then.

    `seen`: told of every call that was carried out: method, arguments, result.
    """

    stage: Stage
    port: Any
    label: str
    seen: Seen

    def __getattr__(self, name: str) -> Any:
        if name == "within":
            return lambda _seconds_left: self
        method = getattr(self.port, name)

        def call(*args: Any, **named: Any) -> Any:
            mishap = self.stage.park(f"{self.label}.{name}")
            if mishap is Kind.FAIL:
                return self._unreachable(method, args, named)
            result = method(*args, **named)
            self.seen(name, args, result)
            return self._unreachable(method, args, named) if mishap is Kind.LOSE else result

        return call

    def _unreachable(self, method: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self.port.unreachable = True
        try:
            return method(*args, **named)
        finally:
            self.port.unreachable = False


def parked(stage: Stage, port: P, seen: Seen = lambda _name, _args, _result: None) -> P:
    """`port` as its callers see it, who park before each call."""
    return cast(P, Parked(stage, port, type(port).__name__.removeprefix("Memory"), seen))
