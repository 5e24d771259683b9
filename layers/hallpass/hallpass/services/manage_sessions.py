"""Signing in: which admin a presented token stands for, and the sessions that stand on it.

Rule: consistent reads, every time: who revokes a token or ends a session is obeyed on the next request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from hallpass.domain.access import Actor, PersonRecord, open_actor
from hallpass.domain.errors import WrongTokenKindError
from hallpass.domain.secret import Secret
from hallpass.domain.sessions import (
    SESSION_LIFE,
    Invitation,
    Session,
    open_invitation,
    open_session,
    proven_session,
)
from hallpass.domain.tokens import PresentedToken, TokenKind
from hallpass.services.manage_access import Desk
from hallpass.services.manage_tokens import new_token


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and its text, which is shown once."""

    session: Session
    text: Secret


def authenticate(desk: Desk, presented: PresentedToken) -> Actor:
    """Raises a CredentialError (401), a ForbiddenError (403), UnavailableError."""
    now = desk.clock.now()
    match presented.kind:
        case TokenKind.ADMIN:
            return open_actor(presented, desk.registry.find_person(presented.holder_id, presented.token_id), now)
        case TokenKind.SESSION:
            found = desk.sessions.session(presented.holder_id, presented.token_id)
            session = proven_session(presented, found)
            return open_session(session, desk.registry.find_person(session.person_id, session.token_id), now)
        case TokenKind.INVITE:
            invitation = desk.invitations.invitation(presented.holder_id)
            inviter = _inviter(desk, invitation)
            return open_invitation(presented, invitation, inviter, now)
        case TokenKind.LIVE | TokenKind.TEST:
            raise WrongTokenKindError
        case _:
            assert_never(presented.kind)


def _inviter(desk: Desk, invitation: Invitation | None) -> PersonRecord | None:
    if invitation is None:
        return None
    return desk.registry.find_person(invitation.invited_by, invitation.invited_with)


def start_session(desk: Desk, actor: Actor) -> SignedIn:
    """A session of half an hour at most, and never beyond the token that it stands on. Raises UnavailableError."""
    now = desk.now()
    session_id, minted = new_token(desk, TokenKind.SESSION, actor.person.id)
    ends = min(now + SESSION_LIFE, actor.until)
    session = Session(session_id, actor.person.id, actor.token_id, minted.digest, now, ends)
    desk.sessions.add_session(session)
    return SignedIn(session, minted.text)


def end_session(desk: Desk, actor: Actor) -> None:
    """Idempotent. Raises NotFoundError, UnavailableError."""
    desk.sessions.end_session(actor.person.id, actor.session_id or "")
