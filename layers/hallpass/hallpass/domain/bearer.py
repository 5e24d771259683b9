"""The Authorization header -> a token of the right shape.

Rule: `Bearer`, one space, one token, nothing else and nothing normalised. A token anywhere but in this
header is not looked at.
"""

from __future__ import annotations

from hallpass.domain.errors import TokenMissingError
from hallpass.domain.tokens import PresentedToken, parse_token


def bearer_token(header: str | None) -> PresentedToken:
    """Reads the header's value, several fields joined by a comma.

    Raises TokenMissingError when it carries no bearer token, TokenInvalidError when what it carries
    is none of ours or more than one.
    """
    # RFC 9110 section 11.1: the scheme is case-insensitive. RFC 6750 section 2.1 writes `1*SP`; one is what
    # every client sends, and one reading leaves nothing to disagree about.
    scheme, _, text = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise TokenMissingError
    return parse_token(text)
