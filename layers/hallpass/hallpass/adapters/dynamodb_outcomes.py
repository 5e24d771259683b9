"""The OutcomeStore over DynamoDB: one item a request, under its person and a digest of its key.

Rule: the put's condition decides who has the key; what is past its time counts as not there.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.item_reader import ItemReader, number, text
from hallpass.adapters.registry_keys import Key, key
from hallpass.adapters.sessions_table import NewItem, SessionsTable, item
from hallpass.domain.audit import time_text
from hallpass.domain.errors import ConflictError, UnavailableError
from hallpass.domain.outcomes import Claim, Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbOutcomes:
    """The OutcomeStore port over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._table = SessionsTable(client, table)

    def claim(self, claim: Claim, now: datetime) -> Outcome | None:
        members: NewItem = {"fingerprint": {"B": claim.fingerprint}, "begun_at": text(time_text(claim.at))}
        try:
            with aws_errors():
                self._table.client.put_item(
                    TableName=self._table.table,
                    Item=item(_key(claim), claim.until, members),
                    ConditionExpression="attribute_not_exists(pk) OR expires_at <= :now",
                    ExpressionAttributeValues={":now": text(time_text(now))},
                )
        except ConflictError:
            return self._taken(claim)
        return None

    def _taken(self, claim: Claim) -> Outcome:
        found = self._table.get(_key(claim))
        if found is None:
            # Given back this moment.
            raise UnavailableError
        reader = ItemReader(found)
        return Outcome(
            reader.binary("fingerprint"),
            reader.time("begun_at"),
            reader.optional_number("status"),
            reader.optional_text("body"),
        )

    def finish(self, claim: Claim, status: int, body: str) -> None:
        with aws_errors(UnavailableError):
            self._table.client.update_item(
                TableName=self._table.table,
                Key=_key(claim),
                UpdateExpression="SET #status = :status, body = :body",
                ConditionExpression="fingerprint = :fingerprint",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":status": number(status),
                    ":body": text(body),
                    ":fingerprint": {"B": claim.fingerprint},
                },
            )

    def release(self, claim: Claim) -> None:
        with aws_errors(UnavailableError):
            self._table.client.delete_item(TableName=self._table.table, Key=_key(claim))


def _key(claim: Claim) -> Key:
    return key(f"request#{claim.person_id}", claim.name)
