"""How an integration, or all of a district, were used, day by day, added up from the ledger's rows.

Rule: a call reads a bounded number of rows and says where to go on; the sums of such calls add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from hallpass.domain.access import Actor
from hallpass.domain.ledger import LATE
from hallpass.domain.scope import DateRange
from hallpass.domain.tally import Tally, is_vendors
from hallpass.services.ledger_access import MOST_READ, check_days, place_of, place_text, stretches
from hallpass.services.manage_access import Desk, visible_district, visible_integration


@dataclass(frozen=True, slots=True)
class Use:
    """`days`: of UTC, those with a request. `last_used`: of its tokens, by id."""

    days: Mapping[date, Tally]
    last_used: Mapping[str, datetime]
    next: str | None
    complete_until: datetime


def use(desk: Desk, actor: Actor, address: tuple[str, str], span: DateRange, cursor: str | None = None) -> Use:
    """`address`: district, integration. Raises NotFoundError, BodyInvalidError, UnavailableError."""
    district, integration = visible_integration(desk, actor, *address)
    found = _use(desk, district.id, integration.id, span, cursor)
    tokens = [token.id for token in desk.registry.tokens(integration.id)]
    return replace(found, last_used=desk.usage.last_used(integration.id, tokens))


def use_of_district(desk: Desk, actor: Actor, district_id: str, span: DateRange, cursor: str | None = None) -> Use:
    """Of all its vendors together; without when a token was used. Raises as `use` does."""
    return _use(desk, visible_district(desk, actor, district_id).id, None, span, cursor)


def _use(desk: Desk, district_id: str, integration_id: str | None, span: DateRange, cursor: str | None) -> Use:
    """Raises BodyInvalidError, UnavailableError."""
    check_days(span)
    question = ["usage", integration_id or district_id, span.first.isoformat(), span.last.isoformat()]
    place, settled = place_of(cursor, question, span), desk.clock.now() - LATE
    days: dict[date, Tally] = {}
    read, following = 0, place
    for stretch in stretches(desk.ledger, district_id, span, place):
        for row in filter(is_vendors, stretch.rows):
            if integration_id in (None, row.text("integration")):
                days.setdefault(stretch.day, Tally()).add(row)
        read, following = read + len(stretch.rows), stretch.next
        if read >= MOST_READ:
            break
    return Use(days, {}, place_text(question, following), settled)
