"""What every PageEraser does: the fake, and the real one over two stand-ins of the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.domain.arrival import Arrival
from hallpass.domain.erasure import Erased, OneListing, OneSnapshot, WholeDistrict
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import Artefact
from hallpass.page_ports import PageEraser, PageStore

from tests.page_eraser_fake import MemoryEraser
from tests.page_store_fake import MemoryPageStore
from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    NOW,
    a_representation,
    arrive,
    later,
    told_body,
    two_chunks,
    upstream_body,
)

OTHER = replace(LISTING, query=UpstreamQuery())
ELSEWHERE = replace(LISTING, account=replace(ACCOUNT, district_id="D2nd"))
ENOUGH = 26.0


@dataclass(frozen=True, slots=True)
class Keeper:
    """A store, and who erases in it."""

    store: PageStore
    eraser: PageEraser

    def save(self, arrival: Arrival, listing: Listing = LISTING) -> Arrival:
        assert self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        return arrival

    def reads(self, *artefacts: Artefact) -> list[bool]:
        return [self.store.read(artefact) is not None for artefact in artefacts]


@pytest.fixture
def keeper(store: PageStore) -> Keeper:
    if isinstance(store, MemoryPageStore):
        return Keeper(store, MemoryEraser(store))
    assert isinstance(store, DynamoDbPageStore)
    return Keeper(store, DynamoDbEraser(store._client, store._table).within(lambda: ENOUGH))


def test_an_empty_cache_is_erased_already(keeper: Keeper) -> None:
    for target in (WholeDistrict(DISTRICT, 1), OneListing(LISTING), OneSnapshot(DISTRICT, FIRST)):
        assert keeper.eraser.erase(target, NOW) == Erased()
    assert keeper.eraser.mark_stale(WholeDistrict(DISTRICT), NOW).listings == 0


def test_a_district_is_erased_with_everything_and_no_other_with_it(keeper: Keeper) -> None:
    pages = [
        keeper.save(arrive(upstream_body(20)), LISTING),
        keeper.save(arrive(upstream_body(20, 2), number=2), LISTING),
        keeper.save(two_chunks(), OTHER),
    ]
    theirs = keeper.save(arrive(district="D2nd"), ELSEWHERE)
    representation, packed = a_representation()
    keeper.store.save_representation(representation, packed)
    artefacts = [one for arrival in pages for one in (arrival.page.raw, arrival.page.model)] + [representation.stored]
    assert all(keeper.reads(*artefacts))
    done = keeper.eraser.erase(WholeDistrict(DISTRICT), NOW)
    assert replace(done, watched=0) == Erased(
        listings=2,
        snapshots=2,
        pages=3,
        artefacts=7,
        chunks=sum(one.chunks for one in artefacts),
        bytes=sum(one.size for one in artefacts),
    )
    assert not any(keeper.reads(*artefacts))
    for listing in (LISTING, OTHER):
        assert keeper.store.find_page(listing, 1).snapshot is None
    assert keeper.store.find_representation(DISTRICT, representation.stored.name) is None
    assert keeper.store.find_page(ELSEWHERE, 1).page == theirs.page
    assert keeper.reads(theirs.page.raw, theirs.page.model) == [True, True]


def test_what_was_erased_can_be_kept_again(keeper: Keeper) -> None:
    arrival = keeper.save(arrive())
    for _ in range(2):
        assert keeper.eraser.erase(WholeDistrict(DISTRICT), NOW).artefacts == 2
        keeper.save(arrival)
        assert keeper.store.find_page(LISTING, 1).page == arrival.page
        assert keeper.reads(arrival.page.raw, arrival.page.model) == [True, True]


def test_to_say_it_again_erases_nothing_more_and_counts_nothing_twice(keeper: Keeper) -> None:
    keeper.save(arrive())
    assert keeper.eraser.erase(WholeDistrict(DISTRICT), NOW).artefacts == 2
    for moment in (NOW, later(seconds=1), later(seconds=301), later(seconds=302)):
        assert replace(keeper.eraser.erase(WholeDistrict(DISTRICT), moment), watched=0) == Erased()


def test_one_listing_is_erased_and_the_others_stay(keeper: Keeper) -> None:
    mine, other = keeper.save(arrive(upstream_body(20))), keeper.save(arrive(upstream_body(21)), OTHER)
    done = keeper.eraser.erase(OneListing(LISTING), NOW)
    assert (done.listings, done.snapshots, done.pages, done.artefacts, done.finished) == (1, 1, 1, 2, True)
    assert keeper.store.find_page(LISTING, 1).snapshot is None
    assert not any(keeper.reads(mine.page.raw, mine.page.model))
    assert keeper.store.find_page(OTHER, 1).page == other.page
    assert all(keeper.reads(other.page.raw, other.page.model))


def test_what_two_listings_share_is_gone_with_the_first(keeper: Keeper) -> None:
    shared = keeper.save(arrive())
    keeper.save(shared, OTHER)
    keeper.eraser.erase(OneListing(LISTING), NOW)
    assert keeper.store.find_page(OTHER, 1).page == shared.page
    assert not any(keeper.reads(shared.page.raw, shared.page.model))


def test_a_listing_of_another_district_is_not_of_this_one(keeper: Keeper) -> None:
    theirs = keeper.save(arrive(district="D2nd"), ELSEWHERE)
    assert keeper.eraser.erase(OneListing(LISTING), NOW) == Erased()
    assert keeper.eraser.erase(OneSnapshot(DISTRICT, FIRST), NOW) == Erased()
    assert keeper.store.find_page(ELSEWHERE, 1).page == theirs.page


@pytest.mark.parametrize(
    ("snapshot", "current"),
    [pytest.param(FIRST, LATER, id="an older one"), pytest.param(LATER, None, id="the current one")],
)
def test_one_snapshot_is_erased_with_the_pointer_that_names_it(
    keeper: Keeper, snapshot: str, current: str | None
) -> None:
    arrivals = {
        name: keeper.save(arrive(told_body(name), snapshot=name, now=moment))
        for name, moment in ((FIRST, NOW), (LATER, later(minutes=5)))
    }
    done = keeper.eraser.erase(OneSnapshot(DISTRICT, snapshot), later(minutes=6))
    assert (done.listings, done.snapshots, done.pages, done.artefacts, done.watched) == (0, 1, 1, 2, 0)
    assert keeper.store.find_page(LISTING, 1).snapshot == current
    for name, arrival in arrivals.items():
        assert all(keeper.reads(arrival.page.raw, arrival.page.model)) == (name != snapshot)


def test_a_district_that_goes_takes_what_is_known_of_its_accounts_along_and_a_purge_leaves_it(keeper: Keeper) -> None:
    accounts = [Account(DISTRICT, ACCOUNT.origin, epoch) for epoch in (1, 2)]
    theirs = replace(ACCOUNT, district_id="D2nd")
    for account in (*accounts, theirs):
        keeper.store.note_refusal(account, NOW)
    keeper.eraser.erase(WholeDistrict(DISTRICT), NOW)
    assert [keeper.store.refused_at(account) for account in accounts] == [NOW, NOW]
    keeper.eraser.erase(WholeDistrict(DISTRICT, 2), NOW)
    assert [keeper.store.refused_at(account) for account in accounts] == [None, None]
    assert keeper.store.refused_at(theirs) == NOW


def test_what_is_made_stale_is_counted_by_listings_that_have_pages(keeper: Keeper) -> None:
    for listing in (LISTING, OTHER, ELSEWHERE):
        keeper.save(arrive(district=listing.account.district_id), listing)
    for target, listings in ((WholeDistrict(DISTRICT), 2), (OneListing(OTHER), 1), (WholeDistrict("None"), 0)):
        marked = keeper.eraser.mark_stale(target, NOW + timedelta(minutes=1))
        assert (marked.listings, marked.finished) == (listings, True)
    keeper.eraser.erase(OneListing(OTHER), NOW)
    assert keeper.eraser.mark_stale(OneListing(OTHER), NOW).listings == 0
