"""What every answer passes on its way out: the ledger's row, then the audit line.

Rule: the row is written before the body leaves; what cannot be recorded is not sent, and the line says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hallpass.domain.errors import UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import HttpResponse
from hallpass.ledger_ports import Ledger
from hallpass.ports import AuditLog, Clock, Telemetry
from hallpass.services.trail import Trail

Refusal = Callable[[HallpassError], HttpResponse]


@dataclass(frozen=True, slots=True)
class Recorder:
    """`version`: of Hallpass."""

    ledger: Ledger
    lines: AuditLog
    clock: Clock
    telemetry: Telemetry
    version: str

    def begin(self, trail: Trail) -> None:
        """Before a change is made: it must not be that one is made and nobody can tell. Raises UnavailableError."""
        trail.changes = True
        try:
            self.ledger.add(trail.beginning(self.clock.now(), self.version))
        except UnavailableError:
            self.telemetry.count("LedgerFailures")
            raise

    def recorded(self, trail: Trail, response: HttpResponse, problem: str | None, refuse: Refusal) -> HttpResponse:
        """`response`, or in its place the refusal that stands for what could not be recorded."""
        record = trail.finish(response, problem, self.clock.now(), self.version)
        try:
            if trail.row:
                self.ledger.add(record)
        except UnavailableError as unwritten:
            self.telemetry.count("LedgerFailures")
            response = refuse(unwritten)
            record = trail.finish(response, unwritten.slug, self.clock.now(), self.version)
        try:
            self.lines.record(record)
        except UnavailableError as unwritten:
            response = refuse(unwritten)
            record = trail.finish(response, unwritten.slug, self.clock.now(), self.version)
        self.telemetry.measure(record)
        return response
