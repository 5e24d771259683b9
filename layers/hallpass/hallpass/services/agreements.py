"""The register of a district's agreements: who receives what, and why, and when it last did.

Rule: a last disclosure that was not found is told with how far back was looked, never as none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hallpass.domain.access import Actor, Integration
from hallpass.domain.audit import Disclosure
from hallpass.domain.ledger import Row, day_of
from hallpass.domain.row_query import MOST_DAYS
from hallpass.domain.scope import DateRange
from hallpass.services.ledger_access import MOST_READ, readable_district, stretches
from hallpass.services.manage_access import Desk


@dataclass(frozen=True, slots=True)
class Register:
    """`last`: the ledger's time of the last answer with incidents, by integration. For one that is not in it none was
    found after the day `looked_back_to` (UTC).
    """

    integrations: Sequence[Integration]
    last: Mapping[str, str]
    looked_back_to: date
    time_zone: str


def register(desk: Desk, actor: Actor, district_id: str) -> Register:
    """Raises NotFoundError, UnavailableError."""
    district = readable_district(desk, actor, district_id)
    integrations = desk.registry.integrations(district.district_id)
    today = day_of(desk.clock.now())
    span = DateRange(today - timedelta(days=MOST_DAYS - 1), today)
    missing = {integration.id for integration in integrations}
    last: dict[str, str] = {}
    read, looked_back_to = 0, today
    for stretch in stretches(desk.ledger, district.district_id, span, None, newest=True):
        for row in stretch.rows:
            if _is_disclosure(row):
                last.setdefault(str(row.facts["integration"]), str(row.facts["time"]))
        read += len(stretch.rows)
        looked_back_to = stretch.day
        if missing <= set(last) or read >= MOST_READ:
            break
    return Register(integrations, last, looked_back_to, district.time_zone)


def _is_disclosure(row: Row) -> bool:
    return row.text("disclosure") == Disclosure.RECORDS and row.text("integration") is not None
