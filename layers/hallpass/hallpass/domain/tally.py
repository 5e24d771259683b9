"""What a vendor received in a period, added up from the ledger's rows.

Rule: what was sent is counted by answers that held incidents; a person in two answers is counted twice, and said so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from hallpass.domain.audit import Disclosure, Phase
from hallpass.domain.ledger import Row, day_of
from hallpass.domain.outcome import served

NOT_MODIFIED = 304
FAILED = 500
REVEALED = "claim.reveal"
"""Whoever opens a claim link has no token yet, and asks for no data."""


@dataclass(slots=True)
class Tally:
    """Of one integration. `incidents`, `persons`, `bytes`: of the answers that held incidents, added up; `days`:
    those (UTC) on which there was one; `cached`: those of them that came from the cache, the upstream unasked;
    `unchanged`: answers of 304; `denials`: what we refused, by the problem's type; `failures`: what we or the upstream
    failed at.
    """

    requests: int = 0
    answers: int = 0
    incidents: int = 0
    persons: int = 0
    bytes: int = 0
    unchanged: int = 0
    cached: int = 0
    days: set[date] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    agreements: set[str] = field(default_factory=set)
    denials: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        self.requests += 1
        problem = row.text("problem")
        if problem is not None:
            failed = row.number("status") >= FAILED
            (self.failures if failed else self.denials)[problem] += 1
        elif row.number("status") == NOT_MODIFIED:
            self.unchanged += 1
        elif row.text("disclosure") == Disclosure.RECORDS:
            self._disclosed(row)

    def _disclosed(self, row: Row) -> None:
        self.answers += 1
        self.cached += served(row.text("cache") or "").hit
        self.incidents += row.number("incidents")
        self.persons += row.number("persons")
        self.bytes += row.number("bytes")
        self.days.add(day_of(row.time))
        self.fields |= {told for told in (row.text("fields_preset"),) if told}
        self.agreements |= {told for told in (row.text("agreement"),) if told}


def is_vendors(row: Row) -> bool:
    """Whether a vendor asked, and not an admin about a vendor. A change is counted where it has ended."""
    asked = row.text("integration") is not None and row.text("actor") is None and row.text("action") != REVEALED
    return asked and row.text("phase") != Phase.BEGUN
