"""What the control plane keeps for hours, in memory. Each passes the same contract tests as the real adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hallpass.domain.access import Integration, Token
from hallpass.domain.claim_links import ClaimLink
from hallpass.domain.errors import ConflictError, NotFoundError, UnavailableError
from hallpass.domain.outcomes import Claim, Outcome
from hallpass.domain.sessions import Invitation, Session
from hallpass.ports import Registry


@dataclass(slots=True)
class MemorySessions:
    """The SessionStore port over a dictionary."""

    _kept: dict[tuple[str, str], Session] = field(default_factory=dict)

    def add_session(self, session: Session) -> None:
        if (session.person_id, session.id) in self._kept:
            raise ConflictError
        self._kept[session.person_id, session.id] = session

    def session(self, person_id: str, session_id: str) -> Session | None:
        return self._kept.get((person_id, session_id))

    def end_session(self, person_id: str, session_id: str) -> None:
        kept = self._kept.get((person_id, session_id))
        if kept is None:
            raise NotFoundError
        self._kept[person_id, session_id] = replace(kept, ended=True)


@dataclass(slots=True)
class MemoryInvitations:
    """The InvitationStore port over a dictionary."""

    _kept: dict[str, Invitation] = field(default_factory=dict)

    def add_invitation(self, invitation: Invitation) -> None:
        if invitation.person_id in self._kept:
            raise ConflictError
        self._kept[invitation.person_id] = invitation

    def invitation(self, person_id: str) -> Invitation | None:
        return self._kept.get(person_id)

    def invitations(self) -> Sequence[Invitation]:
        return sorted(self._kept.values(), key=lambda one: (one.invited_at, one.person_id))

    def withdraw(self, person_id: str) -> None:
        kept = self._kept.get(person_id)
        if kept is None:
            raise NotFoundError
        self._kept[person_id] = replace(kept, withdrawn=True)


@dataclass(slots=True)
class MemoryClaimLinks:
    """The ClaimLinkStore port over a dictionary. `registry`: where the tokens go."""

    registry: Registry
    _kept: dict[tuple[str, str], ClaimLink] = field(default_factory=dict)

    def add_link(self, link: ClaimLink) -> None:
        if (link.integration_id, link.id) in self._kept:
            raise ConflictError
        self._kept[link.integration_id, link.id] = link

    def link(self, integration_id: str, claim_id: str) -> ClaimLink | None:
        return self._kept.get((integration_id, claim_id))

    def links(self, integration_id: str) -> Sequence[ClaimLink]:
        mine = [link for link in self._kept.values() if link.integration_id == integration_id]
        return sorted(mine, key=lambda one: (one.made_at, one.id))

    def withdraw_link(self, link: ClaimLink, at: datetime, by: str) -> None:
        kept = self._kept.get((link.integration_id, link.id))
        if kept is None:
            raise NotFoundError
        if kept.token_id is not None:
            raise ConflictError
        self._kept[link.integration_id, link.id] = kept.withdrawn(at, by)

    def redeem(self, link: ClaimLink, token: Token, seen: Integration, source: str) -> None:
        kept, at = self._kept.get((link.integration_id, link.id)), token.issued_at
        if kept is None or kept.token_id is not None or kept.withdrawn_at is not None or at >= kept.expires_at:
            raise ConflictError
        self.registry.add_token(token, seen)
        used = replace(kept, claimed_at=at, claimed_from=source, token_id=token.id)
        self._kept[link.integration_id, link.id] = used


@dataclass(slots=True)
class MemoryOutcomes:
    """The OutcomeStore port over a dictionary."""

    _kept: dict[tuple[str, str], tuple[Outcome, datetime]] = field(default_factory=dict)

    def claim(self, claim: Claim, now: datetime) -> Outcome | None:
        outcome, until = self._kept.get((claim.person_id, claim.name), (None, now))
        if outcome is not None and now < until:
            return outcome
        self._kept[claim.person_id, claim.name] = Outcome(claim.fingerprint, claim.at), claim.until
        return None

    def finish(self, claim: Claim, status: int, body: str) -> None:
        outcome, until = self._kept.get((claim.person_id, claim.name), (None, claim.until))
        if outcome is None or outcome.fingerprint != claim.fingerprint:
            raise UnavailableError
        self._kept[claim.person_id, claim.name] = replace(outcome, status=status, body=body), until

    def release(self, claim: Claim) -> None:
        self._kept.pop((claim.person_id, claim.name), None)
