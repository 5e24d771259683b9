"""The ports of the data plane in memory: what they were told is kept to be looked at."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hallpass.domain.audit import AuditRecord
from hallpass.domain.errors import NotFoundError, UnavailableError
from hallpass.domain.http_caching import Headers
from hallpass.domain.leases import Granted
from hallpass.domain.listing import Listing, UpstreamQuery
from hallpass.domain.metrics import Measure, Unit, call_measures, request_measures
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.quarantine import QuarantinedPath, Review
from hallpass.domain.refresh_order import Action, Asked, Order
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamAnswer, UpstreamCredentialsError, UpstreamError

from tests.fakes import SetClock


@dataclass(slots=True)
class ScriptedUpstream:
    """`Upstream` that answers from `pages` by number, or raises `fault`. `accepts`: the credential it knows.

    `headers`: of every answer. `tags`: of pages that have a validator, by number.
    """

    pages: dict[int, bytes] = field(default_factory=dict)
    fault: UpstreamError | None = None
    accepts: str = "upstream-credential"
    calls: list[tuple[UpstreamQuery, int]] = field(default_factory=list)
    budgets: list[float] = field(default_factory=list)
    origin: str = "https://upstream.example"
    headers: Headers = ()
    tags: dict[int, str] = field(default_factory=dict)

    def fetch(
        self, credential: Secret, query: UpstreamQuery, page: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        self.calls.append((query, page))
        self.budgets.append(seconds)
        if credential != Secret(self.accepts):
            raise UpstreamCredentialsError(upstream_status=401)
        if self.fault is not None:
            self.fault.attempts = 1
            raise self.fault
        if page in self.tags and ("If-None-Match", self.tags[page]) in validators:
            return UpstreamAnswer(b"", 3, 1, self._fields(page), 304)
        return UpstreamAnswer(self.pages[page], 12, 1, self._fields(page))

    def _fields(self, page: int) -> Headers:
        return (*self.headers, ("ETag", self.tags[page])) if page in self.tags else self.headers


@dataclass(slots=True)
class MemoryVault:
    """`Vault` with one credential in memory and perhaps a newer one behind it."""

    remembered: str = "upstream-credential"
    kept: str = "upstream-credential"
    unreachable: bool = False
    reads: list[bool] = field(default_factory=list)

    def read(self, district_id: str, *, again: bool = False) -> Secret:
        self.reads.append(again)
        if self.unreachable:
            raise UnavailableError
        if again:
            self.remembered = self.kept
        return Secret(self.remembered)


@dataclass(slots=True)
class ListedAudit:
    """`AuditLog` in a list. `broken`: nothing can be written."""

    records: list[AuditRecord] = field(default_factory=list)
    broken: bool = False

    def record(self, record: AuditRecord) -> None:
        if self.broken:
            raise UnavailableError
        self.records.append(record)


@dataclass(slots=True)
class ListedUsage:
    """`Usage` in a list."""

    used: list[tuple[str, str, datetime]] = field(default_factory=list)

    def token_used(self, holder_id: str, token_id: str, at: datetime) -> None:
        self.used.append((holder_id, token_id, at))

    def last_used(self, holder_id: str, token_ids: Sequence[str]) -> dict[str, datetime]:
        return {token: at for holder, token, at in self.used if holder == holder_id and token in token_ids}


@dataclass(slots=True)
class CountedTelemetry:
    """`Telemetry` as a counter. `measured`: the same as the metrics would hold it."""

    counts: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    measured: list[Measure] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    beside: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, name: str, value: int = 1) -> None:
        self.counts[name] += value

    def measure(self, record: AuditRecord) -> None:
        self.measured += request_measures(record)

    def gauge(self, name: str, unit: Unit, value: int) -> None:
        self.counts[name] += value
        self.measured.append(Measure(name, unit, value))

    def count_by_district(self, name: str, beside: str, counts: Mapping[str, int]) -> None:
        self.counts[name] += sum(counts.values())
        self.beside[beside] = dict(counts)

    def upstream_asked(self, district_id: str, calls: int, ms: int, fault: str | None = None) -> None:
        self.measured += call_measures(calls, ms, fault)
        if fault is not None:
            self.faults.append((district_id, fault))

    def quarantined(self, district_id: str, counts: Mapping[str, int]) -> None:
        self.counts["QuarantinedNodes"] += sum(counts.values())

    def crashed(self, error: Exception, request_id: str) -> None:
        self.crashes.append(type(error).__name__)


@dataclass(slots=True)
class MemoryKeys:
    """`PseudonymKeys` and `PseudonymKeyMaker`: a sealed key names what it is for. `unreachable`: neither works."""

    unreachable: bool = False
    opened: list[SealedKey] = field(default_factory=list)
    _made: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def make(self, integration_id: str, epoch: int) -> bytes:
        if self.unreachable:
            raise UnavailableError
        return f"{integration_id}|{epoch}|{next(self._made)}".encode()

    def open(self, key: SealedKey) -> bytes:
        if self.unreachable or not key.sealed.startswith(f"{key.integration_id}|{key.epoch}|".encode()):
            raise UnavailableError
        self.opened.append(key)
        return hashlib.sha256(key.sealed).digest()


@dataclass(slots=True)
class MemoryQuarantine:
    """`QuarantineWriter` and `QuarantineReviewer` in a dictionary."""

    _paths: dict[tuple[str, str], QuarantinedPath] = field(default_factory=dict)

    def note(self, district_id: str, counts: Mapping[str, int], at: datetime) -> int:
        new = sum((district_id, path) not in self._paths for path in counts)
        for path, nodes in counts.items():
            known = self._paths.get((district_id, path))
            first = known or QuarantinedPath(path, at, at, nodes)
            self._paths[district_id, path] = replace(first, last_seen=at, nodes=nodes)
        return new

    def quarantine(self, district_id: str) -> Sequence[QuarantinedPath]:
        mine = [found for (district, _), found in self._paths.items() if district == district_id]
        return sorted(mine, key=lambda found: (found.last_seen, found.path), reverse=True)

    def review(self, district_id: str, path: str, review: Review) -> QuarantinedPath:
        before = self._paths.get((district_id, path))
        if before is None:
            raise NotFoundError
        if before.review is None or not before.review.says_the_same_as(review):
            self._paths[district_id, path] = replace(before, review=review)
        return before


@dataclass(slots=True)
class Background:
    """`Refresher` whose orders are carried out when `run` is called, or at once. `unreachable`: it takes none."""

    carry_out: Callable[[Order], None]
    at_once: bool = True
    unreachable: bool = False
    orders: list[Order] = field(default_factory=list)

    def refresh(self, listing: Listing, turn: Granted) -> bool:
        return self._send(Order(Action.PAGE, listing, turn))

    def read_walk(self, listing: Listing, snapshot: str, turn: Granted) -> bool:
        return self._send(Order(Action.WALK, listing, turn, snapshot))

    def read_ahead(self, listing: Listing, turn: Granted) -> bool:
        return self._send(Order(Action.AHEAD, listing, turn))

    def run(self) -> None:
        while self.orders:
            self.carry_out(self.orders.pop(0))

    def _send(self, order: Order) -> bool:
        if self.unreachable:
            return False
        self.orders.append(order)
        if self.at_once:
            self.run()
        return True


@dataclass(slots=True)
class ListedWarmer:
    """`Warmer`. `meanwhile`: what is done with each, at once. `unreachable`: it takes none."""

    unreachable: bool = False
    taken: list[Asked] = field(default_factory=list)
    meanwhile: Callable[[Asked], object] = lambda _: None

    def warm(self, asked: Asked) -> bool:
        if self.unreachable:
            return False
        self.taken.append(asked)
        self.meanwhile(asked)
        return True


@dataclass(slots=True)
class Pausing:
    """`Patience` that moves the clock. `meanwhile`: what happens in the first pauses, by turns."""

    clock: SetClock
    meanwhile: list[Callable[[], None]] = field(default_factory=list)
    pauses: int = 0

    def pause(self, seconds: float) -> None:
        self.pauses += 1
        self.clock.move(timedelta(seconds=seconds))
        if self.meanwhile:
            self.meanwhile.pop(0)()
