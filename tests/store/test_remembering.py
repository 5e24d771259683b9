"""A store that remembers: representations and nothing else, each district its own, as if the store had been asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hallpass.adapters.byte_memory import ENTRY_BYTES, LARGEST_SHARE, ByteMemory
from hallpass.adapters.page_items import REUSE_TTL
from hallpass.adapters.remembering_pages import LIFETIME, Memory, RememberingPageStore
from hallpass.domain.pages import LONGEST_USE, ArtefactKind
from hallpass.page_ports import PageStore

from tests.fakes import SetClock
from tests.page_store_fake import MemoryPageStore
from tests.store import test_contract_pages
from tests.store.conftest import Bench
from tests.store.material import DISTRICT, FIRST, LISTING, a_representation, arrive
from tests.store.test_contract_pages import save

ROOMY = 1 << 20


def remembering(store: PageStore, clock: SetClock, limit: int = ROOMY) -> RememberingPageStore:
    memory: Memory = ByteMemory(limit, LIFETIME, clock.now)
    return RememberingPageStore(store, memory)


@pytest.fixture
def kept() -> MemoryPageStore:
    return MemoryPageStore()


@pytest.fixture
def store(kept: MemoryPageStore, clock: SetClock) -> PageStore:
    return remembering(kept, clock)


CONTRACT = [
    test_contract_pages.test_an_empty_store_knows_nothing,
    test_contract_pages.test_equal_content_of_two_districts_is_two_artefacts,
    test_contract_pages.test_a_page_is_of_its_snapshot_and_number_alone,
    test_contract_pages.test_a_page_that_still_stands_is_the_first_of_another_snapshot,
    test_contract_pages.test_artefacts_are_restored_without_their_page,
    test_contract_pages.test_a_representation_comes_back_as_it_was_saved,
    test_contract_pages.test_a_representation_is_another_districts_under_no_name,
]


@pytest.mark.parametrize("law", CONTRACT, ids=lambda law: law.__name__.removeprefix("test_"))
def test_it_does_what_every_store_does(store: PageStore, law: Callable[[PageStore], None]) -> None:
    law(store)


def test_a_representation_that_was_saved_is_not_asked_of_the_store(kept: MemoryPageStore, store: PageStore) -> None:
    representation, packed = a_representation()
    store.save_representation(representation, packed)
    kept.calls.clear()
    for each in (store, store.within(lambda: 9.0), store.within(lambda: 9.0)):
        assert each.find_representation(DISTRICT, representation.stored.name) == representation
        assert each.read(representation.stored) is packed
    assert kept.calls == {}


def test_over_dynamodb_what_was_read_once_is_not_read_again(moto_bench: Bench) -> None:
    representation, packed = a_representation()
    moto_bench.pages.save_representation(representation, packed)
    elsewhere = remembering(moto_bench.pages, moto_bench.clock)
    moto_bench.wire.clear()
    for _ in range(3):
        assert elsewhere.find_representation(DISTRICT, representation.stored.name) == representation
        assert elsewhere.read(representation.stored) == packed
    assert moto_bench.wire.counts == {"GetItem": 1, "BatchGetItem": 1}


@pytest.mark.parametrize("kind", ["raw", "model"])
def test_the_upstreams_bytes_and_the_model_are_never_remembered(
    kept: MemoryPageStore, store: PageStore, kind: str
) -> None:
    arrival = arrive()
    save(store, arrival)
    kept.calls.clear()
    for _ in range(2):
        assert store.read(getattr(arrival.page, kind)) is not None
    assert kept.calls == {"read": 2}


def test_pages_are_read_every_time(kept: MemoryPageStore, store: PageStore) -> None:
    arrival = arrive()
    save(store, arrival)
    kept.calls.clear()
    for _ in range(2):
        assert store.find_page(LISTING, FIRST, 1) == arrival.page
    assert kept.calls == {"find_page": 2}


def test_the_same_name_in_two_districts_is_two_representations(store: PageStore) -> None:
    mine, my_bytes = a_representation(b"mine", name="0" * 64)
    theirs, their_bytes = a_representation(b"theirs", name="0" * 64, district="D2nd")
    for representation, packed in ((mine, my_bytes), (theirs, their_bytes)):
        store.save_representation(representation, packed)
    for representation, packed in ((mine, my_bytes), (theirs, their_bytes)):
        stored = representation.stored
        assert store.find_representation(stored.district_id, stored.name) == representation
        assert store.read(stored) == packed


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"size": 7},
        {"chunks": 2},
        {"district_id": "D2nd"},
        {"kind": ArtefactKind.MODEL},
        {"name": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_remembered_bytes_are_only_given_for_the_very_artefact(store: PageStore, change: dict[str, object]) -> None:
    representation, packed = a_representation()
    store.save_representation(representation, packed)
    other = replace(representation.stored, **change)  # type: ignore[arg-type]  # by name
    answer = store.read(other)
    # Another number of chunks is the same bytes to a store that has none.
    assert answer is None or ("chunks" in change and answer == packed)


def test_what_the_store_did_not_take_is_not_remembered(kept: MemoryPageStore, store: PageStore) -> None:
    representation, packed = a_representation()
    kept.unreachable = True
    assert not store.save_representation(representation, packed)
    assert store.find_representation(DISTRICT, representation.stored.name) is None
    assert store.read(representation.stored) is None


def test_what_is_missing_is_asked_for_again(kept: MemoryPageStore, store: PageStore) -> None:
    representation, packed = a_representation()
    assert store.find_representation(DISTRICT, representation.stored.name) is None
    kept.save_representation(representation, packed)
    kept.lose(ArtefactKind.REPRESENTATION)
    assert store.find_representation(DISTRICT, representation.stored.name) == representation
    assert store.read(representation.stored) is None
    kept.save_representation(representation, packed)
    assert store.read(representation.stored) == packed


def test_another_packing_of_the_same_content_replaces_what_is_remembered(store: PageStore) -> None:
    """Of another release: the name is the same, the bytes are not."""
    older, older_bytes = a_representation(b"{}", name="0" * 64)
    newer, newer_bytes = a_representation(b"{ }", name="0" * 64)
    for representation, packed in ((older, older_bytes), (newer, newer_bytes)):
        store.save_representation(representation, packed)
    assert store.find_representation(DISTRICT, "0" * 64) == newer
    assert (store.read(newer.stored), store.read(older.stored)) == (newer_bytes, None)


def test_the_oldest_goes_when_the_memory_is_full(kept: MemoryPageStore, clock: SetClock) -> None:
    made = [a_representation(f"{number:09}".encode()) for number in range(LARGEST_SHARE + 1)]
    store = remembering(kept, clock, LARGEST_SHARE * (ENTRY_BYTES + max(len(packed) for _, packed in made)))
    for representation, packed in made:
        store.save_representation(representation, packed)
    kept.calls.clear()
    asked = []
    for representation, _ in reversed(made):
        store.find_representation(DISTRICT, representation.stored.name)
        asked.append(kept.calls["find_representation"])
    assert asked == [0] * LARGEST_SHARE + [1]


def test_an_hour_later_the_store_is_asked_again(kept: MemoryPageStore, clock: SetClock) -> None:
    store = remembering(kept, clock)
    representation, packed = a_representation()
    store.save_representation(representation, packed)
    kept.lose(ArtefactKind.REPRESENTATION)
    clock.move(LIFETIME - timedelta(seconds=1))
    assert store.read(representation.stored) == packed
    clock.move(timedelta(seconds=1))
    assert store.read(representation.stored) is None


def test_nothing_is_remembered_past_what_the_store_keeps() -> None:
    """What the store shows lies there for `REUSE_TTL` at least, and a page may be used stale until the end of it."""
    assert 2 * LIFETIME + LONGEST_USE < REUSE_TTL
