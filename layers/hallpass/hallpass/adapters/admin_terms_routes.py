"""The admin API's addresses for what was agreed with a vendor: its terms, their history, activation, and its use.

Rule: a route calls one use case; names and free text stay in the registry, the audit says what kind of thing changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from hallpass.adapters.admin_bodies import TermsBody
from hallpass.adapters.admin_documents import Document, integration_document, scope_document, usage_document
from hallpass.adapters.admin_routes import Answer, Call
from hallpass.domain.access import Agreement, Integration
from hallpass.domain.errors import BodyInvalidError, InvalidParametersError
from hallpass.domain.histories import Written
from hallpass.domain.scope import DateRange
from hallpass.domain.values import read_day
from hallpass.services import edit_integrations, manage_integrations, use_of_integrations
from hallpass.services.edit_integrations import Terms, terms_of
from hallpass.services.manage_access import Desk

_PARAMETER = {"cursor": "next"}


class TermsRoutes:
    """`call` gives the request being answered."""

    def __init__(self, desk: Desk, call: Callable[[], Call]) -> None:
        self._desk = desk
        self._call = call

    def edit(self, district_id: str, integration_id: str, body: Annotated[TermsBody, Body()]) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        agreement = Agreement(body.agreement.id, body.agreement.ends_on)
        terms = Terms(body.vendor, body.contact, body.purpose, agreement)
        before, after = edit_integrations.edit(self._desk, call.actor, address, terms, call.seen)
        changed = ",".join(_changed(before, after)) or "nothing"
        call.trail.note(before=_told(before), after=f"{_told(after)} changed={changed}")
        return self._shown(after), 200

    def activate(self, district_id: str, integration_id: str) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        before, after = manage_integrations.activate(self._desk, call.actor, address, call.seen)
        call.trail.note(before=before.status.value, after=after.status.value)
        return self._shown(after), 200

    def list_versions(self, district_id: str, integration_id: str) -> Answer:
        call = self._call()
        found = edit_integrations.versions(self._desk, call.actor, (district_id, integration_id))
        page = call.cut(found, _place)
        return {"versions": [_version(one) for one in page.items], "next": page.next}, 200

    def list_scopes(self, district_id: str, integration_id: str) -> Answer:
        call = self._call()
        found = edit_integrations.scopes(self._desk, call.actor, (district_id, integration_id))
        page = call.cut(found, _place)
        return {"scopes": [scope_document(one) for one in page.items], "next": page.next}, 200

    def show_usage(self, district_id: str, integration_id: str) -> Answer:
        call, address = self._call(), (district_id, integration_id)
        with _in_the_address():
            used = use_of_integrations.use(self._desk, call.actor, address, _days(call), call.query.get("next"))
        return usage_document(used), 200

    def show_use_of_district(self, district_id: str) -> Answer:
        call, desk = self._call(), self._desk
        with _in_the_address():
            used = use_of_integrations.use_of_district(
                desk, call.actor, district_id, _days(call), call.query.get("next")
            )
        document = usage_document(used)
        return {name: document[name] for name in ("days", "next", "complete_until")}, 200

    def _shown(self, integration: Integration) -> Document:
        self._call().shows(integration)
        return {"integration": integration_document(integration)}


def _place(written: Written) -> str:
    return f"{written.integration.version:010d}"


def _version(written: Written) -> Document:
    document = integration_document(written.integration)
    kept = ("vendor", "contact", "purpose", "agreement", "scope", "dataset", "version")
    return {**{name: document[name] for name in kept}, **scope_document(written)}


def _told(integration: Integration) -> str:
    agreement = integration.agreement
    return f"version {integration.version}: agreement={agreement.id} to={agreement.ends_on.isoformat()}"


def _changed(before: Integration, after: Integration) -> list[str]:
    old, new = terms_of(before), terms_of(after)
    return [name for name in ("vendor", "contact", "purpose", "agreement") if getattr(old, name) != getattr(new, name)]


@contextmanager
def _in_the_address() -> Iterator[None]:
    """What the ledger's questions have in a body stands in the address here."""
    try:
        yield
    except BodyInvalidError as refused:
        told = [{**entry, "name": _PARAMETER.get(entry["name"], entry["name"])} for entry in refused.errors]
        raise InvalidParametersError(told) from refused


def _days(call: Call) -> DateRange:
    """Raises InvalidParametersError."""
    return DateRange(_day(call, "from"), _day(call, "to"))


def _day(call: Call, name: str) -> date:
    """Raises InvalidParametersError."""
    day = read_day(call.query.get(name, ""))
    if day is None:
        raise InvalidParametersError([{"name": name, "detail": "a day, YYYY-MM-DD; both are needed, of UTC"}])
    return day
