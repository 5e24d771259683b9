"""What lies in the table: how large, how long, found by which key, and nothing of anybody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer
from hallpass.domain import codec
from hallpass.domain.arrival import Arrival
from hallpass.domain.health import SEATS, Closed, gate
from hallpass.domain.leases import Granted, Pointer, Slot
from hallpass.domain.listing import Listing
from hallpass.domain.pages import LONGEST_USE, revalidated

from tests.store.conftest import Bench, Table
from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    NOW,
    a_representation,
    a_walk,
    arrive,
    noise_body,
    told_body,
    upstream_body,
)
from tests.store.wire import KilledError, die_after

ITEM_LIMIT = 409_600


def save(bench: Bench, arrival: Arrival) -> None:
    assert bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


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


def test_a_page_of_1_000_incidents_is_seven_items_and_a_representation_two(moto_bench: Bench) -> None:
    arrival = arrive(upstream_body(1_000))
    save(moto_bench, arrival)
    assert moto_bench.pages.save_representation(*a_representation(b'{"invented":"page"}'))
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
    use_walks(bench, LISTING)
    bench.pages.save_representation(*a_representation())
    theirs = arrive(district="D2nd")
    bench.pages.save_representation(*a_representation(district="D2nd"))
    # What is busy and how an account fares have keys that say whose they are.
    named = ("busy", "account#")
    everything = {(item["pk"], item["sk"]) for item in bench.table.items() if not item["pk"].startswith(named)}
    assert _led_to(bench.table, DISTRICT) | _led_to(bench.table, theirs.page.raw.district_id) == everything
    assert not _led_to(bench.table, DISTRICT) & _led_to(bench.table, "D2nd")


def use_walks(bench: Bench, listing: Listing) -> None:
    """Every mutable item of a listing and of its account is written."""
    bench.walks.note_use(listing, Pointer(), walked=True)
    turn = bench.walks.take(listing, Slot.WALK, bench.walks.pointer(listing) or Pointer(), "owner")
    assert isinstance(turn, Granted)
    assert bench.walks.publish(listing, Slot.WALK, turn, FIRST)
    assert bench.walks.save_walk(listing, a_walk())
    bench.walks.save_pin(listing, "D1stV001Tok1", FIRST)
    bench.accounts.note_fault(listing.account, "upstream-error", NOW, NOW)
    bench.accounts.note_refusal(listing.account, NOW)
    assert bench.accounts.take_seat(listing.account, 7, NOW, NOW)


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
    for calls in range(8):
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
    moto_bench.pages.save_representation(*a_representation(CANARY))
    use_walks(moto_bench, LISTING)
    items = moto_bench.table.items()
    assert len(items) == 13
    for item in items:
        # A listing's own query stands beside its key, so that a purge may choose by it: what it asks, not who is in it.
        plain = {name: value for name, value in item.items() if name not in ("content", "query")}
        assert not CANARIES.search(repr(plain)), item["pk"]
        assert not any(isinstance(value, Binary) for value in plain.values())


def test_whatever_may_still_be_used_is_not_swept(bench: Bench) -> None:
    """A page is saved every 30 hours with the same content: nothing it needs ends before it does."""
    for turn in range(7):
        now = bench.clock.now()
        arrival = arrive(snapshot=f"{turn}", now=now)
        save(bench, arrival)
        representation, packed = a_representation()
        if bench.pages.find_representation(DISTRICT, representation.stored.name) is None:
            bench.pages.save_representation(representation, packed)
        # The upstream may say, when the page's use is over, that it still stands for as long again.
        again = 2 * LONGEST_USE
        mine = [item for item in bench.table.items() if not item["sk"].startswith("page#")]
        assert [kind_of(item) for item in mine if item["ttl"] < (now + again).timestamp()] == []
        assert [page["ttl"] for page in _pages(bench, f"{turn}")] > [(now + LONGEST_USE).timestamp()]
        bench.clock.move(timedelta(hours=30))


def _pages(bench: Bench, snapshot: str) -> list[dict[str, Any]]:
    return bench.table.of_kind("listing#", f"page#{snapshot}#")


def test_what_stands_for_as_long_again_is_not_swept(bench: Bench) -> None:
    arrival = arrive()
    save(bench, arrival)
    now = NOW + LONGEST_USE
    received = replace(arrival.page.received, requested_at=now, received_at=now)
    assert bench.pages.reuse_page(LISTING, revalidated(arrival.page, LATER, received))
    (page,) = _pages(bench, LATER)
    blobs = [item["ttl"] for item in bench.table.items() if item["sk"] == "chunk"]
    assert min(page["ttl"], *blobs) > (now + LONGEST_USE).timestamp()


def test_no_mutable_item_is_swept_while_anything_of_its_listing_may_be_used(bench: Bench) -> None:
    """A walk is kept after use for an hour, and no longer than its page 1 may be used."""
    use_walks(bench, LISTING)
    kinds = {kind_of(item): item["ttl"] for item in bench.table.items()}
    assert sorted(kinds) == sorted(
        ["listing pointer", "listing snapshot", "listing pin", f"busy {DISTRICT}", "account health"]
    )
    assert min(kinds.values()) > (NOW + LONGEST_USE).timestamp()


@pytest.mark.parametrize("age", [timedelta(seconds=1), timedelta(days=2)], ids=str)
def test_an_item_that_is_not_swept_yet_says_itself_that_it_is_over(bench: Bench, age: timedelta) -> None:
    """D-13: the times in an item decide, not its being there; what lies there past its `ttl` is read as it was."""
    arrival = arrive()
    save(bench, arrival)
    use_walks(bench, LISTING)
    ends = max(item["ttl"] for item in bench.table.items())
    bench.clock.move(datetime.fromtimestamp(int(ends), UTC) + age - bench.clock.now())
    page, walk, pointer = (
        bench.pages.find_page(LISTING, FIRST, 1),
        bench.walks.find_walk(LISTING, FIRST),
        bench.walks.pointer(LISTING),
    )
    now = bench.clock.now()
    assert page is None or now - page.fetched_at > LONGEST_USE
    assert walk is not None
    assert walk.expires_at < now
    assert pointer is not None
    assert not pointer.taken(Slot.WALK, "another", now)
    health = bench.accounts.health(ACCOUNT)
    assert health is not None
    assert isinstance(gate(health, now), Closed)
    assert len(health.free_seats(now)) == SEATS


def _plain(item: Any) -> dict[str, Any]:
    return {name: _READ.deserialize(value) for name, value in item.items()}


_READ = TypeDeserializer()
