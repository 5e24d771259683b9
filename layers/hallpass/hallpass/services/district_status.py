"""A district at one look: what is granted, what wants attention, and how far its record reaches.

Rule: it only reads, and tells nothing that is in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallpass.domain.access import Actor, District, Status
from hallpass.domain.attention import Attention
from hallpass.domain.errors import UnavailableError
from hallpass.services.grants import read_grants
from hallpass.services.manage_access import Desk, visible_district


@dataclass(frozen=True, slots=True)
class Recorded:
    """`since`: nothing of the district's ledger is older; `indexed_until`: every row before then is in the index, which
    is `lag` behind. None: there is none yet, or with `readable` false, that the index cannot be read now.
    """

    since: datetime | None
    indexed_until: datetime | None
    lag: timedelta | None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class DistrictStatus:
    """`quarantined`: undocumented paths that its pages held; `unreviewed`: those that nobody looked into."""

    district: District
    integrations: Mapping[Status, int]
    attention: Attention
    quarantined: int
    unreviewed: int
    recorded: Recorded


def district_status(desk: Desk, actor: Actor, district_id: str) -> DistrictStatus:
    """Raises NotFoundError, UnavailableError."""
    district = visible_district(desk, actor, district_id)
    now = desk.clock.now()
    grants = read_grants(desk.registry, desk.usage, district, now)
    withheld = desk.quarantine.quarantine(district.id)
    counted = Counter(one.status for one in grants.integrations)
    return DistrictStatus(
        district=district,
        integrations={status: counted[status] for status in Status},
        attention=grants.attention,
        quarantined=len(withheld),
        unreviewed=sum(path.review is None for path in withheld),
        recorded=_recorded(desk, district.id, now),
    )


def _recorded(desk: Desk, district_id: str, now: datetime) -> Recorded:
    account = desk.ledger.account(district_id)
    since = account.opened_at if account else None
    try:
        until = desk.index.indexed_until(district_id)
    except UnavailableError:
        # All else is as true without it.
        return Recorded(since, None, None, readable=False)
    return Recorded(since, until, None if until is None else now - until)
