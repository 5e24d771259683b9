"""The register of a district's agreements: who may receive what, and why, and what each really received, and when.

Rule: what was received is told from the index, by day, with until when that is complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hallpass.domain.access import Actor, Integration
from hallpass.services.ledger_access import readable_district
from hallpass.services.manage_access import Desk

DOCTOR = "doctor"
"""The id of the agreement that a canary of `hallpass doctor` bears: one a run, and no vendor's."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Incidents were sent under these fields, from the first to the last of these days (UTC)."""

    fields: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Register:
    """`received`: by integration, in the order in which each set of fields was received first."""

    integrations: Sequence[Integration]
    received: Mapping[str, Sequence[Shared]]
    records_since: datetime | None
    complete_until: datetime | None
    time_zone: str


def register(desk: Desk, actor: Actor, district_id: str) -> Register:
    """Raises NotFoundError, UnavailableError."""
    district = readable_district(desk, actor, district_id)
    account = desk.ledger.account(district.district_id)
    # First: what comes into the index while it is read must not be promised.
    until = desk.index.indexed_until(district.district_id)
    received = _received(desk, district.district_id)
    integrations = desk.registry.integrations(district.district_id)
    return Register(
        [one for one in integrations if one.id in received or one.agreement.id != DOCTOR],
        received,
        account.opened_at if account else None,
        until,
        district.time_zone,
    )


def _received(desk: Desk, district_id: str) -> Mapping[str, Sequence[Shared]]:
    days: dict[tuple[str, str], list[date]] = {}
    for each in desk.index.received(district_id):
        days.setdefault((each.integration, each.fields), []).append(each.day)
    shared: dict[str, list[Shared]] = {}
    for (integration, fields), of_them in days.items():
        shared.setdefault(integration, []).append(Shared(fields, min(of_them), max(of_them)))
    return {integration: sorted(of_it, key=lambda each: each.first) for integration, of_it in shared.items()}
