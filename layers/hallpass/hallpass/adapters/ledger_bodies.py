"""The JSON bodies that ask about the ledger: what is asked stands in no address, and a number hides its own text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from hallpass.adapters.admin_bodies import Day, Strict
from hallpass.domain.access import INTEGRATION_ID_LENGTH, PERSON_ID_LENGTH, TOKEN_ID_LENGTH
from hallpass.domain.disclosures import PersonAsked, unusable_number
from hallpass.domain.ledger_cursor import MOST_CURSOR
from hallpass.domain.people import Person
from hallpass.domain.row_query import EXACT, MOST_ROWS, RowQuery, Search
from hallpass.domain.scope import DateRange
from hallpass.domain.secret import Secret


def _spelt(pattern: str, rule: str) -> Callable[[str], str]:
    known = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not known.fullmatch(value):
            raise ValueError(rule)
        return value

    return check


def _spelt_id(width: int) -> Callable[[str], str]:
    return _spelt(f"[0-9A-Za-z]{{{width}}}", f"is an id of {width} letters and digits")


def _number(value: SecretStr) -> SecretStr:
    broken = unusable_number(value.get_secret_value())
    if broken:
        raise ValueError(broken)
    return value


IntegrationId = Annotated[str, AfterValidator(_spelt_id(INTEGRATION_ID_LENGTH))]
TokenId = Annotated[str, AfterValidator(_spelt_id(TOKEN_ID_LENGTH))]
PersonId = Annotated[str, AfterValidator(_spelt_id(PERSON_ID_LENGTH))]
Slug = Annotated[str, AfterValidator(_spelt(r"[a-z0-9.-]{1,40}", "is a word as the audit writes it"))]
RequestId = Annotated[
    str, AfterValidator(_spelt(r"[\x21-\x7e]{1,128}", "is a request's id as `X-Request-Id` tells it"))
]
Trace = Annotated[str, AfterValidator(_spelt(r"[0-9a-f]{32}", "is a trace's id of 32 hexadecimal digits"))]
Status = Annotated[
    str, AfterValidator(_spelt(r"[1-5](xx|[0-9]{2})", "is a status such as 403, or a class such as 4xx"))
]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CURSOR)]


class SpanBody(Strict):
    """Days, both included."""

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]

    @property
    def span(self) -> DateRange:
        return DateRange(self.first, self.last)


class SearchBody(SpanBody):
    """What is left out is not asked about. `status`: it, or the hundred that it is in."""

    order: Literal["newest", "oldest"] = "newest"
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 100
    cursor: Cursor | None = None
    integration: IntegrationId | None = None
    token: TokenId | None = None
    actor: PersonId | None = None
    action: Slug | None = None
    problem: Slug | None = None
    status: Status | None = None
    disclosure: Literal["records", "no-records", "synthetic"] | None = None
    request_id: RequestId | None = None
    trace: Trace | None = None

    def search(self) -> Search:
        said: dict[str, Any] = {name: getattr(self, name) for name in EXACT}
        exact = {name: str(value) for name, value in said.items() if value is not None}
        hundreds = int(self.status[0]) if self.status is not None and self.status.endswith("xx") else None
        status = int(self.status) if self.status is not None and hundreds is None else None
        return Search(self.span, RowQuery(exact, hundreds, status), self.order == "newest", self.limit, self.cursor)


class PersonAskedBody(Strict):
    """`number`: exactly as the upstream writes it. Without `from` and `to`: all that there is."""

    number: Annotated[SecretStr, AfterValidator(_number)]
    kind: Literal["student", "staff"] = "student"
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    cursor: Cursor | None = None

    @model_validator(mode="after")
    def _both(self) -> PersonAskedBody:
        if (self.first is None) != (self.last is None):
            raise ValueError("has `from` and `to` together, or neither")
        return self

    def asked(self) -> PersonAsked:
        period = DateRange(self.first, self.last) if self.first and self.last else None
        return PersonAsked(Person(self.kind), Secret(self.number.get_secret_value()), period, self.cursor)


class ReportBody(SpanBody):
    """Without `integration`: of each."""

    integration: IntegrationId | None = None
    cursor: Cursor | None = None
