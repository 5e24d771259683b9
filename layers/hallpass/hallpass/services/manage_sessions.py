"""Signing in: which admin a presented token stands for, and the sessions that stand on it.

Rule: consistent reads, every time: who revokes a token or ends a session is obeyed on the next request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from hallpass.domain.access import Actor, Person, PersonRecord
from hallpass.domain.claims import claimed_person
from hallpass.domain.errors import WrongTokenKindError
from hallpass.domain.secret import Secret
from hallpass.domain.sessions import (
    SESSION_LIFE,
    Invitation,
    Session,
    claimed_invitation,
    open_invitation,
    open_session,
    proven_session,
    session_holder,
)
from hallpass.domain.standing import open_actor
from hallpass.domain.tokens import PresentedToken, TokenKind
from hallpass.services.manage_access import Desk
from hallpass.services.manage_tokens import new_token


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and its text, which is shown once."""

    session: Session
    text: Secret


@dataclass(frozen=True, slots=True)
class Caller:
    """`person`: whose secret was presented, whatever became of it. `opened`: decides whether it still holds."""

    person: Person | None
    opened: Callable[[], Actor]


def recognise(desk: Desk, presented: PresentedToken) -> Caller:
    """`opened` raises a CredentialError (401) or a ForbiddenError (403). Raises those too, and UnavailableError."""
    now = desk.clock.now()
    match presented.kind:
        case TokenKind.ADMIN:
            record = desk.registry.find_person(presented.holder_id, presented.token_id)
            return Caller(claimed_person(presented, record), lambda: open_actor(presented, record, now))
        case TokenKind.SESSION:
            session = proven_session(presented, desk.sessions.session(presented.holder_id, presented.token_id))
            stands_on = desk.registry.find_person(session.person_id, session.token_id)
            return Caller(session_holder(stands_on), lambda: open_session(session, stands_on, now))
        case TokenKind.INVITE:
            invitation = desk.invitations.invitation(presented.holder_id)
            inviter = _inviter(desk, invitation)
            claimed = claimed_invitation(presented, invitation, now)
            return Caller(claimed, lambda: open_invitation(presented, invitation, inviter, now))
        case TokenKind.LIVE | TokenKind.TEST | TokenKind.CLAIM:
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
