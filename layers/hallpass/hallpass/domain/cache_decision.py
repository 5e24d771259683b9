"""Whether a stored response answers a request (RFC 9111 section 4, RFC 5861): the one place that decides it.

Rule: a pure function of (what is stored, what is asked, what the data's owner allows, now). In doubt: ask upstream.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.http_caching import Freshness, Headers, Received
from hallpass.domain.kept_fields import storable
from hallpass.domain.pages import LONGEST_USE
from hallpass.domain.response_age import age, remaining, resident, response_directives
from hallpass.domain.revalidation import validators

_NONE: Final = timedelta(0)
TOLERANCE: Final = timedelta(minutes=1)
"""What a request may take after it was decided that a page is young enough."""


class Cause(StrEnum):
    """Why the request goes upstream, as RFC 9211 section 2.2 names it."""

    STALE = "stale"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Use:
    """It is fresh, for `ttl` more."""

    ttl: timedelta


@dataclass(frozen=True, slots=True)
class UseStale:
    """It has been stale for a time that is allowed. `revalidate`: it is due to be revalidated behind the answer."""

    stale_for: timedelta
    revalidate: bool


@dataclass(frozen=True, slots=True)
class Revalidate:
    """Ask upstream, with the `validators` (none: unconditionally). On a failure `usable_on_error` has the word."""

    validators: Headers
    cause: Cause


@dataclass(frozen=True, slots=True)
class Fetch:
    """Nothing is stored that could be used."""


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """Only what is stored was asked for, and it may not be used: 504 (RFC 9111 section 5.2.1.7)."""


Decision: TypeAlias = Use | UseStale | Revalidate | Fetch | Unsatisfiable


def judge(
    stored: Received | None,
    directives: RequestDirectives,
    freshness: Freshness,
    now: datetime,
    *,
    invalidated_at: datetime | None = None,
) -> Decision:
    """What to do with a request. `invalidated_at`: what was received then or before is stale (a soft purge)."""
    if stored is None or not storable(stored, freshness.control):
        return Unsatisfiable() if directives.only_if_cached else Fetch()
    left = _left(stored, freshness, now, invalidated_at)
    if not _must_validate(stored, freshness) and _suits(stored, directives, left, now):
        if left > _NONE:
            return Use(left)
        if _may_be_stale(stored, directives, freshness, -left):
            due = -left < _while_revalidating(stored, freshness) and not directives.only_if_cached
            return UseStale(-left, due)
    if directives.only_if_cached:
        return Unsatisfiable()
    asked = left > _NONE and not _suits(stored, directives, left, now)
    return Revalidate(validators(stored), Cause.REQUEST if asked else Cause.STALE)


def usable_on_error(
    stored: Received | None,
    directives: RequestDirectives,
    freshness: Freshness,
    now: datetime,
    cap: timedelta | None = None,
    *,
    invalidated_at: datetime | None = None,
) -> bool:
    """Whether it may answer after the upstream failed (RFC 5861 section 4). `cap`: the most staleness one allows.

    Not to be asked after the upstream refused our credential.
    """
    if stored is None or not storable(stored, freshness.control) or _must_validate(stored, freshness):
        return False
    left = _left(stored, freshness, now, invalidated_at)
    # RFC 5861 section 4: a client's stale-if-error counts whatever else it says of freshness.
    insists = directives.stale_if_error is None
    if insists and not _suits(stored, directives, left, now):
        return False
    if left > _NONE:
        return True
    if _forbids_stale(stored, freshness) or (insists and directives.max_age is not None):
        return False
    origin = response_directives(stored, freshness).shortest("stale-if-error")
    bounds = (freshness.stale_if_error if origin is None else origin, directives.stale_if_error, cap)
    return -left < min(bound for bound in bounds if bound is not None)


def usable_for(received: Received, freshness: Freshness) -> timedelta:
    """How long after it came it may be used at all, be it stale: for what time a store keeps it."""
    said = response_directives(received, freshness)
    origin = [said.shortest(name) for name in ("stale-while-revalidate", "stale-if-error")]
    bounds = [freshness.stale_while_revalidate, freshness.stale_if_error, *origin]
    staleness = max(bound for bound in bounds if bound is not None)
    return max(_NONE, remaining(received, freshness, received.received_at) + staleness)


def over_policy(received: Received, freshness: Freshness, now: datetime, *, walked: bool) -> bool:
    """Whether what is about to be sent is older than its district lets it be: no decision here comes to that.

    `walked`: a page of a snapshot, which lasts for who goes through it, under any policy no longer than LONGEST_USE.
    """
    allowed = LONGEST_USE if walked else usable_for(received, freshness)
    return resident(received, now) > allowed + TOLERANCE


def _left(stored: Received, freshness: Freshness, now: datetime, invalidated_at: datetime | None) -> timedelta:
    """What is left of its life; not positive: stale, for how long."""
    left = remaining(stored, freshness, now)
    if invalidated_at is None or stored.received_at > invalidated_at:
        return left
    return min(left, _NONE, invalidated_at - now)


def _must_validate(stored: Received, freshness: Freshness) -> bool:
    # RFC 9111 section 5.2.2.4. With field names it is about these fields; the stricter reading is the whole response.
    return "no-cache" in response_directives(stored, freshness)


def _forbids_stale(stored: Received, freshness: Freshness) -> bool:
    # RFC 9111 section 4.2.4. proxy-revalidate does not bind a private cache; heeding it harms nobody.
    said = response_directives(stored, freshness)
    return "must-revalidate" in said or "proxy-revalidate" in said


def _suits(stored: Received, directives: RequestDirectives, left: timedelta, now: datetime) -> bool:
    """Whether the client would have it, if it were fresh."""
    too_old = directives.max_age is not None and age(stored, now) > directives.max_age
    too_near = directives.min_fresh is not None and left < directives.min_fresh
    return not (directives.no_cache or too_old or too_near)


def _may_be_stale(stored: Received, directives: RequestDirectives, freshness: Freshness, stale_for: timedelta) -> bool:
    if _forbids_stale(stored, freshness):
        return False
    # What a client accepts is bounded by the longest that the owner does.
    longest = max(freshness.stale_while_revalidate, freshness.stale_if_error)
    if directives.max_stale is not None and stale_for <= min(directives.max_stale, longest):
        return True
    # RFC 9111 section 5.2.1.1: who says max-age and not max-stale does not want a stale one.
    return directives.max_age is None and stale_for < _while_revalidating(stored, freshness)


def _while_revalidating(stored: Received, freshness: Freshness) -> timedelta:
    origin = response_directives(stored, freshness).shortest("stale-while-revalidate")
    return freshness.stale_while_revalidate if origin is None else origin
