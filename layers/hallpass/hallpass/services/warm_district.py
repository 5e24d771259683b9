"""Warming: a district's listings are read now, in the background, so that the vendors' next requests are hits.

Rule: nothing is read here, and nothing is promised that was not taken over; who reads has turns and a budget.
"""

from __future__ import annotations

from collections.abc import Sequence

from hallpass.domain.access import Actor, Status
from hallpass.domain.errors import ConflictError, UnavailableError
from hallpass.domain.listing import Account, UpstreamQuery
from hallpass.domain.refresh_order import MOST_LISTINGS, Asked, Warming
from hallpass.services.deadline import deadline
from hallpass.services.manage_access import Desk, visible_district


def warm(desk: Desk, actor: Actor, district_id: str, query: UpstreamQuery | None, seconds: float) -> Warming:
    """`query`: of one listing; None: of those that were asked for, and the one without parameters.

    `seconds`: what the invocation has left. Raises NotFoundError, UnavailableError, ConflictError for a district that
    is not read, or where no budget is left to anybody.
    """
    district = visible_district(desk, actor, district_id)
    if district.status is not Status.ACTIVE:
        raise ConflictError("The district is not active: it is not read.")
    if desk.warm_calls == 0:
        raise ConflictError("Warming is switched off here: its budget of upstream calls is 0.")
    account, asked_at = Account(district.id, desk.upstream.origin, district.account_epoch), desk.now()
    queries = [query] if query is not None else _known(desk, account, seconds)
    if not desk.warmer.warm(Asked(account, tuple(queries[:MOST_LISTINGS]))):
        raise UnavailableError
    return Warming(len(queries[:MOST_LISTINGS]), len(queries[MOST_LISTINGS:]), asked_at)


def _known(desk: Desk, account: Account, seconds: float) -> Sequence[UpstreamQuery]:
    """The one without parameters, then those that were asked for last. Raises UnavailableError."""
    busy = desk.kept.within(deadline(desk.clock, seconds)).busy(account)
    if busy is None:
        raise UnavailableError
    latest = sorted(busy, key=lambda found: found.asked_at, reverse=True)
    return list(dict.fromkeys([UpstreamQuery(), *(found.listing.query for found in latest)]))
