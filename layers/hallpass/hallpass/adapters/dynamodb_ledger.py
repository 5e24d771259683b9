"""The ledger in DynamoDB: a table without expiry that is only ever added to.

Rule: an item is put where there is none; one that is there already is either the same or the write is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hallpass.adapters import ledger_items
from hallpass.adapters.aws_errors import CONDITION_FAILED, aws_errors, error_code
from hallpass.adapters.item_reader import SCHEMA, ItemReader, number, text
from hallpass.adapters.partition import Item, answered, items_of
from hallpass.adapters.registry_keys import key
from hallpass.domain.audit import AuditRecord, time_text
from hallpass.domain.errors import UnavailableError
from hallpass.domain.ledger import NO_DISTRICT, Account, Row, Rows, day_of, row_key
from hallpass.domain.people import People

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbLedger:
    """The ports Ledger, PeopleLedger and LedgerReader over a table with string keys `pk` and `sk`.

    `new_key`: makes a district's sealed key; only the control plane opens accounts.
    """

    def __init__(self, client: DynamoDBClient, table: str, new_key: Callable[[str], bytes] | None = None) -> None:
        self._client = client
        self._table = table
        self._new_key = new_key

    def add(self, record: AuditRecord) -> None:
        facts = record.line()
        partition = ledger_items.row_partition(record.district or NO_DISTRICT, day_of(record.time))
        self._put(ledger_items.row_item(key(partition, row_key(facts)), facts))

    def keep(self, district_id: str, people: People) -> str:
        partition = ledger_items.people_partition(district_id, people.name)
        parts = ledger_items.people_parts(people)
        # The first part comes last: who finds it finds all.
        for place, part in reversed(list(enumerate(parts))):
            told = {"schema": number(SCHEMA), "parts": number(len(parts)), "marks": {"B": part}}
            self._put({**key(partition, f"{place:04}"), **told})
        return people.name

    def _put(self, item: Item) -> None:
        try:
            with aws_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except Exception as failed:
            # An answer that was lost on its way, and a second attempt: then it is the very same.
            if _there(failed) != item:
                raise UnavailableError from failed

    def open(self, district_id: str, at: datetime) -> None:
        if self.account(district_id) is not None:
            return
        if self._new_key is None:
            raise UnavailableError
        told = {
            "schema": number(SCHEMA),
            "sealed_key": {"B": self._new_key(district_id)},
            "opened_at": text(time_text(at)),
        }
        self._put({**key(ledger_items.ACCOUNTS, district_id), **told})

    def account(self, district_id: str) -> Account | None:
        with aws_errors():
            answer = self._client.get_item(
                TableName=self._table, Key=key(ledger_items.ACCOUNTS, district_id), ConsistentRead=True
            )
        if "Item" not in answer:
            return None
        reader = ItemReader(answer["Item"])
        return Account(district_id, reader.binary("sealed_key"), reader.time("opened_at"))

    def accounts(self) -> Sequence[str]:
        return [str(item["sk"]["S"]) for item in self._all(ledger_items.ACCOUNTS)]

    def rows(self, district_id: str, day: date, *, after: str = "", limit: int = 500, newest: bool = False) -> Rows:
        partition = ledger_items.row_partition(district_id, day)
        asking: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": text(partition)},
            "ConsistentRead": True,
            "ScanIndexForward": not newest,
        }
        last = key(partition, after) if after else {}
        found: list[Row] = []
        while len(found) < limit:
            start = {"ExclusiveStartKey": last} if last else {}
            items, last = answered(self._client, {**asking, **start, "Limit": limit - len(found)})
            found += [ledger_items.row_of(str(item["sk"]["S"]), item) for item in items]
            if not last:
                break
        return Rows(found, bool(last))

    def people(self, district_id: str, name: str) -> People | None:
        items = self._all(ledger_items.people_partition(district_id, name))
        if not items:
            return None
        readers = [ItemReader(item) for item in items]
        people = ledger_items.people_of_parts(b"".join(reader.binary("marks") for reader in readers))
        if people is None or people.name != name:
            raise UnavailableError
        return people

    def _all(self, partition: str) -> list[Item]:
        return list(items_of(self._client, self._table, partition))


def _there(failed: Exception) -> Item | None:
    """The item that stood in the way of a put, if that is why it failed."""
    cause = failed.__cause__
    if not isinstance(cause, ClientError) or error_code(cause) != CONDITION_FAILED:
        return None
    there: Item | None = cause.response.get("Item")  # type: ignore[assignment]  # not in the stubs
    return there
