"""Stored things that are not what they should be: a miss, counted, and mended by the next save."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters import pages_table
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
    noise_body,
    two_chunks,
    upstream_body,
)
from tests.store.wire import asked, reply

Chunks = list[dict[str, Any]]


def save(bench: Bench, arrival: Arrival) -> StoredPage | None:
    return bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


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
    page = bench.pages.find_page(LISTING, FIRST, 1)
    assert page is not None
    assert bench.pages.read(page.raw) is None
    assert bench.telemetry.counts == {"CacheBroken": 1}
    assert bench.pages.read(page.model) == arrival.packed_model
    assert save(bench, arrival)
    assert bench.pages.read(page.raw) == arrival.packed_raw


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
    bench.pages.save_representation(representation, packed)
    bench.table.delete(bench.table.of_kind("chunk#")[0])
    assert bench.pages.read(representation.stored) is None
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) is None
    bench.pages.save_representation(representation, packed)
    assert bench.pages.find_representation(DISTRICT, representation.stored.name) == representation
    assert bench.pages.read(representation.stored) == packed


def test_who_knows_another_digest_does_not_spoil_what_is_whole(bench: Bench) -> None:
    arrival = arrive()
    save(bench, arrival)
    assert bench.pages.read(replace(arrival.page.raw, sha256="0" * 64)) is None
    bench.wire.clear()
    save(bench, arrival)
    assert "BatchWriteItem" not in bench.wire.counts


def test_nothing_is_noted_of_an_artefact_that_was_never_there(bench: Bench) -> None:
    assert bench.pages.read(arrive().page.raw) is None
    assert bench.table.items() == []


@pytest.mark.parametrize("before", range(3), ids=["the page item", "the raw bytes", "the model"])
def test_a_snapshot_that_is_superseded_while_it_is_read_is_read_to_its_end(bench: Bench, before: int) -> None:
    """D-08: another comes just before the read of this, with another page 1."""
    old, new = arrive(), arrive(upstream_body(7), snapshot=LATER, now=later(minutes=5))
    save(bench, old)
    calls = count()

    def supersede(operation: str, _: AWSPreparedRequest) -> None:
        if operation in ("GetItem", "BatchGetItem") and next(calls) == before:
            save(bench, new)

    with bench.wire.failing(supersede):
        page = bench.pages.find_page(LISTING, FIRST, 1)
        assert page is not None
        both = bench.pages.read(page.raw), bench.pages.read(page.model)
    assert (page, *both) == (old.page, old.packed_raw, old.packed_model)
    assert bench.pages.find_page(LISTING, LATER, 1) == new.page


def test_a_page_item_that_was_broken_and_replaced_never_mixes_with_what_was_read_of_it(bench: Bench) -> None:
    """D-08: within a snapshot a page is replaced only after its item broke."""
    old, new = arrive(), arrive(upstream_body(7), now=later(minutes=5))
    save(bench, old)
    page = bench.pages.find_page(LISTING, FIRST, 1)
    assert page is not None
    (item,) = bench.table.of_kind("listing#", "page#")
    bench.table.put(item | {"rows": "invented"})
    assert save(bench, new) == new.page
    assert (bench.pages.read(page.raw), bench.pages.read(page.model)) == (old.packed_raw, old.packed_model)


def test_just_written_chunks_that_an_eventual_read_does_not_show_yet_are_read_again(moto_bench: Bench) -> None:
    """D-18."""
    arrival = arrive()
    save(moto_bench, arrival)

    def hide(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation == "BatchGetItem" and not asked(request)["RequestItems"][moto_bench.table.name]["ConsistentRead"]:
            return reply(request, 200, json.dumps({"Responses": {}, "UnprocessedKeys": {}}).encode())
        return None

    with moto_bench.wire.failing(hide):
        assert moto_bench.pages.read(arrival.page.raw) == arrival.packed_raw
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
        assert moto_bench.pages.read(arrival.page.raw) == arrival.packed_raw


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
    assert 2 < arrival.page.raw.chunks <= pages_table.BATCH_ROUNDS
    with moto_bench.wire.failing(_one_at_a_time(moto_bench.table.name)):
        assert moto_bench.pages.read(arrival.page.raw) == arrival.packed_raw


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
        assert moto_bench.pages.read(arrival.page.raw) is None
    assert next(rounds) == pages_table.BATCH_ROUNDS
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}
    assert moto_bench.pages.read(arrival.page.raw) == arrival.packed_raw
