"""Tokens of an integration: issue, rotate, pause, resume, revoke.

Rule: a token ends at the latest with its agreement and within 400 days, at most two are alive, and its text
is answered once and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hallpass.domain.access import TOKEN_ID_LENGTH, Actor, District, Integration, Status, Token, TokenStatus
from hallpass.domain.attention import alive_tokens
from hallpass.domain.bad_tokens import HEARD_OF_SECONDS
from hallpass.domain.errors import ConflictError
from hallpass.domain.secret import Secret
from hallpass.domain.tokens import SECRET_BYTES, MintedToken, TokenKind, mint
from hallpass.services.manage_access import Desk, Registrar, refuse_field, visible_integration, visible_token

LONGEST_LIFE = timedelta(days=400)
MOST_ALIVE = 2


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token and its text, which is shown once."""

    token: Token
    text: Secret


@dataclass(frozen=True, slots=True)
class TokenList:
    """The tokens of an integration, and when each was last used, by its id."""

    integration: Integration
    tokens: Sequence[Token]
    last_used: Mapping[str, datetime]


def issue_token(desk: Desk, actor: Actor, district_id: str, integration_id: str, expires_at: datetime) -> IssuedToken:
    """Raises NotFoundError, BodyInvalidError, ConflictError."""
    district, integration = visible_integration(desk, actor, district_id, integration_id)
    check_room(desk, district, integration, expires_at)
    issued = mint_token(desk, actor.person.id, integration, expires_at)
    desk.registry.add_token(issued.token, integration)
    # Whoever refuses unknown tokens unseen has heard of it before anybody holds it.
    desk.patience.pause(HEARD_OF_SECONDS)
    return issued


def rotate_token(
    desk: Desk,
    actor: Actor,
    address: tuple[str, str, str],
    overlap: timedelta,
    expires_at: datetime | None,
) -> tuple[IssuedToken, Token]:
    """A new token, and the old one with the end of the overlap. `address`: district, integration, token.

    Without `expires_at` the new one lives as long as the old was meant to. Raises NotFoundError,
    BodyInvalidError, ConflictError.
    """
    district_id, integration_id, token_id = address
    district, integration = visible_integration(desk, actor, district_id, integration_id)
    old = visible_token(desk, integration, token_id)
    alive = _alive(desk, integration)
    if old not in alive:
        raise ConflictError("The token is revoked, expired or void: issue another.")
    if old.status is TokenStatus.PAUSED:
        # Its successor would be active, and a pause is lifted by resuming alone.
        raise ConflictError("The token is paused: resume it first, or revoke it.")
    if len(alive) >= MOST_ALIVE:
        raise ConflictError("Two tokens of this integration are alive, which is the most: revoke the other first.")
    if expires_at is None:
        expires_at = min(desk.now() + (old.expires_at - old.starts_at), latest_end(desk, district, integration))
    _check_expiry(desk, district, integration, expires_at)
    ending = replace(old, expires_at=min(old.expires_at, desk.now() + overlap))
    issued = mint_token(desk, actor.person.id, integration, expires_at)
    desk.registry.add_token(issued.token, integration, ending)
    desk.patience.pause(HEARD_OF_SECONDS)
    return issued, ending


def tokens(desk: Desk, actor: Actor, district_id: str, integration_id: str) -> TokenList:
    """Raises NotFoundError."""
    _, integration = visible_integration(desk, actor, district_id, integration_id)
    listed = desk.registry.tokens(integration.id)
    return TokenList(integration, listed, desk.usage.last_used(integration.id, [token.id for token in listed]))


def set_status(desk: Desk, actor: Actor, address: tuple[str, str, str], status: TokenStatus) -> tuple[Token, Token]:
    """Pauses or resumes. Answers before and after. Raises NotFoundError, ConflictError when it is not alive."""
    district_id, integration_id, token_id = address
    _, integration = visible_integration(desk, actor, district_id, integration_id)
    before = visible_token(desk, integration, token_id)
    if before not in _alive(desk, integration):
        raise ConflictError("The token is revoked, expired or void, and each is final.")
    desk.registry.set_token_status(integration.id, token_id, status)
    return before, replace(before, status=status)


