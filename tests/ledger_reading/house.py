"""A district with its ledger in memory: what vendors were answered, written and indexed as the product does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hallpass.domain.access import Actor, Role, Status
from hallpass.domain.audit import AuditRecord, Disclosure
from hallpass.domain.ledger import Row, row_key
from hallpass.domain.model import Incident, Node
from hallpass.domain.people import People, people_of
from hallpass.domain.view import view_of
from hallpass.ports import AuditLog
from hallpass.services.manage_access import Desk

from tests.admin.conftest import ListedVault, Office, open_office
from tests.fakes import MemoryRegistry, SetClock
from tests.ledger_fake import MemoryIndex, MemoryLedger
from tests.records import DISTRICT_ID, INTEGRATION_ID, NOW, a_district, a_person, an_integration
from tests.vendor_fakes import ListedUsage

OTHER_VENDOR = "D1stVnd2"
OPENED = NOW - timedelta(days=60)
OPERATOR = Actor(a_person(), "Tok1", NOW)
ADMIN = Actor(a_person("Person02", Role.DISTRICT_ADMIN, DISTRICT_ID), "Tok1", NOW)
FOREIGN_ADMIN = Actor(a_person("Person03", Role.DISTRICT_ADMIN, "D2nd"), "Tok1", NOW)
NUMBER = "canary-0000042"


@dataclass(slots=True)
class House:
    """`office`: the control plane over the same ports."""

    office: Office
    ledger: MemoryLedger
    index: MemoryIndex
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def desk(self) -> Desk:
        return self.office.desk

    @property
    def clock(self) -> SetClock:
        return self.office.clock

    def record(self, at: datetime, **facts: Any) -> AuditRecord:
        """A row of the district's, by default of a vendor's answer with one incident."""
        told: dict[str, Any] = {
            "request_id": f"req-{next(self.numbers):05}",
            "action": "incidents.read",
            "status": 200,
            "ms": 5,
            "version": "0.1.0",
            "source": "192.0.2.1",
            "disclosure": Disclosure.RECORDS,
            "district": DISTRICT_ID,
            "integration": INTEGRATION_ID,
            "token": "Tok1",
            "agreement": "DPA-2026-01",
            "format": "json",
            "fields_preset": "identified@1",
            "cache": "hallpass; hit; ttl=60",
            "incidents": 1,
            "persons": 1,
            "bytes": 100,
        } | facts
        made = AuditRecord(time=at, **told)
        self.ledger.add(made)
        return made

    def nothing(self, at: datetime, **facts: Any) -> AuditRecord:
        """A row of an answer without incidents."""
        return self.record(at, **{"disclosure": Disclosure.NONE, "incidents": 0, "persons": 0, **facts})

    def send(self, at: datetime, rows: Sequence[Incident], page: Sequence[Incident] = (), **facts: Any) -> AuditRecord:
        """An answer that held `rows` of the page, filed in the index."""
        preset = str(facts.get("fields_preset", "identified@1"))
        people = people_of(rows, [*rows, *page], view_of(preset), self.ledger.marks(DISTRICT_ID))
        return self.file(at, people, incidents=len(rows), **facts)

    def file(self, at: datetime, people: People, **facts: Any) -> AuditRecord:
        name = self.ledger.keep(DISTRICT_ID, people)
        made = self.record(at, people=name, **facts)
        self.index.add(DISTRICT_ID, Row(row_key(made.line()), made.line()), people)
        return made


def open_house(audit: AuditLog | None = None) -> House:
    """With a district, two vendors, and an index that is complete until an hour ago."""
    office = open_office(MemoryRegistry(), ListedVault(), ListedUsage(), audit)
    ledger, index = office.desk.ledger, office.desk.index
    assert isinstance(ledger, MemoryLedger)
    assert isinstance(index, MemoryIndex)
    office.desk.registry.add_district(a_district())
    office.desk.registry.add_district(a_district("D2nd", "Another Invented"))
    office.desk.registry.add_integration(an_integration())
    second = replace(an_integration(OTHER_VENDOR), vendor="Other Made-up", status=Status.PAUSED)
    office.desk.registry.add_integration(second)
    ledger.open(DISTRICT_ID, OPENED)
    index.advance(DISTRICT_ID, NOW - timedelta(hours=1))
    return House(office, ledger, index)


def an_incident(
    uuid: str, offenders: Sequence[str | None] = (), victims: Sequence[str] = (), writer: str | None = None
) -> Incident:
    """`offenders`, `victims`: students' numbers, None for one without; `writer`: an employee's."""
    parties: list[Node] = [
        {"student": {"district_id": number, "name": "Canary Student"}} if number else {"student": {"name": "Unknown"}}
        for number in offenders
    ]
    hurt: list[Node] = [{"student": {"district_id": number, "name": "Canary Student"}} for number in victims]
    told: Incident = {"uuid": uuid, "offenders": parties, "victims": hurt}
    return told | ({"written_by": {"district_id": writer, "text": "Canary Staff"}} if writer else {})


def at(day: int, hour: int = 12, month: int = 2) -> datetime:
    """A moment of 2026, UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)
