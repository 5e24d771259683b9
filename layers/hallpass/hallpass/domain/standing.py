"""The decision whether a presented token holds.

Rule: the secret is compared before anything else is told; unknown and wrong look alike in text and in work.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from math import ceil

from hallpass.domain.access import (
    Actor,
    District,
    Integration,
    Pass,
    PassRecord,
    PersonRecord,
    Status,
    Token,
    TokenStatus,
)
from hallpass.domain.errors import (
    IntegrationPausedError,
    TokenExpiredError,
    TokenInvalidError,
    TokenNotYetValidError,
    TokenPausedError,
    TokenRevokedError,
)
from hallpass.domain.tokens import PresentedToken

_NO_DIGEST = bytes(32)


def open_pass(presented: PresentedToken, record: PassRecord | None, now: datetime) -> Pass:
    """Decides whether a vendor's token holds. Raises a CredentialError (401) or a ForbiddenError (403)."""
    if not proven(presented, record.token if record else None) or record is None:
        raise TokenInvalidError
    check_standing(record.token, record.integration, record.district, now)
    return Pass(record.token, record.integration, record.district)


def check_standing(token: Token | None, integration: Integration, district: District, now: datetime) -> None:
    """Whether a token whose secret is proven holds; None: any that holds by itself.

    Raises a CredentialError (401) or a ForbiddenError (403).
    """
    if token is not None:
        if token.void:
            raise TokenInvalidError
        stopped = token.generation != integration.token_generation
        if stopped or token.status is TokenStatus.REVOKED:
            raise TokenRevokedError
        _check_times(token, now)
    if district.status is not Status.ACTIVE:
        raise TokenInvalidError
    if token is not None and token.status is TokenStatus.PAUSED:
        raise TokenPausedError
    if integration.status is not Status.ACTIVE:
        raise IntegrationPausedError


def open_actor(presented: PresentedToken, record: PersonRecord | None, now: datetime) -> Actor:
    """Decides whether an admin's token holds. Raises a CredentialError (401) or a ForbiddenError (403)."""
    if not proven(presented, record.token if record else None) or record is None:
        raise TokenInvalidError
    if record.token.status is TokenStatus.REVOKED or record.person.revoked_at is not None:
        raise TokenRevokedError
    _check_times(record.token, now)
    if record.token.status is TokenStatus.PAUSED:
        raise TokenPausedError
    return Actor(record.person, record.token.id, record.token.expires_at)


def proven(presented: PresentedToken, token: Token | None) -> bool:
    """Whether the secret is the kept one of a token that is not void; the same work when there is none."""
    same = hmac.compare_digest(presented.digest, token.digest if token else _NO_DIGEST)
    return same and token is not None and not token.void


def _check_times(token: Token, now: datetime) -> None:
    if now < token.starts_at:
        seconds = ceil((token.starts_at - now).total_seconds())
        raise TokenNotYetValidError(
            f"The token is valid from {token.starts_at:%Y-%m-%dT%H:%M:%SZ}", retry_after=seconds
        )
    if now >= token.expires_at:
        raise TokenExpiredError(f"The token expired on {token.expires_at:%Y-%m-%d}")
