"""The ports of the limits and of the throttle, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hallpass.domain.errors import UnavailableError
from hallpass.domain.limits import Limits
from hallpass.domain.quota import UNUSED, Level, Taken, taken
from hallpass.domain.tokens import PresentedToken

from tests.fakes import MemoryRegistry


@dataclass(slots=True)
class MemoryQuotas:
    """`Quotas` over a dictionary. `down`: it cannot be asked; `calls`: how often it was."""

    down: bool = False
    calls: int = 0
    levels: dict[str, Level] = field(default_factory=dict)

    def take(self, integration_id: str, limits: Limits, at: datetime, seen: Level) -> Taken:
        self.calls += 1
        if self.down:
            raise UnavailableError
        found = taken(self.levels.get(integration_id, UNUSED), limits, at)
        self.levels[integration_id] = found.level
        return found


@dataclass(slots=True)
class MemoryRoster:
    """`Roster` over a registry in memory."""

    registry: MemoryRegistry
    asked: int = 0

    def may_hold(self, presented: PresentedToken) -> bool:
        self.asked += 1
        kept = [one for one in self.registry.tokens(presented.holder_id) if one.id == presented.token_id]
        return any(one.digest == presented.digest for one in kept)
