"""The CacheCounter over the pages table: the inventory says what there is, each listing's partition how old it is.

Rule: it reads keys, numbers and times, no content; what cannot be counted in time is said to be unfinished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from hallpass.adapters.erasing_table import ErasingTable, StoredItem, UnfinishedError
from hallpass.adapters.erasure_items import (
    LISTING,
    artefact_of_entry,
    inventory,
    is_listing,
    is_page,
    listing_partition,
    snapshots_of,
)
from hallpass.adapters.page_items import stamp
from hallpass.domain.leases import Slot
from hallpass.domain.stored import Stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbCacheCounter:
    """The CacheCounter port."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._name = table

    def count(self, district_id: str, now: datetime, seconds_left: Callable[[], float]) -> Stored:
        table = ErasingTable(self._client, self._name, seconds_left)
        counts: Counter[str] = Counter()
        received: list[datetime] = []
        try:
            self._count(table, district_id, now, counts, received)
        except UnfinishedError:
            return _stored(counts, received, finished=False)
        return _stored(counts, received, finished=True)

    def _count(
        self, table: ErasingTable, district_id: str, now: datetime, counts: Counter[str], received: list[datetime]
    ) -> None:
        for entry in table.list(inventory(district_id)):
            if not is_listing(entry):
                artefact = artefact_of_entry(entry)
                counts.update({"bytes": artefact.size, "representations": artefact.kind == "representation"})
                continue
            counts["listings"] += 1
            items = list(table.list(listing_partition(str(entry["sk"]).removeprefix(LISTING))))
            pages = [item for item in items if is_page(item)]
            reading = any(_is_read(item, now) for item in items)
            counts.update(pages=len(pages), snapshots=len(snapshots_of(pages)), reading=reading)
            received += [at for at in map(_received, pages) if at is not None]


def _is_read(item: StoredItem, now: datetime) -> bool:
    """Whether it is a pointer that says whose turn it is, and the turn is not over."""
    return any(str(item.get(f"{slot}_until", "")) > stamp(now) for slot in Slot)


def _received(page: StoredItem) -> datetime | None:
    try:
        return datetime.fromisoformat(str(page.get("received_at")))
    except ValueError:
        return None


def _stored(counts: Counter[str], received: list[datetime], *, finished: bool) -> Stored:
    oldest, newest = min(received, default=None), max(received, default=None)
    named = {name: counts[name] for name in ("listings", "snapshots", "pages", "representations", "reading", "bytes")}
    return Stored(**named, oldest=oldest, newest=newest, finished=finished)
