"""The page store on DynamoDB. The cache is expendable: what cannot be read or does not check out is a miss.

Rule: blobs first, the page item next, the pointer last and conditional; mutable items are read consistently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from hallpass.adapters import page_items
from hallpass.adapters.page_items import BrokenItemError, Item, Value
from hallpass.domain.listing import Account, Listing
from hallpass.domain.pages import Artefact, Found, Representation, StoredPage, digest
from hallpass.ports import Clock, Telemetry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_ROUNDS = 5
_BATCH_WRITE = 25
_READ = TypeDeserializer()
_WRITE = TypeSerializer()
T = TypeVar("T")


# What one call may take with its retry, as the client is configured.
CALL_SECONDS = 2.5


class BusyError(Exception):
    """The table did not take or give everything in as many rounds, or in as much time, as are allowed."""


class DynamoDbPageStore:
    """`PageStore` over one table. Counts `CacheUnavailable` and `CacheBroken` for the operator."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Clock,
        telemetry: Telemetry,
        seconds_left: Callable[[], float] = lambda: CALL_SECONDS,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._telemetry = telemetry
        self._seconds_left = seconds_left

    def within(self, seconds_left: Callable[[], float]) -> DynamoDbPageStore:
        return DynamoDbPageStore(self._client, self._table, self._clock, self._telemetry, seconds_left)

    def find_page(self, listing: Listing, number: int) -> Found:
        snapshot = self._or_miss(lambda: self._snapshot(listing), None)
        if snapshot is None:
            return Found(None, None)
        return Found(snapshot, self._or_miss(lambda: self._page(listing, snapshot, number), None))

    def save_page(self, listing: Listing, page: StoredPage, raw: bytes, model: bytes) -> bool:
        def save() -> bool:
            self._put(page_items.listing_item(listing, self._clock.now() + page_items.ARTEFACT_TTL))
            self._save_artefact(page.raw, raw, {})
            self._save_artefact(page.model, model, {})
            self._put_page(listing, page)
            self._move_pointer(listing, page)
            return True

        return self._or_miss(save, False)

    def find_representation(self, district_id: str, name: str) -> Representation | None:
        key = {"pk": f"inventory#{district_id}", "sk": f"representation#{name}"}

        def find() -> Representation | None:
            item = self._get(key, consistent=False)
            return page_items.representation_of(district_id, name, item, self._clock.now()) if item else None

        return self._or_miss(find, None)

    def save_representation(self, representation: Representation, packed: bytes) -> bool:
        facts = page_items.representation_facts(representation)
        return self._or_miss(lambda: self._save_artefact(representation.stored, packed, facts), False)

    def read(self, artefact: Artefact) -> bytes | None:
        return self._or_miss(lambda: self._read_whole(artefact), None)

    def refused_at(self, account: Account) -> datetime | None:
        return self._or_miss(lambda: self._refusal(account), None)

    def note_refusal(self, account: Account, at: datetime) -> None:
        self._or_miss(lambda: self._put(page_items.refusal_item(account, at)), None)

    def _refusal(self, account: Account) -> datetime | None:
        item = self._get(page_items.refusal_key(account), consistent=True)
        return page_items.refused_at(item) if item else None

    def _snapshot(self, listing: Listing) -> str | None:
        item = self._get(page_items.pointer_key(listing), consistent=True)
        return page_items.snapshot_of(item) if item else None

    def _page(self, listing: Listing, snapshot: str, number: int) -> StoredPage | None:
        item = self._get(page_items.page_key(listing, snapshot, number), consistent=True)
        return page_items.page_of(listing, snapshot, number, item) if item else None

    def _put_page(self, listing: Listing, page: StoredPage) -> None:
        # What was read earlier and written later does not replace what was read since.
        self._put_forward(page_items.page_item(listing, page), "fetched_at")

    def _move_pointer(self, listing: Listing, page: StoredPage) -> None:
        # Snapshot ids sort by their start: older data that is written later does not move the pointer back.
        self._put_forward(page_items.pointer_item(listing, page), "snapshot")

    def _put_forward(self, item: Item, name: str) -> None:
        """Unless what is there has a later text in attribute `name`; where it has no text there, it is broken."""
        condition = f"NOT attribute_type(#{name}, :text) OR #{name} <= :mine"
        self._put_if(item, condition, {":text": "S", ":mine": item[name]})

    def _save_artefact(self, artefact: Artefact, content: bytes, facts: Mapping[str, Value]) -> bool:
        """Writes what is not there whole, as the same bytes and long-lived enough already."""
        now = self._clock.now()
        item = page_items.artefact_item(artefact, now + page_items.ARTEFACT_TTL) | dict(facts)
        # Another release's compressor may have packed the same content into other bytes.
        condition = "attribute_not_exists(pk) OR #complete <> :yes OR #sha256 <> :mine OR #ttl < :soon"
        soon = page_items.ttl(now + page_items.REUSE_TTL)
        if not self._put_if(item, condition, {":yes": True, ":mine": artefact.sha256, ":soon": soon}):
            return True
        self._write_batches(page_items.chunk_items(artefact, content, item["ttl"]))
        self._put(item | {"complete": True})
        return True

    def _read_whole(self, artefact: Artefact) -> bytes:
        """Raises BrokenItemError, BusyError."""
        # Just written chunks may be missing from an eventually consistent read: only a consistent one is judged.
        for consistent in (False, True):
            content = self._read_chunks(artefact, consistent=consistent)
            if len(content) == artefact.size and digest(content) == artefact.sha256:
                return content
        self._disown(artefact)
        raise BrokenItemError

    def _disown(self, artefact: Artefact) -> None:
        """Says that the artefact is not whole. Else who saves it next would find it complete and leave it broken."""
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=_marshal(page_items.artefact_key(artefact)),
                UpdateExpression="SET #complete = :no",
                ConditionExpression="#sha256 = :mine",
                ExpressionAttributeNames={"#complete": "complete", "#sha256": "sha256"},
                ExpressionAttributeValues=_marshal({":no": False, ":mine": artefact.sha256}),
            )

    def _read_chunks(self, artefact: Artefact, *, consistent: bool) -> bytes:
        """What is there, in order. What is missing or of another type shows in the digest. Raises BusyError."""
        keys = page_items.chunk_keys(artefact)
        found: dict[object, bytes] = {}
        pending: Any = {self._table: {"Keys": [_marshal(key) for key in keys], "ConsistentRead": consistent}}
        for _ in range(BATCH_ROUNDS):
            self._need_time()
            answer = self._client.batch_get_item(RequestItems=pending)
            for stored in answer["Responses"].get(self._table, []):
                item = _unmarshal(stored)
                found[item.get("pk")] = _bytes(item.get("content"))
            pending = answer.get("UnprocessedKeys")
            if not pending:
                return b"".join(found.get(key["pk"], b"") for key in keys)
        raise BusyError

    def _write_batches(self, items: Sequence[Item]) -> None:
        """Raises BusyError."""
        for start in range(0, len(items), _BATCH_WRITE):
            batch = items[start : start + _BATCH_WRITE]
            self._write_batch({self._table: [{"PutRequest": {"Item": _marshal(item)}} for item in batch]})

    def _write_batch(self, pending: Any) -> None:
        for _ in range(BATCH_ROUNDS):
            self._need_time()
            pending = self._client.batch_write_item(RequestItems=pending).get("UnprocessedItems")
            if not pending:
                return
        raise BusyError

    def _get(self, key: Mapping[str, str], *, consistent: bool) -> Item | None:
        self._need_time()
        answer = self._client.get_item(TableName=self._table, Key=_marshal(key), ConsistentRead=consistent)
        return _unmarshal(answer["Item"]) if "Item" in answer else None

    def _put(self, item: Item) -> None:
        self._need_time()
        self._client.put_item(TableName=self._table, Item=_marshal(item))

    def _put_if(self, item: Item, condition: str, values: Mapping[str, Value]) -> bool:
        """Whether the condition held and the item was written. An attribute stands in the condition as `#name`."""
        self._need_time()
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_marshal(item),
                ConditionExpression=condition,
                ExpressionAttributeValues=_marshal(values),
                ExpressionAttributeNames={f"#{name}": name for name in re.findall(r"#(\w+)", condition)},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _need_time(self) -> None:
        """Raises BusyError when a call could outlast the request: a slow table is one that is not there."""
        if self._seconds_left() < CALL_SECONDS:
            raise BusyError

    def _or_miss(self, action: Callable[[], T], miss: T) -> T:
        try:
            return action()
        except (BotoCoreError, ClientError, BusyError):
            self._telemetry.count("CacheUnavailable")
        # The others are what reading an answer of another shape raises, in botocore's parser too.
        except (BrokenItemError, AttributeError, LookupError, TypeError, ValueError, ArithmeticError):
            self._telemetry.count("CacheBroken")
        return miss


def _marshal(item: Mapping[str, Any]) -> Any:
    return {name: _WRITE.serialize(value) for name, value in item.items()}


def _unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READ.deserialize(value) for name, value in item.items()}


def _bytes(value: object) -> bytes:
    content: object = value.value if isinstance(value, Binary) else None  # type: ignore[attr-defined]  # not in stubs
    return content if isinstance(content, bytes) else b""
