"""The services that read pages, over ports that park: requests, walks of vendors, and orders in the background.

Rule: nothing here decides anything; it notes who was granted a turn, who called the upstream, and what was current.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hallpass.domain import codec
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.cache_errors import SnapshotExpiredError
from hallpass.domain.cache_policy import CachePolicy, Check
from hallpass.domain.errors import UnavailableError
from hallpass.domain.failure import HallpassError, Retry
from hallpass.domain.leases import Granted, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.model import incident_uuid, load_model
from hallpass.domain.outcome import Outcome
from hallpass.domain.refresh_order import Action, Order, read_order
from hallpass.domain.upstream import ListingUnstableError
from hallpass.domain.walk import State
from hallpass.services.assembly import Parts
from hallpass.services.deadline import background_deadline, deadline
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.page_source import ANSWER_RESERVE_SECONDS
from hallpass.services.refresh_pages import RefreshPages

from tests import records
from tests.fakes import MemoryRegistry
from tests.flights.parked import parked
from tests.flights.stage import Caller, Kind, Stage
from tests.flights.upstreams import ORIGIN, DistrictVault, Upstreams, Uuids
from tests.page_store_fake import MemoryPageStore
from tests.vendor_fakes import CountedTelemetry, MemoryQuarantine
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

HERE, THERE = records.DISTRICT_ID, "D2nd"
RETRIED_AFTER = timedelta(seconds=60)
RETRIES = 2
"""What Lambda does with an order whose function failed."""


def listing(district: str = HERE, query: UpstreamQuery | None = None) -> Listing:
    return Listing(Account(district, ORIGIN, 1), query or UpstreamQuery())


@dataclass(frozen=True, slots=True)
class Grant:
    """A turn, and who has it."""

    caller: Caller
    slot: Slot
    fence: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor got."""

    uuids: Uuids
    snapshot: str
    outcome: Outcome


