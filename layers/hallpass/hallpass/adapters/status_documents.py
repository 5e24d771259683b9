"""A district at one look, and what its end took, as the admin API's JSON.

Rule: ids, names of vendors, times and counts; nothing of a person, and no token's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hallpass.adapters.admin_documents import Document, district_document, timestamp
from hallpass.domain.access import Integration, Person, Token
from hallpass.domain.attention import Attention, LastUsed
from hallpass.domain.cache_policy_format import policy_to_json
from hallpass.domain.offboarding import Leaving, TokenEnd, ended_when
from hallpass.services.district_status import DistrictStatus, Recorded
from hallpass.services.erase_district import Afterwards


def status_document(found: DistrictStatus) -> Document:
    return {
        "district": district_document(found.district),
        "integrations": {status.value: count for status, count in found.integrations.items()},
        **_attention_document(found.attention),
        "quarantined_paths": found.quarantined,
        "quarantined_unreviewed": found.unreviewed,
        "ledger": _recorded_document(found.recorded),
        "cache": policy_to_json(found.district.cache),
    }


def afterwards_document(found: Afterwards) -> Document:
    """What a district's end took, and since when there are records, which stay."""
    return {
        "integrations": [_leaving_document(one, found.last_used) for one in found.left],
        "admins": [_admin(person, tokens) for person, tokens in found.admins],
        "ledger_since": timestamp(found.recorded_since),
    }


def _attention_document(found: Attention) -> Document:
    return {
        "tokens": {
            "alive": len(found.alive),
            "expiring": [_token(token) for token in found.expiring],
            "dormant": [_token(token) for token in found.dormant],
        },
        "agreements": {
            "ending": [_agreement(one) for one in found.ending],
            "over": [_agreement(one) for one in found.over],
        },
    }


def _token(token: Token) -> Document:
    return {"integration": token.holder_id, "id": token.id, "expires_at": timestamp(token.expires_at)}


def _agreement(integration: Integration) -> Document:
    agreement = integration.agreement
    return {"integration": integration.id, "id": agreement.id, "ends_on": agreement.ends_on.isoformat()}


def _recorded_document(found: Recorded) -> Document:
    lag = found.lag
    return {
        "since": timestamp(found.since),
        "indexed_until": timestamp(found.indexed_until),
        "lag_seconds": None if lag is None else _whole_seconds(lag),
        "index": "ok" if found.readable else "unavailable",
    }


def _whole_seconds(lag: timedelta) -> int:
    return max(0, int(lag.total_seconds()))


def _leaving_document(found: Leaving, last_used: LastUsed) -> Document:
    one = found.integration
    return {
        "id": one.id,
        "vendor": one.vendor,
        "contact": one.contact,
        "purpose": one.purpose,
        "agreement": {"id": one.agreement.id, "ends_on": one.agreement.ends_on.isoformat()},
        "fields": one.scope.fields,
        "scope_version": one.scope_version,
        "status": one.status.value,
        "ended_at": timestamp(one.ended_at),
        "ended_by": one.ended_by,
        "pseudonym_key": found.key.value,
        "tokens": [_ended(one, token, end) | _used(last_used.get((one.id, token.id))) for token, end in found.tokens],
    }


def _ended(integration: Integration, token: Token, end: TokenEnd) -> Document:
    ended_at, ended_by = ended_when(token, end, integration)
    return {
        "id": token.id,
        "issued_at": timestamp(token.issued_at),
        "expires_at": timestamp(token.expires_at),
        "end": end.value,
        "ended_at": timestamp(ended_at),
        "ended_by": ended_by,
    }


def _used(at: datetime | None) -> Document:
    return {"last_used": timestamp(at)}


def _admin(person: Person, tokens: Sequence[Token]) -> Document:
    told = [{"id": token.id, "expires_at": timestamp(token.expires_at)} for token in tokens]
    return {"id": person.id, "role": person.role.value, "tokens": told}
