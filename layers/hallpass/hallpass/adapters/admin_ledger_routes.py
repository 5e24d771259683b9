"""The admin API's addresses for the ledger: searching it, who received something about a person, reports, agreements.

Rule: what is asked comes in a body, never in an address; the audit says what kind of thing was asked, and of a person
neither number nor mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_routes import Answer, Call
from hallpass.adapters.ledger_bodies import PersonAskedBody, ReportBody, SearchBody
from hallpass.adapters.ledger_documents import (
    person_document,
    register_document,
    report_document,
    rows_document,
)
from hallpass.domain.audit import audit_schema
from hallpass.domain.paging import by_time
from hallpass.domain.scope import DateRange
from hallpass.services import agreements, disclosures, report_access, review_access
from hallpass.services.manage_access import Desk


class LedgerRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def search(self, district_id: str, body: Annotated[SearchBody, Body()]) -> Answer:
        call, asked = self._call(), body.search()
        call.trail.note(query=f"{_days(asked.span)}&about={asked.query.words()}")
        return rows_document(review_access.search(self._desk, call.actor, district_id, asked)), 200

    def about_person(self, district_id: str, body: Annotated[PersonAskedBody, Body()]) -> Answer:
        call, asked = self._call(), body.asked()
        days = _days(asked.period) if asked.period else "from=&to="
        call.trail.note(query=f"{days}&kind={asked.person.value}")
        return person_document(disclosures.disclosures(self._desk, call.actor, district_id, asked)), 200

    def report(self, district_id: str, body: Annotated[ReportBody, Body()]) -> Answer:
        call = self._call()
        call.trail.note(query=_days(body.span))
        told = report_access.report(self._desk, call.actor, district_id, body.span, body.integration, body.cursor)
        # Only now: what was asked for may be no integration's id.
        call.trail.note(integration=body.integration)
        return report_document(told), 200

    def agreements(self, district_id: str) -> Answer:
        call = self._call()
        told = agreements.register(self._desk, call.actor, district_id)
        page = call.cut(told.integrations, lambda one: by_time(one.created_at, one.id))
        return register_document(replace(told, integrations=page.items)) | {"next": page.next}, 200

    def schema(self) -> Answer:
        return audit_schema(), 200


def _days(span: DateRange) -> str:
    return f"from={span.first.isoformat()}&to={span.last.isoformat()}"
