"""The JSON bodies that ask what a scope would show and what a request would be answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from hallpass.adapters.admin_bodies import AnyScope, Strict
from hallpass.adapters.ledger_bodies import IntegrationId, TokenId

MOST_QUERY = 8_000
"""Over what a gateway passes in a request line."""


class PreviewBody(Strict):
    """`compare_with`: the integration whose scope this one would replace."""

    scope: AnyScope
    compare_with: IntegrationId | None = None
    example: Literal["synthetic", "real"] = "synthetic"


class ExplainBody(Strict):
    """`query`: as it would stand in the address, without `?`. `token`: one of the integration's, by its id."""

    query: Annotated[str, StringConstraints(max_length=MOST_QUERY)] = ""
    format: Literal["xml", "json", "ndjson", "csv"] = "json"
    token: TokenId | None = None
