"""The order of what a save writes, and what is left when it ends half-way."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.domain.arrival import Arrival

from tests.store.conftest import Bench
from tests.store.material import (
    DISTRICT,
    LATER,
    LISTING,
    a_representation,
    arrive,
    later,
    two_chunks,
    upstream_body,
)
from tests.store.wire import Fault, KilledError, asked, die_after

ORDER = ["listing", "raw", "chunk", "raw", "model", "chunk", "model", "page", "pointer"]


def save(bench: Bench, arrival: Arrival) -> bool:
    return bench.store.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def read_back(bench: Bench, number: int = 1) -> tuple[bytes | None, bytes | None] | None:
    """Raw and model of the page that the store finds; None for a miss."""
    page = bench.store.find_page(LISTING, number).page
    return None if page is None else (bench.store.read(page.raw), bench.store.read(page.model))


def test_blobs_are_written_first_the_page_next_the_pointer_last(moto_bench: Bench) -> None:
    written: list[str] = []

    def note(_: str, request: AWSPreparedRequest) -> None:
        written.append(_kind(asked(request)))

    with moto_bench.wire.failing(note):
        save(moto_bench, arrive())
    assert written == ORDER


def _kind(request: Any) -> str:
    if "Item" not in request:
        return "chunk"
    return str(request["Item"]["sk"]["S"]).partition("#")[0]


@pytest.mark.parametrize("calls", range(len(ORDER) + 1), ids=lambda calls: f"after {calls} calls")
@pytest.mark.parametrize("snapshot", [None, LATER], ids=["in the same snapshot", "in the next snapshot"])
def test_a_save_that_dies_leaves_the_old_page_or_a_miss(bench: Bench, calls: int, snapshot: str | None) -> None:
    """D-07."""
    old = arrive()
    new = arrive(upstream_body(7), snapshot=snapshot or old.page.snapshot, now=later(minutes=5))
    save(bench, old)
    if calls < len(ORDER):
        with bench.wire.failing(die_after(calls)), pytest.raises(KilledError):
            save(bench, new)
    else:
        assert save(bench, new)
    # The page item alone switches within a snapshot, the pointer alone between two.
    switched = calls >= (len(ORDER) - 1 if snapshot is None else len(ORDER))
    shown = new if switched else old
    assert read_back(bench) == (shown.packed_raw, shown.packed_model)


@pytest.mark.parametrize("calls", range(len(ORDER) - 1), ids=lambda calls: f"after {calls} calls")
def test_a_first_save_that_dies_is_a_miss_and_the_next_one_holds(moto_bench: Bench, calls: int) -> None:
    """D-07."""
    arrival = arrive()
    with moto_bench.wire.failing(die_after(calls)), pytest.raises(KilledError):
        save(moto_bench, arrival)
    assert read_back(moto_bench) is None
    assert save(moto_bench, arrival)
    assert read_back(moto_bench) == (arrival.packed_raw, arrival.packed_model)


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_save_that_dies_between_two_chunks_is_written_anew(bench: Bench, chunks: int) -> None:
    """D-07: a batch is no transaction."""
    arrival = two_chunks()
    assert arrival.page.raw.chunks >= 2

    def write_some(operation: str, request: AWSPreparedRequest) -> None:
        if operation == "BatchWriteItem":
            for put in asked(request)["RequestItems"][bench.table.name][:chunks]:
                bench.table.client.put_item(TableName=bench.table.name, Item=_binary(put["PutRequest"]["Item"]))
            raise KilledError

    with bench.wire.failing(_once(write_some)), pytest.raises(KilledError):
        save(bench, arrival)
    assert read_back(bench) is None
    assert save(bench, arrival)
    assert read_back(bench) == (arrival.packed_raw, arrival.packed_model)


def _binary(item: Any) -> Any:
    """An item off the wire, whose binary stands in base64 there."""
    return {**item, "content": {"B": base64.b64decode(item["content"]["B"])}}


def _once(fault: Fault) -> Fault:
    """Not for the calls that the fault makes itself."""
    inside = False

    def guarded(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        nonlocal inside
        if inside:
            return None
        inside = True
        try:
            return fault(operation, request)
        finally:
            inside = False

    return guarded


def test_a_representation_whose_save_died_is_a_miss_and_the_next_one_holds(bench: Bench) -> None:
    representation, packed = a_representation()
    for calls in range(3):
        with bench.wire.failing(die_after(calls)), pytest.raises(KilledError):
            bench.store.save_representation(representation, packed)
        assert bench.store.find_representation(DISTRICT, representation.stored.name) is None
    assert bench.store.save_representation(representation, packed)
    assert bench.store.find_representation(DISTRICT, representation.stored.name) == representation
    assert bench.telemetry.counts == {}
