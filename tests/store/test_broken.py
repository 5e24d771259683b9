"""Stored things that are not what they should be: a miss, counted, and mended by the next save."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters import dynamodb_pages, page_items
from hallpass.adapters.page_items import BrokenItemError, Item, StoredItem
from hallpass.domain.arrival import Arrival
from hypothesis import given
from hypothesis import strategies as st

from tests.store.conftest import Bench
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
    noise_body,
    two_chunks,
    upstream_body,
)
from tests.store.wire import asked, reply

Chunks = list[dict[str, Any]]


def save(bench: Bench, arrival: Arrival) -> bool:
    return bench.store.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def _content(chunk: dict[str, Any]) -> bytes:
    return bytes(chunk["content"].value)


def _flip(place: int) -> Callable[[Chunks], Chunks]:
    def flip(chunks: Chunks) -> Chunks:
        content = bytearray(_content(chunks[0]))
        content[place] ^= 1
        return [chunks[0] | {"content": bytes(content)}]

    return flip


TAMPERINGS: dict[str, Callable[[Chunks], Chunks]] = {
    "D-09 one reordered with another": lambda chunks: [
        chunks[0] | {"content": chunks[1]["content"]},
        chunks[1] | {"content": chunks[0]["content"]},
    ],
    "D-09 one twice": lambda chunks: [chunks[1] | {"content": chunks[0]["content"]}],
    "D-10 the first byte flipped": _flip(0),
    "D-10 a byte flipped": _flip(1_000),
    "D-10 the last byte flipped": _flip(-1),
    "D-10 truncated": lambda chunks: [chunks[0] | {"content": _content(chunks[0])[:-1]}],
    "D-10 emptied": lambda chunks: [chunks[0] | {"content": b""}],
    "D-10 longer": lambda chunks: [chunks[1] | {"content": _content(chunks[1]) + b"\0"}],
    "D-10 a district's bytes under another's key": lambda chunks: [
        chunks[0] | {"content": arrive(upstream_body(5), district="D2nd").packed_raw}
    ],
    "D-10 text": lambda chunks: [chunks[0] | {"content": "text"}],
    "D-10 a number": lambda chunks: [chunks[0] | {"content": 7}],
    "D-10 without content": lambda chunks: [{"pk": chunks[0]["pk"], "sk": chunks[0]["sk"]}],
}


def _raw_chunks(bench: Bench) -> Chunks:
    return sorted(bench.table.of_kind(f"chunk#{DISTRICT}#raw#"), key=lambda item: str(item["pk"]))


def _check_missed_and_mended(bench: Bench, arrival: Arrival) -> None:
    page = bench.store.find_page(LISTING, 1).page
    assert page is not None
    assert bench.store.read(page.raw) is None
    assert bench.telemetry.counts == {"CacheBroken": 1}
    assert bench.store.read(page.model) == arrival.packed_model
    assert save(bench, arrival)
    assert bench.store.read(page.raw) == arrival.packed_raw


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_chunks_that_do_not_check_out_are_a_miss_until_the_next_save(
    moto_bench: Bench, tamper: Callable[[Chunks], Chunks]
) -> None:
    arrival = two_chunks()
    save(moto_bench, arrival)
    for item in tamper(_raw_chunks(moto_bench)):
        moto_bench.table.put(item)
    _check_missed_and_mended(moto_bench, arrival)


@pytest.mark.parametrize("number", [0, 1], ids=["the first", "the last"])
def test_a_missing_chunk_is_a_miss_until_the_next_save(bench: Bench, number: int) -> None:
    """D-09."""
    arrival = two_chunks()
    save(bench, arrival)
    bench.table.delete(_raw_chunks(bench)[number])
    _check_missed_and_mended(bench, arrival)


def test_a_broken_representation_is_no_longer_found_and_its_next_save_holds(bench: Bench) -> None:
    representation, packed = a_representation()
    bench.store.save_representation(representation, packed)
    bench.table.delete(bench.table.of_kind("chunk#")[0])
    assert bench.store.read(representation.stored) is None
    assert bench.store.find_representation(DISTRICT, representation.stored.name) is None
    bench.store.save_representation(representation, packed)
    assert bench.store.find_representation(DISTRICT, representation.stored.name) == representation
    assert bench.store.read(representation.stored) == packed


def test_who_knows_another_digest_does_not_spoil_what_is_whole(bench: Bench) -> None:
    arrival = arrive()
    save(bench, arrival)
    assert bench.store.read(replace(arrival.page.raw, sha256="0" * 64)) is None
    bench.wire.clear()
    save(bench, arrival)
    assert "BatchWriteItem" not in bench.wire.counts


def test_nothing_is_noted_of_an_artefact_that_was_never_there(bench: Bench) -> None:
    assert bench.store.read(arrive().page.raw) is None
    assert bench.table.items() == []


@pytest.mark.parametrize("before", range(1, 3), ids=["the pointer", "the page item"])
@pytest.mark.parametrize("snapshot", [FIRST, LATER], ids=["in the same snapshot", "in the next snapshot"])
def test_a_page_replaced_while_it_is_read_is_one_of_the_two(bench: Bench, before: int, snapshot: str) -> None:
    """D-08: the replacement comes just before this read or between it and the blobs."""
    old, new = arrive(), arrive(upstream_body(7), snapshot=snapshot, now=later(minutes=5))
    save(bench, old)
    calls = count(1)

    def replace_it(operation: str, _: AWSPreparedRequest) -> None:
        if operation == "GetItem" and next(calls) == before:
            save(bench, new)

    with bench.wire.failing(replace_it):
        page = bench.store.find_page(LISTING, 1).page
        assert page is not None
        both = bench.store.read(page.raw), bench.store.read(page.model)
    assert (page, *both) in [(one.page, one.packed_raw, one.packed_model) for one in (old, new)]


def test_blobs_are_those_of_the_page_that_was_found_whatever_came_since(bench: Bench) -> None:
    """D-08."""
    old = arrive()
    save(bench, old)
    page = bench.store.find_page(LISTING, 1).page
    assert page is not None
    save(bench, arrive(upstream_body(7), now=later(minutes=5)))
    assert (bench.store.read(page.raw), bench.store.read(page.model)) == (old.packed_raw, old.packed_model)


def test_just_written_chunks_that_an_eventual_read_does_not_show_yet_are_read_again(moto_bench: Bench) -> None:
    """D-18."""
    arrival = arrive()
    save(moto_bench, arrival)

    def hide(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation == "BatchGetItem" and not asked(request)["RequestItems"][moto_bench.table.name]["ConsistentRead"]:
            return reply(request, 200, json.dumps({"Responses": {}, "UnprocessedKeys": {}}).encode())
        return None

    with moto_bench.wire.failing(hide):
        assert moto_bench.store.read(arrival.page.raw) == arrival.packed_raw
    assert moto_bench.telemetry.counts == {}


def test_the_order_of_a_batchs_answer_means_nothing(moto_bench: Bench) -> None:
    """BatchGetItem promises none."""
    arrival = two_chunks()
    save(moto_bench, arrival)
    chunks = _raw_chunks(moto_bench)
    assert len(chunks) > 1

    def backwards(_: str, request: AWSPreparedRequest) -> AWSResponse:
        items = [
            {"pk": {"S": item["pk"]}, "content": {"B": base64.b64encode(_content(item)).decode()}}
            for item in reversed(chunks)
        ]
        return reply(request, 200, json.dumps({"Responses": {moto_bench.table.name: items}}).encode())

    with moto_bench.wire.failing(backwards):
        assert moto_bench.store.read(arrival.page.raw) == arrival.packed_raw


def _one_at_a_time(name: str) -> Callable[[str, AWSPreparedRequest], AWSResponse | None]:
    """Gives the first key asked for and leaves the rest unprocessed."""
    arrival = arrive(noise_body(2_000_000))

    def answer(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation != "BatchGetItem":
            return None
        keys = asked(request)["RequestItems"][name]["Keys"]
        number = int(keys[0]["pk"]["S"].rpartition("#")[2])
        content = arrival.packed_raw[number * 390_000 :][:390_000]
        item = keys[0] | {"content": {"B": base64.b64encode(content).decode()}}
        left = {name: {"Keys": keys[1:]}} if keys[1:] else {}
        return reply(request, 200, json.dumps({"Responses": {name: [item]}, "UnprocessedKeys": left}).encode())

    return answer


def test_keys_that_a_batch_left_out_are_asked_for_again(moto_bench: Bench) -> None:
    """D-12."""
    arrival = arrive(noise_body(2_000_000))
    assert 2 < arrival.page.raw.chunks <= dynamodb_pages.BATCH_ROUNDS
    with moto_bench.wire.failing(_one_at_a_time(moto_bench.table.name)):
        assert moto_bench.store.read(arrival.page.raw) == arrival.packed_raw


def test_keys_that_are_always_left_out_are_given_up_and_nothing_is_called_broken(moto_bench: Bench) -> None:
    """D-12."""
    arrival = arrive()
    save(moto_bench, arrival)
    rounds = count()

    def leave_out(_: str, request: AWSPreparedRequest) -> AWSResponse:
        next(rounds)
        return reply(
            request, 200, json.dumps({"Responses": {}, "UnprocessedKeys": asked(request)["RequestItems"]}).encode()
        )

    with moto_bench.wire.failing(leave_out):
        assert moto_bench.store.read(arrival.page.raw) is None
    assert next(rounds) == dynamodb_pages.BATCH_ROUNDS
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}
    assert moto_bench.store.read(arrival.page.raw) == arrival.packed_raw


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
    "refusal": (REFUSAL_ITEM, page_items.refused_until),
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
    assert bench.store.refused_until(ACCOUNT) is None
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
    until = page_items.refused_until({**REFUSAL_ITEM, "until": page_items.stamp(moment)})
    assert until == moment
    assert (until < NOW) == (moment < NOW)
    assert until.utcoffset() == timedelta(0)
