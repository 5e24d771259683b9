"""A district at one look: what is granted, what wants attention, and how far its record reaches.

Rule: it only reads, and tells nothing that is in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hallpass.domain.access import Actor, District, Integration, Status, Token
from hallpass.domain.attention import Attention, LastUsed, TokensOf, attention
from hallpass.services.manage_access import Desk, visible_district


@dataclass(frozen=True, slots=True)
class Recorded:
    """`since`: nothing of the district's ledger is older; `indexed_until`: every row before then is in the index, which
    is `lag` behind. None: there is none yet.
    """

    since: datetime | None
    indexed_until: datetime | None
    lag: timedelta | None


@dataclass(frozen=True, slots=True)
class DistrictStatus:
    """`quarantined`: undocumented paths that its pages held."""

    district: District
    integrations: Mapping[Status, int]
    attention: Attention
    quarantined: int
    recorded: Recorded


def district_status(desk: Desk, actor: Actor, district_id: str) -> DistrictStatus:
    """Raises NotFoundError, UnavailableError."""
    district = visible_district(desk, actor, district_id)
    integrations = desk.registry.integrations(district.id)
    tokens = {one.id: desk.registry.tokens(one.id) for one in integrations}
    now, zone = desk.clock.now(), ZoneInfo(district.time_zone)
    counted = Counter(one.status for one in integrations)
    return DistrictStatus(
        district=district,
        integrations={status: counted[status] for status in Status},
        attention=attention(integrations, tokens, last_used(desk, integrations, tokens), now, zone),
        quarantined=len(desk.quarantine.quarantine(district.id)),
        recorded=_recorded(desk, district.id, now),
    )


def last_used(desk: Desk, integrations: Sequence[Integration], tokens: TokensOf) -> LastUsed:
    """When each token was last used; one that never was is not there."""
    found: dict[tuple[str, str], datetime] = {}
    for one in integrations:
        known = desk.usage.last_used(one.id, _ids(tokens[one.id]))
        found |= {(one.id, token_id): at for token_id, at in known.items()}
    return found


def _ids(tokens: Sequence[Token]) -> list[str]:
    return [token.id for token in tokens]


def _recorded(desk: Desk, district_id: str, now: datetime) -> Recorded:
    account = desk.ledger.account(district_id)
    until = desk.index.indexed_until(district_id)
    return Recorded(account.opened_at if account else None, until, None if until is None else now - until)
