"""What a search of the ledger asks of a row.

Rule: each condition is on one field of the audit record, all of them hold, and a field that a row lacks is no match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hallpass.domain.ledger import Row
from hallpass.domain.scope import DateRange

MOST_ROWS = 200
MOST_DAYS = 31
"""That one question about rows may span."""
EXACT = ("integration", "token", "action", "problem", "disclosure", "actor", "request_id", "trace")
"""The fields of the audit record that a search may name."""


@dataclass(frozen=True, slots=True)
class RowQuery:
    """`exact`: texts by field, of EXACT; `hundreds`: 2 for every status from 200 to 299; `status`: one alone."""

    exact: Mapping[str, str] = field(default_factory=dict)
    hundreds: int | None = None
    status: int | None = None

    def matches(self, row: Row) -> bool:
        if self.hundreds is not None and row.number("status") // 100 != self.hundreds:
            return False
        if self.status is not None and row.number("status") != self.status:
            return False
        return all(row.text(name) == value for name, value in self.exact.items())

    def words(self) -> str:
        """The fields that are asked about, for the audit, without what is asked."""
        by_status = self.hundreds is not None or self.status is not None
        asked = [*self.exact, *(["status"] if by_status else [])]
        return ",".join(asked) or "none"


@dataclass(frozen=True, slots=True)
class Search:
    """`cursor`: `next` of the answer before. `limit`: rows of an answer."""

    span: DateRange
    query: RowQuery
    newest: bool = True
    limit: int = 100
    cursor: str | None = None

    def question(self, district_id: str) -> Sequence[str]:
        exact = [f"{name}={value}" for name, value in sorted(self.query.exact.items())]
        order = "newest" if self.newest else "oldest"
        first, last = self.span.first.isoformat(), self.span.last.isoformat()
        statuses = [str(self.query.hundreds), str(self.query.status)]
        return ["rows", district_id, order, first, last, *statuses, *exact]
