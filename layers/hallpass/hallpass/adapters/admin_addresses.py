"""The table of the admin API's addresses, and which line of it a request is for.

Rule: one table gives routes, the `Allow` of a 405 and the action's name in the audit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hallpass.adapters.admin_cache_routes import CacheRoutes
from hallpass.adapters.admin_ledger_routes import LedgerRoutes
from hallpass.adapters.admin_limit_routes import LimitRoutes
from hallpass.adapters.admin_preview_routes import PreviewRoutes
from hallpass.adapters.admin_routes import AdminRoutes
from hallpass.adapters.admin_status_routes import StatusRoutes
from hallpass.domain.access import DISTRICT_ID_LENGTH, INTEGRATION_ID_LENGTH, PERSON_ID_LENGTH, TOKEN_ID_LENGTH
from hallpass.domain.errors import MethodNotAllowedError, NotFoundError
from hallpass.domain.failure import HallpassError

DISTRICTS = "/admin/v1/districts"
DISTRICT = f"{DISTRICTS}/<district_id>"
INTEGRATIONS = f"{DISTRICT}/integrations"
INTEGRATION = f"{INTEGRATIONS}/<integration_id>"
TOKENS = f"{INTEGRATION}/tokens"
TOKEN = f"{TOKENS}/<token_id>"
PEOPLE = "/admin/v1/people"
PERSON = f"{PEOPLE}/<person_id>"
WIDTHS = {
    "district_id": DISTRICT_ID_LENGTH,
    "integration_id": INTEGRATION_ID_LENGTH,
    "token_id": TOKEN_ID_LENGTH,
    "person_id": PERSON_ID_LENGTH,
}
UNKNOWN = "admin"
"""The action of a request that is for no address of the table."""


@dataclass(frozen=True, slots=True)
class Address:
    """`action`: as in the audit. `body`: whether one is read. `asks`: a POST whose body is a question. `operators`:
    nobody else may. `about`: the member of the body that names the district it is about.
    """

    method: str
    rule: str
    action: str
    answer: Callable[..., Any]
    body: bool = False
    asks: bool = False
    operators: bool = False
    about: str | None = None

    @property
    def changes(self) -> bool:
        """Whether something is another afterwards."""
        return self.method != "GET" and not self.asks


@dataclass(frozen=True, slots=True)
class Match:
    """An address, and the ids that stand in the path."""

    address: Address
    ids: Mapping[str, str]


def addresses(
    routes: AdminRoutes,
    cache: CacheRoutes,
    limits: LimitRoutes,
    ledger: LedgerRoutes,
    status: StatusRoutes,
    previews: PreviewRoutes,
) -> tuple[Address, ...]:
    return (
        Address("GET", DISTRICTS, "district.list", routes.list_districts),
        Address("POST", DISTRICTS, "district.create", routes.create_district, body=True, operators=True),
        Address("GET", DISTRICT, "district.show", routes.show_district),
        Address("DELETE", DISTRICT, "district.delete", cache.delete_district, body=True, operators=True),
        Address("GET", f"{DISTRICT}/cache", "district.show-cache", cache.show_policy),
        Address("PUT", f"{DISTRICT}/cache", "district.cache", cache.set_policy, body=True),
        Address("POST", f"{DISTRICT}/purge", "district.purge", cache.purge, body=True),
        Address("GET", f"{DISTRICT}/quarantine", "district.quarantine", routes.show_quarantine),
        Address("POST", f"{DISTRICT}/audit/search", "audit.search", ledger.search, body=True, asks=True),
        Address("POST", f"{DISTRICT}/disclosures", "disclosures.person", ledger.about_person, body=True, asks=True),
        Address("POST", f"{DISTRICT}/disclosures/report", "disclosures.report", ledger.report, body=True, asks=True),
        Address("GET", f"{DISTRICT}/agreements", "disclosures.agreements", ledger.agreements),
        Address("GET", "/admin/v1/audit.schema.json", "audit.schema", ledger.schema),
        Address("GET", f"{DISTRICT}/status", "district.status", status.show_status),
        Address("POST", f"{DISTRICT}/preview", "scope.preview", previews.preview, body=True, asks=True),
        Address("POST", f"{INTEGRATION}/explain", "scope.explain", previews.explain, body=True, asks=True),
        Address("GET", INTEGRATIONS, "integration.list", routes.list_integrations),
        Address("POST", INTEGRATIONS, "integration.create", routes.create_integration, body=True),
        Address("GET", INTEGRATION, "integration.show", routes.show_integration),
        Address("POST", f"{INTEGRATION}/pause", "integration.pause", routes.pause_integration),
        Address("POST", f"{INTEGRATION}/resume", "integration.resume", routes.resume_integration),
        Address("POST", f"{INTEGRATION}/stop", "integration.stop", routes.stop_integration),
        Address("POST", f"{INTEGRATION}/end", "integration.end", routes.end_integration),
        Address("PUT", f"{INTEGRATION}/scope", "integration.scope", routes.change_scope, body=True),
        Address("PUT", f"{INTEGRATION}/cache", "integration.cache", cache.set_allowance, body=True),
        Address("PUT", f"{INTEGRATION}/limits", "integration.limits", limits.set_limits, body=True),
        Address("POST", f"{INTEGRATION}/renew-pseudonyms", "integration.renew-pseudonyms", routes.renew_pseudonyms),
        Address("GET", TOKENS, "token.list", routes.list_tokens),
        Address("POST", TOKENS, "token.issue", routes.issue_token, body=True),
        Address("POST", f"{TOKEN}/pause", "token.pause", routes.pause_token),
        Address("POST", f"{TOKEN}/resume", "token.resume", routes.resume_token),
        Address("POST", f"{TOKEN}/revoke", "token.revoke", routes.revoke_token),
        Address("POST", f"{TOKEN}/rotate", "token.rotate", routes.rotate_token, body=True),
        Address("GET", PEOPLE, "person.list", routes.list_people, operators=True),
        Address("POST", PEOPLE, "person.create", routes.create_person, body=True, operators=True, about="district"),
        Address("POST", f"{PERSON}/revoke", "person.revoke", routes.revoke_person, operators=True),
    )


class AddressBook:
    """The table, ready to be asked."""

    def __init__(self, table: tuple[Address, ...]) -> None:
        self._patterns = [(_pattern(address.rule), address) for address in table]

    def find(self, method: str, path: str) -> Match:
        """Raises NotFoundError, and MethodNotAllowedError with what is allowed."""
        found = [(match, address) for pattern, address in self._patterns if (match := pattern.fullmatch(path))]
        if not found:
            raise NotFoundError
        for match, address in found:
            if address.method == method:
                return Match(address, match.groupdict())
        raise MethodNotAllowedError(sorted({address.method for _, address in found}))

    def action(self, method: str, path: str) -> str:
        """For the record alone: what a request was for that goes no further."""
        try:
            return self.find(method, path).address.action
        except HallpassError:
            return UNKNOWN


def _pattern(rule: str) -> re.Pattern[str]:
    # An id is base62 and of its kind's width: anything else in its place is an address that there is not.
    return re.compile(re.sub(r"<(\w+)>", _id_pattern, re.escape(rule)), re.ASCII)


def _id_pattern(name: re.Match[str]) -> str:
    return f"(?P<{name[1]}>[0-9A-Za-z]{{{WIDTHS[name[1]]}}})"
