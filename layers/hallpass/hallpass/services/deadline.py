"""How long a request may still take: by the function's own limit, and never over what the gateway waits."""

from __future__ import annotations

from collections.abc import Callable

from hallpass.ports import Clock

ANSWER_WITHIN_SECONDS = 26.0


def deadline(clock: Clock, function_seconds: float) -> Callable[[], float]:
    """Seconds left, as a function of nothing. `function_seconds`: what the runtime leaves this invocation."""
    ends = clock.monotonic() + min(ANSWER_WITHIN_SECONDS, function_seconds)
    return lambda: ends - clock.monotonic()
