"""A hook of Schemathesis: what the document says in words, because OpenAPI says nothing between two parameters.

Rule: judged by the request, never by the answer, and only for the check that what is documented is taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

TOGETHER = (("from", "to"), ("modified_since", "dataset"))
FIELDS = os.environ.get("HALLPASS_FIELDS", "")


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case, response: schemathesis.Response
) -> bool:
    """Whether it stays a failure."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    asked = urlsplit(response.request.url or "")
    query = parse_qs(str(asked.query), keep_blank_values=True)
    return not (_apart(query) or _backwards(query) or _beside_verbatim(str(asked.path), query))


def _apart(query: Mapping[str, Sequence[str]]) -> bool:
    return any((first in query) != (second in query) for first, second in TOGETHER)


def _backwards(query: Mapping[str, Sequence[str]]) -> bool:
    return "from" in query and query["from"] > query.get("to", [])


def _beside_verbatim(path: str, query: Mapping[str, Sequence[str]]) -> bool:
    """upstream@1 in XML is the upstream's own bytes, which our own filters do not go with."""
    written = query.get("format", ["xml"]) if path == "/v1/incidents" else [path.rpartition(".")[2]]
    return FIELDS == "upstream@1" and written == ["xml"] and bool({"school", "modified_since"} & query.keys())
