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
from hallpass.domain.ledger import Appearance, Known, Received, Row, day_of, recipient_of
from hallpass.domain.people import People, Person

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TOGETHER = 100
"""What one TransactWriteItems takes."""


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
        self._put_all([ledger_items.received_item(district_id, row, day), ledger_items.row_item(where, row.facts)])

    def see(self, district_id: str, people: People) -> None:
        partition = ledger_items.answer_partition(district_id, people.name)
        if next(self._items(partition, Limit=1), None) is not None:
            return
        self._put_all(list(ledger_items.seen_items(district_id, people)))
        self._put_all([{**key(partition, ledger_items.SEEN), "schema": number(SCHEMA)}])

    def _filed(self, district_id: str, name: str, stem: str) -> bool:
        partition = ledger_items.answer_partition(district_id, name)
        return next(self._items(partition, stem, Limit=1), None) is not None

    def _put_all(self, items: Sequence[dict[str, Any]]) -> None:
        """In transactions, which unlike batches need no right to delete."""
        for start in range(0, len(items), TOGETHER):
            puts: Any = [{"Put": {"TableName": self._table, "Item": item}} for item in items[start : start + TOGETHER]]
            self._put_together(puts)

    def _put_together(self, puts: Any) -> None:
        """Another run may be filing the same at this moment; what it files is what we would."""
        for last in (False, False, True):
            try:
                with aws_errors():
                    self._client.transact_write_items(TransactItems=puts)
                return
            except ConflictError:
                if last:
                    raise UnavailableError from None

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

    def unnumbered(self, district_id: str, person: Person) -> int:
        partition = ledger_items.unnumbered_partition(district_id, person)
        return sum(1 for _ in self._items(partition, ProjectionExpression="sk"))

    def received(self, district_id: str) -> Sequence[Received]:
        return [ledger_items.received_of(item) for item in self._items(ledger_items.received_partition(district_id))]

    def _items(self, partition: str, stem: str = "", **also: Any) -> Iterator[Item]:
        return items_of(self._client, self._table, partition, stem, **also)
