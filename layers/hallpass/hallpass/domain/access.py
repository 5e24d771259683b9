"""Who may call: districts, integrations, tokens and people, and the decision whether a presented token holds.

Rule: the secret is compared before anything else is told; unknown and wrong look alike in text and in work.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.erasure import ErasedInAll
from hallpass.domain.errors import (
    IntegrationPausedError,
    TokenExpiredError,
    TokenInvalidError,
    TokenNotYetValidError,
    TokenPausedError,
    TokenRevokedError,
)
from hallpass.domain.limits import Limits
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.scope import Scope
from hallpass.domain.tokens import PresentedToken

DISTRICT_ID_LENGTH = 4
INTEGRATION_ID_LENGTH = 8
TOKEN_ID_LENGTH = 4
PERSON_ID_LENGTH = 8
_NO_DIGEST = bytes(32)


class TokenStatus(StrEnum):
    """`revoked` is final. Expiry is no status: it is a time."""

    ACTIVE = "active"
    PAUSED = "paused"
    REVOKED = "revoked"


class Status(StrEnum):
    """Of a district or an integration, which alone can be a draft: complete, and not usable yet. `ended` is final."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Role(StrEnum):
    """`operator`: everything; `district-admin`: one district; `auditor`: reads one, or all, and changes nothing."""

    OPERATOR = "operator"
    DISTRICT_ADMIN = "district-admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Token:
    """One credential of an integration or a person. Times are UTC; `starts_at` included, `expires_at` excluded.

    `generation` is that of its integration when it was issued (0 for a person's): see Integration.
    `revoked_by`: a person's id, or `holder`.
    `void`: issued in another registry than it was read from. What was revoked since the two parted is not known
    there, so it is as unknown as if it were not there.
    """

    id: str
    holder_id: str
    digest: bytes
    status: TokenStatus
    starts_at: datetime
    expires_at: datetime
    issued_at: datetime
    issued_by: str
    generation: int = 0
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    void: bool = False

    def alive(self, now: datetime) -> bool:
        return not self.void and self.status is not TokenStatus.REVOKED and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Agreement:
    """The contract behind an integration. `ends_on`: last day, in the district's time zone."""

    id: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class Integration:
    """A vendor's grant at a district.

    `token_generation`: only tokens of this generation hold. To raise it by one revokes every token at
    once, in one write, whatever the clocks of the writers say. `version` counts the writes. `may_refresh`: the
    vendor's `no-cache` and `max-age` reach the upstream. `stale_cap`: a shorter stale-if-error than the district's.
    `limits`: how much the vendor may ask for.
    """

    id: str
    district_id: str
    vendor: str
    contact: str
    purpose: str
    agreement: Agreement
    scope: Scope
    scope_version: int
    pseudonym_epoch: int
    status: Status
    created_at: datetime
    created_by: str
    token_generation: int
    version: int
    sealed_key: bytes | None = field(default=None, repr=False)
    may_refresh: bool = False
    stale_cap: timedelta | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def dataset(self) -> str:
        """What a vendor's copy belongs to: it changes when the same rows would come out differently."""
        return f"{self.scope_version}.{self.pseudonym_epoch}"

    @property
    def pseudonym_key(self) -> SealedKey | None:
        return SealedKey(self.id, self.pseudonym_epoch, self.sealed_key) if self.sealed_key else None


@dataclass(frozen=True, slots=True)
class District:
    """An upstream account. `account_epoch` changes when the credential opens another account.

    One that was deleted stays, as ended: its id is never given again and the audit keeps its meaning.
    `erased`: by that.
    """

    id: str
    name: str
    time_zone: str
    account_epoch: int
    status: Status
    created_at: datetime
    created_by: str
    version: int
    cache: CachePolicy = field(default_factory=CachePolicy)
    ended_at: datetime | None = None
    ended_by: str | None = None
    erased: ErasedInAll = field(default_factory=ErasedInAll)


@dataclass(frozen=True, slots=True)
class Person:
    """A named admin. `district_id` is set for a district-admin, None for an operator and for an auditor of all."""

    id: str
    name: str
    role: Role
    district_id: str | None
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None

    @property
    def sees_all(self) -> bool:
        return self.role is Role.OPERATOR or (self.role is Role.AUDITOR and self.district_id is None)

    def sees(self, district_id: str) -> bool:
        return self.sees_all or self.district_id == district_id


@dataclass(frozen=True, slots=True)
class PassRecord:
    """What the registry holds about a vendor's token."""

    token: Token
    integration: Integration
    district: District


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What the registry holds about an admin's token."""

    token: Token
    person: Person


@dataclass(frozen=True, slots=True)
class Pass:
    """An authenticated vendor: only `open_pass` makes one."""

    token: Token
    integration: Integration
    district: District


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated admin, `until` their token ends: only who decides about a token makes one."""

    person: Person
    token_id: str
    until: datetime
    session_id: str | None = None


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
