"""Items that do not say what they should: a miss, counted, never an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from boto3.dynamodb.types import Binary
from hallpass.adapters import page_items
from hallpass.adapters.page_items import BrokenItemError, Item, StoredItem
from hallpass.domain.arrival import Arrival
from hypothesis import given
from hypothesis import strategies as st

from tests.store.conftest import Bench
from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    FIRST,
    LISTING,
    NOW,
    a_representation,
    arrive,
    later,
)


def save(bench: Bench, arrival: Arrival) -> bool:
    return bench.store.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


PAGE = arrive().page
REPRESENTATION, _ = a_representation()
PAGE_ITEM = page_items.page_item(LISTING, PAGE)
REPRESENTATION_ITEM: Item = {
    **page_items.artefact_item(REPRESENTATION.stored, later(days=4)),
    **page_items.representation_facts(REPRESENTATION),
    "complete": True,
}
POINTER_ITEM = page_items.pointer_item(LISTING, PAGE)
REFUSAL_ITEM = page_items.refusal_item(ACCOUNT, later(minutes=1))
READERS: dict[str, tuple[Item, Callable[[StoredItem], object]]] = {
    "page": (PAGE_ITEM, lambda item: page_items.page_of(LISTING, FIRST, 1, item)),
    "representation": (
        REPRESENTATION_ITEM,
        lambda item: page_items.representation_of(DISTRICT, REPRESENTATION.stored.name, item, NOW),
    ),
    "pointer": (POINTER_ITEM, page_items.snapshot_of),
    "refusal": (REFUSAL_ITEM, page_items.refused_at),
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
    if name not in {"pk", "sk"} and (name, kind) not in {("ttl", "page"), ("ttl", "pointer"), ("ttl", "refusal")}
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
        pytest.param({"schema": 2}, id="a newer schema version"),
        pytest.param({"schema": 0}, id="an older schema version"),
        pytest.param({"schema": "1"}, id="a schema version in text"),
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
        pytest.param({"fetched_at": "2026-03-02T15:00:00.000000"}, id="a time without a zone"),
        pytest.param({"stale_until": "2026-03-03T15:00:00.000000+05:00"}, id="a time of another zone"),
        pytest.param({"stale_until": "9999-12-31T23:59:59-23:59"}, id="a time past all times"),
        pytest.param({"fresh_until": "soon"}, id="a time that is none"),
        pytest.param({"fresh_until": ""}, id="an empty time"),
    ],
)
def test_a_page_item_that_says_what_cannot_be_is_a_miss(bench: Bench, change: dict[str, object]) -> None:
    save(bench, arrive())
    bench.table.put({**PAGE_ITEM, **change})
    found = bench.store.find_page(LISTING, 1)
    assert (found.snapshot, found.page) == (FIRST, None)
    assert bench.telemetry.counts == {"CacheBroken": 1}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"until": "2026-03-02T15:01:00.000000"}, id="without a zone"),
        pytest.param({"until": 1}, id="a number"),
        pytest.param({"schema": 2}, id="of a newer schema"),
    ],
)
def test_a_broken_refusal_is_none(bench: Bench, change: dict[str, object]) -> None:
    bench.table.put({**REFUSAL_ITEM, **change})
    assert bench.store.refused_at(ACCOUNT) is None
    assert bench.telemetry.counts == {"CacheBroken": 1}


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
    at = page_items.refused_at({**REFUSAL_ITEM, "at": page_items.stamp(moment)})
    assert at == moment
    assert (at < NOW) == (moment < NOW)
    assert at.utcoffset() == timedelta(0)
