"""A district at one look, and what its end took, as JSON Schema: the shapes of `status_documents.py`."""

from __future__ import annotations

from typing import Final

from hallpass.adapters.admin_shapes import COUNT, DAY, ID, TEXT, TIME, closed, many, maybe, one_of, ref
from hallpass.domain.access import Role, Status
from hallpass.domain.offboarding import KeyEnd, TokenEnd

_AGREEMENT = closed({"id": TEXT, "ends_on": DAY})
_LEFT = closed(
    {
        "id": ID,
        "vendor": TEXT,
        "contact": TEXT,
        "purpose": TEXT,
        "agreement": _AGREEMENT,
        "fields": TEXT,
        "scope_version": COUNT,
        "status": one_of(*Status),
        "ended_at": maybe(TIME),
        "ended_by": maybe(TEXT),
        "pseudonym_key": one_of(*KeyEnd),
        "tokens": many(
            closed(
                {
                    "id": ID,
                    "issued_at": TIME,
                    "expires_at": TIME,
                    "end": one_of(*TokenEnd),
                    "ended_at": maybe(TIME),
                    "ended_by": maybe(TEXT),
                    "last_used": maybe(TIME),
                }
            )
        ),
    }
)
_ADMIN = closed({"id": ID, "role": one_of(*Role), "tokens": many(closed({"id": ID, "expires_at": TIME}))})
AFTERWARDS: Final = {"integrations": many(_LEFT), "admins": many(_ADMIN), "ledger_since": maybe(TIME)}
_NAMED_TOKEN = many(closed({"integration": ID, "id": ID, "expires_at": TIME}))
_NAMED_AGREEMENT = many(closed({"integration": ID, "id": TEXT, "ends_on": DAY}))
STATUS: Final = closed(
    {
        "district": ref("District"),
        "integrations": closed(dict.fromkeys(Status, COUNT)),
        "tokens": closed({"alive": COUNT, "expiring": _NAMED_TOKEN, "dormant": _NAMED_TOKEN}),
        "agreements": closed({"ending": _NAMED_AGREEMENT, "over": _NAMED_AGREEMENT}),
        "quarantined_paths": COUNT,
        "quarantined_unreviewed": COUNT,
        "ledger": closed(
            {
                "since": maybe(TIME),
                "indexed_until": maybe(TIME),
                "lag_seconds": maybe(COUNT),
                "index": one_of("ok", "unavailable"),
            }
        ),
        "cache": ref("Policy"),
    }
)
