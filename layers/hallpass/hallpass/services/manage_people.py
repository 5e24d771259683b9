"""The admins: each a person with a name, a role, an end and a revocable token.

Rule: only an operator adds or revokes people; the first operator comes from whoever holds the registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.access import PERSON_ID_LENGTH, Actor, Person, Role, Token, TokenStatus
from hallpass.domain.errors import ConflictError
from hallpass.domain.tokens import TokenKind
from hallpass.services.manage_access import Desk, Registrar, refuse_field, require_operator
from hallpass.services.manage_tokens import IssuedToken, check_life, new_token

BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """`district_id`: a district-admin's, and nobody else's."""

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
    if (draft.role is Role.DISTRICT_ADMIN) != (draft.district_id is not None):
        raise refuse_field("district", "is given for a district-admin and for nobody else")
    if draft.district_id is not None and desk.registry.district(draft.district_id) is None:
        raise refuse_field("district", "is the id of a district")
    return _add(desk, draft, actor.person.id)


def create_first_operator(
    desk: Registrar, name: str, expires_at: datetime, *, another: bool
) -> tuple[Person, IssuedToken]:
    """For whoever may write the registry itself. Raises ConflictError when an operator exists, unless `another`."""
    exists = any(person.role is Role.OPERATOR for person in desk.registry.people())
    if exists and not another:
        raise ConflictError("An operator exists already.")
    return _add(desk, PersonDraft(name, Role.OPERATOR, None, expires_at), BOOTSTRAP)


def people(desk: Desk, actor: Actor) -> Sequence[Listed]:
    """Raises RoleInsufficientError."""
    require_operator(actor)
    return [Listed(person, _newest(desk, person)) for person in desk.registry.people()]


def revoke_person(desk: Desk, actor: Actor, person_id: str) -> None:
    """Final and idempotent. Raises RoleInsufficientError, NotFoundError."""
    require_operator(actor)
    desk.registry.revoke_person(person_id, desk.now(), actor.person.id)


def _newest(desk: Desk, person: Person) -> Token | None:
    tokens = desk.registry.person_tokens(person.id)
    return tokens[-1] if tokens else None


def _add(desk: Registrar, draft: PersonDraft, by: str) -> tuple[Person, IssuedToken]:
    now = desk.now()
    check_life(now, draft.expires_at)
    person = Person(desk.new_id(PERSON_ID_LENGTH), draft.name, draft.role, draft.district_id, desk.clock.now(), by)
    token_id, minted = new_token(desk, TokenKind.ADMIN, person.id)
    token = Token(
        id=token_id,
        holder_id=person.id,
        digest=minted.digest,
        status=TokenStatus.ACTIVE,
        starts_at=now,
        expires_at=draft.expires_at,
        issued_at=desk.clock.now(),
        issued_by=by,
    )
    desk.registry.add_person(person, token)
    return person, IssuedToken(token, minted.text)
