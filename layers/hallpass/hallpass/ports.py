"""What the services need from the outside, as Protocols. The adapters and the tests' fakes implement them.

Rule: an implementation translates its own errors into ours; a Registry or a Vault in doubt raises
UnavailableError, a PageStore in doubt answers None (the cache is expendable).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from hallpass.domain.histories import Written
from hallpass.domain.http_caching import Headers
from hallpass.domain.limits import Limits
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.metrics import Unit
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.quarantine import QuarantinedPath, Review
from hallpass.domain.quota import Level, Taken
from hallpass.domain.secret import Secret
from hallpass.domain.tokens import PresentedToken
from hallpass.domain.upstream import UpstreamAnswer


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

    def add_integration(self, integration: Integration) -> None:
        """Raises ConflictError when there is one of that id."""

    def save_integration(self, integration: Integration) -> None:
        """Replaces the integration whose `version` is one less. Raises ConflictError when another write won."""

    def amend_integration(self, integration: Integration, at: datetime, by: str) -> None:
        """As `save_integration`, and keeps it as a version of the history, in the same write."""

    def integration_history(self, integration_id: str) -> Sequence[Written]:
        """What it was when it was added and after each amendment, oldest first."""

    def stop_tokens(self, integration_id: str) -> Integration:
        """Raises `token_generation` by one, unconditionally. Raises NotFoundError."""

    def add_token(self, token: Token, seen: Integration, ending: Token | None = None) -> None:
        """Adds a token and raises `seen.version` by one, together.

        `ending`: a token of the same integration with the earlier end it gets in the same write (the
        overlap of a rotation). Raises ConflictError.
        """

    def set_token_status(self, holder_id: str, token_id: str, status: TokenStatus) -> None:
        """Between active and paused. Raises NotFoundError, and ConflictError when it is revoked or void."""

    def add_person(self, person: Person, token: Token) -> None:
        """Raises ConflictError when there is a person of that id."""

    def add_person_token(self, token: Token, ending: Token) -> None:
        """Adds a token of a person; `ending`: another of theirs, with the earlier end it gets in the same write.

        Raises ConflictError, also when the person or `ending` is revoked.
        """

    def revoke_person(self, person_id: str, at: datetime, by: str) -> None:
        """Revokes a person and every token of theirs. Idempotent. Raises NotFoundError."""


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


class DistrictReader(Protocol):
    """What the background may do with the registry. Raises UnavailableError."""

    def district(self, district_id: str) -> District | None: ...
    def districts(self) -> Sequence[District]: ...


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


class QuarantineReviewer(QuarantineReader, Protocol):
    def review(self, district_id: str, path: str, review: Review) -> QuarantinedPath:
        """Marks a path that is there, and answers it as it was before; a word said twice keeps its first time.

        Raises NotFoundError, UnavailableError.
        """


class Telemetry(Protocol):
    def count(self, name: str, value: int = 1) -> None:
        """Adds to a metric; never raises."""

    def gauge(self, name: str, unit: Unit, value: int) -> None:
        """Adds a reading, in its unit, to a metric; never raises."""

    def count_by_district(self, name: str, beside: str, counts: Mapping[str, int]) -> None:
        """Adds the sum to a metric, with each district's count beside it under `beside`; never raises."""

    def measure(self, record: AuditRecord) -> None:
        """Adds what is measured of a request, by its record; never raises."""

    def upstream_asked(self, district_id: str, calls: int, ms: int, fault: str | None = None) -> None:
        """Adds what is measured of a page that was wanted of the upstream; never raises.

        `fault`: the problem's type, if it did not come; with the district it stands beside the metrics.
        """

    def quarantined(self, district_id: str, counts: Mapping[str, int]) -> None:
        """Adds withheld nodes to their metric, with district and paths beside it; never raises."""

    def crashed(self, error: Exception, request_id: str) -> None:
        """Notes an error that nobody foresaw: its class and the request id, never its text. Never raises."""


class AuditLog(Protocol):
    def record(self, record: AuditRecord) -> None:
        """Writes the audit line. Raises UnavailableError when it cannot: then no data may leave."""


class Quotas(Protocol):
    """What integrations have used of their limits, in one place for all containers."""

    def take(self, integration_id: str, limits: Limits, at: datetime, seen: Level) -> Taken:
        """Takes one whole request if it fits, as one step among all that take. Raises UnavailableError.

        `seen`: a level that was read before, or UNUSED; it saves a call when it is still so, and decides nothing.
        """


class Roster(Protocol):
    """Which tokens there are: for refusing bad ones by the thousand."""

    def may_hold(self, presented: PresentedToken) -> bool:
        """False only when ROSTER_SECONDS ago, or later, the registry held no token with that secret; never raises."""


class Usage(Protocol):
    def token_used(self, holder_id: str, token_id: str, at: datetime) -> None:
        """Notes the use, at most once a minute, forward only; never raises."""

    def last_used(self, holder_id: str, token_ids: Sequence[str]) -> dict[str, datetime]:
        """The last use that is noted: the last of all is less than a minute later. Never raises."""
