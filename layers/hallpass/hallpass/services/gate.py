"""Who comes in: a vendor's token that holds, within its integration's limits.

Rule: every request reads the registry, unless its token is known to be bad; what is refused costs no more than it must.
"""

from __future__ import annotations

from dataclasses import dataclass

from hallpass.domain.access import Pass
from hallpass.domain.bearer import bearer_token
from hallpass.domain.claims import claimed_district
from hallpass.domain.errors import TokenInvalidError, TokenMissingError, WrongTokenKindError
from hallpass.domain.http import HttpRequest
from hallpass.domain.limit_errors import TooManyError
from hallpass.domain.quota import PART, WHOLE
from hallpass.domain.standing import open_pass
from hallpass.domain.tokens import TokenKind
from hallpass.ports import Clock, PassReader, Usage
from hallpass.services.failures import Failures
from hallpass.services.limiter import Limiter
from hallpass.services.synthetic_gate import SyntheticGate
from hallpass.services.trail import Trail


@dataclass(frozen=True, slots=True)
class Gate:
    """`admitted` and `identified` note on the trail what they learn. `synthetic`: where test tokens are let in."""

    registry: PassReader
    usage: Usage
    limiter: Limiter
    failures: Failures
    synthetic: SyntheticGate
    clock: Clock

    def admitted(self, request: HttpRequest, trail: Trail) -> Pass:
        """Raises a CredentialError, a ForbiddenError, a TooManyError."""
        opened = self.identified(request, trail)
        self.admit(opened, trail)
        return opened

    def admit(self, opened: Pass, trail: Trail) -> None:
        """A test token was admitted when it was identified. Raises QuotaExceededError."""
        if not trail.synthetic:
            trail.admission = self.limiter.admit(opened.integration)

    def identified(self, request: HttpRequest, trail: Trail) -> Pass:
        """Whatever its limits. Raises a CredentialError, a ForbiddenError, TooManyFailuresError."""
        try:
            return self._opened(request, trail)
        except (TokenMissingError, TokenInvalidError, WrongTokenKindError, TooManyError):
            # Who knew the secret of a token has a row for each in its district, whatever becomes of the token.
            if trail.synthetic or trail.facts.get("district") is None:
                trail.note_failed(self.failures.note(request.source))
            raise

    def settle(self, trail: Trail) -> None:
        """Only who had the upstream asked has used a whole request; with a test token everybody has."""
        if trail.admission is not None and not trail.synthetic:
            self.limiter.settle(trail.admission, WHOLE if trail.facts.get("upstream_calls") else PART)

    def standing(self, opened: Pass, trail: Trail) -> tuple[tuple[str, str], ...]:
        """The header fields that tell who was let in where it stands under its limits."""
        if trail.synthetic:
            return self.synthetic.standing(opened, trail.request.source)
        return self.limiter.fields(opened.integration)

    def _opened(self, request: HttpRequest, trail: Trail) -> Pass:
        """One consistent read of the registry, every time: revocation works on the next request."""
        presented = bearer_token(request.header("authorization"))
        if presented.kind in {TokenKind.ADMIN, TokenKind.SESSION, TokenKind.INVITE, TokenKind.CLAIM}:
            raise WrongTokenKindError
        trail.note(integration=presented.holder_id, token=presented.token_id)
        if presented.kind is TokenKind.TEST:
            return self.synthetic.opened(presented, request.source, trail)
        self.failures.check(request.source, presented)
        now = self.clock.now()
        record = self.registry.find_pass(presented.holder_id, presented.token_id)
        # Before it may be refused: what its own vendors were refused stands in the district's ledger.
        trail.note(district=claimed_district(presented, record))
        opened = open_pass(presented, record, now)
        trail.note_pass(opened)
        self.usage.token_used(presented.holder_id, presented.token_id, now)
        return opened
