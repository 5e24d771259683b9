"""The PageEraser over the pages table: soft by a mark at each pointer, hard by ErasureRun.

Rule: the district's inventory says what there is; a call that runs out of time tells how far it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from hallpass.adapters.erasing_table import CALL_SECONDS, ErasingTable, UnfinishedError
from hallpass.adapters.erasure_items import LISTING, POINTER, inventory, listing_partition
from hallpass.adapters.erasure_run import ErasureRun
from hallpass.adapters.page_items import stamp
from hallpass.domain.erasure import Erased, Listings, Marked, OneListing, OneSnapshot, Target, WholeDistrict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbEraser:
    """The PageEraser port. A request's time is set by `within`."""

    def __init__(
        self, client: DynamoDBClient, table: str, seconds_left: Callable[[], float] = lambda: CALL_SECONDS
    ) -> None:
        self._client = client
        self._name = table
        self._table = ErasingTable(client, table, seconds_left)

    def within(self, seconds_left: Callable[[], float]) -> DynamoDbEraser:
        return DynamoDbEraser(self._client, self._name, seconds_left)

    def mark_stale(self, target: Listings, at: datetime) -> Marked:
        marked = 0
        try:
            for key in self._listings(target):
                pointer = (listing_partition(key), POINTER)
                there = self._table.update(pointer, "SET #stale_since = :at", {":at": stamp(at)}, ["stale_since"])
                # Of a listing that is being read for the first time too, but that is none that was kept.
                marked += there is not None and "snapshot" in there
        except UnfinishedError:
            return Marked(marked, finished=False)
        return Marked(marked, finished=True)

    def erase(self, target: Target, now: datetime) -> Erased:
        closed_at = target.closed_at if isinstance(target, WholeDistrict) else None
        run = ErasureRun(self._table, target.district_id, now, closed_at)
        try:
            self._erase(run, target)
        except UnfinishedError:
            return run.erased(finished=False)
        return run.erased(finished=True)

    def _erase(self, run: ErasureRun, target: Target) -> None:
        match target:
            case WholeDistrict():
                run.erase_district(target.account_epochs)
            case OneListing():
                for key in self._listings(target):
                    run.erase_listing(key, rendered=True)
            case OneSnapshot():
                for key in self._listings(WholeDistrict(target.district_id)):
                    run.erase_snapshot(key, target.snapshot)
            case _:
                assert_never(target)

    def _listings(self, target: Listings) -> Iterator[str]:
        """Their keys."""
        for entry in self._table.list(inventory(target.district_id), LISTING):
            key = str(entry["sk"]).removeprefix(LISTING)
            match target:
                case WholeDistrict():
                    yield key
                case OneListing():
                    # Those of the district's earlier accounts are known by their query alone.
                    if key == target.listing.key or entry.get("query") == target.listing.query.canonical():
                        yield key
                case _:
                    assert_never(target)
