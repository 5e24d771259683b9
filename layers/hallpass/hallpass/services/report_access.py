"""What each vendor received in a period, for a report: sums over the ledger's rows.

Rule: a call reads a bounded number of rows and says where to go on; the sums of such calls add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.access import Actor, Integration
from hallpass.domain.errors import NotFoundError
from hallpass.domain.ledger import LATE
from hallpass.domain.scope import DateRange
from hallpass.domain.tally import Tally, is_vendors
from hallpass.services.ledger_access import (
    MOST_READ,
    check_days,
    place_of,
    place_text,
    readable_district,
    stretches,
)
from hallpass.services.manage_access import Desk


@dataclass(frozen=True, slots=True)
class Report:
    """`tallies`: by integration; `unknown`: of requests that claimed one that there is not."""

    integrations: Sequence[Integration]
    tallies: Mapping[str, Tally]
    unknown: Tally
    next: str | None
    complete_until: datetime


def report(
    desk: Desk,
    actor: Actor,
    district_id: str,
    span: DateRange,
    integration_id: str | None = None,
    cursor: str | None = None,
) -> Report:
    """`integration_id`: of that one only. Raises NotFoundError, BodyInvalidError, UnavailableError."""
    district = readable_district(desk, actor, district_id)
    check_days(span)
    known = _asked(desk.registry.integrations(district.district_id), integration_id)
    question = ["report", district.district_id, span.first.isoformat(), span.last.isoformat(), integration_id or ""]
    place, settled = place_of(cursor, question, span), desk.clock.now() - LATE
    tallies, unknown = {integration.id: Tally() for integration in known}, Tally()
    read, following = 0, place
    for stretch in stretches(desk.ledger, district.district_id, span, place):
        for row in filter(is_vendors, stretch.rows):
            tally = tallies.get(row.text("integration") or "")
            if tally is not None:
                tally.add(row)
            elif integration_id is None:
                unknown.add(row)
        read, following = read + len(stretch.rows), stretch.next
        if read >= MOST_READ:
            break
    return Report(known, tallies, unknown, place_text(question, following), settled)


def _asked(known: Sequence[Integration], integration_id: str | None) -> Sequence[Integration]:
    """Raises NotFoundError."""
    if integration_id is None:
        return known
    for integration in known:
        if integration.id == integration_id:
            return [integration]
    raise NotFoundError
