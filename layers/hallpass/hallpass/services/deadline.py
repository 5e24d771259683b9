"""How long a request may still take: by the function's own limit, and by what the gateway waits.

Rule: the end comes by our own answer, never by the runtime's.
"""

from __future__ import annotations

from collections.abc import Callable

from hallpass.ports import Clock

ANSWER_WITHIN_SECONDS = 26.0


def deadline(clock: Clock, function_seconds: float) -> Callable[[], float]:
    """Seconds left, as a function of nothing. `function_seconds`: what the runtime leaves this invocation."""
    ends = clock.monotonic() + min(ANSWER_WITHIN_SECONDS, function_seconds)
    return lambda: ends - clock.monotonic()


def background_deadline(clock: Clock, function_seconds: float) -> Callable[[], float]:
    """As `deadline`, where nobody waits for an answer."""
    ends = clock.monotonic() + function_seconds
    return lambda: ends - clock.monotonic()
