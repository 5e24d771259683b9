"""What of an admin is short-lived: sessions, which stand on a token, and invitations, which become one.

Rule: the secret is compared before anything else is told; neither holds longer than the token that it was made with.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hallpass.domain.access import Actor, Person, PersonRecord, Role, TokenStatus
from hallpass.domain.errors import TokenExpiredError, TokenInvalidError, TokenRevokedError
from hallpass.domain.standing import open_actor
from hallpass.domain.tokens import PresentedToken, TokenKind

SESSION_LIFE: Final = timedelta(minutes=30)
INVITATION_LIFE: Final = timedelta(hours=72)
_NO_DIGEST = bytes(32)


@dataclass(frozen=True, slots=True)
class Session:
    """`token_id`: of the person's token that it stands on. Times are UTC; `expires_at` is excluded."""

    id: str
    person_id: str
    token_id: str
    digest: bytes
    started_at: datetime
    expires_at: datetime
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """`person_id`: whose it will be. `access_ends`: the end of the token that it is exchanged for.

    `invited_with`: the token that the invitation was written with.
    """

    person_id: str
    code_id: str
    digest: bytes
    name: str
    role: Role
    district_id: str | None
    access_ends: datetime
    invited_at: datetime
    invited_by: str
    invited_with: str
    expires_at: datetime
    withdrawn: bool = False

    def open(self, now: datetime) -> bool:
        return not self.withdrawn and now < self.expires_at


def proven_session(presented: PresentedToken, session: Session | None) -> Session:
    """Raises TokenInvalidError for one that is not there, and alike for a wrong secret."""
    if not hmac.compare_digest(presented.digest, session.digest if session else _NO_DIGEST) or session is None:
        raise TokenInvalidError
    return session


def session_holder(record: PersonRecord | None) -> Person | None:
    """Whose a proven session is, even if it is refused. `record`: of the token that it stands on."""
    return record.person if record and not record.token.void else None


def open_session(session: Session, record: PersonRecord | None, now: datetime) -> Actor:
    """Decides whether a proven session holds. `record`: of the token that it stands on. Raises a CredentialError."""
    if session.ended or record is None:
        raise TokenRevokedError
    if now >= session.expires_at:
        raise TokenExpiredError("The session has ended: sign in again.")
    token = record.token
    # Whoever knows the session's secret was given it for the token's: what is left to decide is whether that one holds.
    actor = open_actor(PresentedToken(TokenKind.ADMIN, token.holder_id, token.id, token.digest), record, now)
    return replace(actor, session_id=session.id)


def claimed_invitation(presented: PresentedToken, invitation: Invitation | None, now: datetime) -> Person | None:
    """Whose a request is even if its invitation is refused: whose code it knows, and nobody else's."""
    return invited_person(invitation, now) if invitation and _proven_code(presented, invitation) else None


def open_invitation(
    presented: PresentedToken, invitation: Invitation | None, inviter: PersonRecord | None, now: datetime
) -> Actor:
    """Decides whether an invitation holds: its actor is the person invited. Raises a CredentialError.

    `inviter`: of the token that it was written with.
    """
    if not _proven_code(presented, invitation) or invitation is None:
        raise TokenInvalidError
    if invitation.withdrawn or inviter is None or lost_trust(inviter):
        raise TokenRevokedError("The invitation was withdrawn: ask for another.")
    if not invitation.open(now):
        raise TokenExpiredError("The invitation has expired: ask for another.")
    return Actor(invited_person(invitation, now), invitation.code_id, invitation.expires_at)


def invited_person(invitation: Invitation, now: datetime) -> Person:
    return Person(
        invitation.person_id, invitation.name, invitation.role, invitation.district_id, now, invitation.invited_by
    )


def _proven_code(presented: PresentedToken, invitation: Invitation | None) -> bool:
    """The same work when there is none, or another."""
    known = invitation is not None and invitation.code_id == presented.token_id
    digest = invitation.digest if invitation and known else _NO_DIGEST
    return hmac.compare_digest(presented.digest, digest)


def lost_trust(record: PersonRecord) -> bool:
    """Whether what was written with a person's token holds no more."""
    # A token that merely expired has not lost anybody's trust.
    token = record.token
    return token.void or token.status is TokenStatus.REVOKED or record.person.revoked_at is not None
