"""What lies in the table: how large, how long, found by which key, and nothing of anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer
from hallpass.domain import codec
from hallpass.domain.arrival import Arrival
from hallpass.domain.pages import LookUp, Missing, Stale, classify

from tests.store.conftest import Bench, Table
from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    LATER,
    LISTING,
    NOW,
    a_representation,
    arrive,
    later,
    noise_body,
    told_body,
    upstream_body,
)
from tests.store.wire import KilledError, die_after

ITEM_LIMIT = 409_600


def save(bench: Bench, arrival: Arrival) -> None:
    assert bench.store.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def item_size(item: dict[str, Any]) -> int:
    """Names in UTF-8 and values, as DynamoDB counts them; a number is counted at its largest, 21 bytes."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Binary):
        return len(bytes(value.value))  # type: ignore[attr-defined]  # not in stubs
    return 1 if isinstance(value, bool) else 21


def kind_of(item: dict[str, Any]) -> str:
    pk, sk = str(item["pk"]), str(item["sk"])
    return f"chunk of {pk.split('#')[2]}" if sk == "chunk" else f"{pk.partition('#')[0]} {sk.partition('#')[0]}"


def test_a_page_of_1_000_incidents_is_eight_items_and_a_representation_two(moto_bench: Bench) -> None:
    arrival = arrive(upstream_body(1_000))
    save(moto_bench, arrival)
    assert moto_bench.store.save_representation(*a_representation(b'{"invented":"page"}'))
    kinds = sorted(kind_of(item) for item in moto_bench.table.items())
    assert kinds == sorted(
        [
            "inventory listing",
            "inventory raw",
            "inventory model",
            "inventory representation",
            "chunk of raw",
            *["chunk of model"] * 2,
            "chunk of representation",
            "listing page",
            "listing pointer",
        ]
    )
    assert max(item_size(item) for item in moto_bench.table.items() if item["sk"] != "chunk") < 2_000


@pytest.mark.parametrize("body", [upstream_body(1_000), noise_body(4_000_000)], ids=["usual", "that hardly packs"])
def test_no_item_of_a_page_comes_near_the_limit(bench: Bench, body: bytes) -> None:
    """D-12."""
    save(bench, arrive(body))
    items = bench.table.items()
    assert max(item_size(item) for item in items) < ITEM_LIMIT
    assert max(len(bytes(item["content"].value)) for item in items if "content" in item) <= codec.CHUNK_BYTES


def test_the_districts_inventory_leads_to_every_item_without_a_scan(bench: Bench) -> None:
    save(bench, arrive(noise_body(900_000)))
    save(bench, arrive(number=2, snapshot=LATER))
    bench.store.save_representation(*a_representation())
    theirs = arrive(district="D2nd")
    bench.store.save_representation(*a_representation(district="D2nd"))
    everything = {(item["pk"], item["sk"]) for item in bench.table.items()}
    assert _led_to(bench.table, DISTRICT) | _led_to(bench.table, theirs.page.raw.district_id) == everything
    assert not _led_to(bench.table, DISTRICT) & _led_to(bench.table, "D2nd")


def _led_to(table: Table, district: str) -> set[tuple[str, str]]:
    inventory = _query(table, f"inventory#{district}")
    keys = {(item["pk"], item["sk"]) for item in inventory}
    for item in inventory:
        kind, _, name = item["sk"].partition("#")
        if kind == "listing":
            keys |= {(found["pk"], found["sk"]) for found in _query(table, item["sk"])}
        else:
            keys |= {(f"chunk#{district}#{kind}#{name}#{n}", "chunk") for n in range(int(item["chunks"]))}
    return keys


def _query(table: Table, pk: str) -> list[dict[str, Any]]:
    pages = table.client.get_paginator("query").paginate(
        TableName=table.name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}
    )
    return [_plain(item) for page in pages for item in page["Items"]]


def test_the_inventory_is_there_before_what_it_lists(moto_bench: Bench) -> None:
    """So that what a save left half-way is found too."""
    for calls in range(9):
        with moto_bench.wire.failing(die_after(calls)), pytest.raises(KilledError):
            save(moto_bench, arrive(told_body(str(calls))))
        everything = {(item["pk"], item["sk"]) for item in moto_bench.table.items()}
        assert everything <= _led_to(moto_bench.table, DISTRICT)


CANARY = b"""<incidents count="1" page="1" total-pages="1"><incident uuid="0c0ffee0-0000-4000-8000-00000000cafe"
 type="minor"><date>2026-02-03</date><school code="C4N4RY"/><description>Canaryfreetext</description>
 <offenders count="1"><offender><student district-id="7654321"><name>Canary Pupilname</name></student></offender>
 </offenders></incident></incidents>"""
CANARIES = re.compile("canary|c4n4ry|7654321|c0ffee0|cafe|2026-02|referral|from=", re.IGNORECASE)


def test_no_key_and_no_plain_attribute_tells_anything_of_a_person_or_a_query(moto_bench: Bench) -> None:
    arrival = arrive(CANARY)
    save(moto_bench, arrival)
    moto_bench.store.save_representation(*a_representation(CANARY))
    moto_bench.store.note_refusal(ACCOUNT, later(minutes=1))
    items = moto_bench.table.items()
    assert len(items) == 10
    for item in items:
        plain = {name: value for name, value in item.items() if name != "content"}
        assert not CANARIES.search(repr(plain)), item["pk"]
        assert not any(isinstance(value, Binary) for value in plain.values())


def test_whatever_may_still_be_used_is_not_swept(bench: Bench) -> None:
    """A page is saved every 30 hours with the same content: nothing it needs ends before it does."""
    for turn in range(5):
        now = bench.clock.now()
        arrival = arrive(snapshot=f"{turn}", now=now)
        save(bench, arrival)
        representation, packed = a_representation()
        if bench.store.find_representation(DISTRICT, representation.stored.name) is None:
            bench.store.save_representation(representation, packed)
        last_use = (arrival.page.stale_until + timedelta(seconds=1)).timestamp()
        mine = [item for item in bench.table.items() if not item["sk"].startswith("page#") or f"#{turn}#" in item["sk"]]
        assert [kind_of(item) for item in mine if item["ttl"] <= last_use] == []
        bench.clock.move(timedelta(hours=30))


def test_a_refusal_is_swept_after_its_end(bench: Bench) -> None:
    until = later(seconds=60, microseconds=5)
    bench.store.note_refusal(ACCOUNT, until)
    assert all(item["ttl"] > until.timestamp() for item in bench.table.items())


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(hours=23), Stale), (timedelta(hours=24), Missing), (timedelta(days=4), Missing)],
    ids=["before its end", "at its end", "two days after its time to live"],
)
def test_an_item_that_is_not_swept_yet_is_no_page(bench: Bench, age: timedelta, expected: type[LookUp]) -> None:
    """D-13: the times in a page decide, not its being there."""
    save(bench, arrive())
    assert isinstance(classify(bench.store.find_page(LISTING, 1).page, NOW + age), expected)


def _plain(item: Any) -> dict[str, Any]:
    return {name: _READ.deserialize(value) for name, value in item.items()}


_READ = TypeDeserializer()
