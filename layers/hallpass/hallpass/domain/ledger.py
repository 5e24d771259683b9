"""What the ledger holds: rows, sets of persons, and an index over both that can be built anew at any time.

Rule: a row is written once and never changed; whatever is told from the index says until when it is complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hallpass.domain.people import Shown

NO_DISTRICT = "none"
"""Stands for the district of a row whose request named none that is known."""
LATE = timedelta(minutes=2)
"""A row is written at most so long after the time that it bears: a function lives 29 seconds, clocks differ."""

PERSON = "person:"
RowFacts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Row:
    """A stored audit record. `key`: where it stands in its day, for going on after it; `facts`: as the audit line."""

    key: str
    facts: RowFacts

    def text(self, name: str) -> str | None:
        value = self.facts.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int:
        value = self.facts.get(name)
        return value if isinstance(value, int) else 0

    @property
    def time(self) -> datetime:
        """When the request began."""
        return datetime.fromisoformat(str(self.facts["time"]))


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a day, in order; `more`: whether others follow the last."""

    rows: Sequence[Row]
    more: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A district's part of the ledger. `sealed_key`: of the marks of its persons. `opened_at`: nothing is older."""

    district_id: str
    sealed_key: bytes
    opened_at: datetime

    def __repr__(self) -> str:
        return f"Account({self.district_id!r}, opened_at={self.opened_at!r})"


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person in what a recipient (see `recipient_of`) received on a day (UTC): in the set `people`, as `shown`."""

    day: date
    recipient: str
    people: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Received:
    """An integration received incidents under these fields (the row's `fields_preset`) on a day (UTC)."""

    integration: str
    day: date
    fields: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the index tells of a mark. `seen`: it stood on a page that was prepared for a vendor."""

    seen: bool
    appearances: Sequence[Appearance]


def row_key(facts: RowFacts) -> str:
    """Of one width in its time, so that rows stand in their order; `phase` keeps the two of a change apart."""
    return f"{facts['time']}#{facts['request_id']}#{facts.get('phase', '')}"


def recipient_of(facts: RowFacts) -> str:
    """Who received what a row discloses: an integration's id; `person:` and the id of an admin, in a preview."""
    integration = facts.get("integration")
    return f"{PERSON}{facts['actor']}" if integration is None else str(integration)


def day_of(moment: datetime) -> date:
    """Rows are filed by the UTC day on which the request began."""
    return moment.astimezone(UTC).date()


def days(first: date, last: date) -> Sequence[date]:
    """Both included, in order."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
