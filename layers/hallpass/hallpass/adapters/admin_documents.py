"""Districts, integrations, tokens and people as the admin API's JSON.

Rule: ids, times and states; a token's text and a credential are in none of these.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hallpass.adapters.cache_documents import allowance_document
from hallpass.domain.access import District, Integration, Person, Token
from hallpass.domain.histories import Written
from hallpass.domain.limits import limits_to_json
from hallpass.domain.scope_format import scope_to_json
from hallpass.domain.sessions import Invitation
from hallpass.domain.stored import Stored
from hallpass.services.manage_districts import AccountSeen
from hallpass.services.manage_tokens import token_state
from hallpass.services.use_of_integrations import Use

Document = dict[str, Any]


def timestamp(value: datetime | None) -> str | None:
    """RFC 3339, UTC, whole seconds."""
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def account_document(account: AccountSeen) -> Document:
    schools = [{"code": school.code, "name": school.name, "incidents": school.incidents} for school in account.schools]
    return {"incidents": account.incidents, "total_pages": account.total_pages, "schools": schools}


def district_document(district: District) -> Document:
    return {
        "id": district.id,
        "name": district.name,
        "time_zone": district.time_zone,
        "status": district.status.value,
        "created_at": timestamp(district.created_at),
        "created_by": district.created_by,
        "ended_at": timestamp(district.ended_at),
        "ended_by": district.ended_by,
        "version": district.version,
    }


def integration_document(integration: Integration) -> Document:
    return {
        "id": integration.id,
        "district": integration.district_id,
        "vendor": integration.vendor,
        "contact": integration.contact,
        "purpose": integration.purpose,
        "agreement": {"id": integration.agreement.id, "ends_on": integration.agreement.ends_on.isoformat()},
        "scope": scope_to_json(integration.scope),
        "dataset": integration.dataset,
        "limits": limits_to_json(integration.limits),
        "cache": allowance_document(integration),
        "status": integration.status.value,
        "created_at": timestamp(integration.created_at),
        "created_by": integration.created_by,
        "version": integration.version,
    }


def scope_document(written: Written) -> Document:
    """One version of a scope, who wrote it and when."""
    integration = written.integration
    return {
        "scope_version": integration.scope_version,
        "scope": scope_to_json(integration.scope),
        "dataset": integration.dataset,
        "version": integration.version,
        "written_at": timestamp(written.at),
        "written_by": written.by,
    }


def usage_document(used: Use) -> Document:
    days = [
        {
            "day": day.isoformat(),
            "requests": tally.requests,
            "answers": tally.answers,
            "unchanged": tally.unchanged,
            "cached": tally.cached,
            "incidents": tally.incidents,
            "bytes": tally.bytes,
            "denials": dict(sorted(tally.denials.items())),
            "failures": dict(sorted(tally.failures.items())),
        }
        for day, tally in sorted(used.days.items())
    ]
    tokens = {token_id: timestamp(at) for token_id, at in sorted(used.last_used.items())}
    last = timestamp(max(used.last_used.values(), default=None))
    return {
        "days": days,
        "last_used": last,
        "tokens": tokens,
        "next": used.next,
        "complete_until": timestamp(used.complete_until),
    }


def token_document(token: Token, generation: int, now: datetime) -> Document:
    """`generation`: its integration's; 0 for a person's token."""
    return {
        "id": token.id,
        "status": token_state(token, generation, now),
        "starts_at": timestamp(token.starts_at),
        "expires_at": timestamp(token.expires_at),
        "issued_at": timestamp(token.issued_at),
        "issued_by": token.issued_by,
        "revoked_at": timestamp(token.revoked_at),
    }


def person_document(person: Person) -> Document:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "district": person.district_id,
        "created_at": timestamp(person.created_at),
        "created_by": person.created_by,
        "revoked_at": timestamp(person.revoked_at),
    }


def invitation_document(invitation: Invitation) -> Document:
    """`expires_at`: of the code; `access_ends`: of what it is exchanged for."""
    return {
        "id": invitation.person_id,
        "name": invitation.name,
        "role": invitation.role.value,
        "district": invitation.district_id,
        "access_ends": timestamp(invitation.access_ends),
        "invited_at": timestamp(invitation.invited_at),
        "invited_by": invitation.invited_by,
        "expires_at": timestamp(invitation.expires_at),
    }


def stored_document(stored: Stored) -> Document:
    return {
        "listings": stored.listings,
        "snapshots": stored.snapshots,
        "pages": stored.pages,
        "representations": stored.representations,
        "reading": stored.reading,
        "bytes": stored.bytes,
        "oldest": timestamp(stored.oldest),
        "newest": timestamp(stored.newest),
        "finished": stored.finished,
    }
