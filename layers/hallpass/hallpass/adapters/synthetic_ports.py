"""What else reading pages needs, for test tokens: nothing is noted, counted, kept secret or waited for.

Rule: no method leaves anything behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.audit import AuditRecord
from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.health import Health
from hallpass.domain.leases import Granted
from hallpass.domain.limits import Limits
from hallpass.domain.listing import Account, Listing
from hallpass.domain.metrics import Unit
from hallpass.domain.people import Marks, People
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.quota import Level, Taken, taken
from hallpass.domain.synthetic import SYNTHETIC

# Everybody may know it: what it hides is invented.
_KEY = hashlib.sha256(SYNTHETIC.encode()).digest()


class SyntheticKeys:
    """`PseudonymKeys`, `LedgerKeys`, `PeopleLedger`: whom it is about is nobody."""

    def open(self, key: SealedKey) -> bytes:
        return _KEY

    def marks(self, district_id: str) -> Marks:
        return Marks(_KEY)

    def keep(self, district_id: str, people: People) -> str:
        return people.name


class SyntheticQuotas:
    """`Quotas` that are one container's: what it knows is all there is."""

    def take(self, integration_id: str, limits: Limits, at: datetime, seen: Level) -> Taken:
        return taken(seen, limits, at)


class SyntheticPatience:
    """`Patience`: for what is to be waited for, nobody waits."""

    def pause(self, seconds: float) -> None:
        raise PageInFlightError


@dataclass(frozen=True, slots=True)
class SyntheticAccounts:
    """`AccountStore` of accounts that are well, whatever became of the last call."""

    def within(self, seconds_left: Callable[[], float]) -> SyntheticAccounts:
        return self

    def health(self, account: Account) -> Health | None:
        return Health()

    def note_refusal(self, account: Account, at: datetime) -> None:
        pass

    def note_fault(
        self, account: Account, fault: str, at: datetime, rest_until: datetime | None, listing: str = ""
    ) -> None:
        pass

    def note_success(self, account: Account) -> None:
        pass

    def take_probe(self, account: Account, faults: int, until: datetime, now: datetime) -> bool:
        return True

    def take_seat(self, account: Account, seat: int, until: datetime, now: datetime) -> bool | None:
        return True

    def leave_seat(self, account: Account, seat: int) -> None:
        pass


class SyntheticRefresher:
    """`Refresher` that takes nothing over."""

    def refresh(self, listing: Listing, turn: Granted) -> bool:
        return False

    def read_walk(self, listing: Listing, snapshot: str, turn: Granted) -> bool:
        return False

    def read_ahead(self, listing: Listing, turn: Granted) -> bool:
        return False


class SyntheticTelemetry:
    """`Telemetry`, and `QuarantineWriter`. That a test token was used at all is counted by the request's record."""

    def count(self, name: str, value: int = 1) -> None:
        pass

    def gauge(self, name: str, unit: Unit, value: int) -> None:
        pass

    def count_by_district(self, name: str, beside: str, counts: Mapping[str, int]) -> None:
        pass

    def measure(self, record: AuditRecord) -> None:
        pass

    def upstream_asked(self, district_id: str, calls: int, ms: int, fault: str | None = None) -> None:
        pass

    def quarantined(self, district_id: str, counts: Mapping[str, int]) -> None:
        pass

    def note(self, district_id: str, counts: Mapping[str, int], at: datetime) -> int:
        return 0

    def crashed(self, error: Exception, request_id: str) -> None:
        pass
