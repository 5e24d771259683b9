"""The admin API's addresses for claim links: making, listing and withdrawing one.

Rule: a link's secret is in the answer that makes it, and in no other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_bodies import ClaimBody
from hallpass.adapters.admin_documents import Document, timestamp
from hallpass.adapters.admin_routes import Answer, Call
from hallpass.domain.claim_links import PAGE
from hallpass.domain.paging import by_time
from hallpass.services import claim_tokens
from hallpass.services.claim_tokens import ListedLink
from hallpass.services.manage_access import Desk


class ClaimRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def make(self, district_id: str, integration_id: str, body: Annotated[ClaimBody, Body()]) -> Answer:
        call, life = self._call(), timedelta(hours=body.valid_hours)
        made = claim_tokens.make_link(self._desk, call.actor, (district_id, integration_id), life, body.expires_at)
        secret = made.secret.reveal()
        call.trail.note(target=made.link.id, after="open")
        told = {"claim_id": made.link.id, "claim": secret, "claim_url_path": f"{PAGE}#{secret}"}
        return {**told, "expires_at": timestamp(made.link.expires_at)}, 201

    def list_links(self, district_id: str, integration_id: str) -> Answer:
        call = self._call()
        listed = claim_tokens.links(self._desk, call.actor, (district_id, integration_id))
        page = call.cut(listed, lambda one: by_time(one.link.made_at, one.link.id))
        return {"claims": [claim_document(one) for one in page.items], "next": page.next}, 200

    def withdraw(self, district_id: str, integration_id: str, claim_id: str) -> Answer:
        call, address = self._call(), (district_id, integration_id, claim_id)
        before, after = claim_tokens.withdraw(self._desk, call.actor, address)
        call.trail.note(before=before.state.value, after=after.state.value)
        return {"claim": claim_document(after)}, 200


def claim_document(listed: ListedLink) -> Document:
    """Without the secret, and without what could prove one."""
    link = listed.link
    return {
        "id": link.id,
        "status": listed.state.value,
        "made_at": timestamp(link.made_at),
        "made_by": link.made_by,
        "expires_at": timestamp(link.expires_at),
        "token_expires_at": timestamp(link.token_expires_at),
        "claimed_at": timestamp(link.claimed_at),
        "claimed_from": link.claimed_from,
        "token": link.token_id,
        "withdrawn_at": timestamp(link.withdrawn_at),
        "withdrawn_by": link.withdrawn_by,
    }
