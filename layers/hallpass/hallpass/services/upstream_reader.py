"""One page from the upstream: whether it may be asked now, with which credential, and what is made of its answer.

Rule: an upstream that keeps failing is left alone, and one that refused the credential for a minute; what both said is
noted for all containers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Never

from hallpass.domain.arrival import Arrival, receive
from hallpass.domain.health import PROBE_FOR, HalfOpen, Health, gate, left_alone
from hallpass.domain.http_caching import Headers, Received
from hallpass.domain.kept_fields import caching_fields
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import LONGEST_USE, StoredPage
from hallpass.domain.revalidation import freshened, validators
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import (
    CALL_SECONDS,
    UpstreamAnswer,
    UpstreamBusyError,
    UpstreamCredentialsError,
    UpstreamError,
    UpstreamInvalidError,
    UpstreamTimeoutError,
    as_before,
    call_seconds,
)
from hallpass.page_ports import AccountStore
from hallpass.ports import Clock, QuarantineWriter, Telemetry, Upstream, Vault

# What a note may take when its table does not answer; with less left, the metric alone says it.
NOTE_SECONDS = 5.0
# Two containers, each wrong by five minutes.
CLOCKS_DIFFER_BY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer of the upstream. `arrival`: the page; None after a 304, which says that the held one still stands."""

    arrival: Arrival | None
    received: Received
    ms: int
    attempts: int


@dataclass(frozen=True, slots=True)
class UpstreamReader:
    """`read` is the only way to the upstream."""

    accounts: AccountStore
    upstream: Upstream
    vault: Vault
    clock: Clock
    telemetry: Telemetry
    quarantine: QuarantineWriter

    def read(
        self,
        listing: Listing,
        number: int,
        snapshot: str,
        seconds_left: Callable[[], float],
        held: StoredPage | None = None,
    ) -> Reading:
        """Page `number`, to be of `snapshot`. `held`: it is asked whether that one still stands.

        Raises an UpstreamError, and UnavailableError when the credential cannot be read.
        """
        account, asked_at = listing.account, self.clock.now()
        health = self._pass_gate(listing, asked_at)
        budget = call_seconds(seconds_left())
        try:
            reading = self._reading(listing, number, snapshot, seconds_left, held)
        except UpstreamError as failed:
            self.telemetry.upstream_asked(account.district_id, failed.attempts, failed.ms, failed.slug)
            self._note(listing, health, failed, budget)
            raise
        self.telemetry.upstream_asked(account.district_id, reading.attempts, reading.ms)
        if health.faults:
            self.accounts.note_success(account)
        if reading.arrival is not None and reading.arrival.model.quarantine:
            self._note_quarantine(account, reading.arrival, seconds_left())
        return reading

    def left_alone(self, account: Account, refusal: UpstreamError) -> UpstreamError:
        """The refusal of who was not let ask, told as every other fault: an outage is one also while nobody tries."""
        self.telemetry.upstream_asked(account.district_id, 0, 0, refusal.slug)
        return refusal

    def refused_since(self, account: Account, page: StoredPage) -> bool:
        """Whether the upstream refused the credential since the page was read, or it cannot be told.

        Then no fault brings it back.
        """
        return refused_since_read(self.accounts.health(account), page)

    def revalidates(self, listing: Listing, page: StoredPage) -> bool | None:
        """Whether a stale page may be read anew behind an answer; None where it must not be the answer."""
        health = self.accounts.health(listing.account)
        if health is None or refused_since_read(health, page):
            return None
        return left_alone(gate(health, self.clock.now(), listing.key)) is None

    def _pass_gate(self, listing: Listing, now: datetime) -> Health:
        account = listing.account
        health = self.accounts.health(account) or Health()
        decision = gate(health, now, listing.key)
        refusal = left_alone(decision)
        if refusal is not None:
            raise self.left_alone(account, refusal)
        if isinstance(decision, HalfOpen):
            until = now + PROBE_FOR
            if not self.accounts.take_probe(account, decision.faults, until, now):
                raise self.left_alone(account, as_before(decision.fault, int(PROBE_FOR.total_seconds())))
        return health

    def _note(self, listing: Listing, health: Health, failed: UpstreamError, budget: float) -> None:
        account, now, named = listing.account, self.clock.now(), health.named(listing.key)
        # What ran out was the caller's own time.
        if isinstance(failed, UpstreamTimeoutError) and budget < CALL_SECONDS and failed.ms >= budget * 1000 - 500:
            return
        if isinstance(failed, UpstreamBusyError):
            self.accounts.note_fault(account, failed.slug, now, now + timedelta(seconds=failed.retry_after), named)
        elif failed.counted and failed.attempts:
            self.accounts.note_fault(account, failed.slug, now, None, named)

    def _reading(
        self,
        listing: Listing,
        number: int,
        snapshot: str,
        seconds_left: Callable[[], float],
        held: StoredPage | None,
    ) -> Reading:
        asked_at = self.clock.now()
        answer = self._ask(listing, number, seconds_left, _conditions(held, asked_at))
        received = Received(answer.status, caching_fields(answer.headers), asked_at, self.clock.now())
        if held is not None and answer.status == 304:
            stands = freshened(held.received, received)
            if stands is not None:
                return Reading(None, stands, answer.ms, answer.attempts)
            whole = self._reading(listing, number, snapshot, seconds_left, None)
            return replace(whole, ms=whole.ms + answer.ms, attempts=whole.attempts + answer.attempts)
        try:
            arrival = receive(listing.account.district_id, snapshot, number, answer.body, received)
        except UpstreamInvalidError as unusable:
            unusable.attempts, unusable.ms = answer.attempts, answer.ms
            raise
        return Reading(arrival, received, answer.ms, answer.attempts)

    def _note_quarantine(self, account: Account, arrival: Arrival, seconds: float) -> None:
        self.telemetry.quarantined(account.district_id, arrival.model.quarantine)
        if seconds < NOTE_SECONDS:
            return
        new = self.quarantine.note(account.district_id, arrival.model.quarantine, self.clock.now())
        if new:
            self.telemetry.count("NewQuarantinedPaths", new)

    def _ask(
        self, listing: Listing, number: int, seconds_left: Callable[[], float], conditions: Headers
    ) -> UpstreamAnswer:
        def call(credential: Secret) -> UpstreamAnswer:
            seconds = call_seconds(seconds_left())
            if seconds <= 0:
                raise UpstreamTimeoutError
            return self.upstream.fetch(credential, listing.query, number, seconds, conditions)

        account = listing.account
        credential = self.vault.read(account.district_id)
        try:
            return call(credential)
        except UpstreamCredentialsError as refused:
            changed = self.vault.read(account.district_id, again=True)
            if changed == credential:
                return self._give_up(account, refused)
        try:
            return call(changed)
        except UpstreamCredentialsError as refused:
            return self._give_up(account, refused)

    def _give_up(self, account: Account, refused: UpstreamCredentialsError) -> Never:
        self.accounts.note_refusal(account, self.clock.now())
        raise refused


def _conditions(held: StoredPage | None, now: datetime) -> Headers:
    """None once the held page's artefacts may be swept before a page that is kept anew could be used to its end."""
    if held is None or now - held.written_at > LONGEST_USE:
        return ()
    return validators(held.received)


def refused_since_read(health: Health | None, page: StoredPage) -> bool:
    """Whether the credential was refused since the page was read; without `health` it cannot be told, so: yes."""
    if health is None:
        return True
    return health.refused_at is not None and page.fetched_at <= health.refused_at + CLOCKS_DIFFER_BY
