"""How old a response is, and how long it is fresh (RFC 9111 section 4.2).

Rule: nothing is negative, whatever the clocks say; what is malformed makes a response older or its life shorter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from hallpass.domain.cache_directives import Directives, delta_seconds
from hallpass.domain.http_caching import Freshness, Received, UpstreamControl, list_members
from hallpass.domain.http_dates import read_http_date

_NONE: Final = timedelta(0)


def age(received: Received, now: datetime) -> timedelta:
    """Since the origin made it (RFC 9111 section 4.2.3): what `Age` says of it."""
    apparent = received.received_at - min(_dates(received))
    delay = max(_NONE, received.received_at - received.requested_at)
    return max(apparent, _age_value(received) + delay) + resident(received, now)


def resident(received: Received, now: datetime) -> timedelta:
    """Since we have it."""
    return max(_NONE, now - received.received_at)


def lifetime(received: Received, freshness: Freshness) -> timedelta:
    """How long it is fresh (RFC 9111 section 4.2.1), counted from when its age was 0; under `OVERRIDE` from its coming.

    A private cache does not heed `s-maxage`.
    """
    if freshness.control is UpstreamControl.OVERRIDE:
        return max(_NONE, freshness.fresh_for)
    max_age = response_directives(received, freshness).shortest("max-age")
    if max_age is not None:
        return max_age
    expires = received.values("expires")
    if expires:
        return max(_NONE, min(_expiry(received, value) for value in expires))
    return max(_NONE, freshness.fresh_for)


def remaining(received: Received, freshness: Freshness, now: datetime) -> timedelta:
    """What is left of its life; negative: for how long it has been stale."""
    past = resident(received, now) if freshness.control is UpstreamControl.OVERRIDE else age(received, now)
    return lifetime(received, freshness) - past


def response_directives(received: Received, freshness: Freshness) -> Directives:
    """What the origin says and we heed: under `OVERRIDE` nothing."""
    if freshness.control is UpstreamControl.OVERRIDE:
        return Directives()
    return Directives.parse(received.values("cache-control"))


def _dates(received: Received) -> list[datetime]:
    """What `Date` says; if nothing that can be read, when it came (RFC 9110 section 6.6.1)."""
    read = [read_http_date(value, received.received_at) for value in received.values("date")]
    return [date for date in read if date is not None] or [received.received_at]


def _age_value(received: Received) -> timedelta:
    # RFC 9111 section 5.1: the first member of a list counts, and one that is no number is ignored.
    members = list_members(received.values("age"))
    return timedelta(seconds=(delta_seconds(members[0]) or 0) if members else 0)


def _expiry(received: Received, expires: str) -> timedelta:
    # RFC 9111 section 5.3: an invalid date, "0" above all, is a time in the past.
    moment = read_http_date(expires, received.received_at)
    return moment - max(_dates(received)) if moment else _NONE
