"""What the services need of the ledger, as Protocols.

Rule: who cannot write or read it for sure raises UnavailableError; nobody changes or deletes what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from hallpass.domain.audit import AuditRecord
from hallpass.domain.ledger import Account, Appearance, Known, Received, Row, Rows
from hallpass.domain.people import Marks, People, Person


class Ledger(Protocol):
    """What everybody who answers requests may do."""

    def add(self, record: AuditRecord) -> None:
        """Writes the row of a request, once. Raises UnavailableError when it is not known to be written."""


class PeopleLedger(Protocol):
    """What the data plane may do besides: keep whom an answer is about."""

    def keep(self, district_id: str, people: People) -> str:
        """Keeps a set, unless it is there, and gives its name. Raises UnavailableError."""


class LedgerKeys(Protocol):
    """Opens the keys that marks are made with."""

    def marks(self, district_id: str) -> Marks:
        """Raises UnavailableError, also for a district without an account."""


class LedgerAccounts(Protocol):
    """The districts that have a part of the ledger."""

    def open(self, district_id: str, at: datetime) -> None:
        """Makes the account with its key; one that is there stays as it is. Raises UnavailableError."""

    def account(self, district_id: str) -> Account | None:
        """Raises UnavailableError."""

    def accounts(self) -> Sequence[str]:
        """The ids of the districts, the deleted ones too. Raises UnavailableError."""


class LedgerReader(LedgerAccounts, Protocol):
    """What the control plane and the index read. Every method raises UnavailableError."""

    def rows(self, district_id: str, day: date, *, after: str = "", limit: int = 500, newest: bool = False) -> Rows:
        """Rows of a day, in order (`newest`: from its end), following the row whose key is `after`."""

    def people(self, district_id: str, name: str) -> People | None: ...


class DisclosureIndex(Protocol):
    """The index by person, day and recipient. Every method raises UnavailableError."""

    def indexed_until(self, district_id: str) -> datetime | None:
        """Every row that began before then is in the index; None: none is known to be."""

    def advance(self, district_id: str, until: datetime) -> None:
        """Never goes back."""

    def add(self, district_id: str, row: Row, people: People) -> None:
        """Files a disclosure. May be repeated: it is there once."""

    def see(self, district_id: str, people: People) -> None:
        """Files that these persons stood on a page that was prepared for a vendor, and no more."""

    def known(self, district_id: str, mark: bytes) -> Known:
        """What is filed of a person, in the order of days."""

    def disclosures(self, district_id: str, appearance: Appearance) -> Sequence[Row]:
        """The rows in which the recipient received that set on that day, oldest first."""

    def unnumbered(self, district_id: str, person: Person) -> int:
        """How many incidents were sent that held somebody without a number, who may be of that kind."""

    def received(self, district_id: str) -> Sequence[Received]:
        """Which integration received incidents when, and under which fields; in that order."""
