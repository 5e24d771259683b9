"""The admin API's real handler objects over an embedded AWS, with a clock that is set and an upstream that stands."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hallpass.adapters.admin_http import AdminHttp
from hallpass.adapters.audit_log import StdoutAuditLog
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_cache_count import DynamoDbCacheCounter
from hallpass.adapters.dynamodb_claim_links import DynamoDbClaimLinks
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.adapters.dynamodb_invitations import DynamoDbInvitations
from hallpass.adapters.dynamodb_ledger import DynamoDbLedger
from hallpass.adapters.dynamodb_outcomes import DynamoDbOutcomes
from hallpass.adapters.dynamodb_quarantine import DynamoDbQuarantine
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.dynamodb_sessions import DynamoDbSessions
from hallpass.adapters.dynamodb_usage import DynamoDbUsage
from hallpass.adapters.kms_ledger_keys import ledger_key_maker
from hallpass.adapters.kms_pseudonym_keys import KmsPseudonymKeyMaker
from hallpass.adapters.secrets_vault import SecretsVaultWriter
from hallpass.desk_ports import ClaimLinkStore, InvitationStore, OutcomeStore, SessionStore
from hallpass.domain.access import Role
from hallpass.domain.secret import Secret
from hallpass.ledger_ports import DisclosureIndex, LedgerKeys
from hallpass.page_ports import CacheCounter, KeptPages, PageEraser, Warmer
from hallpass.ports import AuditLog, PseudonymKeyMaker, QuarantineReviewer, Registry, Usage, VaultWriter
from hallpass.services.manage_access import Desk
from hallpass.services.manage_people import create_first_operator
from hallpass.services.recording import Recorder
from moto import mock_aws

from tests.admin.documented import check_documented
from tests.aws_tables import CREDENTIALS, create_key, create_table
from tests.cache_counter_fake import MemoryCounter
from tests.desk_fakes import MemoryClaimLinks, MemoryInvitations, MemoryOutcomes, MemorySessions
from tests.fakes import ListedPatience, MemoryRegistry, SetClock
from tests.kept_pages_fake import MemoryKeptPages
from tests.ledger_fake import MemoryIndex, MemoryLedger
from tests.page_eraser_fake import MemoryEraser
from tests.page_store_fake import MemoryPageStore
from tests.records import NOW
from tests.vendor_fakes import (
    CountedTelemetry,
    ListedUsage,
    ListedWarmer,
    MemoryKeys,
    MemoryQuarantine,
    ScriptedUpstream,
)
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

PREFIX = "stack/districts"
CREDENTIAL = "upstream-canary-credential"
PAGE = b"""<incidents count="3" page="1" total-pages="4">
<incident uuid="u1" type="referral"><school code="10">Invented High</school></incident>
<incident uuid="u2" type="minor"><school code="9">Made-up Middle</school></incident>
<incident uuid="u3" type="minor"><school code="10">Invented High</school></incident>
<incident uuid="u4" type="minor"></incident>
</incidents>"""


@dataclass(slots=True)
class ListedVault:
    """The VaultWriter port in a dictionary."""

    kept: dict[str, Secret] = field(default_factory=dict)

    def keep(self, district_id: str, credential: Secret) -> None:
        self.kept[district_id] = credential

    def erase(self, district_id: str) -> None:
        self.kept.pop(district_id, None)


class InvocationContext:
    """As much of Lambda's context as is used."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(slots=True)
class Office:
    """The control plane and everything around it that a test wants to set or see."""

    admin: AdminHttp
    desk: Desk
    recorder: Recorder
    clock: SetClock
    upstream: ScriptedUpstream
    telemetry: CountedTelemetry
    operator: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def call(self, method: str, path: str, body: object = None, token: str | None = None, **event: Any) -> Reply:
        """Sends a request as the gateway does. `token`: the operator's unless said."""
        headers: dict[str, str | None] = {"authorization": f"Bearer {token or self.operator}"}
        if body is not None:
            headers["content-type"] = "application/json"
            event.setdefault("body", body if isinstance(body, str) else json.dumps(body))
        if method == "PUT":
            # Whoever does not say over which state it is meant writes over any.
            headers["if-match"] = "*"
        # None takes a header away.
        headers |= event.pop("headers", {})
        sent = {name: value for name, value in headers.items() if value is not None}
        path, _, query = path.partition("?")
        return self.send(http_event(method, path, sent, next(self.numbers)) | {"rawQueryString": query} | event)

    def send(self, event: Mapping[str, Any]) -> Reply:
        answer = self.admin.handle(event, InvocationContext())
        # A long body is coded, and the gateway takes that off.
        body = base64.b64decode(answer["body"]).decode() if answer["isBase64Encoded"] else answer["body"]
        reply = Reply(answer["statusCode"], answer["headers"], body)
        check_documented(event, reply.status, body)
        return reply

    def person(self, role: Role, district_id: str | None = None) -> str:
        """A new person's token."""
        body = {"name": "Bo Inventado", "role": role.value, "district": district_id, "expires_at": self.ahead(30)}
        return str(self.call("POST", "/admin/v1/people", body).json["token"])

    def district(self, name: str = "Invented Unified") -> str:
        body = {"name": name, "time_zone": "America/Chicago", "upstream_token": CREDENTIAL, "confirmed": True}
        return str(self.call("POST", "/admin/v1/districts", body).json["district"]["id"])

    def integration(self, district_id: str) -> str:
        reply = self.call("POST", f"/admin/v1/districts/{district_id}/integrations", self.integration_body())
        return f"/admin/v1/districts/{district_id}/integrations/{reply.json['integration']['id']}"

    def integration_body(self) -> dict[str, Any]:
        return {
            "vendor": "Madeup Analytics",
            "contact": "pat@vendor.example",
            "purpose": "Attendance dashboards",
            "agreement": {"id": "DPA-2026-01", "ends_on": "2026-12-31"},
            "scope": {
                "rows": {"types": ["minor"], "schools": ["10"], "window": {"days": 30}, "deleted": False},
                "fields": "all-documented@1",
            },
        }

    def ahead(self, days: float) -> str:
        return (self.clock.at + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def upstream_body(office: Office) -> dict[str, Any]:
    """An integration that withholds nothing, and does not say yet that it is meant."""
    rows = {"types": ["referral", "minor", "pending"], "schools": "all", "window": "unbounded", "deleted": True}
    return office.integration_body() | {"scope": {"rows": rows, "fields": "upstream@1"}}


def http_event(method: str, path: str, headers: Mapping[str, str], number: int = 1) -> dict[str, Any]:
    """An HTTP API event, payload 2.0."""
    return {
        "version": "2.0",
        "routeKey": "ANY /admin/{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": dict(headers),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "hallpass.example",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
            "requestId": f"request-{number}",
            "routeKey": "ANY /admin/{proxy+}",
            "stage": "$default",
            "timeEpoch": 1772463600000,
        },
        "isBase64Encoded": False,
    }


