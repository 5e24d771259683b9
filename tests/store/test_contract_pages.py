"""What every PageStore does: the fake, and the real one over two stand-ins of the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hallpass.domain import codec
from hallpass.domain.arrival import Arrival
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.model import load_model
from hallpass.domain.pages import StoredPage, revalidated
from hallpass.domain.scope import IncidentType
from hallpass.page_ports import PageStore

from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    NO_INCIDENT,
    a_representation,
    arrive,
    later,
    two_chunks,
    upstream_body,
)


def save(store: PageStore, arrival: Arrival, listing: Listing = LISTING) -> StoredPage | None:
    return store.save_page(listing, arrival.page, arrival.packed_raw, arrival.packed_model)


def _listing(**query: Any) -> Listing:
    return replace(LISTING, query=replace(LISTING.query, **query))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(NO_INCIDENT, id="without an incident"),
        pytest.param(upstream_body(20), id="with 20 incidents"),
        pytest.param(upstream_body(1_000), id="with 1,000 incidents"),
        pytest.param(two_chunks().raw, id="of more than one chunk"),
    ],
)
def test_a_page_comes_back_as_it_was_saved(store: PageStore, body: bytes) -> None:
    arrival = arrive(body)
    assert save(store, arrival) == arrival.page
    assert store.find_page(LISTING, FIRST, 1) == arrival.page
    packed_raw, packed_model = store.read(arrival.page.raw), store.read(arrival.page.model)
    assert packed_raw is not None
    assert packed_model is not None
    assert codec.unpack(packed_raw) == body
    assert load_model(codec.unpack(packed_model) or b"") == arrival.model


def test_an_empty_store_knows_nothing(store: PageStore) -> None:
    representation, _ = a_representation()
    assert store.find_page(LISTING, FIRST, 1) is None
    assert store.find_representation(DISTRICT, representation.stored.name) is None
    assert store.read(arrive().page.raw) is None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(LISTING, account=replace(ACCOUNT, district_id="D2nd")), id="another district"),
        pytest.param(replace(LISTING, account=replace(ACCOUNT, epoch=2)), id="another account of the district"),
        pytest.param(replace(LISTING, account=replace(ACCOUNT, origin="https://b.example")), id="another upstream"),
        pytest.param(_listing(type=IncidentType.MINOR), id="another type"),
        pytest.param(_listing(type=None), id="no type"),
        pytest.param(_listing(deleted=True), id="deleted ones too"),
        pytest.param(_listing(first=date(2026, 2, 2)), id="another first day"),
        pytest.param(_listing(first=None, last=None), id="no days"),
        pytest.param(
            Listing(Account("D1st,1", "x", 1), UpstreamQuery()), id="an account that could be read as two parts"
        ),
    ],
)
def test_a_listing_never_sees_the_pages_of_another(store: PageStore, other: Listing) -> None:
    save(store, arrive())
    assert store.find_page(other, FIRST, 1) is None
    theirs = arrive(upstream_body(5), district=other.account.district_id)
    save(store, theirs, other)
    assert store.find_page(other, FIRST, 1) == theirs.page
    assert store.find_page(LISTING, FIRST, 1) == arrive().page


def test_equal_content_of_two_districts_is_two_artefacts(store: PageStore) -> None:
    mine, theirs = arrive(), arrive(district="D2nd")
    save(store, mine)
    assert mine.page.raw.sha256 == theirs.page.raw.sha256
    assert store.read(theirs.page.raw) is None


def test_a_page_is_of_its_snapshot_and_number_alone(store: PageStore) -> None:
    saved = [arrive(number=number, snapshot=snapshot) for number in (1, 2) for snapshot in (FIRST, LATER)]
    assert store.find_page(LISTING, FIRST, 1) is None
    for arrival in saved[:-1]:
        save(store, arrival)
    assert [store.find_page(LISTING, each.page.snapshot, each.page.number) for each in saved] == [
        *(each.page for each in saved[:-1]),
        None,
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(arrive(upstream_body(5, 2), number=2, now=later(seconds=1)), id="that was read later"),
        pytest.param(arrive(upstream_body(5, 2), number=2, now=later(seconds=-1)), id="that was read earlier"),
    ],
)
def test_a_page_is_written_once_and_every_reader_gets_the_first(store: PageStore, other: Arrival) -> None:
    """D-17: who writes second, however old its data, gets what the snapshot has, and its artefacts."""
    first = arrive(number=2)
    save(store, first)
    assert save(store, other) == first.page
    assert store.reuse_page(LISTING, other.page) == first.page
    assert store.find_page(LISTING, FIRST, 2) == first.page
    assert store.read(first.page.model) == first.packed_model


def test_a_page_that_still_stands_is_the_first_of_another_snapshot(store: PageStore) -> None:
    arrival = arrive()
    save(store, arrival)
    received = replace(arrival.page.received, received_at=later(minutes=5))
    again = revalidated(arrival.page, LATER, received)
    assert store.reuse_page(LISTING, again) == again
    assert store.find_page(LISTING, LATER, 1) == again
    assert store.find_page(LISTING, FIRST, 1) == arrival.page


def test_artefacts_are_restored_without_their_page(store: PageStore) -> None:
    arrival = arrive()
    assert store.restore(arrival.page, arrival.packed_raw, arrival.packed_model)
    assert (store.read(arrival.page.raw), store.read(arrival.page.model)) == (arrival.packed_raw, arrival.packed_model)
    assert store.find_page(LISTING, FIRST, 1) is None


def test_a_representation_comes_back_as_it_was_saved(store: PageStore) -> None:
    representation, packed = a_representation(b'{"count":3}')
    assert store.save_representation(representation, packed)
    assert store.find_representation(DISTRICT, representation.stored.name) == representation
    assert store.read(representation.stored) == packed


def test_a_representation_is_another_districts_under_no_name(store: PageStore) -> None:
    representation, packed = a_representation()
    store.save_representation(representation, packed)
    assert store.find_representation("D2nd", representation.stored.name) is None
    assert store.read(replace(representation.stored, district_id="D2nd")) is None


@pytest.mark.parametrize(
    "change",
    [pytest.param({"sha256": "0" * 64}, id="another digest"), pytest.param({"size": 7}, id="another length")],
)
def test_bytes_are_only_given_to_who_knows_their_digest_and_length(store: PageStore, change: dict[str, Any]) -> None:
    arrival = arrive()
    save(store, arrival)
    assert store.read(replace(arrival.page.raw, **change)) is None
