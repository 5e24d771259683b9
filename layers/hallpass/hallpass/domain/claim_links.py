"""A claim link: what becomes a vendor's token when whoever has its secret asks for it, once.

Rule: the secret is compared before anything else is told. No token exists before it is asked for, and none comes of a
link whose time, maker, integration or agreement holds no more.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hallpass.domain.access import District, Integration, PersonRecord, Status
from hallpass.domain.claim_errors import ClaimOverError, ClaimUsedError
from hallpass.domain.errors import IntegrationPausedError, NotFoundError, TokenInvalidError
from hallpass.domain.sessions import lost_trust
from hallpass.domain.tokens import PresentedToken, TokenKind, parse_token

CLAIM_ID_LENGTH: Final = 4
USUAL_HOURS: Final = 24
LONGEST_HOURS: Final = 72
TOLD_FOR: Final = timedelta(days=90)
"""So long after its end a link is still listed; the ledger knows of it for as long as it keeps anything."""
PAGE: Final = "/claim"
_NO_DIGEST = bytes(32)
_UNKNOWN = "No link has this secret. Check that it is whole, as it was sent; or ask the district for another link."


class ClaimState(StrEnum):
    """`void`: its integration was stopped or has ended since, or whoever made it lost their access."""

    OPEN = "open"
    CLAIMED = "claimed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class ClaimLink:
    """Times are UTC; `expires_at` is excluded. `made_with`: the token of the person who made it.

    `token_expires_at`: of the token that comes of it. `generation`: of its integration's tokens when it was made.
    """

    id: str
    integration_id: str
    digest: bytes
    made_at: datetime
    made_by: str
    made_with: str
    expires_at: datetime
    token_expires_at: datetime
    generation: int
    claimed_at: datetime | None = None
    claimed_from: str | None = None
    token_id: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    def withdrawn(self, at: datetime, by: str) -> ClaimLink:
        """The first withdrawal stays on record."""
        return replace(self, withdrawn_at=self.withdrawn_at or at, withdrawn_by=self.withdrawn_by or by)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a link stands on. `maker`: the record of the token that it was made with. `ends`: the agreement's end."""

    district: District
    integration: Integration
    maker: PersonRecord | None
    ends: datetime


def presented_claim(text: str) -> PresentedToken:
    """Raises NotFoundError for what no link can have as its secret."""
    try:
        presented = parse_token(text)
    except TokenInvalidError as wrong:
        raise NotFoundError(_UNKNOWN) from wrong
    if presented.kind is not TokenKind.CLAIM:
        raise NotFoundError(_UNKNOWN)
    return presented


def proven_link(presented: PresentedToken, link: ClaimLink | None) -> ClaimLink:
    """Raises NotFoundError for one that is not there, and alike for a wrong secret."""
    if not hmac.compare_digest(presented.digest, link.digest if link else _NO_DIGEST) or link is None:
        raise NotFoundError(_UNKNOWN)
    return link


def state_of(link: ClaimLink, on: Standing, now: datetime) -> ClaimState:
    if link.token_id is not None:
        return ClaimState.CLAIMED
    if link.withdrawn_at is not None:
        return ClaimState.WITHDRAWN
    if now >= link.expires_at:
        return ClaimState.LAPSED
    ended = Status.ENDED in (on.integration.status, on.district.status) or now >= on.ends
    stopped = link.generation != on.integration.token_generation
    return ClaimState.VOID if ended or stopped or on.maker is None or lost_trust(on.maker) else ClaimState.OPEN


def check_open(link: ClaimLink, on: Standing, now: datetime) -> None:
    """Whether a proven link shows a token now. Raises ClaimUsedError, ClaimOverError, IntegrationPausedError."""
    state = state_of(link, on, now)
    if state is ClaimState.CLAIMED:
        raise ClaimUsedError
    if state is not ClaimState.OPEN:
        raise ClaimOverError
    if on.integration.status is not Status.ACTIVE or on.district.status is not Status.ACTIVE:
        raise IntegrationPausedError
