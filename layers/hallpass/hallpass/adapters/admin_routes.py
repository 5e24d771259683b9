"""The admin API's addresses: for each one its use case, what it answers and what the audit says of it.

Rule: a route calls one use case. Order, roles and conditions are the services'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_bodies import DistrictBody, IntegrationBody, RotationBody, ScopeBody, TokenBody
from hallpass.adapters.admin_documents import (
    Document,
    account_document,
    district_document,
    integration_document,
    timestamp,
    token_document,
)
from hallpass.domain.access import Actor, Agreement, District, Integration, Status, TokenStatus
from hallpass.domain.paging import Page, Paging, by_time
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.scope_format import scope_words
from hallpass.domain.secret import Secret
from hallpass.services import manage_districts, manage_integrations, manage_scopes, manage_tokens
from hallpass.services.edit_integrations import Terms
from hallpass.services.manage_access import Desk, visible_district, visible_integration
from hallpass.services.trail import Trail

Answer = tuple[Document, int]
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request. `seconds`: what the invocation has left.

    `seen`: the version that a change is meant for. `query`: the parameters of `path`. `versions`: of what the answer
    shows; the last is its `ETag`.
    """

    actor: Actor
    trail: Trail
    seconds: float
    seen: int | None = None
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    versions: list[int] = field(default_factory=list)

    def shows(self, record: District | Integration) -> None:
        self.versions.append(record.version)

    def cut(self, listed: Sequence[_Item], place: Callable[[_Item], str]) -> Page[_Item]:
        """The part of a list that was asked for. `place`: as in Paging. Raises InvalidParametersError."""
        return Paging.of(self.query, self.path).cut(listed, place)


class AdminRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    # --- districts
    def create_district(self, body: Annotated[DistrictBody, Body()]) -> Answer:
        call, secret = self._call(), Secret(body.upstream_token.get_secret_value())
        draft = manage_districts.DistrictDraft(body.name, body.time_zone, secret)
        if not body.confirmed:
            call.trail.action = "district.try"
            seen = manage_districts.try_account(self._desk, call.actor, draft, call.seconds)
            return {"created": False, "account": account_document(seen)}, 200
        district, seen = manage_districts.create_district(self._desk, call.actor, draft, call.seconds)
        call.trail.note(district=district.id, target=district.id, after=district.status.value)
        account = account_document(seen)
        call.shows(district)
        return {"created": True, "district": district_document(district), "account": account}, 201

    def list_districts(self) -> Answer:
        call = self._call()
        page = call.cut(manage_districts.districts(self._desk, call.actor), lambda one: one.id)
        return {"districts": [district_document(one) for one in page.items], "next": page.next}, 200

    def show_district(self, district_id: str) -> Answer:
        call = self._call()
        district = visible_district(self._desk, call.actor, district_id)
        call.shows(district)
        return {"district": district_document(district)}, 200

    # --- integrations
    def create_integration(self, district_id: str, body: Annotated[IntegrationBody, Body()]) -> Answer:
        call = self._call()
        if body.scope.fields == UPSTREAM_VIEW:
            call.trail.action = "integration.create-upstream"
        agreement = Agreement(body.agreement.id, body.agreement.ends_on)
        draft = manage_integrations.IntegrationDraft(
            Terms(body.vendor, body.contact, body.purpose, agreement), body.scope, body.confirm, body.draft
        )
        made = manage_integrations.create_integration(self._desk, call.actor, district_id, draft)
        call.trail.note(integration=made.id, target=made.id, after=_told(made), fields_preset=made.scope.fields)
        return self._shown(made), 201

    def list_integrations(self, district_id: str) -> Answer:
        call = self._call()
        listed = manage_integrations.integrations(self._desk, call.actor, district_id)
        page = call.cut(listed, lambda one: by_time(one.created_at, one.id))
        return {"integrations": [integration_document(one) for one in page.items], "next": page.next}, 200

    def show_integration(self, district_id: str, integration_id: str) -> Answer:
        _, shown = visible_integration(self._desk, self._call().actor, district_id, integration_id)
        return self._shown(shown), 200

    def pause_integration(self, district_id: str, integration_id: str) -> Answer:
        return self._integration_status(district_id, integration_id, Status.PAUSED)

    def resume_integration(self, district_id: str, integration_id: str) -> Answer:
        return self._integration_status(district_id, integration_id, Status.ACTIVE)

    def stop_integration(self, district_id: str, integration_id: str) -> Answer:
        call = self._call()
        stopped, ended = manage_integrations.stop(self._desk, call.actor, district_id, integration_id)
        call.trail.note(before=f"generation {stopped.token_generation - 1}")
        call.trail.note(after=f"generation {stopped.token_generation}")
        return self._shown(stopped) | {"tokens_revoked": ended}, 200

    def end_integration(self, district_id: str, integration_id: str) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        before, after = manage_scopes.end_integration(self._desk, call.actor, address, call.seen)
        return self._changed(before.status.value, after.status.value, after)

    def change_scope(self, district_id: str, integration_id: str, body: Annotated[ScopeBody, Body()]) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        if body.scope.fields == UPSTREAM_VIEW:
            call.trail.action = "integration.scope-upstream"
        before, after = manage_scopes.change_scope(self._desk, call.actor, address, body.scope, body.confirm, call.seen)
        call.trail.note(fields_preset=after.scope.fields, scope_version=after.scope_version)
        return self._changed(_told(before), _told(after), after)

    def renew_pseudonyms(self, district_id: str, integration_id: str) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        before, after = manage_scopes.renew_pseudonyms(self._desk, call.actor, address, call.seen)
        return self._changed(f"epoch {before.pseudonym_epoch}", f"epoch {after.pseudonym_epoch}", after)

    def _changed(self, before: str, after: str, integration: Integration) -> Answer:
        self._call().trail.note(before=before, after=after)
        return self._shown(integration), 200

    def _shown(self, integration: Integration) -> Document:
        self._call().shows(integration)
        return {"integration": integration_document(integration)}

    def _integration_status(self, district_id: str, integration_id: str, status: Status) -> Answer:
        call = self._call()
        before, after = manage_integrations.set_status(
            self._desk, call.actor, (district_id, integration_id), status, call.seen
        )
        return self._changed(before.status.value, after.status.value, after)

    # --- tokens
    def issue_token(self, district_id: str, integration_id: str, body: Annotated[TokenBody, Body()]) -> Answer:
        call = self._call()
        issued = manage_tokens.issue_token(self._desk, call.actor, district_id, integration_id, body.expires_at)
        call.trail.note(token=issued.token.id, target=issued.token.id, after=issued.token.status.value)
        return self._issued(issued), 201

    def list_tokens(self, district_id: str, integration_id: str) -> Answer:
        call = self._call()
        listed = manage_tokens.tokens(self._desk, call.actor, district_id, integration_id)
        page = call.cut(listed.tokens, lambda one: by_time(one.issued_at, one.id))
        now, generation = self._desk.now(), listed.integration.token_generation
        shown = [
            token_document(token, generation, now) | {"last_used": timestamp(listed.last_used.get(token.id))}
            for token in page.items
        ]
        return {"tokens": shown, "next": page.next}, 200

    def rotate_token(
        self, district_id: str, integration_id: str, token_id: str, body: Annotated[RotationBody, Body()]
    ) -> Answer:
        call, overlap = self._call(), timedelta(days=body.overlap_days)
        address = (district_id, integration_id, token_id)
        issued, ending = manage_tokens.rotate_token(self._desk, call.actor, address, overlap, body.expires_at)
        call.trail.note(before=ending.id, after=issued.token.id)
        replaced = {"id": ending.id, "expires_at": timestamp(ending.expires_at)}
        return self._issued(issued) | {"replaces": replaced}, 201

    def pause_token(self, district_id: str, integration_id: str, token_id: str) -> Answer:
        return self._token_status((district_id, integration_id, token_id), TokenStatus.PAUSED)

    def resume_token(self, district_id: str, integration_id: str, token_id: str) -> Answer:
        return self._token_status((district_id, integration_id, token_id), TokenStatus.ACTIVE)

    def revoke_token(self, district_id: str, integration_id: str, token_id: str) -> Answer:
        call, now = self._call(), self._desk.now()
        address = (district_id, integration_id, token_id)
        before, after = manage_tokens.revoke_token(self._desk, call.actor, address)
        call.trail.note(before=before.status.value, after=after.status.value)
        return {"token": token_document(after, after.generation, now)}, 200

    def _token_status(self, address: tuple[str, str, str], status: TokenStatus) -> Answer:
        call, now = self._call(), self._desk.now()
        before, after = manage_tokens.set_status(self._desk, call.actor, address, status)
        call.trail.note(before=before.status.value, after=after.status.value)
        return {"token": token_document(after, after.generation, now)}, 200

    def _issued(self, issued: manage_tokens.IssuedToken) -> Document:
        shown = token_document(issued.token, issued.token.generation, self._desk.now())
        return {"id": issued.token.id, "token": issued.text.reveal(), "details": shown}


def _told(integration: Integration) -> str:
    """What an integration shows, for the audit."""
    return f"scope {integration.scope_version}: {scope_words(integration.scope)}"
