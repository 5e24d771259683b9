"""The admin API's addresses that tell beforehand: what a scope would show, and what a request would be answered.

Rule: both only read. What of a preview is a disclosure stands in its row of the ledger before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_routes import Answer, Call
from hallpass.adapters.explain_documents import explanation_document
from hallpass.adapters.preview_bodies import ExplainBody, PreviewBody
from hallpass.adapters.preview_documents import preview_document
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.query import Format
from hallpass.domain.scope_format import scope_words
from hallpass.services.explain_request import ExplainAsked, explain
from hallpass.services.manage_access import Desk
from hallpass.services.preview_scope import PreviewAsked, preview


class PreviewRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def preview(self, district_id: str, body: Annotated[PreviewBody, Body()]) -> Answer:
        call = self._call()
        asked = PreviewAsked(body.scope, body.compare_with, body.example == "real")
        told = f"example={body.example}&with={asked.compare_with or ''}&scope={scope_words(asked.scope)}"
        call.trail.note(query=told)
        shown = preview(self._desk, call.actor, district_id, asked, call.seconds)
        if shown.disclosed is not None:
            # The one incident is shown with everything that is documented of it.
            call.trail.note(
                incidents=1,
                persons=shown.disclosed.persons,
                people=shown.disclosed.people,
                fields_preset=UPSTREAM_VIEW,
                format=Format.JSON.value,
            )
        return preview_document(shown), 200

    def explain(self, district_id: str, integration_id: str, body: Annotated[ExplainBody, Body()]) -> Answer:
        call = self._call()
        asked = ExplainAsked(body.query, Format(body.format), body.token)
        told = explain(self._desk, call.actor, (district_id, integration_id), asked, call.seconds)
        call.trail.note(format=asked.form.value, token=asked.token)
        if told.query is not None:
            call.trail.note_query(told.query, told.integration.scope)
        return explanation_document(told), 200
