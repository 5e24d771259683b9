"""What is told of the ledger as JSON Schema: the shapes of `ledger_documents.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hallpass.adapters.admin_shapes import (
    COUNT,
    COUNTS,
    DAY,
    FLAG,
    ID,
    TEXT,
    TEXTS,
    TIME,
    Shape,
    closed,
    many,
    maybe,
    one_of,
    ref,
)
from hallpass.domain.access import Status
from hallpass.domain.disclosures import Verdict
from hallpass.domain.people import Shown

_PARTY = {"vendor": maybe(TEXT), "contact": maybe(TEXT), "purpose": maybe(TEXT)}
_AGREEMENT = closed({"id": TEXT, "ends_on": DAY})
_TALLY: Mapping[str, Shape] = {
    **dict.fromkeys(("requests", "answers", "incidents", "persons_by_answer", "bytes", "not_modified"), COUNT),
    **dict.fromkeys(("days", "fields", "elements", "agreements"), TEXTS),
    "denials": COUNTS,
    "failures": COUNTS,
}
_RECIPIENT = closed(
    {
        "integration": maybe(ID),
        "person": maybe(ID),
        **_PARTY,
        "first": TEXT,
        "last": TEXT,
        "answers": COUNT,
        "shown": COUNTS,
        **dict.fromkeys(("fields", "elements", "agreements", "formats"), TEXTS),
    }
)
_SENT = closed(
    {
        "time": TEXT,
        "request_id": TEXT,
        "integration": maybe(ID),
        "person": maybe(ID),
        "token": maybe(TEXT),
        "agreement": maybe(TEXT),
        "fields": maybe(TEXT),
        "format": maybe(TEXT),
        "incidents": COUNT,
        "shown": one_of(*Shown),
        "cached": FLAG,
        "stale": FLAG,
    }
)
ABOUT_PERSON: Final = closed(
    {
        "verdict": one_of(*Verdict),
        "disclosed_outside_period": FLAG,
        "unnumbered_incidents": COUNT,
        "records_since": maybe(TIME),
        "complete_until": maybe(TIME),
        "time_zone": TEXT,
        "recipients": many(_RECIPIENT),
        "disclosures": many(_SENT),
        "next": maybe(TEXT),
    }
)
REGISTERED: Final = closed(
    {
        "integration": ID,
        **_PARTY,
        "agreement": _AGREEMENT,
        "scope": ref("Scope"),
        "elements": TEXTS,
        "incidents": TEXTS,
        "since": TIME,
        "status": one_of(*Status),
        "received": many(closed({"fields": TEXT, "elements": TEXTS, "first_day": DAY, "last_day": DAY})),
    }
)
REPORT: Final = closed(
    {
        "integrations": many(closed({"integration": ID, **_PARTY, **_TALLY})),
        "unknown_integrations": closed(_TALLY),
        "next": maybe(TEXT),
        "complete_until": TIME,
    }
)
