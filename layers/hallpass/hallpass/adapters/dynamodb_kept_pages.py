"""The cache as the control plane reads it: the same stores as the data plane's, over a table that takes no writes.

Rule: what another would mend, withdraw or mark on finding it broken stays as it is, and is told as not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hallpass.adapters import walk_items
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.page_items import BrokenItemError, StoredItem
from hallpass.adapters.pages_table import CALL_SECONDS, PagesTable
from hallpass.domain.health import Health
from hallpass.domain.leases import Busy, Pointer
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import Artefact, Representation, StoredPage
from hallpass.domain.walk import Walk
from hallpass.ports import Clock, Telemetry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SNAPSHOTS = "snapshot#"


class ReadTable(PagesTable):
    """Takes no writes, and says that they did not hold."""

    def put(self, *_: Any, **__: Any) -> None:
        return None

    def put_if(self, *_: Any, **__: Any) -> bool:
        return False

    def update(self, *_: Any, **__: Any) -> bool:
        return False

    def batch_put(self, *_: Any, **__: Any) -> None:
        return None


class DynamoDbKeptPages:
    """`KeptPages` over the pages table."""

    def __init__(
        self,
        client: DynamoDBClient,
        name: str,
        clock: Clock,
        telemetry: Telemetry,
        seconds_left: Callable[[], float] = lambda: CALL_SECONDS,
    ) -> None:
        self._of = (client, name, clock, telemetry)
        self._table = table = ReadTable(client, name, clock, telemetry, seconds_left)
        self._pages = DynamoDbPageStore(table)
        self._walks = DynamoDbWalkStore(table)
        self._accounts = DynamoDbAccountStore(table)

    def within(self, seconds_left: Callable[[], float]) -> DynamoDbKeptPages:
        return DynamoDbKeptPages(*self._of, seconds_left)

    def pointer(self, listing: Listing) -> Pointer | None:
        return self._walks.pointer(listing)

    def pin(self, listing: Listing, walker: str) -> str | None:
        return self._walks.pin(listing, walker)

    def find_walk(self, listing: Listing, snapshot: str) -> Walk | None:
        return self._walks.find_walk(listing, snapshot)

    def walks(self, listing: Listing) -> Sequence[Walk]:
        now = self._table.clock.now()

        def read() -> list[Walk]:
            items = self._table.query(walk_items.pointer_key(listing)["pk"], _SNAPSHOTS)
            found = [_walk(listing, item, now) for item in reversed(items)]
            return [walk for walk in found if walk is not None]

        return self._table.or_miss(read, [])

    def busy(self, account: Account) -> Sequence[Busy] | None:
        return self._table.or_miss(lambda: self._walks.read_busy(account), None)

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        return self._pages.find_page(listing, snapshot, number)

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        return self._pages.find_representation(district_id, name)

    def read(self, artefact: Artefact) -> bytes | None:
        return self._pages.read(artefact)

    def health(self, account: Account) -> Health | None:
        return self._accounts.health(account)


def _walk(listing: Listing, item: StoredItem, now: datetime) -> Walk | None:
    """None for one that is broken: it vouches for nothing."""
    try:
        return walk_items.walk_of(listing, str(item["sk"]).removeprefix(_SNAPSHOTS), item, now)
    except BrokenItemError:
        return None
