"""What a request can end with because of how pages are kept: a walk whose snapshot is gone, a page not there yet."""

from __future__ import annotations

from hallpass.domain.failure import HallpassError, Owner, Retry


class SnapshotExpiredError(HallpassError):
    """The snapshot of a walk is not kept any more, or a page of it is lost and the upstream now has another."""

    status = 410
    slug = "snapshot-expired"
    title = "The snapshot you were reading is gone: begin again at page 1"


class PageInFlightError(HallpassError):
    """Somebody is reading the page from the upstream, and it took longer than this request could wait."""

    status = 503
    slug = "page-in-flight"
    title = "The page is being read from the upstream: ask again"
    retry = Retry.AFTER
    owner = Owner.UPSTREAM

    def __init__(self, retry_after: int = 2) -> None:
        super().__init__(headers=[("Retry-After", str(retry_after))])


class NotCachedError(HallpassError):
    """RFC 9111 section 5.2.1.7: `only-if-cached` and nothing stored satisfies the request."""

    status = 504
    slug = "not-cached"
    title = "You asked for what is cached only, and this is not"
