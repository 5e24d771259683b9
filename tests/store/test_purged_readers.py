"""A purge as vendors meet it, before and during their requests: over the fakes and both stand-ins of the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hallpass.adapters.dynamodb_erasure import DynamoDbEraser
from hallpass.domain.erasure import OneListing, OneSnapshot, Target, WholeDistrict
from hallpass.domain.http import HttpResponse
from hallpass.domain.http_caching import Headers
from hallpass.domain.leases import Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamAnswer, UpstreamFailedError
from hallpass.page_ports import PageEraser

from tests import records
from tests.fakes import SetClock
from tests.page_eraser_fake import MemoryEraser
from tests.store.conftest import Bench
from tests.vendor.world import World, incident, page
from tests.vendor_fakes import ScriptedUpstream

DISTRICT = records.DISTRICT_ID
OLD, NEW = "as it was", "as it was put right"
PAGES = 3


@dataclass(slots=True)
class Corrected(ScriptedUpstream):
    """Three pages of one incident each. `during`: what happens, once, while a page is read."""

    during: dict[int, Callable[[], object]] = field(default_factory=dict)

    def tell(self, text: str) -> None:
        for number in range(1, PAGES + 1):
            self.pages[number] = page(incident(number, text=text), number=number, total=PAGES)

    def fetch(
        self, credential: Secret, query: UpstreamQuery, page: int, seconds: float, validators: Headers = ()
    ) -> UpstreamAnswer:
        answer = ScriptedUpstream.fetch(self, credential, query, page, seconds, validators)
        self.during.pop(page, lambda: None)()
        return answer


@dataclass(frozen=True, slots=True)
class Stage:
    """A data plane, and who purges what it keeps."""

    world: World
    upstream: Corrected
    eraser: PageEraser
    token: str

    @property
    def listing(self) -> Listing:
        return Listing(Account(DISTRICT, self.upstream.origin, 1), UpstreamQuery())

    @property
    def snapshot(self) -> str | None:
        """The current one."""
        pointer = self.world.walks.pointer(self.listing)
        assert pointer is not None
        return pointer.snapshot

    def get(self, number: int, snapshot: str | None = None) -> HttpResponse:
        return self.world.get(self.token, query=f"page={number}" + (f"&snapshot={snapshot}" if snapshot else ""))

    def poll(self) -> HttpResponse:
        return self.world.get(self.token, "/v1/snapshot")

    def hard(self, target: Target) -> None:
        done = self.eraser.erase(target, self.world.clock.now())
        assert (done.finished, done.left_pages, done.left_chunks) == (True, 0, 0)

    def soft(self) -> None:
        assert self.eraser.mark_stale(WholeDistrict(DISTRICT), self.world.clock.now()).listings == 1

    @property
    def calls(self) -> int:
        return len(self.upstream.calls)


@pytest.fixture
def stage(real: Bench | None, clock: SetClock) -> Stage:
    upstream = Corrected()
    world = World(clock=clock, upstream=upstream)
    upstream.tell(OLD)
    eraser: PageEraser = MemoryEraser(world.store, world.walks, world.accounts)
    if real is not None:
        # The world is written for the fakes; it is the ports that it uses.
        world.store, world.walks, world.accounts = real.pages, real.walks, real.accounts  # type: ignore[assignment]
        eraser = DynamoDbEraser(real.table.client, real.table.name).within(lambda: 26.0)
    return Stage(world, upstream, eraser, world.token())


def told(answer: HttpResponse) -> str:
    """What its one incident says."""
    assert answer.status == 200, answer.body
    [shown] = json.loads(answer.body)["incidents"]
    return str(shown["description"])


def targets(stage: Stage) -> dict[str, Target]:
    assert stage.snapshot is not None
    return {
        "district": WholeDistrict(DISTRICT),
        "listing": OneListing(stage.listing),
        "snapshot": OneSnapshot(DISTRICT, stage.snapshot),
    }


KINDS = pytest.mark.parametrize("kind", ["district", "listing", "snapshot"])


@KINDS
def test_after_a_hard_purge_the_next_reader_makes_one_call_and_gets_what_is_right(stage: Stage, kind: str) -> None:
    assert told(stage.get(1)) == OLD
    assert told(stage.get(1)) == OLD
    assert stage.calls == 1
    stage.hard(targets(stage)[kind])
    assert stage.snapshot is None
    stage.upstream.tell(NEW)
    assert [told(stage.get(1)) for _ in range(2)] == [NEW, NEW]
    assert stage.calls == 2


@KINDS
def test_after_a_hard_purge_nothing_is_read_by_a_snapshots_id_a_pin_or_the_cheap_poll(stage: Stage, kind: str) -> None:
    assert [told(stage.get(number)) for number in (1, 2, 3)] == [OLD] * 3
    before, tag = stage.snapshot, stage.poll().header("ETag")
    stage.hard(targets(stage)[kind])
    stage.upstream.tell(NEW)
    for number in (1, 2, 3):
        assert stage.get(number, before).status == 410
    assert [stage.get(number).status for number in (2, 3)] == [410, 410]
    assert [told(stage.get(number)) for number in (1, 2, 3)] == [NEW] * 3
    polled = stage.poll()
    assert (polled.status, polled.header("ETag") == tag) == (200, False)


@KINDS
def test_who_reads_page_1_during_a_hard_purge_answers_and_publishes_nothing(stage: Stage, kind: str) -> None:
    stage.get(1)
    target, began = targets(stage)[kind], stage.world.later(days=3)

    def purge() -> None:
        stage.hard(target)
        stage.upstream.tell(NEW)

    stage.upstream.during[1] = purge
    assert told(stage.get(1)) == OLD, "it was read before"
    assert stage.snapshot is None
    assert told(stage.get(1)) == NEW
    assert stage.calls == 3
    assert stage.world.clock.now() - began < timedelta(seconds=5), "nobody stands in the way"


@KINDS
def test_a_walk_that_meets_a_hard_purge_is_read_anew_to_its_end(stage: Stage, kind: str) -> None:
    stage.get(1)
    target, began = targets(stage)[kind], stage.world.clock.now()

    def purge() -> None:
        stage.hard(target)
        stage.upstream.tell(NEW)

    stage.upstream.during[2] = purge
    assert stage.get(2).status in (200, 410, 503)
    assert [told(stage.get(number)) for number in (1, 2, 3)] == [NEW] * 3
    assert stage.world.clock.now() - began < timedelta(seconds=5), "nobody stands in the way"


def test_a_turn_that_a_purge_took_is_not_taken_anew(stage: Stage) -> None:
    stage.get(1)
    stage.world.background.at_once = False
    assert stage.get(2).status == 503
    assert len(stage.world.background.orders) == 1, "who waits orders once"
    stage.hard(WholeDistrict(DISTRICT))
    calls = stage.calls
    stage.world.background.run()
    assert stage.calls == calls
    pointer = stage.world.walks.pointer(stage.listing)
    assert pointer is not None
    assert pointer.lease(Slot.WALK) is None


def test_after_a_soft_purge_page_1_is_stale_once_and_read_anew_behind(stage: Stage) -> None:
    assert told(stage.get(1)) == OLD
    stage.world.later(seconds=1)
    stage.soft()
    stage.upstream.tell(NEW)
    stage.world.background.at_once = False
    stale = stage.get(1)
    assert told(stale) == OLD
    assert str(stale.header("Cache-Status")).startswith("hallpass; hit; ttl=0;")
    assert "detail=stale-while-revalidate" in str(stale.header("Cache-Status"))
    stage.world.later(seconds=1)
    stage.world.background.run()
    fresh = stage.get(1)
    assert (told(fresh), stage.calls) == (NEW, 2)
    assert "stale" not in str(fresh.header("Cache-Status"))


def test_a_walk_goes_on_in_its_snapshot_through_a_soft_purge(stage: Stage) -> None:
    assert told(stage.get(1)) == OLD
    assert told(stage.get(2)) == OLD
    before, calls = stage.snapshot, stage.calls
    stage.world.later(seconds=1)
    stage.soft()
    stage.upstream.tell(NEW)
    assert told(stage.get(3)) == OLD
    assert told(stage.get(3, before)) == OLD
    assert stage.calls == calls


def test_what_a_soft_purge_made_stale_answers_no_fault_of_a_district_that_allows_none(stage: Stage) -> None:
    district = stage.world.registry.district(DISTRICT)
    assert district is not None
    policy = replace(district.cache, stale_while_revalidate=timedelta(0), stale_if_error=timedelta(0))
    stage.world.registry.save_district(replace(district, cache=policy, version=district.version + 1))
    stage.get(1)
    stage.world.later(seconds=1)
    stage.soft()
    stage.upstream.fault = UpstreamFailedError(upstream_status=503)
    assert stage.get(1).status == 503
