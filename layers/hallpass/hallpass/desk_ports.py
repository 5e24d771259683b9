"""What the control plane keeps for hours: sessions, invitations, claim links, what became of requests that come again.

Rule: every read is consistent; who is in doubt raises UnavailableError, and then nobody is let in and nothing is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from hallpass.domain.access import Integration, Token
from hallpass.domain.claim_links import ClaimLink
from hallpass.domain.outcomes import Claim, Outcome
from hallpass.domain.sessions import Invitation, Session


class SessionStore(Protocol):
    """Every method raises UnavailableError."""

    def add_session(self, session: Session) -> None:
        """Raises ConflictError when there is one of that person and id."""

    def session(self, person_id: str, session_id: str) -> Session | None: ...

    def end_session(self, person_id: str, session_id: str) -> None:
        """Final and idempotent. Raises NotFoundError."""


class InvitationStore(Protocol):
    """Every method raises UnavailableError."""

    def add_invitation(self, invitation: Invitation) -> None:
        """Raises ConflictError when there is one for that person."""

    def invitation(self, person_id: str) -> Invitation | None: ...

    def invitations(self) -> Sequence[Invitation]:
        """Oldest first."""

    def withdraw(self, person_id: str) -> None:
        """Final and idempotent. Raises NotFoundError."""


class ClaimLinkStore(Protocol):
    """Every method raises UnavailableError."""

    def add_link(self, link: ClaimLink) -> None:
        """Raises ConflictError when the integration has one of that id."""

    def link(self, integration_id: str, claim_id: str) -> ClaimLink | None: ...

    def links(self, integration_id: str) -> Sequence[ClaimLink]:
        """Oldest first, for as long as one is told of."""

    def withdraw_link(self, link: ClaimLink, at: datetime, by: str) -> None:
        """The first withdrawal stays on record. Raises NotFoundError, ConflictError when it was used."""

    def redeem(self, link: ClaimLink, token: Token, seen: Integration, source: str) -> None:
        """Adds the token as the registry does, and keeps that the link was used for it, when it was issued, from there.

        Together, or not at all. Raises ConflictError when the link was used or withdrawn, its time is over, or
        another write of the integration won.
        """


class OutcomeStore(Protocol):
    """What became of requests with an `Idempotency-Key`. Every method raises UnavailableError."""

    def claim(self, claim: Claim, now: datetime) -> Outcome | None:
        """Takes the key for this request, unless somebody has it: then what is known of theirs."""

    def finish(self, claim: Claim, status: int, body: str) -> None:
        """Keeps the outcome. `body`: without any secret."""

    def release(self, claim: Claim) -> None:
        """Gives the key back: nothing was made."""
