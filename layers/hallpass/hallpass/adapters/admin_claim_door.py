"""The one address of the admin API that nobody signs in for: whoever has a claim link's secret is shown its token.

Rule: only a POST with the secret in its body opens it, so that neither a log nor a program that follows links does.
Nothing is looked up or recorded of a link before its secret is proven.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_bodies import RevealBody, read_body
from hallpass.adapters.admin_documents import Document, timestamp
from hallpass.adapters.json_body import check_json_body
from hallpass.domain.access import DISTRICT_ID_LENGTH
from hallpass.domain.claim_links import ClaimLink
from hallpass.domain.errors import MethodNotAllowedError
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.query import no_parameters
from hallpass.services.claim_tokens import known_link, reveal
from hallpass.services.failures import Failures
from hallpass.services.manage_access import Desk
from hallpass.services.recording import Recorder
from hallpass.services.trail import Trail

DOOR = "/admin/v1/claims"
ACTION = "claim.reveal"


class ClaimDoor:
    """`answer` raises a HallpassError for whatever is refused. `failures`: counts who guesses at tokens too."""

    def __init__(self, desk: Desk, recorder: Recorder, failures: Failures) -> None:
        self._desk = desk
        self._recorder = recorder
        self._failures = failures

    def answer(self, event: Mapping[str, Any], request: HttpRequest, trail: Trail) -> HttpResponse:
        trail.action = ACTION
        try:
            link = self._known(event, request)
        except HallpassError:
            trail.note_failed(self._failures.note(request.source))
            raise
        # No actor: whoever has the secret may be anybody. Who made the link is known.
        trail.note(
            district=link.integration_id[:DISTRICT_ID_LENGTH],
            integration=link.integration_id,
            target=link.id,
            before=f"made by {link.made_by}",
        )
        self._recorder.begin(trail)
        told = self._shown(link, trail)
        return HttpResponse(201, (("Content-Type", "application/json"),), json.dumps(told).encode())

    def find(self, body: Annotated[RevealBody, Body()], source: str) -> ClaimLink:
        """The link whose secret the body holds."""
        return known_link(self._desk, self._failures, body.claim.get_secret_value(), source)

    def _known(self, event: Mapping[str, Any], request: HttpRequest) -> ClaimLink:
        if request.method != "POST":
            raise MethodNotAllowedError(["POST"])
        no_parameters(request.raw_query)
        _, members = check_json_body(event, request.header("content-type"))
        return self.find(read_body(RevealBody, members), request.source)

    def _shown(self, link: ClaimLink, trail: Trail) -> Document:
        issued = reveal(self._desk, link, trail.request.source)
        token = issued.token
        trail.note(token=token.id, after=token.status.value)
        shown = {"id": token.id, "token": issued.text.reveal(), "integration": token.holder_id}
        return {**shown, "expires_at": timestamp(token.expires_at)}
