"""What a save writes, when it writes it again, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters import dynamodb_pages
from hallpass.domain import codec
from hallpass.domain.arrival import Arrival, artefact
from hallpass.domain.pages import ArtefactKind, digest

from tests.store.conftest import Bench
from tests.store.material import (
    DISTRICT,
    LATER,
    LISTING,
    a_representation,
    arrive,
    later,
    noise_body,
    upstream_body,
)
from tests.store.wire import asked, reply


def save(bench: Bench, arrival: Arrival) -> bool:
    return bench.store.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def read_back(bench: Bench, number: int = 1) -> tuple[bytes | None, bytes | None] | None:
    """Raw and model of the page that the store finds; None for a miss."""
    page = bench.store.find_page(LISTING, number).page
    return None if page is None else (bench.store.read(page.raw), bench.store.read(page.model))


def test_calls_by_operation(bench: Bench) -> None:
    arrival = arrive(upstream_body(1_000))
    counts = []
    steps: list[Callable[[], object]] = [
        lambda: save(bench, arrival),
        lambda: save(bench, arrival),
        lambda: bench.store.find_page(LISTING, 1),
        lambda: bench.store.read(arrival.page.model),
    ]
    for step in steps:
        bench.wire.clear()
        step()
        counts.append(bench.wire.counts)
    assert counts == [
        {"PutItem": 7, "BatchWriteItem": 2},
        {"PutItem": 5},
        {"GetItem": 2},
        {"BatchGetItem": 1},
    ]


def test_calls_by_operation_for_a_representation(bench: Bench) -> None:
    representation, packed = a_representation()
    bench.store.save_representation(representation, packed)
    assert bench.wire.counts == {"PutItem": 2, "BatchWriteItem": 1}
    bench.wire.clear()
    bench.store.save_representation(representation, packed)
    assert bench.wire.counts == {"PutItem": 1}
    bench.wire.clear()
    bench.store.find_representation(DISTRICT, representation.stored.name)
    bench.store.read(representation.stored)
    assert bench.wire.counts == {"GetItem": 1, "BatchGetItem": 1}


@pytest.mark.parametrize(
    ("age", "again"),
    [
        pytest.param(timedelta(0), False, id="at once"),
        pytest.param(timedelta(days=2), False, id="with two days left"),
        pytest.param(timedelta(days=2, seconds=1), True, id="with less than two days left"),
        pytest.param(timedelta(days=6), True, id="past its end and not swept yet"),
    ],
)
def test_unchanged_content_is_written_again_near_its_end_only(bench: Bench, age: timedelta, again: bool) -> None:
    save(bench, arrive())
    bench.clock.move(age)
    bench.wire.clear()
    anew = arrive(snapshot=LATER, now=bench.clock.now())
    assert save(bench, anew)
    assert bench.wire.counts.get("BatchWriteItem", 0) == (2 if again else 0)
    assert read_back(bench) == (anew.packed_raw, anew.packed_model)


def test_a_representation_near_its_end_is_made_anew(bench: Bench) -> None:
    representation, packed = a_representation()
    bench.store.save_representation(representation, packed)
    bench.clock.move(timedelta(days=2))
    assert bench.store.find_representation(DISTRICT, representation.stored.name) == representation
    bench.clock.move(timedelta(seconds=1))
    assert bench.store.find_representation(DISTRICT, representation.stored.name) is None
    assert bench.store.save_representation(representation, packed)
    assert bench.store.find_representation(DISTRICT, representation.stored.name) == representation
    assert bench.telemetry.counts == {}


def test_content_that_another_release_packed_otherwise_is_written_again(bench: Bench) -> None:
    arrival = arrive()
    repacked = codec.pack(arrival.raw, 1)
    assert repacked != arrival.packed_raw
    other = artefact(DISTRICT, ArtefactKind.RAW, digest(arrival.raw), repacked)
    save(bench, arrival)
    page = replace(arrival.page, raw=other, fetched_at=later(seconds=1))
    assert bench.store.save_page(LISTING, page, repacked, arrival.packed_model)
    assert read_back(bench) == (repacked, arrival.packed_model)


@pytest.mark.parametrize(
    ("sk", "name"), [("pointer", "snapshot"), ("page#", "fetched_at")], ids=["the pointer", "the page item"]
)
@pytest.mark.parametrize("value", [7, None], ids=["of another type", "missing"])
def test_a_broken_mutable_item_is_replaced(bench: Bench, sk: str, name: str, value: int | None) -> None:
    arrival = arrive()
    save(bench, arrival)
    (item,) = bench.table.of_kind("listing#", sk)
    bench.table.put({key: item[key] for key in item if key != name} | ({} if value is None else {name: value}))
    assert bench.store.find_page(LISTING, 1).page is None
    assert save(bench, arrival)
    assert bench.store.find_page(LISTING, 1).page == arrival.page


def test_what_a_batch_left_out_is_written_in_the_next_round(moto_bench: Bench) -> None:
    """D-12."""
    arrival = arrive(noise_body(4_000_000))
    rounds = count(1)

    def leave_out(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation != "BatchWriteItem" or next(rounds) > 1:
            return None
        return reply(request, 200, _unprocessed("UnprocessedItems", request))

    with moto_bench.wire.failing(leave_out):
        assert save(moto_bench, arrival)
    assert next(rounds) == 4
    assert read_back(moto_bench) == (arrival.packed_raw, arrival.packed_model)


def test_a_batch_that_never_gets_through_is_given_up(moto_bench: Bench) -> None:
    """D-12."""
    rounds = count()

    def leave_out(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation != "BatchWriteItem":
            return None
        next(rounds)
        return reply(request, 200, _unprocessed("UnprocessedItems", request))

    with moto_bench.wire.failing(leave_out):
        assert not save(moto_bench, arrive())
    assert next(rounds) == dynamodb_pages.BATCH_ROUNDS
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}
    assert read_back(moto_bench) is None


def _unprocessed(name: str, request: AWSPreparedRequest) -> bytes:
    return json.dumps({name: asked(request)["RequestItems"], "Responses": {}}).encode()


def test_what_could_not_be_read_back_in_one_batch_is_not_written(moto_bench: Bench) -> None:
    arrival = arrive()
    large = bytes(codec.CHUNK_BYTES * 100 + 1)
    raw = artefact(DISTRICT, ArtefactKind.RAW, digest(large), large)
    assert raw.chunks == 101
    assert not moto_bench.store.save_page(LISTING, replace(arrival.page, raw=raw), large, arrival.packed_model)
    assert moto_bench.store.find_page(LISTING, 1).snapshot is None
    assert moto_bench.table.of_kind("chunk#") == []
