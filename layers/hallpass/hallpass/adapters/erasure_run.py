"""One call of a hard purge over the pages table, whoever may be writing at the same time.

Rule: the pointer goes first, an entry of the inventory last and only when what it names is proven gone. An entry whose
content a reader may be writing right now is kept until none can be: without it, what is written late were lost to view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hallpass.adapters.erasing_table import ErasingTable, Key, StoredItem, groups, key_of
from hallpass.adapters.erasure_items import (
    BUSY,
    LISTING,
    MARK,
    POINTER,
    Named,
    account_partitions,
    artefact_of_entry,
    artefacts_of_page,
    entry_key,
    holds_content,
    inventory,
    is_listing,
    is_page,
    is_walk,
    listing_partition,
    of_snapshots,
    sharing,
    snapshots_of,
)
from hallpass.adapters.page_items import stamp
from hallpass.domain.erasure import LONGEST_READER, Erased

PASSES = 3
_GROUP = 25
_OF_A_PASS = ("watched", "left_pages", "left_chunks")


@dataclass(slots=True)
class ErasureRun:
    """`counts` grows with what is done. What an earlier call has counted is not counted again: it has left its mark.

    `closed_at`: since when nobody begins to read.
    """

    table: ErasingTable
    district_id: str
    now: datetime
    closed_at: datetime | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def erased(self, *, finished: bool) -> Erased:
        return Erased(**self.counts, finished=finished)

    def erase_district(self, account_epochs: int) -> None:
        """Everything in the inventory, again until there was nothing: readers may be filling it meanwhile."""
        for _ in range(PASSES):
            for name in _OF_A_PASS:
                del self.counts[name]
            before = self._done()
            self._pass()
            if self._done() == before:
                break
        for partition in account_partitions(self.district_id, account_epochs):
            self._count_left(self.table.sweep(key_of(item) for item in self.table.list(partition)))

    def _done(self) -> dict[str, int]:
        return {name: count for name, count in self.counts.items() if name not in _OF_A_PASS}

    def _pass(self) -> None:
        known = set()
        for entry in self.table.list(inventory(self.district_id), LISTING):
            known.add(str(entry["sk"]).removeprefix(LISTING))
            self.erase_listing(str(entry["sk"]).removeprefix(LISTING), rendered=False)
        # What was asked for and never kept has a pointer, and no entry.
        asked_for = [str(item["sk"]).partition("#")[2] for item in self.table.list(BUSY, f"{self.district_id}#")]
        for key in asked_for:
            if key not in known:
                self.erase_listing(key, rendered=False)
        entries = self.table.list(inventory(self.district_id))
        self._erase_artefacts(artefact_of_entry(entry) for entry in entries if not is_listing(entry))

    def erase_listing(self, key: str, *, rendered: bool) -> None:
        """`rendered`: also look for representations of its pages. A whole district's inventory lists them anyway."""
        entry = (inventory(self.district_id), LISTING + key)
        old = self.table.update(entry, f"SET #{MARK} = if_not_exists(#{MARK}, :now)", {":now": self._stamp()}, [MARK])
        if old is not None and MARK not in old:
            self.counts["listings"] += 1
        self.table.delete((listing_partition(key), POINTER))
        left = self._erase_items(key, list(self.table.list(listing_partition(key))), rendered=rendered)
        self.table.sweep([(BUSY, f"{self.district_id}#{key}")])
        if old is None:
            self._count_left(left)
        else:
            self._settle(entry, old, left, at_once=False)

    def erase_snapshot(self, key: str, snapshot: str) -> None:
        there = list(self.table.list(listing_partition(key)))
        snapshots = sharing(there, snapshot)
        items = [item for item in there if of_snapshots(item, snapshots)]
        for item in items:
            if item["sk"] == POINTER:
                self.table.delete(key_of(item))
        self._count_left(self._erase_items(key, items, rendered=True, whole_listing=False))

    def _erase_items(
        self, key: str, items: list[StoredItem], *, rendered: bool, whole_listing: bool = True
    ) -> frozenset[Key]:
        """What of them can still be read."""
        # Walks first: who is reading one stops at the next step.
        self.table.sweep(key_of(item) for item in items if is_walk(item))
        # Pages last: they alone tell which artefacts are theirs, should this call end before its time.
        artefacts = {named for item in items for named in artefacts_of_page(item)}
        if rendered:
            artefacts |= set(self._belonging(artefacts, key if whole_listing else None))
        self._erase_artefacts(artefacts)
        left = self.table.sweep(key_of(item) for item in items)
        gone = [item for item in items if key_of(item) not in left]
        self.counts["pages"] += sum(is_page(item) for item in gone)
        self.counts["snapshots"] += len(snapshots_of(gone))
        return frozenset(key_of(item) for item in items if key_of(item) in left and holds_content(item))

    def _belonging(self, artefacts: set[Named], listing: str | None) -> Iterator[Named]:
        """What the inventory says was rendered from these, or was read for this listing."""
        names = {named.name for named in artefacts}
        for entry in self.table.list(inventory(self.district_id)):
            of_listing = listing is not None and entry.get("listing") == listing
            if not is_listing(entry) and (entry.get("source") in names or of_listing):
                yield artefact_of_entry(entry)

    def _erase_artefacts(self, artefacts: Iterable[Named]) -> None:
        for group in groups(list(artefacts), _GROUP):
            entries = {named: self._mark(named) for named in group}
            # The inventory knows how many chunks were written; a page knows of one that the inventory has lost.
            known = {named: named.as_told_by(entry) for named, entry in entries.items()}
            left = self.table.sweep(key for named in known.values() for key in named.chunk_keys(self.district_id))
            for named, entry in entries.items():
                still = left.intersection(known[named].chunk_keys(self.district_id))
                if entry is None:
                    self._count_left(still)
                    continue
                # One that was not whole may be in a reader's hands.
                self._settle(entry_key(self.district_id, named), entry, still, at_once=entry.get("complete") is True)

    def _mark(self, named: Named) -> StoredItem | None:
        """The entry as it was; None where there is none.

        From now on it is not whole: who saves the artefact writes all of it, and takes the mark off.
        """
        expression = f"SET #complete = :no, #{MARK} = if_not_exists(#{MARK}, :now)"
        values = {":no": False, ":now": self._stamp()}
        entry = self.table.update(entry_key(self.district_id, named), expression, values, ["complete", MARK])
        if entry is not None and MARK not in entry:
            told = named.as_told_by(entry)
            self.counts.update(artefacts=1, chunks=told.chunks, bytes=told.size)
        return entry

    def _settle(self, entry: Key, old: StoredItem, left: frozenset[Key], *, at_once: bool) -> None:
        """Takes an entry that was marked out of the inventory, if all it names is gone and no reader is at it."""
        mark = str(old.get(MARK, self._stamp()))
        if left:
            # Whoever has written the entry since, has written them too: that is not what was to be erased.
            if (self.table.get(entry) or {}).get(MARK) == mark:
                self._count_left(left)
        elif at_once or mark <= stamp(self.now - LONGEST_READER) or self._readers_are_gone():
            self.table.delete_if(entry, MARK, mark)
        else:
            self.counts["watched"] += 1

    def _readers_are_gone(self) -> bool:
        return self.closed_at is not None and self.closed_at <= self.now - LONGEST_READER

    def _count_left(self, left: Iterable[Key]) -> None:
        for partition, _ in left:
            self.counts["left_chunks" if partition.startswith("chunk#") else "left_pages"] += 1

    def _stamp(self) -> str:
        return stamp(self.now)
