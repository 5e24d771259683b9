"""Where a page comes from: the store while it is fresh, else the upstream, else a stale page where that is allowed.

Rule: a page joins its walk only if no row moved between it and the page before it, else the walk ends with an error;
after the upstream refused the credential nothing stale is served, and it is left alone for a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Never, assert_never

from hallpass.domain.arrival import Arrival, receive
from hallpass.domain.listing import Account, Listing
from hallpass.domain.outcome import Forwarded, Hit, Outcome, StaleIfError
from hallpass.domain.pages import Fresh, Missing, Stale, StoredPage, classify, digest
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import (
    ListingUnstableError,
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
        """Raises an UpstreamError, UnavailableError when the credential cannot be read, or ListingUnstableError."""
        found = self.store.find_page(listing, number)
        looked_up = classify(found.page, self.clock.now())
        match looked_up:
            case Fresh(page):
                return HeldPage(page, Hit())
            case Stale(page):
                return self._refresh(listing, seconds_left, page)
            case Missing():
                return self.fetch(listing, number, seconds_left, found.snapshot)
            case _:
                assert_never(looked_up)

    def fetch(
        self,
        listing: Listing,
        number: int,
        seconds_left: Callable[[], float],
        snapshot: str | None,
        older: StoredPage | None = None,
        *,
        stale: bool = False,
    ) -> HeldPage:
        """From the upstream, whatever is stored. `snapshot`: that it joins, unless it is page 1, which starts one.

        `older`: the page as this snapshot has it, which it must not differ from; `stale`: whether that is why it is
        read. Raises as `obtain` does.
        """
        try:
            answer = self._ask(listing, number, seconds_left)
        except UpstreamRefusedError as refused:
            return self._past_the_last(listing, number, seconds_left, refused)
        joined = snapshot if number > 1 else None
        arrival = self._receive(listing, number, answer, joined or self.new_snapshot())
        if joined:
            answer = self._vouch(listing, arrival, answer, older, seconds_left)
        return self._keep(listing, arrival, answer, seconds_left, stale=stale)

    def _receive(self, listing: Listing, number: int, answer: UpstreamAnswer, snapshot: str) -> Arrival:
        try:
            return receive(listing.account.district_id, snapshot, number, answer.body, self.clock.now())
        except UpstreamInvalidError as unusable:
            unusable.attempts, unusable.ms = answer.attempts, answer.ms
            raise

    def _keep(
        self,
        listing: Listing,
        arrival: Arrival,
        answer: UpstreamAnswer,
        seconds_left: Callable[[], float],
        *,
        stale: bool,
    ) -> HeldPage:
        stored = self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if arrival.model.quarantine:
            self._note_quarantine(listing.account, arrival, seconds_left())
        return HeldPage(arrival.page, Forwarded(stored, answer.ms, answer.attempts, stale), arrival)

    def _note_quarantine(self, account: Account, arrival: Arrival, seconds: float) -> None:
        self.telemetry.quarantined(account.district_id, arrival.model.quarantine)
        if seconds < NOTE_SECONDS:
            return
        new = self.quarantine.note(account.district_id, arrival.model.quarantine, self.clock.now())
        if new:
            self.telemetry.count("NewQuarantinedPaths", new)

    def _vouch(
        self,
        listing: Listing,
        arrival: Arrival,
        answer: UpstreamAnswer,
        older: StoredPage | None,
        seconds_left: Callable[[], float],
    ) -> UpstreamAnswer:
        """That no row has moved between this page and the one before it since that was read.

        The page before is read once more, after this one: unchanged, the two meet where they met. Where it is not
        held, nobody is on a walk. Answers with both calls' time and attempts. Raises ListingUnstableError, with a new
        snapshot begun, and an UpstreamError.
        """
        if older is not None and older.snapshot == arrival.page.snapshot:
            if older.model.name != arrival.page.model.name:
                self._restart(listing, answer, None, seconds_left)
            return answer
        before = self.store.find_page(listing, arrival.page.number - 1)
        if before.page is None or before.snapshot != arrival.page.snapshot:
            return answer
        check = self._ask(listing, before.page.number, seconds_left)
        both = replace(answer, ms=answer.ms + check.ms, attempts=answer.attempts + check.attempts)
        if digest(check.body) != before.page.raw.name:
            again = self._receive(listing, before.page.number, check, arrival.page.snapshot)
            if again.page.model.name != before.page.model.name:
                self._restart(listing, both, check if before.page.number == 1 else None, seconds_left)
        return both

    def _restart(
        self, listing: Listing, asked: UpstreamAnswer, first: UpstreamAnswer | None, seconds_left: Callable[[], float]
    ) -> Never:
        """Ends the walk, and begins a new snapshot for the next one. `first`: page 1, where it has just been read."""
        self.telemetry.count("WalksRestarted")
        if first is None:
            self.fetch(listing, 1, seconds_left, None)
        else:
            self._keep(listing, self._receive(listing, 1, first, self.new_snapshot()), first, seconds_left, stale=True)
        unstable = ListingUnstableError(retry_after=1)
        unstable.attempts, unstable.ms = asked.attempts, asked.ms
        raise unstable

    def _refresh(self, listing: Listing, seconds_left: Callable[[], float], found: StoredPage) -> HeldPage:
        try:
            return self.fetch(listing, found.number, seconds_left, found.snapshot, found, stale=True)
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
