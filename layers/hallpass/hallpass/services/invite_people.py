"""Inviting people: a single-use code that the person invited exchanges for a token which nobody else has seen.

Rule: nobody grants more than they have, and an invitation holds no longer than the token that it was written with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hallpass.domain.access import PERSON_ID_LENGTH, Actor, Person, Role
from hallpass.domain.errors import ConflictError, NotFoundError, RoleInsufficientError, TokenRevokedError
from hallpass.domain.secret import Secret
from hallpass.domain.sessions import INVITATION_LIFE, Invitation, invited_person, lost_trust
from hallpass.domain.tokens import TokenKind
from hallpass.services.manage_access import Desk, refuse_field, require_operator
from hallpass.services.manage_people import PersonDraft, admin_token, check_draft
from hallpass.services.manage_tokens import IssuedToken, check_life, new_token


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation and its code, which is shown once."""

    invitation: Invitation
    code: Secret


def invite(desk: Desk, actor: Actor, draft: PersonDraft) -> Invited:
    """Raises RoleInsufficientError, BodyInvalidError, ConflictError, UnavailableError."""
    if actor.person.role is not Role.OPERATOR:
        _check_within(actor, draft)
    check_draft(desk, actor, draft)
    now = desk.now()
    check_life(now, draft.expires_at)
    person_id = desk.new_id(PERSON_ID_LENGTH)
    code_id, minted = new_token(desk, TokenKind.INVITE, person_id)
    invitation = Invitation(
        person_id=person_id,
        code_id=code_id,
        digest=minted.digest,
        name=draft.name,
        role=draft.role,
        district_id=draft.district_id,
        access_ends=draft.expires_at,
        invited_at=now,
        invited_by=actor.person.id,
        invited_with=actor.token_id,
        expires_at=min(now + INVITATION_LIFE, draft.expires_at),
    )
    desk.invitations.add_invitation(invitation)
    return Invited(invitation, minted.text)


def accept(desk: Desk, actor: Actor) -> tuple[Person, IssuedToken]:
    """Exchanges the invitation that `actor` presented for an admin token, once.

    Raises TokenRevokedError when it was used or withdrawn, UnavailableError.
    """
    invitation = desk.invitations.invitation(actor.person.id)
    if invitation is None or invitation.withdrawn:
        raise TokenRevokedError
    person = invited_person(invitation, desk.clock.now())
    issued = admin_token(desk, person.id, invitation.access_ends, invitation.invited_by)
    try:
        # There is one person of an id, ever: of two who use the code at once, one is too late.
        desk.registry.add_person(person, issued.token)
    except ConflictError as used:
        raise TokenRevokedError("The invitation was used: ask for another if it was not you.") from used
    kept = desk.invitations.invitation(person.id)
    if kept is None or kept.withdrawn:
        # Whoever withdrew it meanwhile was told that nobody comes of it.
        desk.registry.revoke_person(person.id, desk.now(), invitation.invited_by)
        raise TokenRevokedError("The invitation was withdrawn: ask for another.")
    return person, issued


def invitations(desk: Desk, actor: Actor) -> Sequence[Invitation]:
    """Those that can still be used and the actor may see. Raises RoleInsufficientError, UnavailableError."""
    _require_inviter(actor)
    now, there = desk.clock.now(), {person.id for person in desk.registry.people()}
    seen = [one for one in desk.invitations.invitations() if actor.person.sees_all or _own(actor, one.district_id)]
    return [one for one in seen if one.open(now) and one.person_id not in there and _stands(desk, one)]


def _stands(desk: Desk, invitation: Invitation) -> bool:
    """Whether who wrote it, and the token it was written with, are trusted still."""
    inviter = desk.registry.find_person(invitation.invited_by, invitation.invited_with)
    return inviter is not None and not lost_trust(inviter)


def withdraw(desk: Desk, actor: Actor, person_id: str) -> None:
    """Final and idempotent.

    Raises RoleInsufficientError, NotFoundError, ConflictError when it was used before, UnavailableError.
    """
    _require_inviter(actor)
    found = desk.invitations.invitation(person_id)
    if found is None or not (actor.person.sees_all or _own(actor, found.district_id)):
        raise NotFoundError
    desk.invitations.withdraw(person_id)
    if any(person.id == person_id and person.revoked_at is None for person in desk.registry.people()):
        raise ConflictError("The invitation was used before: revoke that person.")


def _require_inviter(actor: Actor) -> None:
    if actor.person.role is not Role.DISTRICT_ADMIN:
        require_operator(actor)


def _own(actor: Actor, district_id: str | None) -> bool:
    return district_id is not None and district_id == actor.person.district_id


def _check_within(actor: Actor, draft: PersonDraft) -> None:
    """Raises RoleInsufficientError, BodyInvalidError."""
    if actor.person.role is not Role.DISTRICT_ADMIN or draft.role is Role.OPERATOR:
        raise RoleInsufficientError
    if not _own(actor, draft.district_id):
        raise refuse_field("district", "is your own district")
