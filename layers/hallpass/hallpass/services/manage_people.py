"""The admins: each a person with a name, a role, an end and a revocable token.

Rule: whoever belongs to a district sees and revokes its people and no others; the first operator comes from whoever
holds the registry. Nobody but the person is shown the successor of their token, and it ends when that one would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hallpass.domain.access import PERSON_ID_LENGTH, Actor, Person, Role, Token, TokenStatus
from hallpass.domain.errors import ConflictError, NotFoundError, RoleInsufficientError
from hallpass.domain.tokens import TokenKind
from hallpass.services.manage_access import Desk, Registrar, refuse_field, require_operator
from hallpass.services.manage_tokens import MOST_ALIVE, IssuedToken, check_life, new_token

BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """`district_id`: a district-admin's, an auditor's unless of all districts, never an operator's."""

    name: str
    role: Role
    district_id: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A person and their token."""

    person: Person
    token: Token | None


def create_person(desk: Desk, actor: Actor, draft: PersonDraft) -> tuple[Person, IssuedToken]:
    """Raises RoleInsufficientError, BodyInvalidError, ConflictError."""
    require_operator(actor)
    check_draft(desk, actor, draft)
    return _add(desk, draft, actor.person.id)


def check_draft(desk: Desk, actor: Actor, draft: PersonDraft) -> None:
    """Raises BodyInvalidError."""
    if draft.expires_at > actor.until:
        raise refuse_field("expires_at", "is not after the end of your own access")
    belongs = draft.district_id is not None
    if draft.role is not Role.AUDITOR and (draft.role is Role.DISTRICT_ADMIN) != belongs:
        raise refuse_field("district", "is given for a district-admin, may be for an auditor, and is for nobody else")
    if draft.district_id is not None and desk.registry.district(draft.district_id) is None:
        raise refuse_field("district", "is the id of a district")


def create_first_operator(
    desk: Registrar, name: str, expires_at: datetime, *, another: bool
) -> tuple[Person, IssuedToken]:
    """For whoever may write the registry itself. Raises ConflictError when an operator exists, unless `another`."""
    exists = any(person.role is Role.OPERATOR for person in desk.registry.people())
    if exists and not another:
        raise ConflictError("An operator exists already.")
    return _add(desk, PersonDraft(name, Role.OPERATOR, None, expires_at), BOOTSTRAP)


def people(desk: Desk, actor: Actor) -> Sequence[Listed]:
    """Those that the actor may see."""
    listed = [person for person in desk.registry.people() if _visible(actor, person)]
    return [Listed(person, _newest(desk, person)) for person in listed]


def revoke_person(desk: Desk, actor: Actor, person_id: str) -> Sequence[Person]:
    """Final and idempotent. Tells whom that person brought in, and who still have access.

    Raises NotFoundError, ConflictError for oneself.
    """
    _visible_person(desk, actor, person_id)
    if person_id == actor.person.id:
        raise ConflictError("Nobody revokes themselves: rotate your token without an overlap, or ask another admin.")
    desk.registry.revoke_person(person_id, desk.now(), actor.person.id)
    listed = desk.registry.people()
    return [one for one in listed if one.created_by == person_id and one.revoked_at is None and _visible(actor, one)]


def rotate_own(desk: Desk, actor: Actor, person_id: str, overlap: timedelta) -> tuple[IssuedToken, Token]:
    """The successor of the token that the actor presented, and that one with the end of the overlap.

    Raises NotFoundError, RoleInsufficientError for somebody else's, ConflictError.
    """
    if person_id != actor.person.id:
        _visible_person(desk, actor, person_id)
        raise RoleInsufficientError("Nobody but the person rotates their token. To replace it, revoke and invite anew.")
    alive = [token for token in desk.registry.person_tokens(person_id) if token.alive(desk.now())]
    if len(alive) >= MOST_ALIVE:
        raise ConflictError("Two of your tokens are alive, which is the most: wait for the older one's end.")
    issued = admin_token(desk, person_id, actor.until, person_id)
    [old] = [token for token in alive if token.id == actor.token_id]
    ending = replace(old, expires_at=min(old.expires_at, desk.now() + overlap))
    desk.registry.add_person_token(issued.token, ending)
    return issued, ending


def _visible(actor: Actor, person: Person) -> bool:
    own = actor.person.district_id
    return actor.person.sees_all or (own is not None and own == person.district_id)


def _visible_person(desk: Desk, actor: Actor, person_id: str) -> Person:
    """Raises NotFoundError."""
    for person in desk.registry.people():
        if person.id == person_id and _visible(actor, person):
            return person
    raise NotFoundError


def _newest(desk: Desk, person: Person) -> Token | None:
    tokens = desk.registry.person_tokens(person.id)
    return tokens[-1] if tokens else None


def admin_token(desk: Registrar, person_id: str, expires_at: datetime, by: str) -> IssuedToken:
    """A new token of a person, not kept yet."""
    token_id, minted = new_token(desk, TokenKind.ADMIN, person_id)
    token = Token(
        id=token_id,
        holder_id=person_id,
        digest=minted.digest,
        status=TokenStatus.ACTIVE,
        starts_at=desk.now(),
        expires_at=expires_at,
        issued_at=desk.clock.now(),
        issued_by=by,
    )
    return IssuedToken(token, minted.text)


def _add(desk: Registrar, draft: PersonDraft, by: str) -> tuple[Person, IssuedToken]:
    check_life(desk.now(), draft.expires_at)
    person = Person(desk.new_id(PERSON_ID_LENGTH), draft.name, draft.role, draft.district_id, desk.clock.now(), by)
    issued = admin_token(desk, person.id, draft.expires_at, by)
    desk.registry.add_person(person, issued.token)
    return person, issued
