"""How an integration was used, or all of a district, day by day, added up from the ledger's rows.

Rule: a call reads a bounded number of rows and says where to go on; the sums of such calls add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hallpass.domain.access import Actor, District
from hallpass.domain.ledger import LATE
from hallpass.domain.scope import DateRange
from hallpass.domain.tally import Tally, is_vendors
from hallpass.services.ledger_access import MOST_READ, check_days, place_of, place_text, stretches
from hallpass.services.manage_access import Desk, visible_district, visible_integration


@dataclass(frozen=True, slots=True)
class Use:
    """`days`: of UTC, those with a request."""

    days: Mapping[date, Tally]
    next: str | None
    complete_until: datetime


@dataclass(frozen=True, slots=True)
class OwnUse:
    """An integration's. `last_used`: of its tokens, by id."""

    use: Use
    last_used: Mapping[str, datetime]


def use(desk: Desk, actor: Actor, address: tuple[str, str], span: DateRange, cursor: str | None = None) -> OwnUse:
    """`address`: district, integration. Raises NotFoundError, BodyInvalidError, UnavailableError."""
    district, integration = visible_integration(desk, actor, *address)
    counted = _counted(desk, district, ["usage", integration.id], span, cursor, integration.id)
    tokens = [token.id for token in desk.registry.tokens(integration.id)]
    return OwnUse(counted, desk.usage.last_used(integration.id, tokens))


def use_of_district(desk: Desk, actor: Actor, district_id: str, span: DateRange, cursor: str | None = None) -> Use:
    """Of all its integrations together. Raises NotFoundError, BodyInvalidError, UnavailableError."""
    district = visible_district(desk, actor, district_id)
    return _counted(desk, district, ["usage", district.id], span, cursor, None)


def _counted(
    desk: Desk, district: District, asked: Sequence[str], span: DateRange, cursor: str | None, only: str | None
) -> Use:
    """`only`: the integration; None: each."""
    check_days(span)
    question = [*asked, span.first.isoformat(), span.last.isoformat()]
    place, settled = place_of(cursor, question, span), desk.clock.now() - LATE
    days: dict[date, Tally] = {}
    read, following = 0, place
    for stretch in stretches(desk.ledger, district.id, span, place):
        for row in filter(is_vendors, stretch.rows):
            if only is None or row.text("integration") == only:
                days.setdefault(stretch.day, Tally()).add(row)
        read, following = read + len(stretch.rows), stretch.next
        if read >= MOST_READ:
            break
    return Use(days, place_text(question, following), settled)
