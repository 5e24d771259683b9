"""The admin API's answers as JSON Schema (2020-12): the records that stand in many of them.

Rule: closed; a member that is answered and stands nowhere here is an error of the document, which the tests find.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hallpass.domain.access import Role, Status
from hallpass.domain.cache_policy import BOUNDS, LONGEST_STALE, Check
from hallpass.domain.cache_policy_format import whole_seconds
from hallpass.domain.claim_links import ClaimState
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.http_caching import UpstreamControl
from hallpass.domain.limits import LIMIT_BOUNDS
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import REVISIONS, Group
from hallpass.domain.scope import IncidentType
from hallpass.domain.scope_format import MAX_SCHOOLS

Shape = dict[str, Any]

TEXT: Final[Shape] = {"type": "string"}
ID: Final[Shape] = {"type": "string", "pattern": "^[0-9A-Za-z]{4,8}$"}
TIME: Final[Shape] = {"type": "string", "format": "date-time"}
DAY: Final[Shape] = {"type": "string", "format": "date"}
COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
FLAG: Final[Shape] = {"type": "boolean"}
TEXTS: Final[Shape] = {"type": "array", "items": TEXT}
COUNTS: Final[Shape] = {"type": "object", "additionalProperties": COUNT}


def closed(members: Mapping[str, Shape], *may: str) -> Shape:
    """An object of exactly these; `may`: those that can be left out."""
    required = [name for name in members if name not in may]
    return {"type": "object", "required": required, "properties": dict(members), "additionalProperties": False}


def maybe(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def many(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(*words: str) -> Shape:
    return {"type": "string", "enum": list(words)}


_CUSTOM = closed(
    {
        "groups": {**many(one_of(*Group)), "uniqueItems": True},
        "victims": one_of(*Victims),
        "numbers": one_of(*Numbers),
        "revision": one_of(*REVISIONS),
    },
    "revision",
)
_ROWS = closed(
    {
        "types": {**many(one_of(*IncidentType)), "minItems": 1, "uniqueItems": True},
        "schools": {
            "anyOf": [
                {"const": "all"},
                {"type": "array", "items": TEXT, "minItems": 1, "maxItems": MAX_SCHOOLS, "uniqueItems": True},
            ]
        },
        "window": {
            "anyOf": [
                {"const": "unbounded"},
                closed({"days": {"type": "integer", "minimum": 1, "maximum": 3660}}),
                closed({"from": DAY, "to": DAY}),
            ]
        },
        "deleted": FLAG,
    }
)
SCOPE: Final[Shape] = closed({"rows": _ROWS, "fields": {"anyOf": [one_of(*PRESETS), _CUSTOM]}})
_AGREEMENT = closed({"id": TEXT, "ends_on": DAY})
_TERMS = {"vendor": TEXT, "contact": TEXT, "purpose": TEXT, "agreement": _AGREEMENT}
_SECONDS = {
    name: {"type": "integer", "minimum": whole_seconds(least), "maximum": whole_seconds(most)}
    for name, (least, most) in BOUNDS.items()
}
_CAP = {"type": "integer", "minimum": 0, "maximum": whole_seconds(LONGEST_STALE)}
_LIMITS = {name: {"type": "integer", "minimum": least, "maximum": most} for name, (least, most) in LIMIT_BOUNDS.items()}
_HELD = {
    "id": ID,
    "status": one_of("active", "paused", "revoked", "void", "expired"),
    "starts_at": TIME,
    "expires_at": TIME,
    "issued_at": TIME,
    "issued_by": TEXT,
    "revoked_at": maybe(TIME),
}
_PERSON = {
    "id": ID,
    "name": TEXT,
    "role": one_of(*Role),
    "district": maybe(ID),
    "created_at": TIME,
    "created_by": TEXT,
    "revoked_at": maybe(TIME),
}
_WRITTEN = {"scope_version": COUNT, "scope": ref("Scope"), "dataset": TEXT, "version": COUNT}
_WRITTEN_BY = {"written_at": TIME, "written_by": TEXT}

RECORDS: Final[Mapping[str, Shape]] = {
    "Scope": SCOPE,
    "District": closed(
        {
            "id": ID,
            "name": TEXT,
            "time_zone": TEXT,
            "status": one_of(*Status),
            "created_at": TIME,
            "created_by": TEXT,
            "ended_at": maybe(TIME),
            "ended_by": maybe(TEXT),
            "version": COUNT,
        }
    ),
    "Integration": closed(
        {
            "id": ID,
            "district": ID,
            **_TERMS,
            "scope": ref("Scope"),
            "dataset": TEXT,
            "limits": closed(_LIMITS),
            "cache": closed({"may_refresh": FLAG, "stale_cap": maybe(_CAP)}),
            "status": one_of(*Status),
            "created_at": TIME,
            "created_by": TEXT,
            "version": COUNT,
        }
    ),
    "Version": closed({**_TERMS, **_WRITTEN, **_WRITTEN_BY}),
    "ScopeVersion": closed({**_WRITTEN, **_WRITTEN_BY}),
    "Token": closed(_HELD),
    "ListedToken": closed({**_HELD, "last_used": maybe(TIME)}),
    "Claim": closed(
        {
            "id": ID,
            "status": one_of(*ClaimState),
            "made_at": TIME,
            "made_by": TEXT,
            "expires_at": TIME,
            "token_expires_at": TIME,
            "claimed_at": maybe(TIME),
            "claimed_from": maybe(TEXT),
            "token": maybe(ID),
            "withdrawn_at": maybe(TIME),
            "withdrawn_by": maybe(TEXT),
        }
    ),
    "Person": closed(_PERSON),
    "ListedPerson": closed({**_PERSON, "token": maybe(ref("Token"))}),
    "Invitation": closed(
        {
            "id": ID,
            "name": TEXT,
            "role": one_of(*Role),
            "district": maybe(ID),
            "access_ends": TIME,
            "invited_at": TIME,
            "invited_by": TEXT,
            "expires_at": TIME,
        }
    ),
    "Policy": closed({**_SECONDS, "control": one_of(*UpstreamControl), "check": one_of(*Check)}),
}
