"""What a stored page is filed under: the account it was read from and the canonical upstream query.

Rule: one canonical form drives cache key, links and audit; two different listings never share a key.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from hallpass.domain.scope import IncidentType

STORE_SCHEMA = 3


@dataclass(frozen=True, slots=True)
class UpstreamQuery:
    """The upstream's own parameters without `page`, in the upstream's spelling when written out.

    Raises ValueError for one date without the other.
    """

    type: IncidentType | None = None
    deleted: bool = False
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if (self.first is None) != (self.last is None):
            raise ValueError("the upstream takes `from` and `to` together")

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Name and value pairs in the one order that is ever sent, linked, logged or hashed."""
        pairs: list[tuple[str, str]] = []
        if self.type is not None:
            pairs.append(("type", self.type.value))
        if self.deleted:
            pairs.append(("deleted", "1"))
        if self.first is not None and self.last is not None:
            pairs += [("from", self.first.isoformat()), ("to", self.last.isoformat())]
        return tuple(pairs)

    def canonical(self) -> str:
        return "&".join(f"{name}={value}" for name, value in self.parameters())


@dataclass(frozen=True, slots=True)
class Account:
    """Where a page came from. `epoch` grows when a district's credential opens another account."""

    district_id: str
    origin: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Listing:
    """An account and a query: the pages that belong together."""

    account: Account
    query: UpstreamQuery

    @property
    def key(self) -> str:
        """SHA-256 (hex) over the parts as a JSON array: unambiguous whatever characters a part holds."""
        account = self.account
        parts = [account.district_id, account.origin, account.epoch, self.query.canonical(), STORE_SCHEMA]
        return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()
