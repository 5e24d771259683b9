"""The stage's throttling: token buckets.

The rule: a route with a limit of its own has a bucket of its own, and no flood elsewhere empties it. Routes without one
share the default's here: of those Amazon says only that every limit is a target, and that the account has one over all.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """`rate`: requests a second. `burst`: the size of the bucket."""

    rate: float
    burst: int


class Throttle:
    """A bucket that gains `rate` tokens a second. Times are seconds of any clock that only goes forward."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._tokens, self._at = float(limit.burst), float("-inf")

    def admits(self, now: float) -> bool:
        """Takes a token if there is one."""
        gained = (now - self._at) * self._limit.rate if self._at > float("-inf") else 0.0
        self._tokens, self._at = min(self._tokens + gained, float(self._limit.burst)), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Throttles:
    """The buckets of a stage. `default`: of the routes that `routes` does not name by key; None: no limit."""

    def __init__(self, default: Limit | None = None, routes: Mapping[str, Limit] | None = None) -> None:
        self._default = None if default is None else Throttle(default)
        self._routes = {key: Throttle(limit) for key, limit in (routes or {}).items()}

    def admits(self, route_key: str, now: float) -> bool:
        """Takes a token of that route, if there is one."""
        bucket = self._routes.get(route_key, self._default)
        return bucket is None or bucket.admits(now)
