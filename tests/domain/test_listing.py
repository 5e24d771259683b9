"""What a stored page is filed under: equal queries share a key, different listings never do."""

from __future__ import annotations

import hashlib
import os
from datetime import date, timedelta
from itertools import product

import pytest
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.query import IncidentQuery
from hallpass.domain.scope import IncidentType
from hypothesis import given
from hypothesis import strategies as st

# Values that hold what could separate parts: of a joined string, of a URL, of JSON, of a path.
DISTRICTS = [
    "D1st",
    "D1s",
    "t",
    "",
    "D1st|1",
    "D1st&type=minor",
    'D1st","https',
    "D1st/1",
    "D1st\x00",
    "é",
    "e\u0301",
    "\ud800",
]
ORIGINS = ["https://a.example", "https://a.example/", "https://a.example|1", "", '","', "1", "t", "https://a.example,1"]
EPOCHS = [0, 1, 11, 111]
STARTS = [date(2026, 1, 1) + timedelta(days=on) for on in range(8)]
SPANS = [(first, first + timedelta(days=days)) for first in STARTS for days in (0, 1, 30, 365)]
QUERIES = [
    UpstreamQuery(kind, deleted, *days)
    for kind, deleted, days in product([None, *IncidentType], [False, True], [(None, None), *SPANS])
]


def test_s_11_a_hundred_thousand_different_listings_have_as_many_keys() -> None:
    accounts = [Account(*parts) for parts in product(DISTRICTS, ORIGINS, EPOCHS)]
    keys = {Listing(account, query).key for account in accounts for query in QUERIES}
    assert len(keys) == len(accounts) * len(QUERIES) > 100_000


@pytest.mark.long
def test_s_11_a_million_random_listings_have_as_many_keys() -> None:
    listings = {
        Listing(Account(os.urandom(2).hex(), os.urandom(1).hex(), number % 7), QUERIES[number % len(QUERIES)])
        for number in range(1_000_000)
    }
    assert len({listing.key for listing in listings}) == len(listings)


TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=8) | st.text('",|&=[]1', max_size=6)
LISTINGS = st.builds(Listing, st.builds(Account, TEXTS, TEXTS, st.integers(0, 20)), st.sampled_from(QUERIES))


@given(LISTINGS, LISTINGS)
def test_s_11_two_listings_share_a_key_exactly_when_they_are_equal(one: Listing, other: Listing) -> None:
    assert (one.key == other.key) == (one == other)


@given(TEXTS, TEXTS, st.sampled_from(QUERIES))
def test_s_11_a_character_that_moves_between_parts_makes_another_key(
    text: str, rest: str, query: UpstreamQuery
) -> None:
    splits = {(text + rest)[:cut]: (text + rest)[cut:] for cut in range(len(text + rest) + 1)}
    assert len({Listing(Account(*parts, 1), query).key for parts in splits.items()}) == len(splits)


SPELLINGS = {
    "another order": ["type=minor&from=2026-01-01&to=2026-01-02", "to=2026-01-02&type=minor&from=2026-01-01"],
    "the default page": ["type=minor", "type=minor&page=1", "page=1&type=minor"],
    "other pages of the same listing": ["deleted=1", "deleted=1&page=7"],
    "encoded characters": ["type=minor", "%74%79pe=%6dinor"],
    "another format of the same pages": ["", "format=json", "format=xml", "&"],
}


@pytest.mark.parametrize("spellings", SPELLINGS.values(), ids=SPELLINGS)
def test_s_12_equal_queries_in_another_spelling_share_a_key(spellings: list[str]) -> None:
    account = Account("D1st", "https://a.example", 1)
    assert len({Listing(account, IncidentQuery.parse(spelling).upstream).key for spelling in spellings}) == 1


def test_the_canonical_query_is_in_the_upstreams_words_and_one_order() -> None:
    query = UpstreamQuery(IncidentType.PENDING, True, date(2026, 1, 1), date(2026, 1, 31))
    assert query.canonical() == "type=pending&deleted=1&from=2026-01-01&to=2026-01-31"
    assert UpstreamQuery().canonical() == ""


def test_the_key_does_not_change_unnoticed() -> None:
    """A changed key empties every cache: raise STORE_SCHEMA and say so, or change it back."""
    listing = Listing(Account("D1st", "https://a.example", 1), UpstreamQuery(IncidentType.MINOR))
    told = b'["D1st","https://a.example",1,"type=minor",3]'
    assert listing.key == hashlib.sha256(told).hexdigest()


@pytest.mark.parametrize("days", [(date(2026, 1, 1), None), (None, date(2026, 1, 1))], ids=["only from", "only to"])
def test_one_date_alone_is_no_query(days: tuple[date | None, date | None]) -> None:
    with pytest.raises(ValueError, match="together"):
        UpstreamQuery(None, False, *days)
