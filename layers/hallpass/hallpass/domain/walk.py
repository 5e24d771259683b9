"""Reading all pages of a snapshot together, and what vouches for them.

Rule: a walk is complete only when its check holds; what the check cannot vouch for breaks it. Decisions only: who
reads and stores is `services/walk_reader.py`.

`verified`: if no page changed between its two reads, then at the instant between the first and the second pass every
page was as it was read. Not seen: a page that changed and came back to the very same content in between.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness
from hallpass.domain.model import PageModel, incident_uuid
from hallpass.domain.pages import LONGEST_USE, StoredPage

MAX_RESTARTS = 3
MAX_PAGES = 1_000
"""A million incidents: more is no school district's, and its walk would not fit into its item."""
KEPT_AFTER_USE = timedelta(hours=1)


class State(StrEnum):
    BUILDING = "building"
    COMPLETE = "complete"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Read:
    """Page `number` is to be read for the first time."""

    number: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """Page `number` is to be read once more and has to come out the same."""

    number: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to do."""


Step = Read | Confirm | Finish


@dataclass(frozen=True, slots=True)
class PageRead:
    """What the check looks at. `digest`: the page's mark; `uuids`: of its incidents, as they stand."""

    digest: str
    count: int
    total_pages: int
    uuids: Sequence[str]

    @classmethod
    def of(cls, page: StoredPage, model: PageModel) -> PageRead:
        uuids = [uuid for uuid in map(incident_uuid, model.incidents) if uuid]
        return cls(page.mark, page.count, page.total_pages, uuids)


@dataclass(frozen=True, slots=True)
class Walk:
    """A snapshot that is being read, or was. `digests`: the marks of the pages read, from page 1.

    `whole`: the root `count` that every page has to say, None where it counts a page's own rows.

    `confirmed`: how many pages were read again. `step`: goes up with every write. `pages_in`: the snapshot whose pages
    are this one's. `earlier`: those that broke before it in the same reading. `read_from`: when page 1 was asked for.
    `fault`: problem type of the fault that the reading ended with, at `faulted_at`.
    """

    snapshot: str
    state: State
    check: Check
    total_pages: int
    digests: tuple[str, ...]
    whole: int | None
    read_from: datetime
    expires_at: datetime
    confirmed: int = 0
    step: int = 0
    pages_in: str = ""
    earlier: tuple[str, ...] = ()
    quiet: bool = False
    fault: str = ""
    faulted_at: datetime | None = None

    @property
    def held_in(self) -> str:
        return self.pages_in or self.snapshot

    def next_step(self) -> Step:
        if len(self.digests) < self.total_pages:
            return Read(len(self.digests) + 1)
        again = _to_confirm(self.check, self.total_pages)
        return Confirm(again[self.confirmed]) if self.confirmed < len(again) else Finish()

    def with_page(self, read: PageRead, seen: Collection[str]) -> Walk | None:
        """After the next page was read; None when it shows that the list moved. `seen`: uuids of the pages before."""
        checked = self.check is not Check.OFF
        moved = read.total_pages != self.total_pages or self.whole not in (None, read.count)
        if checked and (moved or any_twice(read.uuids, seen)):
            return None
        return replace(self, digests=(*self.digests, read.digest), fault="", faulted_at=None)

    def with_confirmation(self, number: int, digest: str) -> Walk | None:
        """After page `number` was read again; None when it is another."""
        if digest != self.digests[number - 1]:
            return None
        return replace(self, confirmed=self.confirmed + 1, fault="", faulted_at=None)

    @classmethod
    def begun(cls, first: StoredPage, check: Check, freshness: Freshness, *, quiet: bool = False) -> Walk:
        """With page 1 read. What the root `count` counts is not documented: a page's own rows, or all pages'."""
        whole = None if first.count == first.rows else first.count
        return cls(
            snapshot=first.snapshot,
            state=State.BUILDING,
            check=check,
            total_pages=first.total_pages,
            digests=(first.mark,),
            whole=whole,
            read_from=first.received.requested_at,
            expires_at=first.fetched_at + life(freshness),
            quiet=quiet,
        )

    def begins_as(self, other: Walk) -> bool:
        """Whether who has the other's page 1 may go on in this one."""
        return self.digests[0] == other.digests[0]

    def settled(self, state: State, later: Walk) -> Walk:
        """Its next step, when a later one has taken its place. Complete, it has the later one's pages."""
        digests = later.digests if state is State.COMPLETE else self.digests
        return replace(self, state=state, pages_in=later.snapshot, digests=digests, step=self.step + 1)

    def used(self, now: datetime, latest: datetime) -> Walk:
        """Kept for at least an hour from `now`, but not past `latest`."""
        if self.expires_at - now >= KEPT_AFTER_USE:
            return self
        return replace(self, expires_at=max(self.expires_at, min(now + 2 * KEPT_AFTER_USE, latest)))


def _to_confirm(check: Check, total_pages: int) -> tuple[int, ...]:
    match check:
        case Check.OFF:
            return ()
        case Check.GUARDED:
            return (1,) if total_pages == 1 else (1, total_pages)
        case Check.VERIFIED:
            return tuple(range(1, total_pages + 1))
        case _:
            assert_never(check)


def calls_of(total_pages: int, check: Check) -> int:
    """The upstream calls that reading a whole walk takes, if nothing moves."""
    return total_pages + len(_to_confirm(check, total_pages))


def any_twice(uuids: Sequence[str], seen: Collection[str]) -> bool:
    return len(set(uuids)) != len(uuids) or not set(uuids).isdisjoint(seen)


def life(freshness: Freshness) -> timedelta:
    """How long a snapshot is kept after its page 1 was read: an hour longer than that may be given to anybody."""
    longest = freshness.fresh_for + max(freshness.stale_while_revalidate, freshness.stale_if_error)
    return min(longest + KEPT_AFTER_USE, LONGEST_USE)