def revoke_token(desk: Desk, actor: Actor, address: tuple[str, str, str]) -> tuple[Token, Token]:
    """Final and idempotent. Answers before and after. Raises NotFoundError."""
    district_id, integration_id, token_id = address
    _, integration = visible_integration(desk, actor, district_id, integration_id)
    before = visible_token(desk, integration, token_id)
    now = desk.now()
    desk.registry.revoke_token(integration.id, token_id, now, actor.person.id)
    return before, replace(before, status=TokenStatus.REVOKED, revoked_at=before.revoked_at or now)


def token_state(token: Token, generation: int, now: datetime) -> str:
    """`active`, `paused`, `revoked`, `void` or `expired`; stopped together with its integration's others is revoked."""
    if token.status is TokenStatus.REVOKED or token.generation != generation:
        return TokenStatus.REVOKED.value
    if token.void:
        return "void"
    return token.status.value if now < token.expires_at else "expired"


def check_life(now: datetime, expires_at: datetime) -> None:
    """Raises BodyInvalidError unless `expires_at` is ahead and within 400 days."""
    if not now < expires_at <= now + LONGEST_LIFE:
        raise refuse_field("expires_at", "is a time ahead, at most 400 days from now")


def new_token(desk: Registrar, kind: TokenKind, holder_id: str) -> tuple[str, MintedToken]:
    """A token id and a token with a fresh secret."""
    token_id = desk.new_id(TOKEN_ID_LENGTH)
    return token_id, mint(kind, holder_id, token_id, desk.entropy(SECRET_BYTES))


def _alive(desk: Desk, integration: Integration) -> list[Token]:
    return list(alive_tokens(integration, desk.registry.tokens(integration.id), desk.now()))


def check_room(desk: Desk, district: District, integration: Integration, expires_at: datetime) -> None:
    """Whether there may be one more token, with that end. Raises BodyInvalidError, ConflictError."""
    _check_expiry(desk, district, integration, expires_at)
    if len(_alive(desk, integration)) >= MOST_ALIVE:
        raise ConflictError("Two tokens of this integration are alive, which is the most: revoke one first.")


def _check_expiry(desk: Desk, district: District, integration: Integration, expires_at: datetime) -> None:
    if integration.status is Status.ENDED:
        raise ConflictError("The integration has ended, and an end is final.")
    if latest_end(desk, district, integration) <= desk.now():
        raise ConflictError("The agreement has ended: no token can outlive it.")
    check_life(desk.now(), expires_at)
    if expires_at > agreement_end(district, integration):
        raise refuse_field("expires_at", "is not after the agreement's last day, in the district's time zone")


def latest_end(desk: Desk, district: District, integration: Integration) -> datetime:
    """Of a token that is issued now."""
    return min(desk.now() + LONGEST_LIFE, agreement_end(district, integration))


def agreement_end(district: District, integration: Integration) -> datetime:
    """The first moment after the agreement's last day."""
    day_after = integration.agreement.ends_on + timedelta(days=1)
    return datetime.combine(day_after, time(), ZoneInfo(district.time_zone)).astimezone(UTC)


def mint_token(desk: Registrar, by: str, integration: Integration, expires_at: datetime) -> IssuedToken:
    """A new token of an integration, not kept yet. `by`: a person's id."""
    token_id, minted = new_token(desk, TokenKind.LIVE, integration.id)
    now = desk.now()
    token = Token(
        id=token_id,
        holder_id=integration.id,
        digest=minted.digest,
        status=TokenStatus.ACTIVE,
        starts_at=now,
        expires_at=expires_at,
        issued_at=desk.clock.now(),
        issued_by=by,
        generation=integration.token_generation,
    )
    return IssuedToken(token, minted.text)
