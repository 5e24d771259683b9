"""The table of the admin API's addresses: what each is called in the audit, and who may call it.

Rule: an address that does not say that an auditor may call it is none of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hallpass.adapters.admin_addresses import NO_TOKEN, OWN_INVITATION, OWN_SESSION, OWN_TOKEN, Address
from hallpass.adapters.admin_cache_routes import CacheRoutes
from hallpass.adapters.admin_claim_door import ACTION, DOOR, ClaimDoor
from hallpass.adapters.admin_claim_routes import ClaimRoutes
from hallpass.adapters.admin_ledger_routes import LedgerRoutes
from hallpass.adapters.admin_limit_routes import LimitRoutes
from hallpass.adapters.admin_people_routes import PeopleRoutes
from hallpass.adapters.admin_preview_routes import PreviewRoutes
from hallpass.adapters.admin_quarantine_routes import QuarantineRoutes
from hallpass.adapters.admin_routes import AdminRoutes, Call
from hallpass.adapters.admin_status_routes import StatusRoutes
from hallpass.adapters.admin_terms_routes import TermsRoutes
from hallpass.domain.paging import PARAMETERS
from hallpass.domain.preconditions import Match
from hallpass.services.manage_access import Desk

DISTRICTS = "/admin/v1/districts"
DISTRICT = f"{DISTRICTS}/<district_id>"
INTEGRATIONS = f"{DISTRICT}/integrations"
INTEGRATION = f"{INTEGRATIONS}/<integration_id>"
TOKENS = f"{INTEGRATION}/tokens"
TOKEN = f"{TOKENS}/<token_id>"
CLAIMS = f"{INTEGRATION}/claims"
PEOPLE = "/admin/v1/people"
PERSON = f"{PEOPLE}/<person_id>"
INVITATIONS = "/admin/v1/invitations"
SESSION = "/admin/v1/session"
DAYS = ("from", "to", "next")

Route = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Routes:
    """All of them, each made for the same desk."""

    grants: AdminRoutes
    cache: CacheRoutes
    ledger: LedgerRoutes
    status: StatusRoutes
    people: PeopleRoutes
    terms: TermsRoutes
    limits: LimitRoutes
    previews: PreviewRoutes
    claims: ClaimRoutes
    quarantine: QuarantineRoutes


def make_routes(desk: Desk, call: Callable[[], Call]) -> Routes:
    """`call` gives the request being answered."""
    return Routes(
        AdminRoutes(desk, call),
        CacheRoutes(desk, call),
        LedgerRoutes(desk, call),
        StatusRoutes(desk, call),
        PeopleRoutes(desk, call),
        TermsRoutes(desk, call),
        LimitRoutes(desk, call),
        PreviewRoutes(desk, call),
        ClaimRoutes(desk, call),
        QuarantineRoutes(desk, call),
    )


def addresses(routes: Routes) -> tuple[Address, ...]:
    return (
        *_of_districts(routes),
        *_of_integrations(routes),
        *_of_tokens(routes.grants),
        *_of_claims(routes.claims),
        *_of_people(routes.people),
    )


def _of_districts(routes: Routes) -> tuple[Address, ...]:
    grants, cache, ledger, status = routes.grants, routes.cache, routes.ledger, routes.status
    quarantine = routes.quarantine
    return (
        _lists(DISTRICTS, "district.list", grants.list_districts),
        replace(_makes(DISTRICTS, "district.create", grants.create_district), operators=True),
        _reads(DISTRICT, "district.show", grants.show_district),
        Address("DELETE", DISTRICT, "district.delete", cache.delete_district, body=True, operators=True),
        _reads(f"{DISTRICT}/cache", "district.show-cache", cache.show_policy),
        _reads(f"{DISTRICT}/cache/statistics", "district.show-cache-statistics", cache.show_statistics),
        Address("PUT", f"{DISTRICT}/cache", "district.cache", cache.set_policy, body=True, match=Match.MUST),
        Address("POST", f"{DISTRICT}/purge", "district.purge", cache.purge, body=True),
        Address("POST", f"{DISTRICT}/warm", "district.warm", cache.warm, body=True),
        _lists(f"{DISTRICT}/quarantine", "district.quarantine", quarantine.show),
        Address("POST", f"{DISTRICT}/quarantine/review", "district.review-quarantine", quarantine.review, body=True),
        _asks(f"{DISTRICT}/audit/search", "audit.search", ledger.search),
        _asks(f"{DISTRICT}/disclosures", "disclosures.person", ledger.about_person),
        _asks(f"{DISTRICT}/disclosures/report", "disclosures.report", ledger.report),
        _lists(f"{DISTRICT}/agreements", "disclosures.agreements", ledger.agreements),
        _reads("/admin/v1/audit.schema.json", "audit.schema", ledger.schema),
        _reads(f"{DISTRICT}/status", "district.status", status.show_status),
        replace(_reads(f"{DISTRICT}/usage", "district.show-usage", routes.terms.show_use_of_district), takes=DAYS),
        # For who grants: it counts children, and an auditor reads what was granted.
        replace(_asks(f"{DISTRICT}/preview", "scope.preview", routes.previews.preview), auditor=False),
    )


def _of_integrations(routes: Routes) -> tuple[Address, ...]:
    grants, terms, limits = routes.grants, routes.terms, routes.limits
    may, must = Match.MAY, Match.MUST
    pseudonyms, usage = f"{INTEGRATION}/renew-pseudonyms", f"{INTEGRATION}/usage"
    return (
        _lists(INTEGRATIONS, "integration.list", grants.list_integrations),
        _makes(INTEGRATIONS, "integration.create", grants.create_integration),
        _reads(INTEGRATION, "integration.show", grants.show_integration),
        Address("PUT", INTEGRATION, "integration.edit", terms.edit, body=True, match=must),
        Address("POST", f"{INTEGRATION}/activate", "integration.activate", terms.activate, match=may),
        _lists(f"{INTEGRATION}/scopes", "integration.show-scopes", terms.list_scopes),
        _lists(f"{INTEGRATION}/versions", "integration.show-versions", terms.list_versions),
        replace(_reads(usage, "integration.show-usage", terms.show_usage), takes=DAYS),
        Address("POST", f"{INTEGRATION}/pause", "integration.pause", grants.pause_integration, match=may),
        Address("POST", f"{INTEGRATION}/resume", "integration.resume", grants.resume_integration, match=may),
        Address("POST", f"{INTEGRATION}/stop", "integration.stop", grants.stop_integration),
        Address("POST", f"{INTEGRATION}/end", "integration.end", grants.end_integration, match=may),
        Address("PUT", f"{INTEGRATION}/scope", "integration.scope", grants.change_scope, body=True, match=must),
        Address("PUT", f"{INTEGRATION}/cache", "integration.cache", routes.cache.set_allowance, body=True, match=must),
        Address("PUT", f"{INTEGRATION}/limits", "integration.limits", limits.set_limits, body=True, match=must),
        _asks(f"{INTEGRATION}/explain", "scope.explain", routes.previews.explain),
        Address("POST", pseudonyms, "integration.renew-pseudonyms", grants.renew_pseudonyms, match=may),
    )


def _of_tokens(grants: AdminRoutes) -> tuple[Address, ...]:
    return (
        _lists(TOKENS, "token.list", grants.list_tokens),
        _makes(TOKENS, "token.issue", grants.issue_token),
        Address("POST", f"{TOKEN}/pause", "token.pause", grants.pause_token),
        Address("POST", f"{TOKEN}/resume", "token.resume", grants.resume_token),
        Address("POST", f"{TOKEN}/revoke", "token.revoke", grants.revoke_token),
        _makes(f"{TOKEN}/rotate", "token.rotate", grants.rotate_token),
    )


def _of_claims(claims: ClaimRoutes) -> tuple[Address, ...]:
    return (
        _lists(CLAIMS, "claim.list", claims.list_links),
        _makes(CLAIMS, "claim.create", claims.make),
        Address("DELETE", f"{CLAIMS}/<claim_id>", "claim.withdraw", claims.withdraw),
        # The door's own: it is here to be documented with the others.
        Address("POST", DOOR, ACTION, ClaimDoor.find, body=True, opens=NO_TOKEN),
    )


def _of_people(people: PeopleRoutes) -> tuple[Address, ...]:
    rotate, accept = f"{PERSON}/rotate", f"{INVITATIONS}/accept"
    return (
        Address("GET", PEOPLE, "person.list", people.list_people, takes=PARAMETERS),
        replace(
            _makes(PEOPLE, "person.create", people.create_person), operators=True, about="district", opens=OWN_TOKEN
        ),
        Address("POST", f"{PERSON}/revoke", "person.revoke", people.revoke_person),
        replace(_makes(rotate, "person.rotate", people.rotate_own), auditor=True, opens=OWN_TOKEN),
        Address("GET", INVITATIONS, "invitation.list", people.list_invitations, takes=PARAMETERS),
        # Not by a session: what a stolen one brings in would outlast it.
        replace(_makes(INVITATIONS, "invitation.create", people.invite), about="district", opens=OWN_TOKEN),
        Address("POST", accept, "invitation.accept", people.accept, auditor=True, opens=OWN_INVITATION),
        Address("POST", f"{INVITATIONS}/<person_id>/withdraw", "invitation.withdraw", people.withdraw),
        _reads(SESSION, "session.show", people.show_session),
        Address("POST", SESSION, "session.start", people.start_session, auditor=True, opens=OWN_TOKEN),
        Address("DELETE", SESSION, "session.end", people.end_session, auditor=True, opens=OWN_SESSION),
    )


def _reads(rule: str, action: str, answer: Route) -> Address:
    return Address("GET", rule, action, answer, auditor=True)


def _lists(rule: str, action: str, answer: Route) -> Address:
    return Address("GET", rule, action, answer, auditor=True, takes=PARAMETERS)


def _asks(rule: str, action: str, answer: Route) -> Address:
    return Address("POST", rule, action, answer, body=True, asks=True, auditor=True)


def _makes(rule: str, action: str, answer: Route) -> Address:
    return Address("POST", rule, action, answer, body=True, once=True)
