"""Whether an integration's next request fits its limits. One write pays for one whole request, or for ten small ones.

Rule: who is admitted holds a whole request; what it did not use stays with this container for the next. A store that
cannot be asked leaves every container to hold the same limits alone: a limit guards work, not data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock

from hallpass.domain.access import Integration
from hallpass.domain.errors import UnavailableError
from hallpass.domain.limit_errors import QuotaExceededError
from hallpass.domain.limits import Limits
from hallpass.domain.quota import UNUSED, WHOLE, Level, Taken, seconds_to_wait, taken, utc_day, violated
from hallpass.domain.quota_fields import rate_limit_fields
from hallpass.ports import Clock, Quotas, Telemetry

MOST_KEPT = 10_000
# A store that failed is left alone so long, so that it holds up one request and not every one.
AWAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Admission:
    """A whole request in hand, of an integration under its limits of then, on that day of UTC."""

    integration: Integration
    day: date


@dataclass(frozen=True, slots=True)
class _Held:
    """What this container knows of an integration. `in_hand`: tenths taken under `limits` on `day`, and not used."""

    level: Level
    limits: Limits
    day: date
    in_hand: int = 0

    def now(self, limits: Limits, day: date) -> _Held:
        """What was taken under other limits, or on another day, is not given out any more."""
        return self if (self.limits, self.day) == (limits, day) else _Held(self.level, limits, day)


class Limiter:
    """`admit` before a request is answered, `settle` after it."""

    def __init__(self, quotas: Quotas, clock: Clock, telemetry: Telemetry) -> None:
        self._quotas = quotas
        self._clock = clock
        self._telemetry = telemetry
        self._lock = Lock()
        self._held: dict[str, _Held] = {}
        self._away_until = 0.0

    def admit(self, integration: Integration) -> Admission:
        """Takes a whole request. Raises QuotaExceededError."""
        at = self._clock.now()
        if not self._from_hand(integration, at):
            found = self._from_store(integration, at)
            if not found.fits:
                wait = seconds_to_wait(found.level, integration.limits, at)
                raise QuotaExceededError(wait, violated(found.level, integration.limits, at))
        return Admission(integration, utc_day(at))

    def settle(self, admission: Admission, cost: int) -> None:
        """Keeps what an admitted request did not cost, in tenths, for the next one."""
        integration, day = admission.integration, admission.day
        with self._lock:
            held = self._known(integration, self._clock.now())
            if (held.limits, held.day) == (integration.limits, day):
                self._keep(integration.id, replace(held, in_hand=held.in_hand + WHOLE - cost))

    def fields(self, integration: Integration) -> tuple[tuple[str, str], ...]:
        """The header fields that tell an integration where it stands."""
        at = self._clock.now()
        with self._lock:
            held = self._known(integration, at)
        return rate_limit_fields(held.level, held.in_hand, integration.limits, at)

    def _from_hand(self, integration: Integration, at: datetime) -> bool:
        with self._lock:
            held = self._known(integration, at)
            if held.in_hand < WHOLE:
                return False
            self._keep(integration.id, replace(held, in_hand=held.in_hand - WHOLE))
            return True

    def _from_store(self, integration: Integration, at: datetime) -> Taken:
        with self._lock:
            seen = self._known(integration, at).level
        # A level only rises: one that has no room here has none in the store either.
        if not taken(seen, integration.limits, at).fits:
            return Taken(fits=False, level=seen)
        if self._clock.monotonic() < self._away_until:
            return self._alone(integration, at)
        try:
            found = self._quotas.take(integration.id, integration.limits, at, seen)
        except UnavailableError:
            self._telemetry.count("LimiterFailures")
            self._away_until = self._clock.monotonic() + AWAY_SECONDS
            return self._alone(integration, at)
        with self._lock:
            held = self._known(integration, at)
            self._keep(integration.id, replace(held, level=max(held.level, found.level)))
        return found

    def _alone(self, integration: Integration, at: datetime) -> Taken:
        """By what this container knows and lets pass itself."""
        with self._lock:
            held = self._known(integration, at)
            found = taken(held.level, integration.limits, at)
            self._keep(integration.id, replace(held, level=found.level))
            return found

    def _known(self, integration: Integration, at: datetime) -> _Held:
        held = self._held.get(integration.id, _Held(UNUSED, integration.limits, utc_day(at)))
        return held.now(integration.limits, utc_day(at))

    def _keep(self, integration_id: str, held: _Held) -> None:
        if len(self._held) >= MOST_KEPT and integration_id not in self._held:
            self._held.clear()
        self._held[integration_id] = held