@dataclass(slots=True)
class House:
    """`deliveries`: how long after it was sent each copy of an order arrives. `background_seconds`: of each run."""

    stage: Stage = field(default_factory=Stage)
    policy: CachePolicy = field(default_factory=CachePolicy)
    deliveries: list[float] = field(default_factory=lambda: [0.0])
    background_seconds: float = 300.0
    background_refuses: bool = False
    store: MemoryPageStore = field(default_factory=MemoryPageStore)
    accounts: MemoryAccountStore = field(default_factory=MemoryAccountStore)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    telemetry: CountedTelemetry = field(default_factory=CountedTelemetry)
    upstream: Upstreams = field(init=False)
    walks: MemoryWalkStore = field(init=False)
    grants: list[Grant] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    runs: list[Caller] = field(default_factory=list)
    current: dict[str, list[str]] = field(default_factory=dict)
    _left: dict[int, Callable[[], float]] = field(default_factory=dict)
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.upstream = Upstreams(self.stage)
        self.walks = MemoryWalkStore(self.stage.clock)
        for district in (HERE, THERE):
            self.registry.add_district(replace(records.a_district(district), cache=self.policy))

    @property
    def parts(self) -> Parts:
        return Parts(
            store=parked(self.stage, self.store),
            walks=parked(self.stage, self.walks, self._note),
            accounts=parked(self.stage, self.accounts),
            upstream=self.upstream,
            vault=parked(self.stage, DistrictVault()),
            quarantine=MemoryQuarantine(),
            refresher=self,
            clock=self.stage.clock,
            patience=self,
            telemetry=self.telemetry,
            new_name=lambda: f"{next(self._names):08x}",
            choose=lambda free: free[7 * next(self._names) % len(free)],
        )

    # What a vendor does.

    def ask(self, wanted: Listing | None = None, number: int = 1, *, after: float = 0.0, **more: Any) -> Caller:
        """A request, to be run by the stage: an Answer, or the error."""
        asked = wanted or listing()
        return self.stage.add(f"page {number}", lambda: self._answer(asked, number, **more), timedelta(seconds=after))

    def walk(self, wanted: Listing | None = None, *, by_links: bool = True, tries: int = 60, **more: Any) -> Caller:
        """A vendor that reads all pages as the docs say: the uuids of one walk, or the error that it gave up at."""
        asked, token = wanted or listing(), f"Tok{next(self._names)}"
        return self.stage.add(token, lambda: self._walked(asked, token, by_links=by_links, tries=tries, **more))

    def _walked(self, asked: Listing, token: str, *, by_links: bool, tries: int, **more: Any) -> Uuids:
        found: list[str] = []
        number, snapshot = 1, None
        while True:
            try:
                got = self._answer(asked, number, snapshot=snapshot, walker=token, **more)
            except HallpassError as failed:
                tries -= 1
                if not tries or (not isinstance(failed, SnapshotExpiredError) and failed.retry is not Retry.AFTER):
                    raise
                self.stage.park("comes again later", 2.0)
                if isinstance(failed, ListingUnstableError | SnapshotExpiredError):
                    number, snapshot, found = 1, None, []
                continue
            if not got.uuids:
                return tuple(found)
            found += got.uuids
            number, snapshot = number + 1, got.snapshot if by_links else None

    def _answer(
        self,
        asked: Listing,
        number: int,
        *,
        snapshot: str | None = None,
        walker: str = "Tok",
        check: Check | None = None,
        directives: RequestDirectives | None = None,
    ) -> Answer:
        seconds_left = self._left[id(self.stage.current)] = deadline(self.stage.clock, 29.0)
        freshness = self.policy.freshness(None, self.stage.clock.now().date())
        wants = directives or RequestDirectives()
        wanted = Wanted(asked, number, snapshot, walker, freshness, check or self.policy.check, wants)
        pages = self.parts.assembled(seconds_left).pages
        held = pages.obtain(wanted, seconds_left)
        shown = self._shown(held)
        pages.pin(wanted, held)
        if number > 1 and shown:
            walk = self.walks.walks[asked.key, held.snapshot]
            assert walk.state is State.COMPLETE, "a page after the first is of a complete snapshot"
        return Answer(shown, held.snapshot, held.outcome)

    def _shown(self, held: HeldPage) -> Uuids:
        if held.arrival is not None:
            model = held.arrival.model
        else:
            packed = self.store.read(held.page.model)
            content = codec.unpack(packed) if packed else None
            assert content is not None, "an answered page is in the store"
            model = load_model(content)
        assert model.page == held.page.number
        return tuple(incident_uuid(row) or "?" for row in model.incidents)

    # `Patience`, and `Refresher`.

    def pause(self, seconds: float) -> None:
        left = self._left[id(self.stage.current)]()
        # Where the clock leaps between its last look and this, it may come late.
        assert left > ANSWER_RESERVE_SECONDS - 0.5 or self.stage.jumped, f"waits with {left} s left"
        self.stage.park("a pause", seconds)

    def refresh(self, listing: Listing, turn: Granted) -> bool:
        return self._send(Order(Action.PAGE, listing, turn))

    def read_walk(self, listing: Listing, snapshot: str, turn: Granted) -> bool:
        return self._send(Order(Action.WALK, listing, turn, snapshot))

    def read_ahead(self, listing: Listing, turn: Granted) -> bool:
        return self._send(Order(Action.AHEAD, listing, turn))

    def _send(self, order: Order) -> bool:
        mishap = self.stage.park(f"sends {order.action}")
        if mishap is Kind.FAIL or self.background_refuses:
            return False
        self.deliver(order, *self.deliveries)
        return mishap is not Kind.LOSE

    # What becomes of an order.

    def deliver(self, order: Order, *afters: float) -> None:
        """Once for each of `afters`, as the event that it travels as."""
        self.orders.append(order)
        arrived = read_order(order.event(), ORIGIN)
        assert arrived == order
        for after in afters:
            self._start(order, timedelta(seconds=after), RETRIES)

    def _start(self, order: Order, after: timedelta, retries: int) -> None:
        def run() -> None:
            self.runs.append(self.stage.current)
            seconds_left = background_deadline(self.stage.clock, self.background_seconds)
            try:
                RefreshPages(self.parts, self.registry, self, 60).carry_out(order, seconds_left)
            except UnavailableError:
                if retries:
                    self._start(order, RETRIED_AFTER, retries - 1)

        self.stage.add(f"background {order.action}", run, after)

    # What there is to look at afterwards.

    def _note(self, method: str, args: tuple[Any, ...], result: Any) -> None:
        if method == "take" and isinstance(result, Granted):
            self.grants.append(Grant(self.stage.current, args[1], result.fence))
        if method in ("publish", "withdraw"):
            key = args[0].key
            snapshot = self.walks.pointers[key].snapshot if key in self.walks.pointers else None
            seen = self.current.setdefault(key, [])
            if snapshot is not None and seen[-1:] != [snapshot]:
                seen.append(snapshot)

    def granted(self, slot: Slot = Slot.PAGE) -> list[Grant]:
        return [grant for grant in self.grants if grant.slot is slot]


def answers(callers: list[Caller]) -> list[Answer]:
    return [caller.result for caller in callers if isinstance(caller.result, Answer)]


def errors(callers: list[Caller]) -> list[HallpassError]:
    """Raises what is none of ours: a test's own findings too."""
    for caller in callers:
        if caller.error is not None and not isinstance(caller.error, HallpassError):
            raise caller.error
    return [caller.error for caller in callers if isinstance(caller.error, HallpassError)]
