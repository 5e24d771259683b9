"""What wants somebody's attention among a district's grants, read from the registry; counted for all districts.

Rule: it only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hallpass.domain.access import District, Integration, Status
from hallpass.domain.attention import Attention, LastUsed, TokensOf, attention
from hallpass.domain.errors import UnavailableError
from hallpass.ports import Clock, Registry, Telemetry, Usage
from hallpass.services.index_disclosures import RESERVE_SECONDS


@dataclass(frozen=True, slots=True)
class Grants:
    """Of one district."""

    integrations: Sequence[Integration]
    attention: Attention


def read_grants(registry: Registry, usage: Usage, district: District, now: datetime) -> Grants:
    """Raises UnavailableError."""
    integrations = registry.integrations(district.id)
    tokens = {one.id: registry.tokens(one.id) for one in integrations}
    used = last_used(usage, integrations, tokens)
    return Grants(integrations, attention(integrations, tokens, used, now, ZoneInfo(district.time_zone)))


def last_used(usage: Usage, integrations: Sequence[Integration], tokens: TokensOf) -> LastUsed:
    """When each token was last used; one that never was is not there."""
    found: dict[tuple[str, str], datetime] = {}
    for one in integrations:
        known = usage.last_used(one.id, [token.id for token in tokens[one.id]])
        found |= {(one.id, token_id): at for token_id, at in known.items()}
    return found


@dataclass(frozen=True, slots=True)
class CountGrants:
    """One run looks at every district that goes on, and counts for the operator's alarms."""

    registry: Registry
    usage: Usage
    clock: Clock
    telemetry: Telemetry

    def run(self, seconds_left: Callable[[], float]) -> dict[str, int]:
        """What was counted. Raises UnavailableError, with nothing counted: a part would look like less."""
        expiring = dormant = ending = 0
        for district in self.registry.districts():
            if seconds_left() < RESERVE_SECONDS:
                raise UnavailableError
            if district.status is Status.ENDED:
                continue
            found = read_grants(self.registry, self.usage, district, self.clock.now()).attention
            expiring += len(found.expiring)
            dormant += len(found.dormant)
            ending += len(found.ending)
        self.telemetry.count("TokensExpiring", expiring)
        self.telemetry.count("TokensDormant", dormant)
        self.telemetry.count("AgreementsEnding", ending)
        return {"expiring": expiring, "dormant": dormant, "ending": ending}
