"""A data plane over the ports in memory, with one district, and tokens as the tests need them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from hallpass.adapters.static_files import site
from hallpass.bootstrap_synthetic import synthetic_gate, synthetic_reader
from hallpass.domain.access import Status, Token, TokenStatus
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.scope import AllSchools, IncidentType, Rows, Scope, Unbounded, Window
from hallpass.domain.tokens import TokenKind, mint, to_base62
from hallpass.domain.view import view_of
from hallpass.ledger_ports import LedgerKeys
from hallpass.services.assembly import Parts
from hallpass.services.failures import Failures
from hallpass.services.gate import Gate
from hallpass.services.limiter import Limiter
from hallpass.services.read_incidents import IncidentReader
from hallpass.services.recording import Recorder
from hallpass.services.refresh_pages import RefreshPages
from hallpass.services.representations import Witnesses
from hallpass.services.synthetic_gate import SyntheticGate
from hallpass.services.vendor_api import Readers, VendorApi

from tests import records
from tests.fakes import MemoryRegistry, SetClock
from tests.ledger_fake import MemoryLedger
from tests.page_store_fake import MemoryPageStore
from tests.quota_fakes import MemoryQuotas, MemoryRoster
from tests.vendor_fakes import (
    Background,
    CountedTelemetry,
    ListedAudit,
    ListedUsage,
    MemoryKeys,
    MemoryQuarantine,
    MemoryVault,
    Pausing,
    ScriptedUpstream,
)
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

BASE = "https://hallpass.example"
EVERYTHING = Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True)


def rows(
    types: str = "referral minor",
    schools: str = "all",
    window: Window | None = None,
    *,
    deleted: bool = False,
) -> Rows:
    """A scope's rows in short."""
    named = AllSchools() if schools == "all" else frozenset(schools.split())
    return Rows(frozenset(IncidentType(kind) for kind in types.split()), named, window or Unbounded(), deleted)


def incident(number: int, **changes: str) -> str:
    """An invented incident as the upstream writes it. `changes`: type, date, school, deleted, text."""
    told = {"type": "referral", "date": "2026-02-10", "school": "007", "deleted": "", "text": "note"} | changes
    deleted = f' deleted="{told["deleted"]}"' if told["deleted"] else ""
    return (
        f'<incident uuid="u-{number}" type="{told["type"]}"{deleted}><date>{told["date"]}</date>'
        f'<school code="{told["school"]}">Invented School</school><description>{told["text"]}</description>'
        f'<offenders count="1"><offender><student district-id="S{number}"><name>Zed Madeup</name><iep>true</iep>'
        "</student></offender></offenders></incident>"
    )


def page(*incidents: str, number: int = 1, total: int = 1) -> bytes:
    body = "".join(incidents)
    root = f'<incidents count="{len(incidents)}" page="{number}" total-pages="{total}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{body}</incidents>'.encode()


