"""The stage's throttling: a token bucket of `burst` tokens that gains `rate` a second."""


class Throttle:
    """Times are seconds of any clock that only goes forward."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = float(burst), float("-inf")

    def admits(self, now: float) -> bool:
        """Takes a token if there is one."""
        gained = (now - self._at) * self._rate if self._at > float("-inf") else 0.0
        self._tokens, self._at = min(self._tokens + gained, float(self._burst)), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
