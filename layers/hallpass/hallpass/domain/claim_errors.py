"""What a claim link ends with instead of a token, when its secret is known and it shows none.

Rule: every one says whom to ask: whoever has the secret and no token has nobody else to turn to.
"""

from __future__ import annotations

from hallpass.domain.failure import HallpassError, Owner


class ClaimUsedError(HallpassError):
    """RFC 9110 section 15.5.11."""

    status = 410
    owner = Owner.DISTRICT
    slug = "claim-used"
    title = "The token of this link was shown before"

    def __init__(self) -> None:
        super().__init__(
            "It is shown once. If it was not you who saw it, tell the district at once: it can revoke the token."
        )


class ClaimOverError(HallpassError):
    """RFC 9110 section 15.5.11."""

    status = 410
    owner = Owner.DISTRICT
    slug = "claim-over"
    title = "This link has ended, and nobody has seen a token through it"

    def __init__(self) -> None:
        super().__init__("It lapsed, or the district withdrew it or stopped the integration. Ask it for another link.")