@pytest.fixture
def office() -> Office:
    """Over fakes that pass the real adapters' contract."""
    return open_office(MemoryRegistry(), ListedVault(), ListedUsage())


@pytest.fixture
def aws_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Over the real adapters and an embedded AWS."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb, kms = client("dynamodb"), client("kms")
        new_key = ledger_key_maker(lambda: kms, create_key(kms))
        registry = DynamoDbRegistry(dynamodb, create_table(dynamodb, "registry"))
        yield open_office(
            registry,
            SecretsVaultWriter(client("secretsmanager"), PREFIX, None),
            DynamoDbUsage(dynamodb, create_table(dynamodb, "usage")),
            quarantine=DynamoDbQuarantine(dynamodb, "usage"),
            keys=KmsPseudonymKeyMaker(kms, create_key(kms)),
            eraser=DynamoDbEraser(dynamodb, create_table(dynamodb, "pages")),
            counter=DynamoDbCacheCounter(dynamodb, "pages"),
            ledger=DynamoDbLedger(dynamodb, create_table(dynamodb, "ledger"), new_key),
            sessions=DynamoDbSessions(dynamodb, create_table(dynamodb, "sessions")),
            invitations=DynamoDbInvitations(dynamodb, "sessions"),
            claims=DynamoDbClaimLinks(dynamodb, "sessions", registry),
            outcomes=DynamoDbOutcomes(dynamodb, "sessions"),
        )


def open_office(
    registry: Registry,
    vault: VaultWriter,
    usage: Usage,
    audit: AuditLog | None = None,
    at: datetime = NOW,
    *,
    quarantine: QuarantineReviewer | None = None,
    keys: PseudonymKeyMaker | None = None,
    eraser: PageEraser | None = None,
    counter: CacheCounter | None = None,
    ledger: DynamoDbLedger | MemoryLedger | None = None,
    index: DisclosureIndex | None = None,
    ledger_keys: LedgerKeys | None = None,
    kept: KeptPages | None = None,
    sessions: SessionStore | None = None,
    invitations: InvitationStore | None = None,
    outcomes: OutcomeStore | None = None,
    claims: ClaimLinkStore | None = None,
    warmer: Warmer | None = None,
    clock: SetClock | None = None,
) -> Office:
    clock, telemetry, memory = clock or SetClock(at), CountedTelemetry(), MemoryLedger()
    pages, walks = MemoryPageStore(), MemoryWalkStore(clock)
    nothing = MemoryKeptPages(MemoryPageStore(), MemoryWalkStore(clock), MemoryAccountStore())
    upstream = ScriptedUpstream({1: PAGE}, accepts=CREDENTIAL)
    numbers = itertools.count(1)
    desk = Desk(
        registry=registry,
        clock=clock,
        entropy=lambda size: (next(numbers) * 7_919**4 % 256**size).to_bytes(size, "big"),
        vault=vault,
        upstream=upstream,
        usage=usage,
        quarantine=quarantine or MemoryQuarantine(),
        keys=keys or MemoryKeys(),
        eraser=eraser or MemoryEraser(pages, walks, MemoryAccountStore()),
        counter=counter or MemoryCounter(pages, walks),
        ledger=ledger or memory,
        index=index or MemoryIndex(),
        ledger_keys=ledger_keys or (ledger if isinstance(ledger, MemoryLedger) else memory),
        people=ledger or memory,
        kept=kept or nothing,
        patience=ListedPatience(),
        sessions=sessions or MemorySessions(),
        invitations=invitations or MemoryInvitations(),
        claims=claims or MemoryClaimLinks(registry),
        outcomes=outcomes or MemoryOutcomes(),
        warmer=warmer or ListedWarmer(),
        warm_calls=60,
    )
    _, issued = create_first_operator(desk, "Ada Inventada", clock.now() + timedelta(days=399), another=False)
    recorder = Recorder(ledger or memory, audit or StdoutAuditLog(), clock, telemetry, "0.1.0")
    admin = AdminHttp(desk, recorder, telemetry)
    return Office(admin, desk, recorder, clock, upstream, telemetry, issued.text.reveal())


@pytest.fixture(params=["office", "aws_office"], ids=["in memory", "over AWS"])
def either(request: pytest.FixtureRequest) -> Office:
    """Over fakes, and over the real adapters."""
    office: Office = request.getfixturevalue(request.param)
    return office


@pytest.fixture
def path(office: Office) -> str:
    """An integration's, of all-documented@1."""
    return office.integration(office.district())
