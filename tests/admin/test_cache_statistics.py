"""How much of a district is cached, and how old it is: counts, no content."""

from __future__ import annotations

from typing import Any

from hallpass.adapters.dynamodb_cache_count import DynamoDbCacheCounter
from hallpass.domain.leases import LEASE_FOR, Granted, Slot
from hallpass.domain.stored import Stored

from tests.admin.conftest import Office
from tests.admin.test_purges import fill, plane
from tests.records import NOW

EMPTY: dict[str, Any] = {
    "listings": 0, "snapshots": 0, "pages": 0, "representations": 0, "reading": 0, "bytes": 0,
    "oldest": None, "newest": None, "finished": True,
}  # fmt: skip


def statistics(office: Office, district: str) -> dict[str, Any]:
    reply = office.call("GET", f"/admin/v1/districts/{district}/cache/statistics")
    assert reply.status == 200
    return dict(reply.json)


def test_what_is_cached_is_counted_with_its_age(either: Office) -> None:
    district, other = either.district(), either.district("Another Invented")
    assert statistics(either, district) == EMPTY
    listing = fill(either, district)
    fill(either, district, deleted=True)
    fill(either, other)
    page = plane(either).current(listing)
    assert page is not None
    told = statistics(either, district)
    received = f"{page.received.received_at:%Y-%m-%dT%H:%M:%SZ}"
    counted = {"listings": 2, "snapshots": 2, "pages": 2, "representations": 0, "oldest": received, "newest": received}
    assert told == EMPTY | counted | {"bytes": told["bytes"]}
    assert told["bytes"] > page.raw.size + page.model.size
    either.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": "hard"})
    assert (statistics(either, district) | {"listings": 0}) == EMPTY


def test_who_reads_a_listing_is_told_until_the_turn_is_over(either: Office) -> None:
    district = either.district()
    read = [fill(either, district), fill(either, district, deleted=True)]
    walks = plane(either).walks
    for listing, slot in zip(read, Slot, strict=True):
        pointer = walks.pointer(listing)
        assert pointer is not None
        assert isinstance(walks.take(listing, slot, pointer, "somebody"), Granted)
    assert statistics(either, district)["reading"] == 2
    walks.release(read[0], Slot.PAGE, "somebody")
    assert statistics(either, district)["reading"] == 1
    either.clock.move(LEASE_FOR)
    assert statistics(either, district)["reading"] == 0


def test_what_there_was_no_time_for_is_said(aws_office: Office) -> None:
    district = aws_office.district()
    fill(aws_office, district)
    counter = aws_office.desk.counter
    assert isinstance(counter, DynamoDbCacheCounter)
    assert counter.count(district, NOW, lambda: 0.0) == Stored(0, 0, 0, 0, 0, 0, None, None, finished=False)
    calls = iter([9.0, 0.0])
    assert counter.count(district, NOW, lambda: next(calls)).finished is False


def test_a_page_whose_time_is_broken_counts_without_it(aws_office: Office) -> None:
    district = aws_office.district()
    listing = fill(aws_office, district)
    client, table = aws_office.desk.counter._client, aws_office.desk.counter._name  # type: ignore[attr-defined]  # its own
    asked = {":pk": {"S": f"listing#{listing.key}"}}
    items = client.query(TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=asked)["Items"]
    [page] = [item for item in items if item["sk"]["S"].startswith("page#")]
    client.put_item(TableName=table, Item=page | {"received_at": {"S": "canary"}})
    told = statistics(aws_office, district)
    assert (told["pages"], told["oldest"], told["finished"]) == (1, None, True)
