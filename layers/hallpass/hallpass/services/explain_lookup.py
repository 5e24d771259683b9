"""What would become of a look into the cache, decided on what is stored now, as PageSource and SnapshotPages would.

Rule: it decides by the same functions as they do, asks nobody upstream and changes nothing. Who is asked for a request
the next moment may find another cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from hallpass.domain.cache_decision import (
    Cause,
    Fetch,
    Revalidate,
    Unsatisfiable,
    Use,
    UseStale,
    judge,
    usable_on_error,
)
from hallpass.domain.cache_errors import NotCachedError, SnapshotExpiredError
from hallpass.domain.errors import UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.health import Health, gate, left_alone
from hallpass.domain.leases import Pointer
from hallpass.domain.pages import LONGEST_USE, StoredPage
from hallpass.domain.response_age import remaining
from hallpass.domain.upstream import ListingUnstableError, UpstreamCredentialsError, UpstreamInvalidError
from hallpass.domain.walk import MAX_PAGES, State, Walk, life
from hallpass.page_ports import KeptPages
from hallpass.services.held_page import Wanted
from hallpass.services.upstream_reader import refused_since_read

_OUT_OF_REACH = (
    "The cache does not answer: the page is fetched and kept nowhere, and refused if the list has others behind it."
)


class Found(StrEnum):
    """How the page would be come by."""

    HIT = "hit"
    STALE_HIT = "stale-hit"
    STALE_IF_ERROR = "stale-if-error"
    FETCH = "fetch"
    WALK = "walk"
    PAST_THE_LAST = "past-the-last"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Lookup:
    """`page`: what is stored of it, if anything, be it too old. `ttl`: seconds it is still fresh; negative: stale."""

    found: Found
    why: str
    snapshot: str | None = None
    page: StoredPage | None = None
    ttl: int | None = None
    refusal: HallpassError | None = None


@dataclass(frozen=True, slots=True)
class Explainer:
    """For one request."""

    kept: KeptPages
    wanted: Wanted
    now: datetime

    def look_up(self) -> Lookup:
        wanted = self.wanted
        if wanted.number == 1 and wanted.snapshot is None:
            return self._first()
        snapshot = wanted.snapshot or self.kept.pin(wanted.listing, wanted.walker)
        if snapshot is None:
            return _refused(UnavailableError(), "The cache does not say which snapshot the token is on.")
        if not snapshot:
            return _refused(SnapshotExpiredError(), "The token has no page 1 of this list, from which it could go on.")
        return self._of_snapshot(snapshot)

    def _first(self) -> Lookup:
        pointer = self.kept.pointer(self.wanted.listing)
        if pointer is None:
            return self._forward(None, Pointer(), _OUT_OF_REACH)
        page = self._current(pointer)
        received, wanted = page.received if page else None, self.wanted.rested(page, self.now)
        decision = judge(
            received, wanted.directives, wanted.own_freshness, self.now, invalidated_at=pointer.stale_since
        )
        match decision:
            case Use() if page is not None:
                return self._kept(Found.HIT, "It is cached and fresh.", page)
            case UseStale() if page is not None and not refused_since_read(self._health(), page):
                why = "It is cached and no longer fresh; this district's policy still allows it while it is read anew."
                return self._kept(Found.STALE_HIT, why, page)
            case Revalidate(cause=Cause.STALE):
                return self._forward(page, pointer, "What is cached is too old to be used.")
            case Use() | UseStale() | Revalidate():
                return self._forward(page, pointer, "What is cached may not be the answer now.")
            case Fetch():
                return self._forward(page, pointer, "It is not cached.")
            case Unsatisfiable():
                return _refused(NotCachedError(), "Only what is cached was asked for.")
            case _:
                assert_never(decision)

    def _current(self, pointer: Pointer) -> StoredPage | None:
        page = self.kept.find_page(self.wanted.listing, pointer.snapshot, 1) if pointer.snapshot else None
        return page if page and self.now - page.fetched_at < LONGEST_USE else None

    def _forward(self, page: StoredPage | None, pointer: Pointer, why: str) -> Lookup:
        """To the upstream, unless it is left alone now: then what is stale may stand in."""
        health, wanted = self._health(), self.wanted
        failed = left_alone(gate(health or Health(), self.now, wanted.listing.key))
        if failed is None:
            return Lookup(Found.FETCH, why, page.snapshot if page else None, page, self._ttl(page))
        if page is not None and failed.stale_allowed and not refused_since_read(health, page):
            usable = usable_on_error(
                page.received, wanted.directives, wanted.own_freshness, self.now, invalidated_at=pointer.stale_since
            )
            if usable:
                return self._kept(Found.STALE_IF_ERROR, "The upstream fails and is left alone for a while.", page)
        return _refused(failed, f"{why} The upstream is left alone for a while.", page)

    def _of_snapshot(self, snapshot: str) -> Lookup:
        wanted, walk = self.wanted, self.kept.find_walk(self.wanted.listing, snapshot)
        if walk is not None and walk.state is State.COMPLETE:
            return self._of_walk(walk)
        first = self.kept.find_page(wanted.listing, snapshot, 1)
        if first is None or self.now >= first.fetched_at + life(wanted.freshness):
            return _refused(SnapshotExpiredError(), "The snapshot is not kept any more.")
        if wanted.number > first.total_pages:
            return _past(first)
        if wanted.number == 1:
            return self._held(first)
        if first.total_pages > MAX_PAGES:
            return _refused(UpstreamInvalidError(), "The list has more pages than a walk may have.")
        if walk is not None and walk.state is State.BROKEN:
            return _refused(ListingUnstableError(), "The list moved while its pages were read.")
        why = "The pages after the first are read together first; the request waits for that as long as it may."
        return Lookup(Found.WALK, why, snapshot)

    def _of_walk(self, walk: Walk) -> Lookup:
        wanted = self.wanted
        if self.now >= walk.expires_at:
            return _refused(SnapshotExpiredError(), "The snapshot is not kept any more.")
        if not walk.check.covers(wanted.check):
            return _refused(ListingUnstableError(), "It was read under a weaker check than the district asks for now.")
        number = 1 if wanted.number > walk.total_pages else wanted.number
        page = self.kept.find_page(wanted.listing, walk.held_in, number)
        if page is None or page.mark != walk.digests[number - 1]:
            return _refused(SnapshotExpiredError(), "A page of the snapshot is lost.")
        return self._held(page) if number == wanted.number else _past(page)

    def _held(self, page: StoredPage) -> Lookup:
        left = remaining(page.received, self.wanted.freshness, self.now)
        if left <= timedelta(0) and refused_since_read(self._health(), page):
            return _refused(UpstreamCredentialsError(), "The upstream refused the district's token since it was read.")
        cap = self.wanted.stale_cap
        if cap is not None and -left > cap:
            return _refused(SnapshotExpiredError(), "It is older than this integration may get.")
        return self._kept(Found.HIT, "It is a page of a snapshot that was read together.", page)

    def _kept(self, found: Found, why: str, page: StoredPage) -> Lookup:
        return Lookup(found, why, self.wanted.snapshot or page.snapshot, page, self._ttl(page))

    def _ttl(self, page: StoredPage | None) -> int | None:
        if page is None:
            return None
        return int(remaining(page.received, self.wanted.freshness, self.now).total_seconds())

    def _health(self) -> Health | None:
        return self.kept.health(self.wanted.listing.account)


def _refused(error: HallpassError, why: str, page: StoredPage | None = None) -> Lookup:
    return Lookup(Found.REFUSED, why, page.snapshot if page else None, page, refusal=error)


def _past(first: StoredPage) -> Lookup:
    return Lookup(Found.PAST_THE_LAST, f"The list has {first.total_pages} pages: an empty page.", first.snapshot)
