"""The page store on DynamoDB. The cache is expendable: what cannot be read or does not check out is a miss.

Rule: blobs first, the page item next and only once; mutable items are read consistently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from boto3.dynamodb.types import Binary

from hallpass.adapters import page_items
from hallpass.adapters.page_items import BrokenItemError, Value
from hallpass.adapters.pages_table import PagesTable
from hallpass.domain.listing import Listing
from hallpass.domain.pages import Artefact, Representation, StoredPage, digest


class DynamoDbPageStore:
    """`PageStore` over the pages table."""

    def __init__(self, table: PagesTable) -> None:
        self._table = table

    def within(self, seconds_left: Callable[[], float]) -> DynamoDbPageStore:
        return DynamoDbPageStore(self._table.within(seconds_left))

    def find_page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        return self._table.or_miss(lambda: self._page(listing, snapshot, number), None)

    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> StoredPage | None:
        def save() -> StoredPage:
            self._table.put(page_items.listing_item(listing, self._table.clock.now() + page_items.ARTEFACT_TTL))
            self._save_artefact(page.raw, raw, {})
            self._save_artefact(page.model, model, {})
            return self._put_once(listing, page)

        return self._table.or_miss(save, None)

    def reuse_page(self, listing: Listing, page: StoredPage) -> StoredPage | None:
        return self._table.or_miss(lambda: self._put_once(listing, page), None)

    def restore(self, page: StoredPage, raw: bytes, model: bytes) -> bool:
        def save() -> bool:
            self._save_artefact(page.raw, raw, {})
            self._save_artefact(page.model, model, {})
            return True

        return self._table.or_miss(save, False)

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        return self._table.or_miss(lambda: self._representation(district_id, name), None)

    def save_representation(self, representation: Representation, packed: bytes) -> bool:
        facts = page_items.representation_facts(representation)
        return self._table.or_miss(lambda: self._save_artefact(representation.stored, packed, facts), False)

    def read(self, artefact: Artefact) -> bytes | None:
        return self._table.or_miss(lambda: self._read_whole(artefact), None)

    def _page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        item = self._table.get(page_items.page_key(listing, snapshot, number), consistent=True)
        return page_items.page_of(listing, snapshot, number, item, self._table.clock.now()) if item else None

    def _representation(self, district_id: str, name: str) -> Representation | None:
        key = {"pk": f"inventory#{district_id}", "sk": f"representation#{name}"}
        item = self._table.get(key, consistent=False)
        try:
            return page_items.representation_of(district_id, name, item, self._table.clock.now()) if item else None
        except BrokenItemError:
            self._not_complete(key, "attribute_exists(pk)", {})
            raise

    def _put_once(self, listing: Listing, page: StoredPage) -> StoredPage:
        """The page as its snapshot has it: who wrote first, wrote it."""
        item = page_items.page_item(listing, page)
        if self._table.put_if(item, "attribute_not_exists(pk)", {}):
            return page
        try:
            there = self._page(listing, page.snapshot, page.number)
        except BrokenItemError:
            there = None
        if there is not None:
            return there
        self._table.put(item)
        return page

    def _save_artefact(self, artefact: Artefact, content: bytes, facts: Mapping[str, Value]) -> bool:
        """Writes what is not there whole, as the same bytes and long-lived enough already."""
        now = self._table.clock.now()
        item = page_items.artefact_item(artefact, now + page_items.ARTEFACT_TTL) | dict(facts)
        # Another release's compressor may have packed the same content into other bytes.
        condition = "attribute_not_exists(pk) OR #complete <> :yes OR #sha256 <> :mine OR #ttl < :soon"
        soon = page_items.ttl(now + page_items.REUSE_TTL)
        if not self._table.put_if(item, condition, {":yes": True, ":mine": artefact.sha256, ":soon": soon}):
            return True
        self._table.batch_put(page_items.chunk_items(artefact, content, item["ttl"]))
        self._table.put(item | {"complete": True})
        return True

    def _read_whole(self, artefact: Artefact) -> bytes:
        """Raises BrokenItemError, BusyError."""
        # Just written chunks may be missing from an eventually consistent read: only a consistent one is judged.
        for consistent in (False, True):
            content = self._read_chunks(artefact, consistent=consistent)
            if len(content) == artefact.size and digest(content) == artefact.sha256:
                return content
        self._not_complete(page_items.artefact_key(artefact), "#sha256 = :mine", {":mine": artefact.sha256})
        raise BrokenItemError

    def _not_complete(self, key: Mapping[str, str], condition: str, values: Mapping[str, Value]) -> None:
        """Else who saves it next would find it complete and leave it broken."""
        self._table.update(key, {"complete": False}, condition=condition, values=values)

    def _read_chunks(self, artefact: Artefact, *, consistent: bool) -> bytes:
        """What is there, in order. What is missing or of another type shows in the digest. Raises BusyError."""
        keys = page_items.chunk_keys(artefact)
        items = self._table.batch_get(keys, consistent=consistent)
        found = {item.get("pk"): _bytes(item.get("content")) for item in items}
        return b"".join(found.get(key["pk"], b"") for key in keys)


def _bytes(value: object) -> bytes:
    content: object = value.value if isinstance(value, Binary) else None  # type: ignore[attr-defined]  # not in stubs
    return content if isinstance(content, bytes) else b""
