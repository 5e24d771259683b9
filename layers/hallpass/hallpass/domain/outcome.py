"""How a page was come by: what `Cache-Status` (RFC 9211), `Age` and the audit line say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from hallpass.domain.pages import StoredPage


@dataclass(frozen=True, slots=True)
class Hit:
    """From the store, without asking the upstream."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """From the upstream, just now. `stored`: whether it is kept. `stale`: whether an older page was there."""

    stored: bool
    ms: int
    attempts: int
    stale: bool = False
    status: int = 200


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
        case Forwarded():
            reason = "stale" if outcome.stale else "uri-miss"
            kept = "stored" if outcome.stored else "detail=not-stored"
            return f"hallpass; fwd={reason}; fwd-status=200; {kept}"
        case StaleIfError():
            seen = f"; fwd-status={outcome.status}" if outcome.status else ""
            return f"hallpass; fwd=stale{seen}; detail=stale-if-error"
        case _:
            assert_never(outcome)
