"""What the services need from the outside, as Protocols. The adapters and the tests' fakes implement them.

Rule: an implementation translates its own errors into ours; a Registry or a Vault in doubt raises
UnavailableError, a PageStore in doubt answers None (the cache is expendable).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hallpass.domain.access import (
    District,
    Integration,
    PassRecord,
    Person,
    PersonRecord,
    Token,
    TokenStatus,
)
from hallpass.domain.audit import AuditRecord
from hallpass.domain.erasure import Erased, Listings, Marked, Target
from hallpass.domain.health import Health
from hallpass.domain.http_caching import Headers
from hallpass.domain.leases import Busy, Granted, Pointer, Slot, Turn
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import Artefact, Representation, StoredPage
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.quarantine import QuarantinedPath
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamAnswer
from hallpass.domain.walk import Walk


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, UTC, aware."""

    def monotonic(self) -> float:
        """Seconds since some instant; never goes back."""


class PassReader(Protocol):
    """What the data plane may do with the registry."""

    def find_pass(self, integration_id: str, token_id: str) -> PassRecord | None:
        """Token, integration and district in one consistent read. Raises UnavailableError."""

    def revoke_token(self, holder_id: str, token_id: str, at: datetime, by: str) -> None:
        """Final and idempotent. Raises NotFoundError, UnavailableError."""


class Registry(PassReader, Protocol):
    """Districts, integrations, tokens and people. Writes are conditional: a lost race raises ConflictError.

    Every method raises UnavailableError when the registry cannot be reached.
    """

    def find_person(self, person_id: str, token_id: str) -> PersonRecord | None: ...
    def district(self, district_id: str) -> District | None: ...
    def districts(self) -> Sequence[District]: ...
    def integration(self, integration_id: str) -> Integration | None: ...
    def integrations(self, district_id: str) -> Sequence[Integration]: ...
    def tokens(self, holder_id: str) -> Sequence[Token]:
        """The tokens of an integration, the void too, oldest first."""

    def people(self) -> Sequence[Person]: ...
    def person_tokens(self, person_id: str) -> Sequence[Token]: ...

    def add_district(self, district: District) -> None: ...
    def save_district(self, district: District) -> None:
        """Replaces the district whose `version` is one less. Raises ConflictError when another write won."""

    def add_integration(self, integration: Integration) -> None: ...
    def save_integration(self, integration: Integration) -> None:
        """Replaces the integration whose `version` is one less. Raises ConflictError when another write won."""

    def stop_tokens(self, integration_id: str) -> Integration:
        """Raises `token_generation` by one, unconditionally. Raises NotFoundError."""

    def add_token(self, token: Token, seen: Integration, ending: Token | None = None) -> None:
        """Adds a token and raises `seen.version` by one, together.

        `ending`: a token of the same integration with the earlier end it gets in the same write (the
        overlap of a rotation). Raises ConflictError.
        """

    def set_token_status(self, holder_id: str, token_id: str, status: TokenStatus) -> None:
        """Between active and paused. Raises NotFoundError, and ConflictError when it is revoked or void."""

    def add_person(self, person: Person, token: Token) -> None: ...
    def revoke_person(self, person_id: str, at: datetime, by: str) -> None:
        """Revokes every token of a person. Idempotent. Raises NotFoundError."""


class Vault(Protocol):
    """Where a district's upstream credential lies. Raises UnavailableError."""

    def read(self, district_id: str, *, again: bool = False) -> Secret:
        """The credential; `again` reads past any copy in memory."""


class VaultWriter(Protocol):
    def keep(self, district_id: str, credential: Secret) -> None:
        """Creates or replaces the credential. Raises UnavailableError."""

    def erase(self, district_id: str) -> None:
        """Destroys the credential for good; one that is not there is gone already. Raises UnavailableError."""


