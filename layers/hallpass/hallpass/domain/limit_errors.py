"""What asks for too much ends with: over an integration's limits, or one bad token too many from an address.

Rule: every one says when to ask again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hallpass.domain.failure import HallpassError, Member, Retry


class TooManyError(HallpassError):
    """RFC 6585 section 4. `seconds`: when to ask again."""

    status = 429
    retry = Retry.AFTER

    def __init__(self, seconds: int, detail: str = "", *, members: Mapping[str, Member] | None = None) -> None:
        super().__init__(detail, members=members, headers=[("Retry-After", str(seconds))])


class QuotaExceededError(TooManyError):
    """`violated`: the names of the limits, as `RateLimit-Policy` has them; the draft says how the member is called."""

    slug = "quota-exceeded"
    title = "The integration has asked for as much as its limits allow"

    def __init__(self, seconds: int, violated: Sequence[str]) -> None:
        super().__init__(
            seconds,
            "Ask again after `Retry-After` seconds. The district sets the limits, and can raise them.",
            members={"violated-policies": list(violated)},
        )


class TooManyFailuresError(TooManyError):
    slug = "too-many-failures"
    title = "Too many requests from this address had no valid token, and this token is not known"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            seconds, "No valid token is refused for this. Check that the token is whole; ask the district."
        )