@dataclass(slots=True)
class World:
    """`get` and `send` call the data plane as a gateway would."""

    clock: SetClock = field(default_factory=SetClock)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    store: MemoryPageStore = field(default_factory=MemoryPageStore)
    upstream: ScriptedUpstream = field(default_factory=ScriptedUpstream)
    vault: MemoryVault = field(default_factory=MemoryVault)
    audit: ListedAudit = field(default_factory=ListedAudit)
    usage: ListedUsage = field(default_factory=ListedUsage)
    telemetry: CountedTelemetry = field(default_factory=CountedTelemetry)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    quarantine: MemoryQuarantine = field(default_factory=MemoryQuarantine)
    accounts: MemoryAccountStore = field(default_factory=MemoryAccountStore)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    quotas: MemoryQuotas = field(default_factory=MemoryQuotas)
    limiter: Limiter = field(init=False)
    roster: MemoryRoster = field(init=False)
    failures: Failures = field(init=False)
    synthetic: SyntheticGate = field(init=False)
    walks: MemoryWalkStore = field(init=False)
    background: Background = field(init=False)
    patience: Pausing = field(init=False)
    calls: int = 60
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    base_url: str = BASE
    secrets: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.walks = MemoryWalkStore(self.clock)
        self.limiter = Limiter(self.quotas, self.clock, self.telemetry)
        self.roster = MemoryRoster(self.registry)
        self.failures = Failures(self.roster, self.clock)
        self.synthetic = synthetic_gate(self.clock)
        self.patience = Pausing(self.clock)
        self.background = Background(lambda order: self.refresher.carry_out(order, lambda: 300.0))
        self.registry.add_district(records.a_district())
        self.ledger.open(records.DISTRICT_ID, self.clock.now())
        self.upstream.pages[1] = page(incident(1), incident(2, type="minor"))

    @property
    def parts(self) -> Parts:
        return Parts(
            store=self.store,
            walks=self.walks,
            accounts=self.accounts,
            upstream=self.upstream,
            vault=self.vault,
            quarantine=self.quarantine,
            refresher=self.background,
            clock=self.clock,
            patience=self.patience,
            telemetry=self.telemetry,
            new_name=lambda: f"{next(self._numbers):08x}",
            choose=lambda numbers: numbers[0],
        )

    @property
    def ledger_keys(self) -> LedgerKeys:
        return self.ledger

    @property
    def refresher(self) -> RefreshPages:
        return RefreshPages(self.parts, self.registry, self.background, self.calls)

    @property
    def api(self) -> VendorApi:
        witnesses = Witnesses(self.ledger, self.ledger_keys)
        reader = IncidentReader(self.parts, self.telemetry, self.keys, witnesses, self.base_url)
        recorder = Recorder(self.ledger, self.audit, self.clock, self.telemetry, "test")
        gate = Gate(self.registry, self.usage, self.limiter, self.failures, self.synthetic, self.clock)
        readers = Readers(reader, synthetic_reader(self.clock, self.base_url))
        return VendorApi(readers, gate, recorder, lambda: site("docs"))

    def token(self, scope: Scope | None = None, district: str = records.DISTRICT_ID, **changes: object) -> str:
        """Adds an integration with `scope` and gives the text of a token of it. `changes`: fields of Token."""
        number = next(self._numbers)
        integration = replace(
            records.an_integration(f"{district}V{to_base62(number, 3)}"),
            scope=scope or Scope(rows(), "all-documented@1"),
            token_generation=0,
        )
        if integration.sealed_key is None and view_of(integration.scope.fields).pseudonymised:
            integration = replace(integration, sealed_key=self.keys.make(integration.id, integration.pseudonym_epoch))
        self.registry.add_integration(integration)
        minted = mint(TokenKind.LIVE, integration.id, f"T{to_base62(number, 3)}", number.to_bytes(32, "big"))
        now = self.clock.now()
        token = Token(
            f"T{to_base62(number, 3)}",
            integration.id,
            minted.digest,
            TokenStatus.ACTIVE,
            now,
            now + timedelta(days=100),
            now,
            records.PERSON_ID,
        )
        self.registry.add_token(replace(token, **changes), integration)  # type: ignore[arg-type]  # by name
        self.secrets[minted.text.reveal()] = number.to_bytes(32, "big")
        return minted.text.reveal()

    def send(
        self, method: str, path: str, query: str = "", headers: Mapping[str, str] | None = None, seconds: float = 29
    ) -> HttpResponse:
        request = HttpRequest(
            method,
            path,
            query,
            dict(headers or {}),
            "192.0.2.7",
            f"req-{next(self._numbers)}",
            "https://called.example",
        )
        return self.api.handle(request, seconds)

    def get(self, token: str, path: str = "/v1/incidents.json", query: str = "", **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("GET", path, query, {"authorization": f"Bearer {token}", **named})

    def walk_to(self, token: str, number: int, path: str = "/v1/incidents.json", query: str = "") -> HttpResponse:
        """Page `number`, after page 1 as every walk begins."""
        self.get(token, path, query)
        return self.get(token, path, f"{query}&page={number}" if query else f"page={number}")

    def pause_district(self) -> None:
        district = self.registry.district(records.DISTRICT_ID)
        assert district is not None
        self.registry._districts[district.id] = replace(district, status=Status.PAUSED)

    def today(self) -> date:
        return self.clock.now().date()

    def later(self, **parts: float) -> datetime:
        self.clock.move(timedelta(**parts))
        return self.clock.now()
