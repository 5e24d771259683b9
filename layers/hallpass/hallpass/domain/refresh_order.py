"""What `page_refresh` is asked to do, as the small JSON object that is its event.

Rule: it names listings and a turn, and nothing of an incident, a token or a credential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hallpass.domain.failure import HallpassError
from hallpass.domain.leases import Granted
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.query import IncidentQuery

MOST_LISTINGS = 100
"""In one call: more is no one run's work, and an event holds them with room to spare."""


class Action(StrEnum):
    """`page`: read page 1. `walk`: read a snapshot on to its end. `ahead`: read all pages before anybody asks.

    `warm`: look for what is asked for often and goes stale soon, or for what a district's admin named.
    """

    PAGE = "page"
    WALK = "walk"
    AHEAD = "ahead"
    WARM = "warm"


class OrderInvalidError(ValueError):
    """An event that is no order."""


@dataclass(frozen=True, slots=True)
class Order:
    """`turn`: the caller's, taken before it was sent. `snapshot`: of a walk."""

    action: Action
    listing: Listing
    turn: Granted
    snapshot: str = ""

    def event(self) -> dict[str, str | int]:
        account = self.listing.account
        return {
            "action": self.action.value,
            "district": account.district_id,
            "epoch": account.epoch,
            "query": self.listing.query.canonical(),
            "snapshot": self.snapshot,
            "owner": self.turn.owner,
            "fence": self.turn.fence,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """Listings of an account that somebody wants read now; whose turn it is, is seen when they are."""

    account: Account
    queries: tuple[UpstreamQuery, ...]

    def event(self) -> dict[str, str | int | list[str]]:
        return {
            "action": Action.WARM.value,
            "district": self.account.district_id,
            "epoch": self.account.epoch,
            "queries": [query.canonical() for query in self.queries],
        }


@dataclass(frozen=True, slots=True)
class Warming:
    """What was taken over of a request. `left_out`: beyond MOST_LISTINGS, those whose last request is longest ago."""

    listings: int
    left_out: int
    asked_at: datetime


def read_order(event: Mapping[str, object], origin: str) -> Order | Asked | None:
    """None: keep busy listings warm. `origin`: of the upstream that is fronted. Raises OrderInvalidError."""
    match event:
        case {"action": Action.WARM, "queries": [*queries], "district": str(district), "epoch": int(epoch)}:
            return Asked(Account(district, origin, epoch), _queries(queries))
        case {"action": Action.WARM, "queries": _}:
            raise OrderInvalidError
        case {"action": Action.WARM}:
            return None
        case {
            "action": str(action),
            "district": str(district),
            "epoch": int(epoch),
            "query": str(query),
            "snapshot": str(snapshot),
            "owner": str(owner),
            "fence": int(fence),
        }:
            try:
                listing = Listing(Account(district, origin, epoch), IncidentQuery.parse(query).upstream)
                return Order(Action(action), listing, Granted(owner, fence), snapshot)
            except (HallpassError, ValueError) as wrong:
                raise OrderInvalidError from wrong
        case _:
            raise OrderInvalidError


def _queries(texts: Sequence[object]) -> tuple[UpstreamQuery, ...]:
    """Raises OrderInvalidError."""
    if not all(isinstance(text, str) for text in texts):
        raise OrderInvalidError
    try:
        return tuple(IncidentQuery.parse(str(text)).upstream for text in texts)
    except (HallpassError, ValueError) as wrong:
        raise OrderInvalidError from wrong
