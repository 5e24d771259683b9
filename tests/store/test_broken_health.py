"""What is broken of an account's health: as if it were not there, each attribute by itself, and in nobody's way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hallpass.domain.health import SEATS, Closed, Health, gate

from tests.store.conftest import Bench
from tests.store.material import ACCOUNT, NOW, later
from tests.store.test_broken_walks import NEVER, ODD, spoil


def _unwell(bench: Bench) -> None:
    bench.accounts.note_refusal(ACCOUNT, NOW)
    for _ in range(3):
        bench.accounts.note_fault(ACCOUNT, "upstream-error", NOW, later(seconds=60))
    assert bench.accounts.take_probe(ACCOUNT, 3, later(seconds=30), NOW)
    assert bench.accounts.take_seat(ACCOUNT, 7, later(seconds=30), NOW)


@pytest.mark.parametrize("name", ["refused_at", "faults", "fault", "faulted_at", "rest_until", "probe_until", "seat_7"])
@pytest.mark.parametrize("odd", [*ODD[:8], ..., "soon", NEVER], ids=repr)
def test_what_is_broken_of_an_accounts_health_is_as_if_it_were_not_there(
    moto_bench: Bench, name: str, odd: object
) -> None:
    _unwell(moto_bench)
    whole = moto_bench.accounts.health(ACCOUNT)
    spoil(moto_bench, "health", {name: odd}, "account#")
    health = moto_bench.accounts.health(ACCOUNT)
    assert whole is not None
    assert health is not None
    said = {each: getattr(health, each) for each in Health.__slots__}
    field = "seats" if name == "seat_7" else name
    nothing = odd if isinstance(odd, str) and name == "fault" else getattr(Health(), field)
    assert said == {each: getattr(whole, each) for each in Health.__slots__} | {field: nothing}


@pytest.mark.parametrize("odd", [*ODD[:8], ..., "soon", NEVER], ids=repr)
def test_an_account_whose_health_is_broken_all_over_is_tried_counted_and_seated(moto_bench: Bench, odd: object) -> None:
    _unwell(moto_bench)
    times = ["refused_at", "faults", "faulted_at", "rest_until", "probe_until", "seat_7"]
    spoil(moto_bench, "health", dict.fromkeys(times, odd), "account#")
    health = moto_bench.accounts.health(ACCOUNT)
    assert health is not None
    assert isinstance(gate(health, NOW), Closed)
    assert len(health.free_seats(NOW)) == SEATS
    assert moto_bench.accounts.take_seat(ACCOUNT, 7, later(seconds=30), NOW)
    for count in (1, 2, 3):
        moto_bench.accounts.note_fault(ACCOUNT, "upstream-error", NOW, None)
        health = moto_bench.accounts.health(ACCOUNT)
        assert health is not None
        # A count that is a number, though not one of faults, goes on from there.
        assert health.faults == count or isinstance(odd, Decimal)
    assert moto_bench.accounts.take_probe(ACCOUNT, health.faults, later(seconds=30), NOW) or isinstance(odd, Decimal)