class Upstream(Protocol):
    def fetch(
        self, credential: Secret, query: UpstreamQuery, page: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        """One page's bytes, at most one retry, all within `seconds`. Raises an UpstreamError.

        `validators`: fields of a conditional request; only then may the answer be a 304.
        """

    @property
    def origin(self) -> str:
        """Scheme, host and port: a part of every cache key."""


class PageStore(Protocol):
    """The cache of pages. Reads answer None for what is missing, broken or unreachable; writes tell if they held."""

    def within(self, seconds_left: Callable[[], float]) -> PageStore:
        """The store for one request: without time for a call it is as if unreachable."""

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None: ...
    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> StoredPage | None:
        """Artefacts first, the page item next, and only once: the page as its snapshot has it, which may be another's.

        None: it is not kept.
        """

    def reuse_page(self, listing: Listing, page: StoredPage) -> StoredPage | None:
        """As `save_page`, of a page whose artefacts are in the store."""

    def restore(self, page: StoredPage, raw: bytes, model: bytes) -> bool:
        """Writes the artefacts of a page that is in its snapshot already."""

    def find_representation(self, district_id: str, name: str) -> Representation | None: ...
    def save_representation(self, representation: Representation, packed: bytes) -> bool: ...
    def read(self, artefact: Artefact) -> bytes | None:
        """The bytes as stored, their length and SHA-256 checked."""


class WalkStore(Protocol):
    """What is current of a listing, whose turn it is, and how far a walk has been read. Consistent reads only."""

    def within(self, seconds_left: Callable[[], float]) -> WalkStore: ...

    def pointer(self, listing: Listing) -> Pointer | None:
        """An empty Pointer for a listing never seen; None when the store does not say."""

    def take(self, listing: Listing, slot: Slot, seen: Pointer, owner: str) -> Turn:
        """For LEASE_FOR from now. `seen`: the pointer just read. Who has it already gets it again, with a new fence."""

    def publish(self, listing: Listing, slot: Slot, turn: Granted, snapshot: str) -> bool:
        """Makes `snapshot` the current one, if the turn is still the caller's; gives a PAGE turn back."""

    def release(self, listing: Listing, slot: Slot, owner: str) -> None:
        """Gives the turn back, if it is still the caller's. Never raises."""

    def withdraw(self, listing: Listing, snapshot: str) -> None:
        """No snapshot is current any more, if it was this one."""

    def note_use(self, listing: Listing, seen: Pointer, *, walked: bool) -> None:
        """That a vendor asked, at most once in some minutes, for whoever keeps busy listings warm."""

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None: ...
    def save_walk(self, listing: Listing, walk: Walk) -> bool:
        """If the stored one's step is one less; step 0 if there is none. The two ways to lose look alike: False."""

    def pin(self, listing: Listing, walker: str) -> str | None:
        """The snapshot that a token got at its page 1."""

    def save_pin(self, listing: Listing, walker: str, snapshot: str) -> None: ...
    def busy(self, account: Account) -> Sequence[Busy]:
        """The listings of an account that were asked for lately; none when the store does not say."""


class AccountStore(Protocol):
    """How an account's upstream has fared, for all containers together. Without it there is no breaker and no seat."""

    def within(self, seconds_left: Callable[[], float]) -> AccountStore: ...

    def health(self, account: Account) -> Health | None:
        """Consistent. None when the store does not say."""

    def note_refusal(self, account: Account, at: datetime) -> None: ...
    def note_fault(self, account: Account, fault: str, at: datetime, rest_until: datetime | None) -> None:
        """One more fault in a row."""

    def note_success(self, account: Account) -> None:
        """The next fault is the first in a row."""

    def take_probe(self, account: Account, faults: int, until: datetime, now: datetime) -> bool:
        """Whether the caller is the one that may try, after that many faults in a row."""

    def take_seat(self, account: Account, seat: int, until: datetime, now: datetime) -> bool | None:
        """None when the store does not say."""

    def leave_seat(self, account: Account, seat: int) -> None: ...


class DistrictReader(Protocol):
    """What the background may do with the registry. Raises UnavailableError."""

    def district(self, district_id: str) -> District | None: ...
    def districts(self) -> Sequence[District]: ...


class Refresher(Protocol):
    """Reads pages in the background. Each tells whether the work was taken over."""

    def refresh(self, listing: Listing, turn: Granted) -> bool:
        """Page 1, in the caller's turn."""

    def read_walk(self, listing: Listing, snapshot: str, turn: Granted) -> bool:
        """All pages of a snapshot, in the caller's turn."""

    def read_ahead(self, listing: Listing, turn: Granted) -> bool:
        """All pages of a new snapshot that nobody has asked for yet, in the caller's turn."""


class Patience(Protocol):
    def pause(self, seconds: float) -> None:
        """Waits about that long; the jitter is its own."""


class PseudonymKeys(Protocol):
    """What the data plane may do with pseudonym keys."""

    def open(self, key: SealedKey) -> bytes:
        """The key's 32 bytes. Raises UnavailableError."""


class PseudonymKeyMaker(Protocol):
    """What the control plane may do with them: it never sees one."""

    def make(self, integration_id: str, epoch: int) -> bytes:
        """A new random key of 32 bytes, sealed for this integration and epoch alone. Raises UnavailableError."""


class QuarantineWriter(Protocol):
    def note(self, district_id: str, counts: Mapping[str, int], at: datetime) -> int:
        """Notes that a page held undocumented nodes, by path. How many of the paths are new; never raises."""


class QuarantineReader(Protocol):
    def quarantine(self, district_id: str) -> Sequence[QuarantinedPath]:
        """What was withheld, the latest seen first. Raises UnavailableError."""


class Telemetry(Protocol):
    def count(self, name: str, value: int = 1) -> None:
        """Adds to a metric; never raises."""

    def quarantined(self, district_id: str, counts: Mapping[str, int]) -> None:
        """Adds withheld nodes to their metric, with district and paths beside it; never raises."""

    def crashed(self, error: Exception, request_id: str) -> None:
        """Notes an error that nobody foresaw: its class and the request id, never its text. Never raises."""


class AuditLog(Protocol):
    def record(self, record: AuditRecord) -> None:
        """Writes the audit line. Raises UnavailableError when it cannot: then no data may leave."""


class Usage(Protocol):
    def token_used(self, holder_id: str, token_id: str, at: datetime) -> None:
        """Notes the use, at most once a minute, forward only; never raises."""

    def last_used(self, holder_id: str, token_ids: Sequence[str]) -> dict[str, datetime]: ...


class PageEraser(Protocol):
    """What the control plane may do with the cache: it reads no page. Both may be repeated; UnavailableError: do."""

    def within(self, seconds_left: Callable[[], float]) -> PageEraser:
        """The eraser for one request: what does not fit in its time is left for the next, and said."""

    def mark_stale(self, target: Listings, at: datetime) -> Marked:
        """What was received before `at` is stale from now on. Raises UnavailableError."""

    def erase(self, target: Target, now: datetime) -> Erased:
        """Deletes, and reads back what was deleted. Raises UnavailableError."""
