"""What each address of the admin API answers, by its action: JSON Schemas over the records of `admin_shapes.py`.

Rule: an action without an answer here is a gap in the document, which the tests find.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hallpass.adapters.admin_shapes import (
    COUNT,
    COUNTS,
    DAY,
    FLAG,
    ID,
    TEXT,
    TIME,
    Shape,
    closed,
    many,
    maybe,
    one_of,
    ref,
)
from hallpass.adapters.ledger_shapes import ABOUT_PERSON, REGISTERED, REPORT
from hallpass.adapters.preview_shapes import EXPLANATION, PREVIEW
from hallpass.adapters.status_shapes import AFTERWARDS, STATUS
from hallpass.domain.erasure import SUMS
from hallpass.domain.quarantine import Finding

ADVICE = {"advice": TEXT}
"""Only where a request was sent again under its `Idempotency-Key`: then the text that was shown once is null."""


def _listed(name: str, shape: Shape, **also: Shape) -> Shape:
    return closed({name: many(shape), "next": maybe(TEXT), **also})


def _issued(**members: Shape) -> Shape:
    return closed({"id": ID, "token": maybe(TEXT), **members, **ADVICE}, "advice")


_REPLACES = closed({"id": ID, "expires_at": TIME})
_INTEGRATION = closed({"integration": ref("Integration")})
_TOKEN = closed({"token": ref("Token")})
_ACCOUNT = closed(
    {
        "incidents": COUNT,
        "total_pages": COUNT,
        "schools": many(closed({"code": maybe(TEXT), "name": maybe(TEXT), "incidents": COUNT})),
    }
)
_ERASED = {"finished": FLAG, "proven": FLAG, "erased": COUNTS, "again_after": maybe(TIME)}
_USED = closed(
    {
        "day": DAY,
        **dict.fromkeys(("requests", "answers", "unchanged", "cached", "incidents", "bytes"), COUNT),
        "denials": COUNTS,
        "failures": COUNTS,
    }
)
_POLICY = closed({"cache": ref("Policy"), "version": COUNT})
_PURGED = closed(
    {"mode": one_of("soft", "hard"), **_ERASED, "stale": closed({"listings": COUNT})},
    "proven", "erased", "again_after", "stale",
)  # fmt: skip
_REVIEW = closed({"by": ID, "at": TIME, "as": one_of(*Finding)})
_QUARANTINED = closed(
    {
        **dict.fromkeys(("path", "logged_as"), TEXT),
        **dict.fromkeys(("first_seen", "last_seen"), TIME),
        "nodes": COUNT,
        "review": maybe(_REVIEW),
    }
)
_WITH_TOKEN = _issued(person=ref("ListedPerson"))
_WHO = {"person": ref("Person"), "access_ends": TIME}

ANSWERS: Final[Mapping[str, Any]] = {
    "district.list": _listed("districts", ref("District")),
    "district.create": closed({"created": FLAG, "district": ref("District"), "account": _ACCOUNT}, "district"),
    "district.show": closed({"district": ref("District")}),
    "district.delete": closed(
        {
            "district": ref("District"),
            "integrations_ended": COUNT,
            **_ERASED,
            "erased_in_all": closed(dict.fromkeys(("calls", "uncounted", *SUMS), COUNT)),
            **AFTERWARDS,
            "credential": {"const": "erased"},
        }
    ),
    "district.show-cache": _POLICY,
    "district.show-cache-statistics": closed(
        {
            **dict.fromkeys(("listings", "snapshots", "pages", "representations", "reading", "bytes"), COUNT),
            "oldest": maybe(TIME),
            "newest": maybe(TIME),
            "finished": FLAG,
        }
    ),
    "district.cache": _POLICY,
    "district.purge": _PURGED,
    "district.warm": closed(
        {**dict.fromkeys(("listings", "left_out", "most_calls"), COUNT), "asked_at": TIME, "statistics": TEXT}
    ),
    "district.quarantine": _listed("quarantine", _QUARANTINED),
    "district.review-quarantine": closed({"quarantined": _QUARANTINED}),
    "district.status": STATUS,
    "district.show-usage": _listed("days", _USED, complete_until=TIME),
    "scope.preview": PREVIEW,
    "scope.explain": EXPLANATION,
    "audit.search": closed(
        {"rows": many({"type": "object"}), "read": COUNT, "next": maybe(TEXT), "complete_until": TIME}
    ),
    "audit.schema": {"type": "object"},
    "disclosures.person": ABOUT_PERSON,
    "disclosures.report": REPORT,
    "disclosures.agreements": _listed(
        "agreements", REGISTERED, records_since=maybe(TIME), complete_until=maybe(TIME), time_zone=TEXT
    ),
    "integration.list": _listed("integrations", ref("Integration")),
    **dict.fromkeys(
        (
            "integration.create", "integration.show", "integration.edit", "integration.activate", "integration.pause",
            "integration.resume", "integration.end", "integration.scope", "integration.cache",
            "integration.limits", "integration.renew-pseudonyms",
        ),
        _INTEGRATION,
    ),
    "integration.stop": closed({"integration": ref("Integration"), "tokens_revoked": maybe(COUNT)}),
    "integration.show-scopes": _listed("scopes", ref("ScopeVersion")),
    "integration.show-versions": _listed("versions", ref("Version")),
    "integration.show-usage": _listed(
        "days", _USED, last_used=maybe(TIME), tokens={"type": "object", "additionalProperties": TIME},
        complete_until=TIME,
    ),
    "token.list": _listed("tokens", ref("ListedToken")),
    "token.issue": _issued(details=ref("Token")),
    "token.rotate": _issued(details=ref("Token"), replaces=_REPLACES),
    **dict.fromkeys(("token.pause", "token.resume", "token.revoke"), _TOKEN),
    "claim.list": _listed("claims", ref("Claim")),
    "claim.create": closed(
        {"claim_id": ID, "claim": maybe(TEXT), "claim_url_path": maybe(TEXT), "expires_at": TIME, **ADVICE}, "advice"
    ),
    "claim.withdraw": closed({"claim": ref("Claim")}),
    "claim.reveal": closed({"id": ID, "token": TEXT, "integration": ID, "expires_at": TIME}),
    "person.list": _listed("people", ref("ListedPerson")),
    "person.create": _WITH_TOKEN,
    "person.revoke": closed({"id": ID, "status": {"const": "revoked"}, "brought_in": many(ID)}),
    "person.rotate": _issued(details=ref("Token"), replaces=_REPLACES),
    "invitation.list": _listed("invitations", ref("Invitation")),
    "invitation.create": closed(
        {"id": ID, "code": maybe(TEXT), "invitation": ref("Invitation"), **ADVICE}, "advice"
    ),
    "invitation.accept": _WITH_TOKEN,
    "invitation.withdraw": closed({"id": ID, "status": {"const": "withdrawn"}}),
    "session.show": closed({"id": maybe(ID), **_WHO}),
    "session.start": closed({"id": ID, "token": TEXT, "expires_at": TIME, **_WHO}),
    "session.end": closed({"id": ID, "status": {"const": "ended"}}),
}  # fmt: skip
