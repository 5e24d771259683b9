"""The admin API's addresses for people: invitations, tokens of their own, revocation, and sessions.

Rule: a route calls one use case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_bodies import OverlapBody, PersonBody
from hallpass.adapters.admin_documents import (
    Document,
    invitation_document,
    person_document,
    timestamp,
    token_document,
)
from hallpass.adapters.admin_routes import Answer, Call
from hallpass.domain.access import Person, Role, Token, TokenStatus
from hallpass.domain.paging import by_time
from hallpass.services import invite_people, manage_people, manage_sessions
from hallpass.services.manage_access import Desk


class PeopleRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def create_person(self, body: Annotated[PersonBody, Body()]) -> Answer:
        call = self._call()
        person, issued = manage_people.create_person(self._desk, call.actor, _draft(body))
        call.trail.note(target=person.id, district=person.district_id, after=person.role.value)
        return {"id": person.id, "token": issued.text.reveal(), "person": self._person(person, issued.token)}, 201

    def list_people(self) -> Answer:
        call = self._call()
        listed = manage_people.people(self._desk, call.actor)
        page = call.cut(listed, lambda one: by_time(one.person.created_at, one.person.id))
        return {"people": [self._person(one.person, one.token) for one in page.items], "next": page.next}, 200

    def revoke_person(self, person_id: str) -> Answer:
        brought_in = manage_people.revoke_person(self._desk, self._call().actor, person_id)
        self._call().trail.note(after=TokenStatus.REVOKED.value)
        still = [one.id for one in brought_in]
        return {"id": person_id, "status": TokenStatus.REVOKED.value, "brought_in": still}, 200

    def rotate_own(self, person_id: str, body: Annotated[OverlapBody, Body()]) -> Answer:
        call, overlap = self._call(), timedelta(days=body.overlap_days)
        issued, ending = manage_people.rotate_own(self._desk, call.actor, person_id, overlap)
        call.trail.note(before=ending.id, after=issued.token.id)
        replaced = {"id": ending.id, "expires_at": timestamp(ending.expires_at)}
        details = token_document(issued.token, issued.token.generation, self._desk.now())
        told = {"id": issued.token.id, "token": issued.text.reveal(), "details": details}
        return told | {"replaces": replaced}, 201

    def invite(self, body: Annotated[PersonBody, Body()]) -> Answer:
        call = self._call()
        invited = invite_people.invite(self._desk, call.actor, _draft(body))
        told = invited.invitation
        call.trail.note(target=told.person_id, district=told.district_id, after=f"invited {told.role}")
        return {"id": told.person_id, "code": invited.code.reveal(), "invitation": invitation_document(told)}, 201

    def list_invitations(self) -> Answer:
        call = self._call()
        listed = invite_people.invitations(self._desk, call.actor)
        page = call.cut(listed, lambda one: by_time(one.invited_at, one.person_id))
        return {"invitations": [invitation_document(one) for one in page.items], "next": page.next}, 200

    def withdraw(self, person_id: str) -> Answer:
        invite_people.withdraw(self._desk, self._call().actor, person_id)
        self._call().trail.note(after="withdrawn")
        return {"id": person_id, "status": "withdrawn"}, 200

    def accept(self) -> Answer:
        call = self._call()
        person, issued = invite_people.accept(self._desk, call.actor)
        call.trail.note(target=person.id, district=person.district_id, after=person.role.value)
        return {"id": person.id, "token": issued.text.reveal(), "person": self._person(person, issued.token)}, 201

    def start_session(self) -> Answer:
        call = self._call()
        signed_in = manage_sessions.start_session(self._desk, call.actor)
        session = signed_in.session
        call.trail.note(target=session.id, after="started")
        ends = {"expires_at": timestamp(session.expires_at)}
        return {"id": session.id, "token": signed_in.text.reveal(), **ends, **_who(call)}, 201

    def show_session(self) -> Answer:
        call = self._call()
        return {"id": call.actor.session_id, **_who(call)}, 200

    def end_session(self) -> Answer:
        call = self._call()
        manage_sessions.end_session(self._desk, call.actor)
        call.trail.note(target=call.actor.session_id, after="ended")
        return {"id": call.actor.session_id, "status": "ended"}, 200

    def _person(self, person: Person, token: Token | None) -> Document:
        held = None if token is None else token_document(token, token.generation, self._desk.now())
        return person_document(person) | {"token": held}


def _draft(body: PersonBody) -> manage_people.PersonDraft:
    return manage_people.PersonDraft(body.name, Role(body.role), body.district, body.expires_at)


def _who(call: Call) -> Document:
    return {"person": person_document(call.actor.person), "access_ends": timestamp(call.actor.until)}
