"""What every PageEraser does: the fake, and the real one over two stand-ins of the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.domain.arrival import Arrival
from hallpass.domain.erasure import Erased, OneListing, OneSnapshot, Target, WholeDistrict
from hallpass.domain.health import Health
from hallpass.domain.leases import Granted, Pointer, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import Artefact, Representation, StoredPage
from hallpass.domain.walk import State
from hallpass.page_ports import AccountStore, PageEraser, PageStore, WalkStore

from tests.fakes import SetClock
from tests.page_eraser_fake import MemoryEraser
from tests.page_store_fake import MemoryPageStore
from tests.store.conftest import Bench
from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    NOW,
    a_representation,
    a_walk,
    arrive,
    later,
    publish,
    told_body,
    two_chunks,
    upstream_body,
    written,
)
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

OTHER = replace(LISTING, query=UpstreamQuery())
ELSEWHERE = replace(LISTING, account=replace(ACCOUNT, district_id="D2nd"))
APART = Granted("", 3).snapshot("bbbbbbbb")
TARGETS: list[Target] = [WholeDistrict(DISTRICT), OneListing(LISTING), OneSnapshot(DISTRICT, FIRST)]
ENOUGH = 26.0


@dataclass(frozen=True, slots=True)
class Keeper:
    """The three stores, and who erases in them."""

    store: PageStore
    walks: WalkStore
    accounts: AccountStore
    eraser: PageEraser

    def save(self, arrival: Arrival, listing: Listing = LISTING) -> Arrival:
        assert self.store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)
        if arrival.page.number == 1:
            publish(self.walks, listing, arrival.page.snapshot)
        return arrival

    def render(self, source: str, body: bytes = b"{}") -> Representation:
        representation, packed = a_representation(body)
        representation = replace(representation, source=source)
        assert self.store.save_representation(representation, packed)
        return representation

    def reads(self, *artefacts: Artefact) -> list[bool]:
        return [self.store.read(artefact) is not None for artefact in artefacts]

    def current(self, listing: Listing) -> StoredPage | None:
        """Page 1 as who asks for it gets it."""
        pointer = self.walks.pointer(listing)
        assert pointer is not None
        return self.store.find_page(listing, pointer.snapshot, 1) if pointer.snapshot else None


@pytest.fixture
def keeper(real: Bench | None, clock: SetClock) -> Keeper:
    if real is not None:
        eraser = DynamoDbEraser(real.table.client, real.table.name).within(lambda: ENOUGH)
        return Keeper(real.pages, real.walks, real.accounts, eraser)
    store, walks, accounts = MemoryPageStore(), MemoryWalkStore(clock), MemoryAccountStore()
    return Keeper(store, walks, accounts, MemoryEraser(store, walks, accounts))


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
    representation = keeper.render("0" * 64)
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
        assert keeper.current(listing) is None
    assert keeper.store.find_representation(DISTRICT, representation.stored.name) is None
    assert keeper.current(ELSEWHERE) == theirs.page
    assert keeper.reads(theirs.page.raw, theirs.page.model) == [True, True]


def test_what_was_erased_can_be_kept_again(keeper: Keeper) -> None:
    arrival = keeper.save(arrive())
    for _ in range(2):
        assert keeper.eraser.erase(WholeDistrict(DISTRICT), NOW).artefacts == 2
        keeper.save(arrival)
        assert keeper.current(LISTING) == arrival.page
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
    assert keeper.current(LISTING) is None
    assert not any(keeper.reads(mine.page.raw, mine.page.model))
    assert keeper.current(OTHER) == other.page
    assert all(keeper.reads(other.page.raw, other.page.model))


def test_what_two_listings_share_is_gone_with_the_first(keeper: Keeper) -> None:
    shared = keeper.save(arrive())
    keeper.save(shared, OTHER)
    keeper.eraser.erase(OneListing(LISTING), NOW)
    assert keeper.current(OTHER) == shared.page
    assert not any(keeper.reads(shared.page.raw, shared.page.model))


def test_a_listing_of_another_district_is_not_of_this_one(keeper: Keeper) -> None:
    theirs = keeper.save(arrive(district="D2nd"), ELSEWHERE)
    assert keeper.eraser.erase(OneListing(LISTING), NOW) == Erased()
    assert keeper.eraser.erase(OneSnapshot(DISTRICT, FIRST), NOW) == Erased()
    assert keeper.current(ELSEWHERE) == theirs.page


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
    page = keeper.current(LISTING)
    assert (page.snapshot if page else None) == current
    for name, arrival in arrivals.items():
        assert all(keeper.reads(arrival.page.raw, arrival.page.model)) == (name != snapshot)


def test_a_district_that_goes_takes_what_is_known_of_its_accounts_along_and_a_purge_leaves_it(keeper: Keeper) -> None:
    accounts = [Account(DISTRICT, ACCOUNT.origin, epoch) for epoch in (1, 2)]
    theirs = replace(ACCOUNT, district_id="D2nd")
    for account in (*accounts, theirs):
        keeper.accounts.note_refusal(account, NOW)
        keeper.accounts.note_fault(account, "upstream-invalid", NOW, None)
        assert keeper.accounts.take_seat(account, 0, later(minutes=1), NOW)
    keeper.eraser.erase(WholeDistrict(DISTRICT), NOW)
    known = [keeper.accounts.health(account) for account in accounts]
    assert [(one.refused_at, one.faults, set(one.seats)) for one in known if one] == [(NOW, 1, {0})] * 2
    keeper.eraser.erase(WholeDistrict(DISTRICT, 2), NOW)
    assert [keeper.accounts.health(account) for account in accounts] == [Health(), Health()]
    assert keeper.accounts.health(theirs) not in (None, Health())


def test_what_is_made_stale_is_counted_by_listings_that_have_pages(keeper: Keeper) -> None:
    for listing in (LISTING, OTHER, ELSEWHERE):
        keeper.save(arrive(district=listing.account.district_id), listing)
    for target, listings in ((WholeDistrict(DISTRICT), 2), (OneListing(OTHER), 1), (WholeDistrict("None"), 0)):
        marked = keeper.eraser.mark_stale(target, NOW + timedelta(minutes=1))
        assert (marked.listings, marked.finished) == (listings, True)
    keeper.eraser.erase(OneListing(OTHER), NOW)
    assert keeper.eraser.mark_stale(OneListing(OTHER), NOW).listings == 0


def test_what_is_made_stale_says_since_when_and_keeps_what_is_current(keeper: Keeper) -> None:
    arrival = keeper.save(arrive())
    keeper.eraser.mark_stale(WholeDistrict(DISTRICT), later(minutes=1))
    pointer = keeper.walks.pointer(LISTING)
    assert pointer is not None
    assert pointer.stale_since == later(minutes=1)
    assert keeper.current(LISTING) == arrival.page
    publish(keeper.walks, LISTING, LATER)
    pointer = keeper.walks.pointer(LISTING)
    assert pointer is not None
    assert (pointer.snapshot, pointer.stale_since) == (LATER, later(minutes=1)), "also for who was reading meanwhile"


def test_who_reads_a_listing_for_the_first_time_is_told_of_a_soft_purge_too(keeper: Keeper) -> None:
    keeper.walks.note_use(LISTING, Pointer(), walked=False)
    turn = keeper.walks.take(LISTING, Slot.PAGE, Pointer(), "me")
    keeper.store.save_page(LISTING, *written(arrive()))
    assert isinstance(turn, Granted)
    assert keeper.eraser.mark_stale(OneListing(LISTING), later(minutes=1)).listings == 0, "nothing is published yet"
    assert keeper.walks.publish(LISTING, Slot.PAGE, turn, FIRST)
    pointer = keeper.walks.pointer(LISTING)
    assert pointer is not None
    assert pointer.stale_since == later(minutes=1)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
def test_with_its_pages_go_walk_pin_and_turn(keeper: Keeper, target: Target) -> None:
    arrival = keeper.save(arrive())
    assert keeper.walks.save_walk(LISTING, a_walk(arrival))
    keeper.walks.save_pin(LISTING, "D1stVnd1", FIRST)
    assert keeper.eraser.erase(target, NOW).finished
    assert keeper.walks.find_walk(LISTING, FIRST) is None
    assert keeper.walks.pin(LISTING, "D1stVnd1") == ""
    assert keeper.walks.pointer(LISTING) == Pointer()
    assert keeper.store.find_page(LISTING, FIRST, 1) is None


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
@pytest.mark.parametrize("slot", Slot)
def test_who_was_reading_cannot_publish_any_more_and_stands_in_nobodys_way(
    keeper: Keeper, slot: Slot, target: Target
) -> None:
    arrival = keeper.save(arrive())
    pointer = keeper.walks.pointer(LISTING)
    assert pointer is not None
    turn = keeper.walks.take(LISTING, slot, pointer, "in flight")
    assert isinstance(turn, Granted)
    assert keeper.walks.save_walk(LISTING, a_walk(arrival))
    keeper.eraser.erase(target, NOW)
    assert not keeper.walks.publish(LISTING, slot, turn, turn.snapshot("aaaaaaaa"))
    assert not keeper.walks.save_walk(LISTING, a_walk(arrival, step=1))
    keeper.walks.release(LISTING, slot, "in flight")
    keeper.walks.withdraw(LISTING, FIRST)
    assert keeper.walks.pointer(LISTING) == Pointer()
    assert isinstance(keeper.walks.take(LISTING, slot, Pointer(), "next"), Granted)


@pytest.mark.parametrize("snapshot", [FIRST, LATER], ids=["the one whose walk is elsewhere", "the one it is in"])
def test_with_a_snapshot_go_those_that_share_its_pages(keeper: Keeper, snapshot: str) -> None:
    first, later_one = keeper.save(arrive()), keeper.save(arrive(snapshot=LATER))
    apart = arrive(told_body("apart"), snapshot=APART)
    assert keeper.store.save_page(LISTING, *written(apart))
    for walk in (
        a_walk(first, state=State.COMPLETE, pages_in=LATER),
        a_walk(later_one, state=State.COMPLETE, earlier=(FIRST,)),
        a_walk(apart),
    ):
        assert keeper.walks.save_walk(LISTING, walk)
    assert keeper.eraser.erase(OneSnapshot(DISTRICT, snapshot), NOW).snapshots == 2
    for gone in (FIRST, LATER):
        assert keeper.store.find_page(LISTING, gone, 1) is None
        assert keeper.walks.find_walk(LISTING, gone) is None
    assert keeper.current(LISTING) is None
    assert keeper.store.find_page(LISTING, APART, 1) == apart.page
    assert keeper.walks.find_walk(LISTING, APART) is not None
    assert all(keeper.reads(apart.page.raw, apart.page.model))


def test_a_chain_of_snapshots_goes_whole(keeper: Keeper) -> None:
    chain = [Granted("", fence).snapshot("cccccccc") for fence in (7, 6, 9, 8)]
    for snapshot, pages_in in zip(chain, [*chain[1:], ""], strict=True):
        arrival = keeper.save(arrive(told_body(snapshot), snapshot=snapshot)) if snapshot == max(chain) else None
        walk = a_walk(arrival, snapshot=snapshot, state=State.BROKEN, pages_in=pages_in)
        assert keeper.walks.save_walk(LISTING, walk)
    assert keeper.eraser.erase(OneSnapshot(DISTRICT, chain[1]), NOW).snapshots == 4
    assert [keeper.walks.find_walk(LISTING, snapshot) for snapshot in chain] == [None] * 4
    assert keeper.current(LISTING) is None


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
def test_what_was_made_from_a_page_goes_with_it(keeper: Keeper, target: Target) -> None:
    page = keeper.save(arrive()).page
    made = [keeper.render(page.model.name, b"a summary"), keeper.render(page.raw.name, b"verbatim")]
    another = keeper.render("0" * 64, b"another page's")
    keeper.eraser.erase(target, NOW)
    for one in made:
        assert keeper.store.find_representation(DISTRICT, one.stored.name) is None
        assert keeper.reads(one.stored) == [False]
    stays = not isinstance(target, WholeDistrict)
    assert keeper.reads(another.stored) == [stays]


def test_a_purged_listing_is_not_kept_warm(keeper: Keeper) -> None:
    for listing in (LISTING, OTHER):
        keeper.walks.note_use(listing, Pointer(), walked=True)
        keeper.save(arrive(), listing)
    keeper.eraser.erase(OneListing(LISTING), NOW)
    assert [busy.listing for busy in keeper.walks.busy(ACCOUNT)] == [OTHER]
    keeper.eraser.erase(WholeDistrict(DISTRICT), NOW)
    assert list(keeper.walks.busy(ACCOUNT)) == []


def test_a_listing_that_was_asked_for_and_never_kept_goes_with_its_district(keeper: Keeper) -> None:
    keeper.walks.note_use(LISTING, Pointer(), walked=False)
    assert keeper.walks.pointer(LISTING) != Pointer()
    assert keeper.eraser.erase(WholeDistrict(DISTRICT), NOW) == Erased()
    assert keeper.walks.pointer(LISTING) == Pointer()
