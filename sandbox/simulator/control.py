"""Change a running simulator: its data, its settings, its faults; look at what it was asked.

The rule: every method may be called from any thread while the server answers, and a change is seen by the
next request. Incidents are named by uuid alone, which is unique over all accounts.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sandbox.simulator.catalogue import checked
from sandbox.simulator.faults import Fault, FaultQueue
from sandbox.simulator.recording import Recording
from sandbox.simulator.upstream import Upstream


class Control:
    """The simulator's handle for tests and for the control API."""

    def __init__(self, upstream: Upstream) -> None:
        """One handle for one upstream."""
        self.upstream = upstream
        self.queue = FaultQueue()
        self.recording = Recording()

    def fault(self, name: str, **particulars: Any) -> Fault:
        """Order a fault, e.g. `fault("429", times=2, retry_after="3")`; see `Fault` for the particulars.

        Raises UnknownFaultError for a name the catalogue lacks, TypeError for an unknown particular.
        """
        fault = checked(Fault(name, **particulars))
        self.queue.add(fault)
        return fault

    def clear_faults(self) -> None:
        """Answer properly again."""
        self.queue.clear()

    def change_settings(self, **changes: Any) -> None:
        """Go on with other settings, e.g. `change_settings(order="unstable")`; raises on unknown ones."""
        with self.upstream.lock:
            self.upstream.change_settings(replace(self.upstream.settings, **changes))

    def insert(
        self,
        kind: str = "referral",
        day: date | None = None,
        changes: Mapping[str, str | None] | None = None,
        account: str | None = None,
    ) -> str:
        """Add an incident to an account (the first if None) and return its uuid."""
        with self.upstream.lock:
            accounts = self.upstream.accounts
            data = next(iter(accounts.values())) if account is None else accounts[account]
            return data.insert(kind, day, changes)

    def edit(self, uuid: str, changes: Mapping[str, str | None]) -> None:
        """Change text or attributes by path: `description`, `school@code`, `offenders/offender/student/name`."""
        with self.upstream.lock:
            self.upstream.account_of(uuid).edit(uuid, changes)

    def delete(self, uuid: str) -> None:
        """Mark an incident deleted: listed with `deleted=1` only."""
        with self.upstream.lock:
            self.upstream.account_of(uuid).delete(uuid)

    def remove(self, uuid: str) -> None:
        """Take an incident out without a trace."""
        with self.upstream.lock:
            self.upstream.account_of(uuid).delete(uuid, gone=True)

    def retype(self, uuid: str, kind: str) -> None:
        """Give an incident another type."""
        with self.upstream.lock:
            self.upstream.account_of(uuid).retype(uuid, kind)

    def incidents(self, account: str | None = None) -> list[dict[str, str | bool]]:
        """Heads of all incidents of one account or of all: uuid, type, date, last-modified, deleted, school."""
        with self.upstream.lock:
            accounts = self.upstream.accounts
            chosen = accounts.values() if account is None else [accounts[account]]
            return [row.head() for data in chosen for row in data.rows]
