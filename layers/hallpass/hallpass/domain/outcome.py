"""How a page was come by: what `Cache-Status` (RFC 9211), `Age` and the audit line say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from hallpass.domain.cache_errors import NotCachedError, PageInFlightError, SnapshotExpiredError
from hallpass.domain.failure import HallpassError
from hallpass.domain.upstream import UpstreamError


@dataclass(frozen=True, slots=True)
class Hit:
    """From the store, without waiting for the upstream. `ttl`: seconds it is still fresh; negative: it is stale.

    `revalidating`: whether it is being read again in the background.
    """

    ttl: int
    revalidating: bool = False


@dataclass(frozen=True, slots=True)
class Collapsed:
    """From the store, after somebody else's call that this request waited for (RFC 9211 section 2.6)."""

    stale: bool


@dataclass(frozen=True, slots=True)
class Forwarded:
    """From the upstream, just now. `stored`: whether it is kept. `why`: RFC 9211's `fwd`: uri-miss, stale, request."""

    stored: bool
    ms: int
    attempts: int
    why: str = "uri-miss"
    status: int = 200


STALE_IF_ERROR = "stale-if-error"


@dataclass(frozen=True, slots=True)
class StaleIfError:
    """From the store although no longer fresh: the upstream failed (RFC 5861 section 4). `detail`: how."""

    ttl: int
    status: int | None
    ms: int
    attempts: int
    detail: str = STALE_IF_ERROR


Outcome = Hit | Collapsed | Forwarded | StaleIfError


def cache_status(outcome: Outcome, ignored: bool = False) -> str:
    """The field value. It never holds the key, which is a function of the district and the query.

    `ignored`: the client asked for a refresh that its token may not ask for.
    """
    match outcome:
        case Hit():
            detail = "refresh-not-permitted" if ignored else "stale-while-revalidate" if outcome.revalidating else ""
            return f"hallpass; hit; ttl={outcome.ttl}" + (f"; detail={detail}" if detail else "")
        case Collapsed():
            return f"hallpass; fwd={'stale' if outcome.stale else 'uri-miss'}; collapsed"
        case Forwarded():
            kept = "stored" if outcome.stored else "detail=not-stored"
            return f"hallpass; fwd={outcome.why}; fwd-status={outcome.status}; {kept}"
        case StaleIfError():
            seen = f"; fwd-status={outcome.status}" if outcome.status else ""
            return f"hallpass; fwd=stale{seen}; ttl={outcome.ttl}; detail={outcome.detail}"
        case _:
            assert_never(outcome)


@dataclass(frozen=True, slots=True)
class Served:
    """What a field value says of an answer. `stale`: it was no longer fresh, whatever the reason that it was sent.

    `on_error`: sent stale because the upstream failed, or is left alone after that.
    """

    hit: bool
    collapsed: bool
    stale: bool
    on_error: bool = False


def served(status: str) -> Served:
    """Reads what `cache_status` and `refusal_status` write: a list of one member with parameters, no strings."""
    _, *parameters = status.split("; ")
    said = dict(parameter.partition("=")[::2] for parameter in parameters)
    # Only what lay in the store tells how long it is fresh.
    stale = "ttl" in said and (said.get("fwd") == "stale" or said["ttl"].startswith("-"))
    return Served("hit" in said, "collapsed" in said, stale, said.get("detail") == STALE_IF_ERROR)


def refusal_status(error: HallpassError) -> str | None:
    """The field value of an answer without a page; None where the cache had no part in it."""
    match error:
        case UpstreamError():
            seen = f"; fwd-status={error.upstream_status}" if error.upstream_status else ""
            return f"hallpass; fwd=miss{seen}; detail={error.slug}"
        case PageInFlightError():
            return f"hallpass; fwd=miss; collapsed; detail={error.slug}"
        case NotCachedError() | SnapshotExpiredError():
            return f"hallpass; detail={error.slug}"
        case _:
            return None
