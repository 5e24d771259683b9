"""The parameters of a query for incidents, as the OpenAPI document tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hallpass.domain.query import MOST_SCHOOLS, Format
from hallpass.domain.school_code import MAX_SCHOOL_CODE
from hallpass.domain.scope import IncidentType

Doc: TypeAlias = "str | int | bool | Sequence[Doc] | Mapping[str, Doc]"

_DATE: Mapping[str, Doc] = {"type": "string", "format": "date"}
# RFC 3339 also has fractions of a second, small letters and every year; `modified_since` has not.
_DAY_SINCE = "(?:19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME_SINCE = f"{_DAY_SINCE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})"
_SINCE: Mapping[str, Doc] = {
    "anyOf": [
        {"type": "string", "format": "date", "pattern": f"^{_DAY_SINCE}$"},
        {"type": "string", "format": "date-time", "pattern": f"^{_TIME_SINCE}$"},
    ]
}
_NOT_VERBATIM = "Not with XML under upstream@1, which is the upstream's own bytes."
_PAGE: Mapping[str, Doc] = {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1}
PARAMETERS: Mapping[str, tuple[str, Mapping[str, Doc]]] = {
    "page": ("One page of up to 1,000 incidents: 1, and only then the others.", _PAGE),
    "type": ("Incidents of one type.", {"type": "string", "enum": [kind.value for kind in IncidentType]}),
    "deleted": ("Deleted incidents too.", {"type": "string", "enum": ["1"]}),
    "from": ("First day; only together with `to`.", _DATE),
    "to": ("Last day, not before `from`; only together with `from`.", _DATE),
    "school": (
        f"Incidents of these schools; repeat it, up to {MOST_SCHOOLS}. A code is printable characters without white "
        f"space, and not the word `all`. {_NOT_VERBATIM}",
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_SCHOOL_CODE, "pattern": r"^\S+$"},
            "uniqueItems": True,
            "maxItems": MOST_SCHOOLS,
        },
    ),
    "modified_since": (
        f"Incidents that may have changed since; only together with `dataset`. {_NOT_VERBATIM}",
        _SINCE,
    ),
    "dataset": (
        "The `dataset` of your copy; only together with `modified_since`.",
        {"type": "string", "pattern": r"^[0-9]{1,9}\.[0-9]{1,9}$"},
    ),
    "snapshot": (
        "The walk to go on in, from a link of an earlier answer. Without it: the one that this token got at page 1.",
        {"type": "string", "pattern": "^[0-9a-f]{14}-[0-9a-f]{8}$"},
    ),
    "format": ("Where the path names none; wins over Accept.", {"type": "string", "enum": [f.value for f in Format]}),
}
