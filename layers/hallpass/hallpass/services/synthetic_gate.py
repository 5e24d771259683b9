"""Who comes in with a test token: one of the invented vendors, which everybody may be.

Rule: neither registry nor usage is asked; an address has the limits that a vendor has, held in this container alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from hallpass.domain.access import Pass
from hallpass.domain.bad_tokens import neighbourhood, seconds_of_minute_left
from hallpass.domain.errors import TokenInvalidError
from hallpass.domain.limit_errors import QuotaExceededError, TooManyFailuresError
from hallpass.domain.quota import BURST
from hallpass.domain.standing import open_pass, proven
from hallpass.domain.synthetic import Vendor, vendor_of, visitor
from hallpass.domain.tokens import PresentedToken
from hallpass.ports import Clock
from hallpass.services.limiter import Limiter
from hallpass.services.trail import Trail

BUSY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class SyntheticGate:
    """`limiter`: of visitors."""

    limiter: Limiter
    clock: Clock

    def opened(self, presented: PresentedToken, source: str, trail: Trail) -> Pass:
        """Notes the admission too. Raises a CredentialError, a ForbiddenError, a TooManyError."""
        vendor, now = vendor_of(presented), self.clock.now()
        record = vendor.record(now) if vendor else None
        if vendor is None or record is None or not proven(presented, record.token):
            raise TokenInvalidError
        trail.synthetic = True
        # Before anything is told of it: what everybody has is told no oftener than a limit allows.
        trail.admission = self.limiter.admit(visitor(record.integration, neighbourhood(source)))
        opened = open_pass(presented, record, now)
        trail.note_pass(opened)
        self._check_fault(vendor)
        return opened

    def standing(self, opened: Pass, source: str) -> tuple[tuple[str, str], ...]:
        return self.limiter.fields(visitor(opened.integration, neighbourhood(source)))

    def _check_fault(self, vendor: Vendor) -> None:
        if vendor.fault == QuotaExceededError.slug:
            raise QuotaExceededError(BUSY_SECONDS, [BURST])
        if vendor.fault == TooManyFailuresError.slug:
            raise TooManyFailuresError(seconds_of_minute_left(self.clock.now()))
