"""What was tried against walks over the real table: a call that fails mixes no two lists, and hides no refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.erasure import OneListing, OneSnapshot, Target, WholeDistrict
from hallpass.domain.health import SEATS
from hallpass.domain.http import HttpResponse
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.upstream import UpstreamFailedError

from tests import records
from tests.store.conftest import Table, stand_in
from tests.store.plane import Plane, header, new_plane, problem, restart
from tests.store.test_doubt import FAULTS
from tests.store.wire import Fault, Wire
from tests.vendor.test_walks import Listed, named, token_of, uuids

SOME = ["D-01 throttled", "D-02 internal error", "D-03 read timeout", "D-04 no connection", "D-05 access denied"]
CSV = "/v1/incidents.csv"


@pytest.fixture(scope="module")
def moto_once() -> Iterator[tuple[Table, Wire]]:
    with stand_in(None) as table:
        yield table, Wire(table.client)


@pytest.fixture
def plane(moto_once: tuple[Table, Wire]) -> Plane:
    """Of 10 incidents on 4 pages, the newest first, checked in full."""
    made = new_plane(moto_once[0].client, moto_once[1])
    made.world.upstream = Listed()
    district = made.world.registry.district(records.DISTRICT_ID)
    assert district is not None
    policy = CachePolicy(check=Check.VERIFIED)
    made.world.registry.save_district(replace(district, cache=policy, version=district.version + 1))
    made.token = token_of(made.world)
    return made


def rows_of(plane: Plane) -> list[int]:
    assert isinstance(plane.world.upstream, Listed)
    return plane.world.upstream.rows


def shown(answer: HttpResponse) -> list[str]:
    return list(dict.fromkeys(re.findall(r"u-\d+", answer.body.decode())))


def walked(plane: Plane, *numbers: int) -> list[str]:
    return [row for number in numbers for row in uuids(plane.get(f"page={number}"))]


def listing_of(plane: Plane) -> Listing:
    return Listing(Account(records.DISTRICT_ID, plane.world.upstream.origin, 1), UpstreamQuery())


def only(operation: str, fault: Fault, about: bytes = b"") -> Fault:
    """Of the calls of that operation that speak `about` this."""

    def choose(called: str, request: AWSPreparedRequest) -> AWSResponse | None:
        body = request.body or b""
        told = body if isinstance(body, bytes) else str(body).encode()
        return fault(called, request) if called == operation and about in told else None

    return choose


@pytest.mark.parametrize("fault", SOME)
def test_a_page_one_that_the_table_could_not_tell_is_none_where_others_follow_it(plane: Plane, fault: str) -> None:
    assert walked(plane, 1, 2, 3, 4) == named(*range(10, 0, -1))
    plane.world.later(minutes=20)
    rows_of(plane).insert(0, 11)
    with plane.failing(plane.pages, FAULTS[fault]):
        refused = plane.get()
    assert (refused.status, problem(refused), shown(refused)) == (503, "unavailable", [])
    # Where the pin came to the table and only its answer was lost, the walk before it has ended.
    after = plane.get("page=3")
    assert (after.status, shown(after)) in [(200, named(4, 3, 2)), (410, [])]
    rows_of(plane)[:] = [11, 10]
    with plane.failing(plane.pages, FAULTS[fault]):
        alone = plane.get()
    assert (uuids(alone), "not-stored" in header(alone, "Cache-Status")) == (named(11, 10), True)


@pytest.mark.parametrize("fault", SOME)
def test_a_page_one_read_anew_because_its_bytes_could_not_be_read_leads_to_its_own_pages(
    plane: Plane, fault: str
) -> None:
    world = plane.world
    for number in (1, 2, 3, 4):
        assert world.get(plane.token, CSV, query=f"page={number}").status == 200
    restart(world, plane.pages)
    world.later(minutes=4)
    rows_of(plane).insert(0, 11)
    with plane.failing(plane.pages, only("BatchGetItem", FAULTS[fault])):
        first = world.get(plane.token, CSV)
    found = shown(first)
    for number in (2, 3, 4):
        found += shown(world.get(plane.token, CSV, query=f"page={number}"))
    assert found == named(*range(11, 0, -1))


@pytest.mark.parametrize("what", ["district", "listing", "snapshot"])
def test_a_hard_purge_in_the_middle_of_a_walk_ends_it(plane: Plane, what: str) -> None:
    assert walked(plane, 1, 2) == named(10, 9, 8, 7, 6, 5)
    listing = listing_of(plane)
    pointer = plane.world.walks.pointer(listing)
    assert pointer is not None
    assert pointer.snapshot is not None
    targets: dict[str, Target] = {
        "district": WholeDistrict(records.DISTRICT_ID),
        "listing": OneListing(listing),
        "snapshot": OneSnapshot(records.DISTRICT_ID, pointer.snapshot),
    }
    eraser = DynamoDbEraser(plane.pages.client, plane.pages.name).within(lambda: 26.0)
    eraser.erase(targets[what], plane.world.clock.now())
    rows_of(plane).remove(9)
    ended = plane.get("page=3")
    assert (ended.status, problem(ended), shown(ended)) == (410, "snapshot-expired", [])


@pytest.mark.parametrize("fault", SOME)
def test_nothing_stale_is_given_while_the_item_that_tells_of_a_refusal_cannot_be_read(plane: Plane, fault: str) -> None:
    assert plane.get().status == 200
    plane.world.later(minutes=10)
    plane.world.upstream.accepts = "another"
    assert plane.get().status == 200, "stale, and refused behind"
    with plane.failing(plane.pages, only("GetItem", FAULTS[fault], about=b"account#")):
        refused = plane.get()
        plane.world.upstream.accepts, plane.world.upstream.fault = "upstream-credential", UpstreamFailedError()
        failed = plane.get()
    assert (refused.status, problem(refused)) == (502, "upstream-credentials")
    assert (failed.status, problem(failed)) == (503, "upstream-error")


def test_which_listing_all_faults_were_met_at_is_kept(plane: Plane) -> None:
    """Else a query that the upstream cannot answer would be an outage for all."""
    accounts, listing, now = plane.world.accounts, listing_of(plane), plane.world.clock.now()
    other = Listing(listing.account, UpstreamQuery(first=date(2026, 1, 1), last=now.date()))
    told = []
    for met in (other, other, listing, other):
        health = accounts.health(listing.account)
        assert health is not None
        accounts.note_fault(listing.account, "upstream-error", now, None, health.named(met.key))
        health = accounts.health(listing.account)
        assert health is not None
        told.append((health.faults, health.listing))
    assert told == [(1, other.key), (2, other.key), (3, ""), (4, "")]


def test_who_reads_a_lost_page_anew_takes_a_seat(plane: Plane) -> None:
    assert walked(plane, 1, 2) == named(10, 9, 8, 7, 6, 5)
    # Another view, of a container that remembers nothing.
    restart(plane.world, plane.pages)
    account, now = listing_of(plane).account, plane.world.clock.now()
    for seat in range(SEATS):
        assert plane.world.accounts.take_seat(account, seat, now + timedelta(seconds=30), now)
    asked = len(plane.world.upstream.calls)
    pointer = plane.world.walks.pointer(listing_of(plane))
    assert pointer is not None
    query = f"snapshot={pointer.snapshot}&page=2"
    with plane.failing(plane.pages, only("BatchGetItem", FAULTS["D-01 throttled"])):
        refused = plane.world.get(plane.token, CSV, query=query)
    assert (refused.status, problem(refused)) == (503, "page-in-flight")
    assert len(plane.world.upstream.calls) == asked
