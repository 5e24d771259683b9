"""What a save writes, when it writes it again, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters import page_items, pages_table
from hallpass.domain import codec
from hallpass.domain.arrival import Arrival, artefact
from hallpass.domain.pages import ArtefactKind, StoredPage, digest

from tests.store.conftest import Bench
from tests.store.material import (
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    a_representation,
    arrive,
    noise_body,
    upstream_body,
)
from tests.store.wire import asked, reply

SPARE = page_items.ARTEFACT_TTL - page_items.REUSE_TTL


def save(bench: Bench, arrival: Arrival) -> StoredPage | None:
    return bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def read_back(bench: Bench, snapshot: str = FIRST) -> tuple[bytes | None, bytes | None] | None:
    """Raw and model of the page that the store finds; None for a miss."""
    page = bench.pages.find_page(LISTING, snapshot, 1)
    return None if page is None else (bench.pages.read(page.raw), bench.pages.read(page.model))


def test_calls_by_operation(bench: Bench) -> None:
    arrival = arrive(upstream_body(1_000))
    counts = []
    steps: list[Callable[[], object]] = [
        lambda: save(bench, arrival),
        lambda: save(bench, arrival),
        lambda: bench.pages.reuse_page(LISTING, replace(arrival.page, snapshot=LATER)),
        lambda: bench.pages.find_page(LISTING, FIRST, 1),
        lambda: bench.pages.read(arrival.page.model),
    ]
    for step in steps:
        bench.wire.clear()
        step()
        counts.append(bench.wire.counts)
    assert counts == [
        {"PutItem": 6, "BatchWriteItem": 2},
        {"PutItem": 4, "GetItem": 1},
        {"PutItem": 1},
        {"GetItem": 1},
        {"BatchGetItem": 1},
    ]


def test_calls_by_operation_for_a_representation(bench: Bench) -> None:
    representation, packed = a_representation()
    bench.pages.save_representation(representation, packed)
    assert bench.wire.counts == {"PutItem": 2, "BatchWriteItem": 1}
    bench.wire.clear()
    bench.pages.save_representation(representation, packed)
    assert bench.wire.counts == {"PutItem": 1}
    bench.wire.clear()
    bench.pages.find_representation(DISTRICT, representation.stored.name)
    bench.pages.read(representation.stored)
    assert bench.wire.counts == {"GetItem": 1, "BatchGetItem": 1}


@pytest.mark.parametrize(
    ("age", "again"),
    [
        pytest.param(timedelta(0), False, id="at once"),
        pytest.param(SPARE, False, id="with as much left as two uses take"),
        pytest.param(SPARE + timedelta(seconds=1), True, id="with less left than two uses take"),
        pytest.param(page_items.ARTEFACT_TTL + timedelta(days=2), True, id="past its end and not swept yet"),
    ],
)
def test_unchanged_content_is_written_again_near_its_end_only(bench: Bench, age: timedelta, again: bool) -> None:
    save(bench, arrive())
    bench.clock.move(age)
    bench.wire.clear()
    anew = arrive(snapshot=LATER, now=bench.clock.now())
    assert save(bench, anew)
    assert bench.wire.counts.get("BatchWriteItem", 0) == (2 if again else 0)
    assert read_back(bench, LATER) == (anew.packed_raw, anew.packed_model)


def test_a_representation_near_its_end_is_made_anew(bench: Bench) -> None:
    representation, packed = a_representation()
    bench.pages.save_representation(representation, packed)
    bench.clock.move(SPARE)
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) == representation
    bench.clock.move(timedelta(seconds=1))
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) is None
    assert bench.pages.save_representation(representation, packed)
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) == representation
    assert bench.telemetry.counts == {}


def test_content_that_another_release_packed_otherwise_is_written_again(bench: Bench) -> None:
    arrival = arrive()
    repacked = codec.pack(arrival.raw, 1)
    assert repacked != arrival.packed_raw
    other = artefact(DISTRICT, ArtefactKind.RAW, digest(arrival.raw), repacked)
    save(bench, arrival)
    page = replace(arrival.page, raw=other, snapshot=LATER)
    assert bench.pages.save_page(LISTING, page, repacked, arrival.packed_model)
    assert read_back(bench, LATER) == (repacked, arrival.packed_model)


@pytest.mark.parametrize("value", [7, None], ids=["of another type", "missing"])
def test_a_broken_page_item_is_replaced(bench: Bench, value: int | None) -> None:
    arrival = arrive()
    save(bench, arrival)
    (item,) = bench.table.of_kind("listing#", "page#")
    told = {} if value is None else {"received_at": value}
    bench.table.put({key: item[key] for key in item if key != "received_at"} | told)
    assert bench.pages.find_page(LISTING, FIRST, 1) is None
    assert save(bench, arrival) == arrival.page
    assert bench.pages.find_page(LISTING, FIRST, 1) == arrival.page


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
    assert next(rounds) == pages_table.BATCH_ROUNDS
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}
    assert read_back(moto_bench) is None


def _unprocessed(name: str, request: AWSPreparedRequest) -> bytes:
    return json.dumps({name: asked(request)["RequestItems"], "Responses": {}}).encode()


def test_what_could_not_be_read_back_in_one_batch_is_not_written(moto_bench: Bench) -> None:
    arrival = arrive()
    large = bytes(codec.CHUNK_BYTES * 100 + 1)
    raw = artefact(DISTRICT, ArtefactKind.RAW, digest(large), large)
    assert raw.chunks == 101
    assert not moto_bench.pages.save_page(LISTING, replace(arrival.page, raw=raw), large, arrival.packed_model)
    assert moto_bench.pages.find_page(LISTING, FIRST, 1) is None
    assert moto_bench.table.of_kind("chunk#") == []
