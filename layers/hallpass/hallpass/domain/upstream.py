"""The table of upstream answers: what each one means for the vendor, for a retry and for a stale page.

Rule: one table decides; the adapter only says which row it saw. Nothing of the upstream's text goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar

from hallpass.domain.failure import HallpassError, Owner, Retry
from hallpass.domain.http_caching import Headers

CONNECT_SECONDS = 3.0
CALL_SECONDS = 20.0
RESERVE_SECONDS = 3.0
RETRY_AFTER_BOUNDS = (1, 300)
DEFAULT_RETRY_AFTER = 30


class UpstreamError(HallpassError):
    """The upstream gave no usable page. `stale_allowed`: whether an older page may be served instead.

    `counted`: whether it is a fault of the whole upstream, which opens the breaker.

    `retry_upstream`: whether the same call is tried once more inside the budget.
    `upstream_status`: its status code, if it came to one. `attempts`, `ms`: calls made and the time they
    took together, set by the adapter.
    """

    owner = Owner.UPSTREAM
    retry = Retry.AFTER
    stale_allowed: ClassVar[bool] = True
    retry_upstream: ClassVar[bool] = False
    counted: ClassVar[bool] = False

    def __init__(self, *, upstream_status: int | None = None, retry_after: int = DEFAULT_RETRY_AFTER) -> None:
        headers = [("Retry-After", str(retry_after))] if self.retry is Retry.AFTER else []
        super().__init__(headers=headers)
        self.upstream_status = upstream_status
        self.retry_after = retry_after
        self.attempts = 0
        self.ms = 0


class UpstreamUnreachableError(UpstreamError):
    """Connection refused, name not resolved, TLS not verified: the credential was not sent."""

    status = 503
    slug = "upstream-unreachable"
    title = "The upstream cannot be reached"
    counted = True
    retry_upstream = True


class UpstreamTimeoutError(UpstreamError):
    """No connection within 3 s, or the whole call over its budget."""

    status = 504
    slug = "upstream-timeout"
    title = "The upstream did not answer in time"
    counted = True


class UpstreamInvalidError(UpstreamError):
    """An answer that is no page: a broken or short body, a DTD, a wrong root, HTML, a redirect, a 204."""

    status = 502
    slug = "upstream-invalid"
    title = "The upstream's answer is not a page of incidents"


class UpstreamResetError(UpstreamInvalidError):
    """The connection was reset before or inside the answer."""

    retry_upstream = True
    counted = True


class UpstreamCredentialsError(UpstreamError):
    """401 or 403: the district's credential is refused. A district that kills it means it: nothing stale."""

    status = 502
    slug = "upstream-credentials"
    title = "The upstream refuses the district's credential"
    owner = Owner.DISTRICT
    retry = Retry.NO
    stale_allowed = False


class UpstreamBusyError(UpstreamError):
    """429: `Retry-After` is passed on, clamped."""

    status = 503
    slug = "upstream-busy"
    title = "The upstream asks for fewer requests"


class UpstreamFailedError(UpstreamError):
    """5xx."""

    status = 503
    slug = "upstream-error"
    title = "The upstream failed"
    counted = True
    retry_upstream = True


class UpstreamRefusedError(UpstreamError):
    """Any other 4xx."""

    status = 502
    slug = "upstream-refused"
    title = "The upstream refuses the query"
    owner = Owner.OPERATOR
    retry = Retry.NO
    stale_allowed = False


class ListingUnstableError(UpstreamError):
    """Incidents moved between the pages of a walk while they were read: to go on would be a silent gap."""

    status = 503
    slug = "listing-unstable"
    title = "The list has changed while you read it: read again from page 1"
    stale_allowed = False


_BY_SLUG: Mapping[str, type[UpstreamError]] = {
    kind.slug: kind
    for kind in (
        UpstreamUnreachableError,
        UpstreamTimeoutError,
        UpstreamInvalidError,
        UpstreamCredentialsError,
        UpstreamBusyError,
        UpstreamFailedError,
        UpstreamRefusedError,
        ListingUnstableError,
    )
}


def as_before(slug: str, retry_after: int) -> UpstreamError:
    """The error that somebody else met, for who does not ask again. `slug`: as it was noted."""
    return _BY_SLUG.get(slug, UpstreamFailedError)(retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """A 200 with a body that was read to its end, decoded of its content coding, or a 304 without one.

    `headers`: as they came, duplicates apart. `ms`: the whole call's; `attempts`: calls made, a retry included.
    """

    body: bytes
    ms: int
    attempts: int = 1
    headers: Headers = ()
    status: int = 200


def judge_status(status: int, retry_after: str | None, now: datetime) -> UpstreamError | None:
    """The error that a status code stands for; None for 200. `retry_after`: the header's value."""
    if status == 200:
        return None
    if status in (401, 403):
        return UpstreamCredentialsError(upstream_status=status)
    if status == 429:
        return UpstreamBusyError(upstream_status=status, retry_after=clamp_retry_after(retry_after, now))
    if 400 <= status < 500:
        return UpstreamRefusedError(upstream_status=status)
    if 500 <= status < 600:
        return UpstreamFailedError(upstream_status=status)
    return UpstreamInvalidError(upstream_status=status)


def clamp_retry_after(value: str | None, now: datetime) -> int:
    """Seconds from 1 to 300 (RFC 9110 section 10.2.3: seconds or an HTTP-date); 30 when it says neither."""
    lowest, highest = RETRY_AFTER_BOUNDS
    text = (value or "").strip()
    if re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        seconds = int(text)
    else:
        try:
            seconds = int((parsedate_to_datetime(text).replace(tzinfo=UTC) - now).total_seconds())
        except (ValueError, OverflowError):
            seconds = DEFAULT_RETRY_AFTER
    return min(max(seconds, lowest), highest)


def call_seconds(remaining: float) -> float:
    """The budget in seconds of a whole upstream call, when the function has `remaining` seconds left."""
    return max(0.0, min(CALL_SECONDS, remaining - RESERVE_SECONDS))
