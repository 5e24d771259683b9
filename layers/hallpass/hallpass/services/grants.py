"""What wants somebody's attention among a district's grants, read from the registry; counted for all districts.

Rule: it only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hallpass.domain.access import District, Integration, Status
from hallpass.domain.attention import Attention, LastUsed, TokensOf, attention, news
from hallpass.domain.errors import UnavailableError
from hallpass.ports import Clock, Registry, Telemetry, Usage
from hallpass.services.index_disclosures import RESERVE_SECONDS


@dataclass(frozen=True, slots=True)
class Grants:
    """Of one district. `news`: what of the attention began of late."""

    integrations: Sequence[Integration]
    attention: Attention
    news: Attention


def read_grants(registry: Registry, usage: Usage, district: District, now: datetime) -> Grants:
    """Raises UnavailableError."""
    integrations = registry.integrations(district.id)
    tokens = {one.id: registry.tokens(one.id) for one in integrations}
    used = last_used(usage, integrations, tokens)
    zone = ZoneInfo(district.time_zone)
    found = attention(integrations, tokens, used, now, zone)
    return Grants(integrations, found, news(found, used, now, zone))


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
        found: dict[str, Grants] = {}
        for district in self.registry.districts():
            if seconds_left() < RESERVE_SECONDS:
                raise UnavailableError
            if district.status is Status.ENDED:
                continue
            found[district.id] = read_grants(self.registry, self.usage, district, self.clock.now())
        all_of = {district: grants.attention.counts() for district, grants in found.items()}
        new = {district: grants.news.counts() for district, grants in found.items()}
        telemetry = self.telemetry
        telemetry.count_by_district("TokensExpiring", "expiring", _of("expiring", all_of))
        telemetry.count_by_district("TokensDormant", "dormant", _of("dormant", all_of))
        telemetry.count_by_district("AgreementsEnding", "ending", _of("ending", all_of))
        telemetry.count_by_district("AgreementsOver", "over", _of("over", all_of))
        telemetry.count_by_district("NewTokensExpiring", "new_expiring", _of("expiring", new))
        telemetry.count_by_district("NewTokensDormant", "new_dormant", _of("dormant", new))
        telemetry.count_by_district("NewAgreementsEnding", "new_ending", _of("ending", new))
        telemetry.count_by_district("NewAgreementsOver", "new_over", _of("over", new))
        return {name: sum(_of(name, all_of).values()) for name in ("expiring", "dormant", "ending", "over")}


def _of(name: str, counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """One of the counts, by district."""
    return {district: counted[name] for district, counted in counts.items()}
