"""A hook of Schemathesis: what the document says in words, where OpenAPI and JSON Schema have no way to say it.

Rule: judged by the request, never by the answer, and only for the check that what is documented is taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

TOGETHER = (("from", "to"), ("modified_since", "dataset"))
FIELDS = os.environ.get("HALLPASS_FIELDS", "")

Query: TypeAlias = Mapping[str, Sequence[str]]


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Whether it stays a failure."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    asked = urlsplit(str(response.request.url))
    query = parse_qs(asked.query, keep_blank_values=True)
    said = (apart(query), backwards(query), no_school(query), invented(query), beside_verbatim(asked.path, query))
    return not any(said)


def apart(query: Query) -> bool:
    """`from`: "only together with `to`", and so on."""
    return any((first in query) != (second in query) for first, second in TOGETHER)


def backwards(query: Query) -> bool:
    """`to`: "not before `from`"."""
    return "from" in query and list(query["from"]) > list(query.get("to", []))


def no_school(query: Query) -> bool:
    """`school`: "printable characters", and not the word `all`. Portable patterns know no categories of Unicode."""
    return any(not code.isprintable() or code.casefold() == "all" for code in query.get("school", ()))


def invented(query: Query) -> bool:
    """`snapshot`: "from a link of an earlier answer"; `page`: "1, and only then the others"."""
    return "snapshot" in query or query.get("page", ["1"]) != ["1"]


def beside_verbatim(path: str, query: Query) -> bool:
    """`school`, `modified_since`: "not with XML under upstream@1", which is the upstream's own bytes."""
    written = query.get("format", ["xml"]) if path == "/v1/incidents" else [path.rpartition(".")[2]]
    return FIELDS == "upstream@1" and written == ["xml"] and not query.keys().isdisjoint({"school", "modified_since"})
