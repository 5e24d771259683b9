"""What every AccountStore does: the fake, and the real one over two stand-ins of the table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hallpass.domain.health import Health
from hallpass.domain.listing import Account
from hallpass.page_ports import AccountStore

from tests.store.material import ACCOUNT, NOW, later


def test_of_an_account_never_seen_nothing_is_known(accounts: AccountStore) -> None:
    assert accounts.health(ACCOUNT) == Health()


def test_faults_in_a_row_are_counted_and_the_last_is_named(accounts: AccountStore) -> None:
    accounts.note_fault(ACCOUNT, "upstream-error", NOW, None)
    accounts.note_fault(ACCOUNT, "upstream-timeout", later(seconds=1), None)
    assert accounts.health(ACCOUNT) == Health(faults=2, fault="upstream-timeout", faulted_at=later(seconds=1))


def test_what_the_upstream_asked_to_wait_stays_until_it_says_otherwise(accounts: AccountStore) -> None:
    accounts.note_fault(ACCOUNT, "upstream-busy", NOW, later(seconds=60))
    accounts.note_fault(ACCOUNT, "upstream-error", later(seconds=1), None)
    health = accounts.health(ACCOUNT)
    assert health is not None
    assert (health.faults, health.rest_until) == (2, later(seconds=60))


def test_a_success_begins_the_count_anew(accounts: AccountStore) -> None:
    for _ in range(3):
        accounts.note_fault(ACCOUNT, "upstream-error", NOW, later(seconds=60))
    assert accounts.take_probe(ACCOUNT, 3, later(seconds=30), NOW)
    accounts.note_success(ACCOUNT)
    health = accounts.health(ACCOUNT)
    assert health is not None
    assert (health.faults, health.probe_until) == (0, None)
    assert health.rest_until == later(seconds=60), "the call may have been begun before the 429"
    accounts.note_fault(ACCOUNT, "upstream-error", later(seconds=1), None)
    first = Health(faults=1, fault="upstream-error", faulted_at=later(seconds=1), rest_until=later(seconds=60))
    assert accounts.health(ACCOUNT) == first


def test_the_last_fault_says_at_which_listing_they_all_were(accounts: AccountStore) -> None:
    for listing in ("one", "one", ""):
        accounts.note_fault(ACCOUNT, "upstream-error", NOW, None, listing)
        health = accounts.health(ACCOUNT)
        assert health is not None
        assert health.listing == listing


def test_a_refusal_outlives_faults_and_success_and_the_last_word_counts(accounts: AccountStore) -> None:
    accounts.note_refusal(ACCOUNT, NOW)
    accounts.note_refusal(ACCOUNT, later(seconds=90))
    accounts.note_fault(ACCOUNT, "upstream-error", later(seconds=91), None)
    accounts.note_success(ACCOUNT)
    health = accounts.health(ACCOUNT)
    assert health is not None
    assert health.refused_at == later(seconds=90)


def test_exactly_one_may_try(accounts: AccountStore) -> None:
    for _ in range(3):
        accounts.note_fault(ACCOUNT, "upstream-error", NOW, None)
    tries = [accounts.take_probe(ACCOUNT, 3, later(seconds=30), NOW) for _ in range(5)]
    assert tries == [True, False, False, False, False]
    health = accounts.health(ACCOUNT)
    assert health is not None
    assert health.probe_until == later(seconds=30)


@pytest.mark.parametrize(
    ("faults", "now", "may"),
    [
        pytest.param(3, 29, False, id="while somebody tries"),
        pytest.param(3, 30, True, id="when the one who tries is given up"),
        pytest.param(2, 30, False, id="who counted fewer faults"),
        pytest.param(4, 30, False, id="who counted more faults"),
    ],
)
def test_the_next_may_try_when_the_first_is_given_up(
    accounts: AccountStore, faults: int, now: float, may: bool
) -> None:
    for _ in range(3):
        accounts.note_fault(ACCOUNT, "upstream-error", NOW, None)
    assert accounts.take_probe(ACCOUNT, 3, later(seconds=30), NOW)
    assert accounts.take_probe(ACCOUNT, faults, later(seconds=60), later(seconds=now)) is may


def test_one_more_fault_ends_the_try(accounts: AccountStore) -> None:
    for _ in range(3):
        accounts.note_fault(ACCOUNT, "upstream-error", NOW, None)
    accounts.take_probe(ACCOUNT, 3, later(seconds=30), NOW)
    accounts.note_fault(ACCOUNT, "upstream-error", later(seconds=1), None)
    assert not accounts.take_probe(ACCOUNT, 3, later(seconds=30), later(seconds=2))
    assert accounts.take_probe(ACCOUNT, 4, later(seconds=30), later(seconds=2))


def test_of_an_account_without_a_fault_nobody_tries(accounts: AccountStore) -> None:
    assert not accounts.take_probe(ACCOUNT, 3, later(seconds=30), NOW)


def test_a_seat_is_one_requests_until_it_leaves_or_its_time_is_over(accounts: AccountStore) -> None:
    assert [accounts.take_seat(ACCOUNT, 7, later(seconds=30), NOW) for _ in range(2)] == [True, False]
    assert accounts.take_seat(ACCOUNT, 8, later(seconds=30), NOW)
    health = accounts.health(ACCOUNT)
    assert health is not None
    assert health.seats == {7: later(seconds=30), 8: later(seconds=30)}
    accounts.leave_seat(ACCOUNT, 7)
    assert accounts.take_seat(ACCOUNT, 7, later(seconds=40), later(seconds=10))
    assert not accounts.take_seat(ACCOUNT, 8, later(seconds=59), later(seconds=29))
    assert accounts.take_seat(ACCOUNT, 8, later(seconds=60), later(seconds=30))


def test_leaving_a_seat_that_nobody_has_changes_nothing(accounts: AccountStore) -> None:
    accounts.take_seat(ACCOUNT, 7, later(seconds=30), NOW)
    accounts.leave_seat(ACCOUNT, 8)
    assert accounts.health(ACCOUNT) == Health(seats={7: later(seconds=30)})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(ACCOUNT, district_id="D2nd"), id="of another district"),
        pytest.param(replace(ACCOUNT, epoch=2), id="of another epoch"),
    ],
)
def test_health_is_one_accounts(accounts: AccountStore, other: Account) -> None:
    accounts.note_refusal(ACCOUNT, NOW)
    accounts.note_fault(ACCOUNT, "upstream-error", NOW, later(seconds=60))
    accounts.take_seat(ACCOUNT, 7, later(seconds=30), NOW)
    assert accounts.health(other) == Health()
    assert accounts.take_seat(other, 7, later(seconds=30), NOW)
