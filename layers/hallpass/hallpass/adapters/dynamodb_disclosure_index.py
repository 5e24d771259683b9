"""The index over the ledger: by person, day and recipient. It can be built anew from the ledger at any time.

Rule: filing is idempotent, and the answer's own item comes last: where it is, the persons are filed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hallpass.adapters import ledger_items
from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.item_reader import SCHEMA, ItemReader, number, text
from hallpass.adapters.partition import Item, items_of
from hallpass.adapters.registry_keys import key
from hallpass.domain.audit import time_text
from hallpass.domain.errors import ConflictError, UnavailableError
from hallpass.domain.ledger import Appearance, Known, Row, day_of, recipient_of
from hallpass.domain.people import People

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 25
"""What one BatchWriteItem takes."""
_TRIES = 8


class DynamoDbDisclosureIndex:
    """The DisclosureIndex port over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def indexed_until(self, district_id: str) -> datetime | None:
        with aws_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=key(ledger_items.UNTIL, district_id), ConsistentRead=True
            )
        return ItemReader(answer["Item"]).time("until") if "Item" in answer else None

    def advance(self, district_id: str, until: datetime) -> None:
        try:
            with aws_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item={
                        **key(ledger_items.UNTIL, district_id),
                        "schema": number(SCHEMA),
                        "until": text(time_text(until)),
                    },
                    ConditionExpression="attribute_not_exists(pk) OR #until < :until",
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues={":until": text(time_text(until))},
                )
        except ConflictError:
            return

    def add(self, district_id: str, row: Row, people: People) -> None:
        day, recipient = day_of(row.time), recipient_of(row.facts)
        if not self._filed(district_id, people.name, ledger_items.answer_stem(day, recipient)):
            self._put_all(list(ledger_items.person_items(district_id, people, day, recipient)))
        where = ledger_items.answer_key(district_id, people.name, row, day)
        self._put_all([ledger_items.row_item(where, row.facts)])

    def _filed(self, district_id: str, name: str, stem: str) -> bool:
        partition = ledger_items.answer_partition(district_id, name)
        return next(self._items(partition, stem, Limit=1), None) is not None

    def _put_all(self, items: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(items), BATCH):
            self._put_batch(items[start : start + BATCH])

    def _put_batch(self, items: Sequence[dict[str, Any]]) -> None:
        waiting: Any = {self._table: [{"PutRequest": {"Item": item}} for item in items]}
        for _ in range(_TRIES):
            with aws_errors():
                answer = self._client.batch_write_item(RequestItems=waiting)
            waiting = answer.get("UnprocessedItems")
            if not waiting:
                return
        raise UnavailableError

    def known(self, district_id: str, mark: bytes) -> Known:
        partition = ledger_items.person_partition(district_id, mark)
        items = list(self._items(partition))
        filed = [ledger_items.appearance_of(item) for item in items if item["sk"]["S"] != ledger_items.SEEN]
        return Known(bool(items), filed)

    def disclosures(self, district_id: str, appearance: Appearance) -> Sequence[Row]:
        partition = ledger_items.answer_partition(district_id, appearance.people)
        stem = ledger_items.answer_stem(appearance.day, appearance.recipient)
        items = self._items(partition, stem)
        return [ledger_items.row_of(item["sk"]["S"].removeprefix(stem), item) for item in items]

    def unnumbered(self, district_id: str) -> int:
        return sum(1 for _ in self._items(f"unnumbered#{district_id}", ProjectionExpression="sk"))

    def _items(self, partition: str, stem: str = "", **also: Any) -> Iterator[Item]:
        return items_of(self._client, self._table, partition, stem, **also)
