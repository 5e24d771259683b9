"""The order of what a save writes, and what is left when it ends half-way."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.domain.arrival import Arrival
from hallpass.domain.pages import StoredPage

from tests.store.conftest import Bench
from tests.store.material import (
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    a_representation,
    arrive,
    later,
    two_chunks,
    upstream_body,
)
from tests.store.wire import Fault, KilledError, asked, die_after

ORDER = ["listing", "raw", "chunk", "raw", "model", "chunk", "model", "page"]


def save(bench: Bench, arrival: Arrival) -> StoredPage | None:
    return bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def read_back(bench: Bench, snapshot: str = FIRST) -> tuple[bytes | None, bytes | None] | None:
    """Raw and model of the page that the store finds; None for a miss."""
    page = bench.pages.find_page(LISTING, snapshot, 1)
    return None if page is None else (bench.pages.read(page.raw), bench.pages.read(page.model))


def test_the_inventory_is_written_first_then_the_blobs_and_the_page_last(moto_bench: Bench) -> None:
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


@pytest.mark.parametrize("calls", range(len(ORDER)), ids=lambda calls: f"after {calls} calls")
def test_a_save_that_dies_leaves_the_old_snapshot_whole_and_of_the_new_one_nothing(bench: Bench, calls: int) -> None:
    """D-07."""
    old, new = arrive(), arrive(upstream_body(7), snapshot=LATER, now=later(minutes=5))
    save(bench, old)
    with bench.wire.failing(die_after(calls)), pytest.raises(KilledError):
        save(bench, new)
    assert read_back(bench) == (old.packed_raw, old.packed_model)
    assert read_back(bench, LATER) is None
    assert save(bench, new) == new.page
    assert read_back(bench, LATER) == (new.packed_raw, new.packed_model)


@pytest.mark.parametrize("calls", range(len(ORDER)), ids=lambda calls: f"after {calls} calls")
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
            bench.pages.save_representation(representation, packed)
        assert bench.pages.find_representation(DISTRICT, representation.stored.name) is None
    assert bench.pages.save_representation(representation, packed)
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) == representation
    assert bench.telemetry.counts == {}
