"""What is in doubt is not given: a walk read for less, a page that must not be kept, a stale page after a refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.http_caching import UpstreamControl
from hallpass.domain.upstream import ListingUnstableError, UpstreamFailedError
from hallpass.domain.walk import State
from hallpass.services.upstream_reader import CLOCKS_DIFFER_BY

from tests.flights.house import HERE, House, answers, errors, listing
from tests.flights.test_pins import failing
from tests.flights.test_walk_flights import a_house

STALE = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("read", "wanted", "given"),
    [(read, wanted, read.covers(wanted)) for read in Check for wanted in Check],
)
def test_a_walk_is_given_only_to_whom_its_check_is_enough(read: Check, wanted: Check, given: bool) -> None:
    house = a_house(read)
    vendor = house.walk()
    house.stage.run()
    assert errors([vendor]) == []
    snapshot = house.walks.pointers[listing().key].snapshot
    later = house.ask(number=2, snapshot=snapshot, check=wanted)
    house.stage.run()
    assert [type(error) for error in errors([later])] == ([] if given else [ListingUnstableError])
    assert house.walks.pointers[listing().key].snapshot == (snapshot if given else None)


@pytest.mark.parametrize("page", [2, 3])
def test_a_page_that_must_not_be_kept_ends_the_walk(page: int) -> None:
    house = House(policy=CachePolicy(check=Check.VERIFIED, control=UpstreamControl.HONOUR))
    house.upstream.rows = 5
    house.upstream.headers[page] = (("cache-control", "no-store"),)
    vendor = house.walk(tries=1)
    house.stage.run()
    assert [type(error) for error in errors([vendor])] == [ListingUnstableError]
    assert [walk.state for walk in house.walks.walks.values()] == [State.BROKEN]
    [snapshot] = [walk.snapshot for walk in house.walks.walks.values()]
    assert house.store.find_page(listing(), snapshot, page) is None


def a_stale_page() -> House:
    house = House()
    first = house.ask()
    house.stage.run()
    assert answers([first])
    house.stage.clock.move(STALE)
    return house


@pytest.mark.parametrize("refused_before", [timedelta(0), CLOCKS_DIFFER_BY, CLOCKS_DIFFER_BY + timedelta(seconds=1)])
def test_a_page_that_may_be_from_before_a_refusal_is_not_given_stale(refused_before: timedelta) -> None:
    """The clock that noted the refusal may be behind the one that noted the page."""
    house = a_stale_page()
    page = house.store.find_page(listing(), house.walks.pointers[listing().key].snapshot or "", 1)
    assert page is not None
    house.accounts.note_refusal(listing().account, page.fetched_at - refused_before)
    house.upstream.fault[HERE] = UpstreamFailedError
    asked = house.ask()
    house.stage.run()
    assert bool(answers([asked])) is (refused_before > CLOCKS_DIFFER_BY)


def test_nothing_stale_is_given_while_nobody_knows_of_a_refusal() -> None:
    house = a_stale_page()
    house.upstream.fault[HERE] = UpstreamFailedError
    asked = house.ask()
    house.stage.run(failing(house, "AccountStore.health"))
    assert [type(error) for error in errors([asked])] == [UpstreamFailedError]
