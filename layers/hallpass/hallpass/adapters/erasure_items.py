"""What the items of the pages table tell who erases: keys, and which artefacts belong to what.

Rule: an item is read as far as it can be, whatever wrote it; a number of chunks that it fails to tell is the most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hallpass.adapters.erasing_table import Key, StoredItem
from hallpass.adapters.page_items import MAX_CHUNKS

MARK = "erasing"
"""When an entry of the inventory was first met by who erases, since it was last written."""
BUSY = "busy"
LISTING = "listing#"
POINTER = "pointer"


@dataclass(frozen=True, slots=True)
class Named:
    """An artefact of a district. `chunks`, `size`: as far as is known."""

    kind: str
    name: str
    chunks: int = field(compare=False)
    size: int = field(compare=False)

    def chunk_keys(self, district_id: str) -> list[Key]:
        return [(f"chunk#{district_id}#{self.kind}#{self.name}#{number}", "chunk") for number in range(self.chunks)]

    def as_told_by(self, entry: StoredItem | None) -> Named:
        """With the inventory's numbers; the larger number of chunks holds."""
        if entry is None:
            return self
        told = artefact_of_entry(entry)
        return replace(told, chunks=max(self.chunks, told.chunks))


def inventory(district_id: str) -> str:
    return f"inventory#{district_id}"


def entry_key(district_id: str, named: Named) -> Key:
    return inventory(district_id), f"{named.kind}#{named.name}"


def listing_partition(key: str) -> str:
    return f"{LISTING}{key}"


def account_partitions(district_id: str, epochs: int) -> list[str]:
    """Of the epochs from 1; `refusal#` is from before an account's state was kept together."""
    numbers = range(1, epochs + 1)
    return [f"{kind}#{district_id}#{number}" for kind in ("account", "refusal") for number in numbers]


def is_listing(entry: StoredItem) -> bool:
    return _sk(entry).startswith(LISTING)


def artefact_of_entry(entry: StoredItem) -> Named:
    kind, _, name = _sk(entry).partition("#")
    return Named(kind, name, _chunks(entry.get("chunks")), _number(entry.get("size")))


def artefacts_of_page(item: StoredItem) -> Iterator[Named]:
    for kind in ("raw", "model"):
        name = item.get(f"{kind}_name")
        if isinstance(name, str):
            yield Named(kind, name, _chunks(item.get(f"{kind}_chunks")), _number(item.get(f"{kind}_size")))


def is_page(item: StoredItem) -> bool:
    return _sk(item).startswith("page#")


def is_walk(item: StoredItem) -> bool:
    return _sk(item).startswith("snapshot#")


def of_snapshots(item: StoredItem, snapshots: Collection[str]) -> bool:
    """Their pages, their walks, and what names one of them: a pointer, a pin."""
    return _snapshot(item) in snapshots or item.get("snapshot") in snapshots


def sharing(items: Iterable[StoredItem], snapshot: str) -> frozenset[str]:
    """A snapshot, and those whose walks lead to its pages or from it to theirs."""
    walks = [(walk, other) for item in items if (walk := _snapshot(item)) and (other := item.get("pages_in"))]
    found = frozenset({snapshot})
    while True:
        joined = frozenset(str(one) for pair in walks if not found.isdisjoint(pair) for one in pair)
        if joined <= found:
            return found
        found |= joined


def snapshots_of(items: Iterable[StoredItem]) -> frozenset[str]:
    return frozenset(snapshot for item in items if (snapshot := _snapshot(item)) is not None)


def holds_content(item: StoredItem) -> bool:
    """Whether it has to be gone. The others, the pointer too, come and go with every reader."""
    return _snapshot(item) is not None


def _snapshot(item: StoredItem) -> str | None:
    kind, _, rest = _sk(item).partition("#")
    return rest.partition("#")[0] if kind in ("page", "snapshot") else None


def _sk(item: StoredItem) -> str:
    return str(item["sk"])


def _chunks(value: object) -> int:
    known = _number(value)
    return known if 0 < known <= MAX_CHUNKS else MAX_CHUNKS


def _number(value: object) -> int:
    """0 for what is no whole number."""
    return int(value) if isinstance(value, Decimal) and value.is_finite() and value >= 0 else 0
