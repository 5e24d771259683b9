"""Erasing in the real table: what is left for whom, what was asked of the table, and what is taken along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from hallpass.adapters import page_items
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.domain.arrival import Arrival
from hallpass.domain.erasure import OneListing, OneSnapshot, WholeDistrict
from hallpass.domain.listing import Listing

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
    publish,
    told_body,
    written,
)
from tests.store.wire import asked

ALL = WholeDistrict(DISTRICT)
SOON, AFTER_ALL_READERS = later(seconds=299), later(seconds=300)


def eraser(bench: Bench) -> DynamoDbEraser:
    return DynamoDbEraser(bench.table.client, bench.table.name).within(lambda: 26.0)


def save(bench: Bench, arrival: Arrival, listing: Listing = LISTING) -> Arrival:
    assert bench.pages.save_page(listing, *written(arrival))
    if arrival.page.number == 1:
        publish(bench.walks, listing, arrival.page.snapshot)
    return arrival


def keys(bench: Bench) -> set[tuple[str, str]]:
    return {(item["pk"], item["sk"]) for item in bench.table.items()}


def test_a_listings_entry_outlives_every_reader_that_began_before_and_nothing_else_does(bench: Bench) -> None:
    save(bench, arrive())
    representation, packed = a_representation()
    bench.pages.save_representation(representation, packed)
    entry = (f"inventory#{DISTRICT}", f"listing#{LISTING.key}")
    for moment in (NOW, SOON):
        assert eraser(bench).erase(ALL, moment).watched == 1
        assert keys(bench) == {entry}
    assert eraser(bench).erase(ALL, AFTER_ALL_READERS).watched == 0
    assert keys(bench) == set()


def test_of_a_district_that_has_ended_nothing_is_kept_once_its_last_reader_is_gone(bench: Bench) -> None:
    save(bench, arrive())
    assert eraser(bench).erase(WholeDistrict(DISTRICT, 1, closed_at=NOW), SOON).watched == 1
    # A reader from before the end comes late.
    save(bench, arrive())
    done = eraser(bench).erase(WholeDistrict(DISTRICT, 1, closed_at=NOW), AFTER_ALL_READERS)
    assert (done.pages, done.artefacts, done.watched) == (1, 2, 0)
    assert keys(bench) == set()


def test_an_artefact_that_was_not_whole_is_watched_as_long(bench: Bench) -> None:
    arrival = save(bench, arrive())
    [raw] = bench.table.of_kind("inventory#", "raw#")
    bench.table.put(raw | {"complete": False})
    done = eraser(bench).erase(ALL, NOW)
    assert (done.artefacts, done.chunks, done.watched) == (2, 2, 2)
    # Its writer comes too late, and dies before it says so.
    [chunk] = page_items.chunk_items(arrival.page.raw, arrival.packed_raw, 0)
    bench.table.put(dict(chunk))
    assert eraser(bench).erase(ALL, AFTER_ALL_READERS).finished
    assert keys(bench) == set()


def test_an_entry_that_was_written_again_is_as_if_it_had_never_been_erased(bench: Bench) -> None:
    arrival = save(bench, arrive())
    for moment in (NOW, later(seconds=200), later(seconds=400)):
        done = eraser(bench).erase(ALL, moment)
        assert (done.listings, done.artefacts, done.watched) == (1, 2, 1)
        save(bench, arrival)


@pytest.mark.parametrize("chunks", ["many", -1, 0, 10**9, None], ids=str)
def test_an_entry_that_cannot_be_read_is_erased_with_as_many_chunks_as_there_can_be(bench: Bench, chunks: Any) -> None:
    bench.table.put({"pk": f"inventory#{DISTRICT}", "sk": "raw#abc", "schema": 1, "chunks": chunks, "complete": True})
    for number in (0, 1, page_items.MAX_CHUNKS - 1):
        bench.table.put({"pk": f"chunk#{DISTRICT}#raw#abc#{number}", "sk": "chunk"})
    done = eraser(bench).erase(ALL, NOW)
    assert (done.artefacts, done.left_chunks) == (1, 0)
    assert keys(bench) == set()


def test_what_only_a_page_still_knows_is_erased_too(bench: Bench) -> None:
    save(bench, arrive())
    for entry in bench.table.of_kind("inventory#", "raw#") + bench.table.of_kind("inventory#", "model#"):
        bench.table.delete(entry)
    eraser(bench).erase(ALL, NOW)
    assert not bench.table.of_kind("chunk#")


def test_with_a_listing_go_its_representations_and_what_the_inventory_files_under_it(bench: Bench) -> None:
    arrival = save(bench, arrive())
    rendered = {name: a_representation(body=name.encode())[0].stored.name for name in ("model", "raw", "another's")}
    for name, source in (("model", arrival.page.model.name), ("raw", arrival.page.raw.name), ("another's", "0" * 64)):
        representation, packed = a_representation(body=name.encode())
        bench.pages.save_representation(replace(representation, source=source), packed)
    # Its page is gone already.
    swept, _ = a_representation(b"swept")
    bench.table.put({"pk": f"inventory#{DISTRICT}", "sk": "raw#swept", "listing": LISTING.key, "complete": True})
    bench.table.put({"pk": f"chunk#{DISTRICT}#raw#swept#0", "sk": "chunk"})
    assert eraser(bench).erase(OneListing(LISTING), NOW).artefacts == 5
    assert {item["sk"] for item in bench.table.of_kind("inventory#")} == {
        f"listing#{LISTING.key}",
        "representation#" + rendered["another's"],
    }
    assert len(bench.table.of_kind("chunk#")) == 1
    assert swept.stored.name not in str(bench.table.items())


def test_a_listing_of_an_earlier_account_is_found_by_its_query(bench: Bench) -> None:
    earlier = replace(LISTING, account=replace(ACCOUNT, epoch=2))
    other = replace(earlier, query=replace(LISTING.query, deleted=True))
    for listing in (earlier, other):
        save(bench, arrive(told_body(listing.key)), listing)
    assert eraser(bench).mark_stale(OneListing(LISTING), NOW).listings == 1
    assert eraser(bench).erase(OneListing(LISTING), NOW).pages == 1
    assert bench.pages.find_page(earlier, FIRST, 1) is None
    assert bench.pages.find_page(other, FIRST, 1) is not None


def test_with_a_listing_goes_all_that_is_filed_under_it(bench: Bench) -> None:
    save(bench, arrive())
    beside = [{"pk": f"listing#{LISTING.key}", "sk": sk} for sk in (f"snapshot#{FIRST}", "pin#D1stVnd1", "lease")]
    busy = [{"pk": "busy", "sk": f"{district}#{LISTING.key}"} for district in (DISTRICT, "D2nd")]
    for item in (*beside, *busy):
        bench.table.put(item)
    done = eraser(bench).erase(OneListing(LISTING), NOW)
    assert (done.snapshots, done.pages) == (1, 1)
    assert keys(bench) == {
        (f"inventory#{DISTRICT}", f"listing#{LISTING.key}"),
        ("busy", f"D2nd#{LISTING.key}"),
    }


def test_with_a_snapshot_goes_what_names_it_and_nothing_else(bench: Bench) -> None:
    for name, moment in ((FIRST, NOW), (LATER, later(minutes=5))):
        save(bench, arrive(told_body(name), snapshot=name, now=moment))
        bench.table.put({"pk": f"listing#{LISTING.key}", "sk": f"snapshot#{name}"})
        bench.table.put({"pk": f"listing#{LISTING.key}", "sk": f"pin#{name[-8:]}", "snapshot": name})
    bench.table.put({"pk": f"listing#{LISTING.key}", "sk": "lease"})
    assert eraser(bench).erase(OneSnapshot(DISTRICT, FIRST), NOW).snapshots == 1
    assert {item["sk"] for item in bench.table.of_kind("listing#")} == {
        "pointer",
        "lease",
        f"page#{LATER}#1",
        f"snapshot#{LATER}",
        f"pin#{LATER[-8:]}",
    }


def test_a_whole_district_goes_with_what_was_asked_for_lately_and_a_deleted_one_with_its_accounts(bench: Bench) -> None:
    for partition, sk in (
        ("busy", f"{DISTRICT}#x"),
        ("busy", "D2nd#x"),
        (f"account#{DISTRICT}#1", "health"),
        (f"account#{DISTRICT}#2", "breaker"),
        (f"account#{DISTRICT}#3", "breaker"),
        ("account#D2nd#1", "health"),
        (f"refusal#{DISTRICT}#1", "refusal"),
    ):
        bench.table.put({"pk": partition, "sk": sk})
    eraser(bench).erase(ALL, NOW)
    assert ("busy", f"{DISTRICT}#x") not in keys(bench)
    assert len(keys(bench)) == 6
    eraser(bench).erase(WholeDistrict(DISTRICT, 2), NOW)
    assert {partition for partition, _ in keys(bench)} == {"busy", "account#D2nd#1", f"account#{DISTRICT}#3"}


def test_what_is_made_stale_is_marked_at_the_pointer_and_nowhere_else(bench: Bench) -> None:
    save(bench, arrive())
    before = bench.table.items()
    eraser(bench).mark_stale(ALL, later(minutes=1))
    changed = [item for item in bench.table.items() if item not in before]
    [pointer] = [item for item in before if item["sk"] == "pointer"]
    assert changed == [pointer | {"stale_since": "2026-03-02T15:01:00.000000+00:00"}]
    bench.table.delete(pointer)
    assert eraser(bench).mark_stale(ALL, NOW).listings == 0
    assert not bench.table.of_kind("listing#", "pointer")


def test_every_read_is_consistent_and_none_reads_a_page(bench: Bench) -> None:
    save(bench, arrive())
    reads: list[Any] = []

    def look(operation: str, request: AWSPreparedRequest) -> None:
        body = asked(request)
        if operation == "BatchGetItem":
            reads.extend(body["RequestItems"].values())
        elif operation in ("Query", "GetItem"):
            reads.append(body)

    with bench.wire.failing(look):
        eraser(bench).erase(ALL, NOW)
        eraser(bench).mark_stale(ALL, NOW)
    assert all(read["ConsistentRead"] for read in reads)
    chunks = [read for read in reads if "Keys" in read]
    assert {read["ProjectionExpression"] for read in chunks} == {"pk, sk"}
    proven = {key["pk"]["S"] for read in chunks for key in read["Keys"]}
    assert sum(key.startswith("chunk#") for key in proven) == 2
    assert f"listing#{LISTING.key}" in proven


def test_pointers_go_first_and_pages_after_what_only_they_name(bench: Bench) -> None:
    save(bench, arrive())
    writes: list[str] = []

    def look(operation: str, request: AWSPreparedRequest) -> None:
        if operation == "DeleteItem":
            writes.append(asked(request)["Key"]["sk"]["S"])
        elif operation == "BatchWriteItem":
            [batch] = asked(request)["RequestItems"].values()
            writes.extend(entry["DeleteRequest"]["Key"]["sk"]["S"] for entry in batch)

    with bench.wire.failing(look):
        eraser(bench).erase(OneListing(LISTING), NOW)
    kinds = [sk.partition("#")[0] for sk in writes]
    assert kinds[:3] == ["pointer", "chunk", "chunk"]
    assert set(kinds[3:5]) == {"raw", "model"}, "an entry goes after its chunks"
    assert kinds[5] == "page"


def test_what_is_written_behind_the_eye_of_a_pass_is_met_by_the_next(moto_bench: Bench) -> None:
    arrival = save(moto_bench, arrive())
    written: list[Any] = []

    def write_once(operation: str, _: AWSPreparedRequest) -> None:
        if operation == "DeleteItem" and not written:
            # It sorts before all that there is.
            written.append(operation)
            moto_bench.table.put({"pk": f"inventory#{DISTRICT}", "sk": "listing#000", "schema": 1})
            page = page_items.page_item(LISTING, arrival.page)
            moto_bench.table.put({**page, "pk": "listing#000"})

    with moto_bench.wire.failing(write_once):
        done = eraser(moto_bench).erase(ALL, NOW)
    assert (done.listings, done.pages) == (2, 2)
    assert not moto_bench.table.of_kind("listing#")


def test_an_inventory_is_read_to_its_last_page(moto_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        save(moto_bench, arrive(told_body(str(number)), number=number))
    query = moto_bench.table.client.query

    def one_at_a_time(**request: Any) -> Any:
        return query(**request, Limit=1)

    monkeypatch.setattr(moto_bench.table.client, "query", one_at_a_time)
    assert eraser(moto_bench).erase(ALL, NOW).artefacts == 10
    assert len(moto_bench.table.items()) == 1
