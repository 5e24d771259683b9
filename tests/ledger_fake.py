"""The ledger and its index in memory: does what every implementation of the ports does, and fails on request.

Rule: it passes the same contract tests as the real ones.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from hallpass.domain.audit import AuditRecord
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import (
    NO_DISTRICT,
    Account,
    Appearance,
    Known,
    Received,
    Row,
    Rows,
    day_of,
    recipient_of,
    row_key,
)
from hallpass.domain.people import DISCLOSED, Marks, People, Person

from tests.log_sink import complaints


@dataclass(slots=True)
class MemoryLedger:
    """`Ledger`, `PeopleLedger`, `LedgerKeys`, `LedgerReader`. `broken`: nothing is written or read.

    `fails`: the methods that do not work.
    """

    broken: bool = False
    fails: set[str] = field(default_factory=set)
    records: list[AuditRecord] = field(default_factory=list)
    kept: dict[tuple[str, str], People] = field(default_factory=dict)
    opened: dict[str, Account] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, record: AuditRecord) -> None:
        self._called("add")
        # F-30, in every test that writes a row.
        assert not list(complaints(json.dumps(record.line(), ensure_ascii=False)))
        self.records.append(record)

    def keep(self, district_id: str, people: People) -> str:
        self._called("keep")
        self.kept.setdefault((district_id, people.name), people)
        return people.name

    def marks(self, district_id: str) -> Marks:
        self._called("marks")
        if district_id not in self.opened:
            raise UnavailableError
        return Marks(hashlib.sha256(self.opened[district_id].sealed_key).digest())

    def open(self, district_id: str, at: datetime) -> None:
        self._called("open")
        self.opened.setdefault(district_id, Account(district_id, f"sealed {district_id}".encode(), at))

    def account(self, district_id: str) -> Account | None:
        self._called("account")
        return self.opened.get(district_id)

    def accounts(self) -> Sequence[str]:
        self._called("accounts")
        return sorted(self.opened)

    def rows(self, district_id: str, day: date, *, after: str = "", limit: int = 500, newest: bool = False) -> Rows:
        self._called("rows")
        mine = [
            Row(row_key(record.line()), record.line())
            for record in self.records
            if (record.district or NO_DISTRICT) == district_id and day_of(record.time) == day
        ]
        ordered = sorted(mine, key=lambda row: row.key, reverse=newest)
        following = [row for row in ordered if not after or (row.key < after if newest else row.key > after)]
        return Rows(following[:limit], len(following) > limit)

    def people(self, district_id: str, name: str) -> People | None:
        self._called("people")
        return self.kept.get((district_id, name))

    def _called(self, method: str) -> None:
        self.calls[method] += 1
        if self.broken or method in self.fails:
            raise UnavailableError


@dataclass(slots=True)
class MemoryIndex:
    """`DisclosureIndex`. `broken`: nothing is written or read."""

    broken: bool = False
    until: dict[str, datetime] = field(default_factory=dict)
    seen: set[tuple[str, bytes]] = field(default_factory=set)
    filed: dict[tuple[str, bytes], set[Appearance]] = field(default_factory=dict)
    rows: dict[tuple[str, str, date, str], dict[str, Row]] = field(default_factory=dict)
    incidents: set[tuple[str, Person, bytes]] = field(default_factory=set)
    sent: set[tuple[str, Received]] = field(default_factory=set)

    def indexed_until(self, district_id: str) -> datetime | None:
        self._check()
        return self.until.get(district_id)

    def advance(self, district_id: str, until: datetime) -> None:
        self._check()
        self.until[district_id] = max(until, self.until.get(district_id, until))

    def add(self, district_id: str, row: Row, people: People) -> None:
        self._check()
        day, recipient = day_of(row.time), recipient_of(row.facts)
        for level, marks in people.shown:
            for mark in marks:
                self.seen.add((district_id, mark))
                if level in DISCLOSED:
                    appearance = Appearance(day, recipient, people.name, level)
                    self.filed.setdefault((district_id, mark), set()).add(appearance)
        self.incidents |= {(district_id, person, mark) for person, marks in people.unnumbered for mark in marks}
        self.sent.add((district_id, Received(recipient, day, row.text("fields_preset") or "")))
        self.rows.setdefault((district_id, people.name, day, recipient), {})[row.key] = row

    def known(self, district_id: str, mark: bytes) -> Known:
        self._check()
        filed = self.filed.get((district_id, mark), set())
        ordered = sorted(filed, key=lambda each: (each.day, each.recipient, each.people))
        return Known((district_id, mark) in self.seen, ordered)

    def disclosures(self, district_id: str, appearance: Appearance) -> Sequence[Row]:
        self._check()
        key = district_id, appearance.people, appearance.day, appearance.recipient
        return [row for _, row in sorted(self.rows.get(key, {}).items())]

    def see(self, district_id: str, people: People) -> None:
        self._check()
        self.seen |= {(district_id, mark) for _, marks in people.shown for mark in marks}

    def unnumbered(self, district_id: str, person: Person) -> int:
        self._check()
        return sum(1 for district, kind, _ in self.incidents if (district, kind) == (district_id, person))

    def received(self, district_id: str) -> Sequence[Received]:
        self._check()
        found = [each for district, each in self.sent if district == district_id]
        return sorted(found, key=lambda each: (each.integration, each.day, each.fields))

    def _check(self) -> None:
        if self.broken:
            raise UnavailableError
