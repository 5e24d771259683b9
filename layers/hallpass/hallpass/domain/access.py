"""Who may call: districts, integrations, tokens and people, as the registry has them.

Rule: whether a presented token holds is decided in `standing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from hallpass.domain.cache_policy import CachePolicy
from hallpass.domain.erasure import ErasedInAll
from hallpass.domain.limits import Limits
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.scope import Scope

DISTRICT_ID_LENGTH = 4
INTEGRATION_ID_LENGTH = 8
TOKEN_ID_LENGTH = 4
PERSON_ID_LENGTH = 8


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
    """An authenticated vendor: only `open_pass` (`standing.py`) makes one."""

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
