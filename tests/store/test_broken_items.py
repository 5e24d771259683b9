"""Items that do not say what they should: a miss, counted, never an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from hallpass.adapters import page_items
from hallpass.adapters.page_items import BrokenItemError, Item, StoredItem
from hallpass.domain.arrival import Arrival
from hallpass.domain.listing import STORE_SCHEMA
from hallpass.domain.pages import StoredPage
from hypothesis import given
from hypothesis import strategies as st

from tests.store.conftest import Bench
from tests.store.material import (
    DISTRICT,
    FIRST,
    LISTING,
    NOW,
    a_representation,
    arrive,
    later,
)


def save(bench: Bench, arrival: Arrival) -> StoredPage | None:
    return bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


PAGE = arrive().page
REPRESENTATION, _ = a_representation()
PAGE_ITEM = page_items.page_item(LISTING, PAGE)
REPRESENTATION_ITEM: Item = {
    **page_items.artefact_item(REPRESENTATION.stored, later(days=10)),
    **page_items.representation_facts(REPRESENTATION),
    "complete": True,
}
READERS: dict[str, tuple[Item, Callable[[StoredItem], object]]] = {
    "page": (PAGE_ITEM, lambda item: page_items.page_of(LISTING, FIRST, 1, item, NOW)),
    "representation": (
        REPRESENTATION_ITEM,
        lambda item: page_items.representation_of(DISTRICT, REPRESENTATION.stored.name, item, NOW),
    ),
}
ODD_VALUES: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "a negative number": Decimal(-1),
    "a fraction": Decimal("1.5"),
    "no number": Decimal("NaN"),
    "infinity": Decimal("Infinity"),
    "binary": Binary(b"x"),
    "a list": [],
    "a map": {},
    "a set": {"x"},
}
CHECKED = [
    (kind, name)
    for kind, (item, _) in READERS.items()
    for name in item
    if name not in {"pk", "sk"} and (name, kind) != ("ttl", "page")
]


def miss(read: Callable[[StoredItem], object], item: StoredItem) -> bool:
    try:
        return read(item) is None
    except BrokenItemError:
        return True


@pytest.mark.parametrize(("item", "read"), READERS.values(), ids=READERS.keys())
def test_an_item_as_it_was_written_reads(item: Item, read: Callable[[StoredItem], object]) -> None:
    stored = {name: Decimal(value) if type(value) is int else value for name, value in item.items()}
    assert not miss(read, stored)


@pytest.mark.parametrize(("kind", "name"), CHECKED)
def test_an_attribute_that_is_missing_or_of_another_type_is_a_miss(kind: str, name: str) -> None:
    item, read = READERS[kind]
    assert miss(read, {other: item[other] for other in item if other != name})
    accepted = [odd for odd, value in ODD_VALUES.items() if not miss(read, {**item, name: value})]
    assert accepted == (["true"] if name == "complete" else [])


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"schema": STORE_SCHEMA + 1}, id="a newer schema version"),
        pytest.param({"schema": STORE_SCHEMA - 1}, id="an older schema version"),
        pytest.param({"schema": str(STORE_SCHEMA)}, id="a schema version in text"),
        pytest.param({"invented": "x"}, id="an attribute nobody knows"),
    ],
)
def test_an_item_of_another_release_is_a_miss(kind: str, change: dict[str, object]) -> None:
    """D-20."""
    item, read = READERS[kind]
    assert miss(read, {**item, **change})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"raw_chunks": 10**9}, id="more chunks than memory"),
        pytest.param({"raw_chunks": 10**9, "raw_size": 390_000 * 10**9}, id="more chunks than memory, and their size"),
        pytest.param({"raw_chunks": 0, "raw_size": 0}, id="no chunk"),
        pytest.param({"raw_size": 390_001}, id="a size that needs another number of chunks"),
        pytest.param({"received_at": "2026-03-02T15:00:00.000000"}, id="a time without a zone"),
        pytest.param({"received_at": "2026-03-03T15:00:00.000000+05:00"}, id="a time of another zone"),
        pytest.param({"requested_at": "9999-12-31T23:59:59-23:59"}, id="a time past all times"),
        pytest.param({"received_at": "9999-12-31T00:00:00.000000+00:00"}, id="a time that is yet to come"),
        pytest.param({"written_at": "soon"}, id="a time that is none"),
        pytest.param({"written_at": ""}, id="an empty time"),
        pytest.param({"fields": ""}, id="fields that are no JSON"),
        pytest.param({"fields": "{}"}, id="fields that are no list"),
        pytest.param({"fields": '[["ETag"]]'}, id="a field without a value"),
        pytest.param({"fields": '[["ETag",1]]'}, id="a field whose value is no text"),
        pytest.param({"fields": '["ETag"]'}, id="a field that is no pair"),
        pytest.param({"fields": "[" * 100_000}, id="fields that are nested without end"),
    ],
)
def test_a_page_item_that_says_what_cannot_be_is_a_miss(bench: Bench, change: dict[str, object]) -> None:
    save(bench, arrive())
    bench.table.put({**PAGE_ITEM, **change})
    assert bench.pages.find_page(LISTING, FIRST, 1) is None
    assert bench.telemetry.counts == {"CacheBroken": 1}
    assert save(bench, arrive()) == PAGE
    assert bench.pages.find_page(LISTING, FIRST, 1) == PAGE


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"etag": None}, id="an attribute of another type"),
        pytest.param({"source": ...}, id="an attribute that is missing"),
        pytest.param({"invented": "x"}, id="an attribute nobody knows"),
        pytest.param({"schema": 1}, id="an older schema version"),
    ],
)
def test_a_broken_representation_item_is_a_miss_until_the_next_save(bench: Bench, change: dict[str, Any]) -> None:
    representation, packed = a_representation()
    bench.pages.save_representation(representation, packed)
    (item,) = bench.table.of_kind("inventory#", "representation#")
    changed = {**item, **change}
    bench.table.put({name: value for name, value in changed.items() if value is not ...})
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) is None
    assert bench.telemetry.counts == {"CacheBroken": 1}
    assert bench.pages.save_representation(representation, packed)
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) == representation


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=40),
    st.binary(max_size=20).map(Binary),
    st.decimals(),
    st.datetimes(min_value=datetime(1, 1, 2), timezones=st.sampled_from([UTC, None])).map(datetime.isoformat),  # noqa: DTZ001 - bounds are naive
    st.lists(st.text(max_size=3), max_size=2),
)


@given(st.sampled_from(list(READERS)), st.dictionaries(st.sampled_from([*PAGE_ITEM, *REPRESENTATION_ITEM]), _VALUES))
def test_whatever_an_item_holds_reading_it_is_a_value_or_a_miss(kind: str, changes: dict[str, object]) -> None:
    item, read = READERS[kind]
    miss(read, {**item, **changes})
    miss(read, changes)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_that_reads_can_be_compared_with_the_clocks(moment: datetime) -> None:
    at = page_items.read_time({"at": page_items.stamp(moment)}, "at")
    assert at == moment
    assert (at < NOW) == (moment < NOW)
    assert at.utcoffset() == timedelta(0)
