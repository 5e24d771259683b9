"""What every KeptPages does: the fake, and the real one over two stand-ins of the table. It reads, and never writes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hallpass.adapters.dynamodb_kept_pages import DynamoDbKeptPages
from hallpass.domain.health import Health
from hallpass.domain.leases import Held, Pointer, Slot
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.pages import ArtefactKind
from hallpass.page_ports import AccountStore, KeptPages, PageStore, WalkStore

from tests.fakes import SetClock
from tests.kept_pages_fake import MemoryKeptPages
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
    publish,
    written,
)
from tests.store.test_broken_walks import spoil
from tests.store.wire import refuse
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

OTHER = replace(LISTING, query=UpstreamQuery())


@pytest.fixture
def kept(real: Bench | None, store: PageStore, walks: WalkStore, accounts: AccountStore, clock: SetClock) -> KeptPages:
    if real is None:
        assert isinstance(store, MemoryPageStore)
        assert isinstance(walks, MemoryWalkStore)
        assert isinstance(accounts, MemoryAccountStore)
        return MemoryKeptPages(store, walks, accounts)
    return over(real)


def over(bench: Bench) -> DynamoDbKeptPages:
    return DynamoDbKeptPages(bench.table.client, bench.table.name, bench.clock, bench.telemetry, bench.seconds_left)


def test_of_a_list_that_nobody_asked_for_there_is_nothing(kept: KeptPages) -> None:
    assert kept.pointer(LISTING) == Pointer()
    assert (kept.pin(LISTING, "D1stV001Tok1"), kept.find_walk(LISTING, FIRST), list(kept.walks(LISTING))) == (
        "", None, [],
    )  # fmt: skip
    assert kept.find_page(LISTING, FIRST, 1) is None
    assert kept.find_representation(DISTRICT, "a" * 64) is None
    assert kept.read(arrive().page.model) is None
    assert kept.health(ACCOUNT) == Health()


def test_what_the_data_plane_keeps_is_read(
    kept: KeptPages, store: PageStore, walks: WalkStore, accounts: AccountStore
) -> None:
    arrival = arrive()
    assert store.save_page(LISTING, *written(arrival))
    publish(walks, LISTING, FIRST)
    walks.save_walk(LISTING, a_walk(arrival))
    walks.save_pin(LISTING, "D1stV001Tok1", FIRST)
    representation, packed = a_representation()
    assert store.save_representation(representation, packed)
    accounts.note_refusal(ACCOUNT, NOW)
    seen = kept.within(lambda: 9.0)
    pointer = seen.pointer(LISTING)
    assert pointer is not None
    assert (pointer.snapshot, seen.pin(LISTING, "D1stV001Tok1")) == (FIRST, FIRST)
    assert seen.find_walk(LISTING, FIRST) == a_walk(arrival)
    page = seen.find_page(LISTING, FIRST, 1)
    assert page == arrival.page
    assert seen.read(page.model) == arrival.packed_model
    assert seen.find_representation(DISTRICT, representation.stored.name) == representation
    assert seen.health(ACCOUNT) == Health(refused_at=NOW)


def test_the_walks_of_a_list_come_newest_first(kept: KeptPages, walks: WalkStore) -> None:
    first, later = a_walk(), a_walk(arrive(snapshot=LATER))
    for walk in (first, later):
        assert walks.save_walk(LISTING, walk)
    assert walks.save_walk(OTHER, replace(first, snapshot=LATER))
    assert list(kept.walks(LISTING)) == [later, first]


def test_what_vendors_ask_for_is_told_as_long_as_it_is_known(kept: KeptPages, walks: WalkStore) -> None:
    assert kept.busy(ACCOUNT) == []
    walks.note_use(LISTING, Pointer(), walked=True)
    walks.note_use(OTHER, Pointer(), walked=False)
    found = kept.within(lambda: 9.0).busy(ACCOUNT)
    assert found is not None
    assert {(one.listing, one.walked_at is not None) for one in found} == {(LISTING, True), (OTHER, False)}
    assert kept.busy(replace(ACCOUNT, epoch=ACCOUNT.epoch + 1)) == []


def test_a_walk_that_is_broken_is_left_out_and_left_alone(moto_bench: Bench) -> None:
    for snapshot in (FIRST, LATER):
        assert moto_bench.walks.save_walk(LISTING, a_walk(arrive(snapshot=snapshot)))
    spoil(moto_bench, f"snapshot#{FIRST}", {"check": "invented"})
    before = moto_bench.table.items()
    kept = over(moto_bench)
    assert [walk.snapshot for walk in kept.walks(LISTING)] == [LATER]
    found = kept.find_walk(LISTING, FIRST)
    assert found is not None, "it stands, and vouches for nothing"
    assert moto_bench.table.items() == before


def test_nothing_that_is_found_broken_is_mended(moto_bench: Bench) -> None:
    """The data plane would begin a pointer anew, and mark an artefact as not complete."""
    arrival = arrive()
    assert moto_bench.pages.save_page(LISTING, *written(arrival))
    representation, packed = a_representation()
    assert moto_bench.pages.save_representation(representation, packed)
    publish(moto_bench.walks, LISTING, FIRST)
    spoil(moto_bench, "pointer", {"fence": "1"})
    spoil(moto_bench, f"{ArtefactKind.REPRESENTATION}#", {"incidents": "x"})
    for chunk in moto_bench.table.of_kind(f"chunk#{DISTRICT}#model"):
        moto_bench.table.delete(chunk)
    before = sorted(map(repr, moto_bench.table.items()))
    kept = over(moto_bench)
    assert kept.pointer(LISTING) == Pointer()
    assert kept.read(arrival.page.model) is None
    assert kept.find_representation(DISTRICT, representation.stored.name) is None
    assert sorted(map(repr, moto_bench.table.items())) == before


def test_no_write_reaches_the_table(moto_bench: Bench) -> None:
    """Not even through the stores that it reads with."""
    kept = over(moto_bench)
    arrival = arrive()
    assert kept._pages.save_page(LISTING, *written(arrival)) is not None, "it is handed back, and kept nowhere"
    representation, packed = a_representation()
    assert kept._pages.save_representation(representation, packed)
    assert not kept._walks.save_walk(LISTING, a_walk(arrival))
    assert kept._walks.take(LISTING, Slot.PAGE, Pointer(), "reader") == Held()
    kept._accounts.note_refusal(ACCOUNT, NOW)
    kept._table.batch_put([{"pk": "invented", "sk": "invented"}])
    assert kept._walks.save_pin(LISTING, "D1stV001Tok1", FIRST)
    assert moto_bench.table.items() == []


def test_a_table_out_of_reach_or_a_request_out_of_time_finds_nothing(moto_bench: Bench) -> None:
    arrival = arrive()
    moto_bench.pages.save_page(LISTING, *written(arrival))
    moto_bench.walks.save_walk(LISTING, a_walk(arrival))
    hurried = over(moto_bench).within(lambda: 0.1)
    with moto_bench.wire.failing(refuse(500, "InternalServerError")):
        for kept in (hurried, over(moto_bench)):
            assert (kept.pointer(LISTING), kept.pin(LISTING, "x"), kept.find_walk(LISTING, FIRST)) == (None,) * 3
            assert (kept.find_page(LISTING, FIRST, 1), kept.health(ACCOUNT), list(kept.walks(LISTING))) == (
                None, None, [],
            )  # fmt: skip
            assert kept.busy(ACCOUNT) is None, "which is not the same as none"
    assert moto_bench.telemetry.counts["CacheUnavailable"] == 14
