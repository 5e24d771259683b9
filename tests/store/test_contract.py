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
from hallpass.domain.pages import Found
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


def save(store: PageStore, arrival: Arrival, listing: Listing = LISTING) -> bool:
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
    assert save(store, arrival)
    assert store.find_page(LISTING, 1) == Found(FIRST, arrival.page)
    packed_raw, packed_model = store.read(arrival.page.raw), store.read(arrival.page.model)
    assert packed_raw is not None
    assert packed_model is not None
    assert codec.unpack(packed_raw) == body
    assert load_model(codec.unpack(packed_model) or b"") == arrival.model


def test_an_empty_store_knows_nothing(store: PageStore) -> None:
    representation, _ = a_representation()
    assert store.find_page(LISTING, 1) == Found(None, None)
    assert store.find_representation(DISTRICT, representation.stored.name) is None
    assert store.read(arrive().page.raw) is None
    assert store.refused_at(ACCOUNT) is None


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
    assert store.find_page(other, 1) == Found(None, None)
    theirs = arrive(upstream_body(5), district=other.account.district_id)
    save(store, theirs, other)
    assert store.find_page(other, 1).page == theirs.page
    assert store.find_page(LISTING, 1).page == arrive().page


def test_equal_content_of_two_districts_is_two_artefacts(store: PageStore) -> None:
    mine, theirs = arrive(), arrive(district="D2nd")
    save(store, mine)
    assert mine.page.raw.sha256 == theirs.page.raw.sha256
    assert store.read(theirs.page.raw) is None


def test_page_1_starts_a_snapshot_and_later_pages_join_it(store: PageStore) -> None:
    first, second = arrive(number=1), arrive(number=2)
    save(store, first)
    assert store.find_page(LISTING, 2) == Found(FIRST, None)
    save(store, second)
    assert [store.find_page(LISTING, number).page for number in (1, 2)] == [first.page, second.page]
    anew = arrive(number=1, snapshot=LATER)
    save(store, anew)
    assert store.find_page(LISTING, 1) == Found(LATER, anew.page)
    assert store.find_page(LISTING, 2) == Found(LATER, None)


def test_an_older_snapshot_that_is_written_later_does_not_come_back(store: PageStore) -> None:
    """D-17."""
    newer, older = arrive(snapshot=LATER), arrive(upstream_body(5), snapshot=FIRST)
    save(store, newer)
    assert save(store, older)
    assert store.find_page(LISTING, 1) == Found(LATER, newer.page)


def test_a_page_that_was_read_earlier_and_written_later_does_not_replace_the_newer(store: PageStore) -> None:
    """D-17, within one snapshot."""
    newer, older = arrive(number=2, now=later(seconds=1)), arrive(upstream_body(5, 2), number=2)
    save(store, newer)
    assert save(store, older)
    assert store.find_page(LISTING, 2).page == newer.page


def test_a_page_that_was_read_later_replaces_the_older(store: PageStore) -> None:
    save(store, arrive(number=2))
    newer = arrive(upstream_body(5, 2), number=2, now=later(seconds=1))
    save(store, newer)
    assert store.find_page(LISTING, 2).page == newer.page


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


def test_a_refusal_is_one_accounts_and_the_last_word_counts(store: PageStore) -> None:
    store.note_refusal(ACCOUNT, later(seconds=60))
    store.note_refusal(ACCOUNT, later(seconds=90))
    assert store.refused_at(ACCOUNT) == later(seconds=90)
    assert store.refused_at(replace(ACCOUNT, epoch=2)) is None
    assert store.refused_at(replace(ACCOUNT, district_id="D2nd")) is None
