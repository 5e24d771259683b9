"""How a page was come by: what `Cache-Status` (RFC 9211), `Age` and the audit line say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.pages import StoredPage


@dataclass(frozen=True, slots=True)
class Hit:
    """From the store, without asking the upstream."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """From the upstream, just now. `stale`: an older page was there. `stored`: whether it is kept."""

    stale: bool
    stored: bool
    ms: int
    attempts: int


@dataclass(frozen=True, slots=True)
class StaleIfError:
    """From the store although no longer fresh: the upstream failed (RFC 5861 section 4)."""

    status: int | None
    ms: int
    attempts: int


Outcome = Hit | Forwarded | StaleIfError


def cache_status(outcome: Outcome, page: StoredPage, now: datetime) -> str:
    """The field value. It never holds the key, which is a function of the district and the query."""
    match outcome:
        case Hit():
            return f"hallpass; hit; ttl={int((page.fresh_until - now).total_seconds())}"
        case Forwarded(stale, stored):
            reason = "stale" if stale else "uri-miss"
            return f"hallpass; fwd={reason}; fwd-status=200" + ("; stored" if stored else "; detail=not-stored")
        case StaleIfError(status):
            seen = f"; fwd-status={status}" if status else ""
            return f"hallpass; fwd=stale{seen}; detail=stale-if-error"
