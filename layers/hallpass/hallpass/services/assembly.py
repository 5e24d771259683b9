"""The services that read pages, put together over stores that know how much time is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hallpass.page_ports import AccountStore, PageStore, Patience, Refresher, WalkStore
from hallpass.ports import Clock, QuarantineWriter, Telemetry, Upstream, Vault
from hallpass.services.page_source import PageSource
from hallpass.services.seats import Seats
from hallpass.services.snapshot_pages import SnapshotPages
from hallpass.services.upstream_reader import UpstreamReader
from hallpass.services.walk_reader import WalkReader


@dataclass(frozen=True, slots=True)
class Assembled:
    """For one request, or one order."""

    store: PageStore
    walks: WalkStore
    source: PageSource
    walker: WalkReader
    pages: SnapshotPages


@dataclass(frozen=True, slots=True)
class Parts:
    """What all of it is made of. `new_name`: eight hexadecimal digits at random; `choose`: one of some numbers."""

    store: PageStore
    walks: WalkStore
    accounts: AccountStore
    upstream: Upstream
    vault: Vault
    quarantine: QuarantineWriter
    refresher: Refresher
    clock: Clock
    patience: Patience
    telemetry: Telemetry
    new_name: Callable[[], str]
    choose: Callable[[tuple[int, ...]], int]

    def assembled(self, seconds_left: Callable[[], float]) -> Assembled:
        store, walks = self.store.within(seconds_left), self.walks.within(seconds_left)
        accounts = self.accounts.within(seconds_left)
        reader = UpstreamReader(accounts, self.upstream, self.vault, self.clock, self.telemetry, self.quarantine)
        seats = Seats(accounts, self.clock, self.choose, self.telemetry)
        source = PageSource(store, walks, reader, self.refresher, seats, self.clock, self.patience, self.new_name)
        walker = WalkReader(store, walks, reader, self.clock, self.telemetry, self.new_name)
        return Assembled(store, walks, source, walker, SnapshotPages(source, walker))
