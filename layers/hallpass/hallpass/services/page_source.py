"""Where a page comes from: the store while it is fresh, else the upstream, else a stale page where that is allowed.

Rule: the upstream is asked at most once a request (twice when its credential has just been changed); after it
refused the credential nothing stale is served, and it is left alone for a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Never, assert_never

from hallpass.domain.arrival import Arrival, receive
from hallpass.domain.listing import Account, Listing
from hallpass.domain.outcome import Forwarded, Hit, Outcome, StaleIfError
from hallpass.domain.pages import Fresh, Missing, Stale, StoredPage, classify
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import (
    UpstreamAnswer,
    UpstreamCredentialsError,
    UpstreamError,
    UpstreamInvalidError,
    UpstreamRefusedError,
    UpstreamTimeoutError,
    call_seconds,
)
from hallpass.ports import Clock, PageStore, QuarantineWriter, Telemetry, Upstream, Vault

REFUSAL_RESTS = timedelta(seconds=60)
# What a note may take when its table does not answer; with less left, the metric alone says it.
NOTE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page to render. `arrival` is there when it has just been fetched: then nothing need be read back."""

    page: StoredPage
    outcome: Outcome
    arrival: Arrival | None = None

    @property
    def kept(self) -> bool:
        """Whether the page's artefacts are in the store."""
        return not isinstance(self.outcome, Forwarded) or self.outcome.stored


@dataclass(frozen=True, slots=True)
class PageSource:
    """`new_snapshot` gives an id that sorts by its start. `seconds_left`: of the request, now."""

    store: PageStore
    upstream: Upstream
    vault: Vault
    clock: Clock
    telemetry: Telemetry
    quarantine: QuarantineWriter
    new_snapshot: Callable[[], str]

    def obtain(self, listing: Listing, number: int, seconds_left: Callable[[], float]) -> HeldPage:
        """Raises an UpstreamError, or UnavailableError when the credential cannot be read."""
        found = self.store.find_page(listing, number)
        looked_up = classify(found.page, self.clock.now())
        match looked_up:
            case Fresh(page):
                return HeldPage(page, Hit())
            case Stale(page):
                return self._refresh(listing, seconds_left, page)
            case Missing():
                return self.fetch(listing, number, seconds_left, found.snapshot, stale=False)
            case _:
                assert_never(looked_up)

    def fetch(
        self, listing: Listing, number: int, seconds_left: Callable[[], float], snapshot: str | None, *, stale: bool
    ) -> HeldPage:
        """From the upstream, whatever is stored. `stale`: whether an older page was there. Raises as `obtain` does."""
        try:
            answer = self._ask(listing, number, seconds_left)
        except UpstreamRefusedError as refused:
            return self._past_the_last(listing, number, seconds_left, refused)
        # Page 1 starts a snapshot: the pages that follow are read after it.
        joined = snapshot if number > 1 and snapshot else self.new_snapshot()
        try:
            arrival = receive(listing.account.district_id, joined, number, answer.body, self.clock.now())
        except UpstreamInvalidError as unusable:
            unusable.attempts, unusable.ms = answer.attempts, answer.ms
            raise
        stored = self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if arrival.model.quarantine:
            self._note_quarantine(listing.account, arrival, seconds_left())
        return HeldPage(arrival.page, Forwarded(stored, answer.ms, answer.attempts, stale), arrival)

    def _note_quarantine(self, account: Account, arrival: Arrival, seconds: float) -> None:
        self.telemetry.quarantined(arrival.model.quarantine)
        if seconds < NOTE_SECONDS:
            return
        new = self.quarantine.note(account.district_id, arrival.model.quarantine, self.clock.now())
        if new:
            self.telemetry.count("NewQuarantinedPaths", new)

    def _refresh(self, listing: Listing, seconds_left: Callable[[], float], found: StoredPage) -> HeldPage:
        try:
            return self.fetch(listing, found.number, seconds_left, found.snapshot, stale=True)
        except UpstreamError as failed:
            if not failed.stale_allowed or self._withdrawn(listing.account, found):
                raise
            return HeldPage(found, StaleIfError(failed.upstream_status, failed.ms, failed.attempts))

    def _withdrawn(self, account: Account, found: StoredPage) -> bool:
        """Whether the upstream refused the credential since the page was fetched: then no fault brings it back."""
        refused_at = self.store.refused_at(account)
        return refused_at is not None and found.fetched_at <= refused_at

    def _past_the_last(
        self, listing: Listing, number: int, seconds_left: Callable[[], float], refused: UpstreamRefusedError
    ) -> HeldPage:
        """An upstream may answer 404 past its last page; to a vendor that is an empty page. Raises `refused`."""
        if number == 1 or refused.upstream_status != 404:
            raise refused
        first = self.obtain(listing, 1, seconds_left).page
        if number <= first.total_pages:
            raise refused
        body = f'<incidents count="0" page="{number}" total-pages="{first.total_pages}"/>'.encode()
        arrival = receive(listing.account.district_id, first.snapshot, number, body, self.clock.now())
        return HeldPage(arrival.page, Forwarded(False, refused.ms, refused.attempts), arrival)

    def _ask(self, listing: Listing, number: int, seconds_left: Callable[[], float]) -> UpstreamAnswer:
        account = listing.account
        refused_at = self.store.refused_at(account)
        if refused_at is not None and self.clock.now() < refused_at + REFUSAL_RESTS:
            raise UpstreamCredentialsError
        credential = self.vault.read(account.district_id)
        try:
            return self._call(credential, listing, number, seconds_left)
        except UpstreamCredentialsError as refused:
            changed = self.vault.read(account.district_id, again=True)
            if changed == credential:
                return self._give_up(account, refused)
        try:
            return self._call(changed, listing, number, seconds_left)
        except UpstreamCredentialsError as refused:
            return self._give_up(account, refused)

    def _give_up(self, account: Account, refused: UpstreamCredentialsError) -> Never:
        self.store.note_refusal(account, self.clock.now())
        self.telemetry.count("UpstreamCredentialRefused")
        raise refused

    def _call(
        self, credential: Secret, listing: Listing, number: int, seconds_left: Callable[[], float]
    ) -> UpstreamAnswer:
        seconds = call_seconds(seconds_left())
        if seconds <= 0:
            raise UpstreamTimeoutError
        return self.upstream.fetch(credential, listing.query, number, seconds)
