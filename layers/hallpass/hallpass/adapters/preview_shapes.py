"""What a preview and an explanation tell as JSON Schema: the shapes of their documents.

Rule: an example stands in the shapes of the vendor API's document, and is any object here.
"""

from __future__ import annotations

from typing import Final

from hallpass.adapters.admin_shapes import (
    COUNT,
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
from hallpass.domain.facets import Bearer
from hallpass.domain.row_filter import REASONS
from hallpass.services.explain_lookup import Found

_REASON = one_of(*REASONS)
_OBJECT: Shape = {"type": "object"}
_PERIOD = closed({"first": maybe(DAY), "last": maybe(DAY), "undated": COUNT})
_OUT = closed({"reason": _REASON, "words": TEXT, "incidents": COUNT})
_INCIDENTS = closed({"all": COUNT, "in": COUNT, "out": COUNT, "out_by_reason": many(_OUT)})
_SCHOOL = closed({"code": TEXT, "name": maybe(TEXT), "incidents": COUNT, "in": COUNT})
_SCHOOLS = closed(
    {
        **dict.fromkeys(("all", "in", "out"), COUNT),
        "list": many(_SCHOOL),
        **dict.fromkeys(("more", "incidents_without_a_school"), COUNT),
    }
)
_COUNTS = closed(
    {
        "incidents": _INCIDENTS,
        "schools": _SCHOOLS,
        "students": closed({"numbered": COUNT, "entries_without_a_number": COUNT}),
        "period": _PERIOD,
        "period_in": _PERIOD,
    }
)
_SOURCE = closed(
    {
        "query": TEXT,
        "snapshot": TEXT,
        "read_at": TIME,
        **dict.fromkeys(("pages_counted", "pages_cached", "pages"), COUNT),
    }
)
_SIDE = {
    "scope": ref("Scope"),
    "words": closed({"incidents": TEXTS, "elements": TEXTS}),
    "fields": closed({"shown": COUNT, "documented": COUNT}),
    "counts": maybe(_COUNTS),
    "counted_over": many(_SOURCE),
}
_GROUP = closed({**dict.fromkeys(("group", "label", "warning"), TEXT), "shown": TEXTS, "withheld": TEXTS})
_BEARERS = [bearer.value.replace("-", "_") for bearer in Bearer]
_CHANGE = closed(
    {
        "change": one_of("adds", "removes"),
        "group": TEXT,
        "fields": TEXTS,
        "for": closed(dict.fromkeys(_BEARERS, COUNT), *_BEARERS),
        "sentence": TEXT,
    }
)
_EXAMPLE = closed(
    {"kind": one_of("real", "synthetic"), "upstream": _OBJECT, "current": maybe(_OBJECT), "proposed": _OBJECT}
)
PREVIEW: Final = closed(
    {
        "proposed": closed(_SIDE),
        "current": maybe(closed({"integration": ID, **_SIDE})),
        "reach": closed({"earliest": maybe(DAY), "latest": maybe(DAY), "words": TEXT}),
        "fields": many(_GROUP),
        "changes": many(_CHANGE),
        "sentences": TEXTS,
        "not_counted": TEXTS,
        "how_to_cache": maybe(TEXT),
        "example": maybe(_EXAMPLE),
    }
)
_REFUSAL: Shape = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "retry", "owner"],
    "properties": {"type": TEXT, "title": TEXT, "status": COUNT, "detail": TEXT, "retry": TEXT, "owner": TEXT},
}
_LOOKUP = closed(
    {
        "found": one_of(*Found),
        "why": TEXT,
        "snapshot": maybe(TEXT),
        "fresh_for_seconds": maybe({"type": "integer"}),
        "read_at": maybe(TIME),
        "total_pages": maybe(COUNT),
        "representation": maybe(TEXT),
        "computed_before": maybe(FLAG),
    }
)
_ROWS = closed(
    {
        "on_page": COUNT,
        "shown": COUNT,
        "removed": many(closed({"reason": _REASON, "words": TEXT, "rows": COUNT})),
        "persons": COUNT,
    }
)
EXPLANATION: Final = closed(
    {
        "integration": ID,
        "refusal": maybe(_REFUSAL),
        "query": maybe(TEXT),
        "page": maybe(COUNT),
        "listing": maybe(closed({"query": TEXT, "key": TEXT})),
        "cache": maybe(_LOOKUP),
        "rows": maybe(_ROWS),
        "fields": many(_GROUP),
    }
)
