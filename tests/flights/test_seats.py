"""Seats: who finds one, who is turned away, and that each is given back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hallpass.domain.cache_errors import PageInFlightError
from hallpass.domain.health import FAULTS_IN_A_ROW, SEAT_FOR, SEATS
from hallpass.domain.listing import Account
from hallpass.domain.upstream import UpstreamCredentialsError, UpstreamTimeoutError
from hallpass.services.seats import RETRY_AFTER_SECONDS, TRIES, Seats

from tests.fakes import SetClock
from tests.vendor_fakes import CountedTelemetry
from tests.walk_store_fake import MemoryAccountStore

HERE = Account("D1st", "https://upstream.example", 1)
THERE = Account("D2nd", "https://upstream.example", 1)


@dataclass(slots=True)
class Contended(MemoryAccountStore):
    """Others take seats between the look and the take, `losses` times. `silent`: it does not say who took one."""

    losses: int = 0
    silent: bool = False
    wanted: list[int] = field(default_factory=list)

    def take_seat(self, account: Account, seat: int, until: datetime, now: datetime) -> bool | None:
        self.wanted.append(seat)
        if self.silent:
            return None
        if len(self.wanted) <= self.losses:
            MemoryAccountStore.take_seat(self, account, seat, until, now)
            return False
        return MemoryAccountStore.take_seat(self, account, seat, until, now)


def seats(accounts: MemoryAccountStore, clock: SetClock | None = None) -> Seats:
    return Seats(accounts, clock or SetClock(), lambda free: free[0], CountedTelemetry())


def taken(accounts: MemoryAccountStore, account: Account = HERE) -> dict[int, datetime]:
    return dict(accounts.kept[account.district_id, 1].seats)


def fill(accounts: MemoryAccountStore, clock: SetClock) -> None:
    for seat in range(SEATS):
        assert accounts.take_seat(HERE, seat, clock.now() + SEAT_FOR, clock.now())


def test_a_seat_is_held_while_one_waits_and_given_back() -> None:
    accounts, clock = MemoryAccountStore(), SetClock()
    with seats(accounts, clock).taken(HERE), seats(accounts, clock).taken(HERE):
        assert taken(accounts) == {0: clock.now() + SEAT_FOR, 1: clock.now() + SEAT_FOR}
    assert taken(accounts) == {}


@pytest.mark.parametrize("error", [ValueError, PageInFlightError, UpstreamTimeoutError, KeyboardInterrupt])
def test_it_is_given_back_after_any_error(error: type[BaseException]) -> None:
    accounts = MemoryAccountStore()
    with pytest.raises(error), seats(accounts).taken(HERE):
        raise error
    assert taken(accounts) == {}


def test_a_full_house_turns_away_and_says_when_to_come_again() -> None:
    accounts, clock = MemoryAccountStore(), SetClock()
    fill(accounts, clock)
    with pytest.raises(PageInFlightError) as turned_away, seats(accounts, clock).taken(HERE):
        pass
    assert dict(turned_away.value.headers) == {"Retry-After": str(RETRY_AFTER_SECONDS)}
    with seats(accounts, clock).taken(THERE):
        assert len(taken(accounts, THERE)) == 1
    assert len(taken(accounts)) == SEATS, "who was turned away gave nothing back"


def test_the_seat_of_who_died_is_free_after_a_while() -> None:
    accounts, clock = MemoryAccountStore(), SetClock()
    fill(accounts, clock)
    clock.move(SEAT_FOR)
    with seats(accounts, clock).taken(HERE):
        assert taken(accounts)[0] == clock.now() + SEAT_FOR


@pytest.mark.parametrize(("losses", "finds"), [(0, True), (1, True), (TRIES - 1, True), (TRIES, False)])
def test_who_loses_a_seat_to_another_looks_for_the_next(losses: int, finds: bool) -> None:
    accounts = Contended(losses=losses)
    if finds:
        with seats(accounts).taken(HERE):
            assert accounts.wanted == list(range(losses + 1))
    else:
        with pytest.raises(PageInFlightError), seats(accounts).taken(HERE):
            pass
    assert len(taken(accounts)) == losses, "those of the others"


@pytest.mark.parametrize("accounts", [MemoryAccountStore(unreachable=True), Contended(silent=True)])
def test_without_a_store_that_says_everybody_may_wait(accounts: MemoryAccountStore) -> None:
    with seats(accounts).taken(HERE):
        pass
    assert accounts.kept == {}


def test_nobody_takes_a_seat_while_the_upstream_is_left_alone() -> None:
    accounts, clock = MemoryAccountStore(), SetClock()
    for _ in range(FAULTS_IN_A_ROW):
        accounts.note_fault(HERE, UpstreamTimeoutError.slug, clock.now(), None)
    with pytest.raises(UpstreamTimeoutError) as told, seats(accounts, clock).taken(HERE):
        pass
    assert dict(told.value.headers) == {"Retry-After": "15"}
    accounts.note_refusal(HERE, clock.now())
    with pytest.raises(UpstreamCredentialsError), seats(accounts, clock).taken(HERE):
        pass
    assert taken(accounts) == {}
    clock.move(timedelta(minutes=2))
    with seats(accounts, clock).taken(HERE):
        assert len(taken(accounts)) == 1
