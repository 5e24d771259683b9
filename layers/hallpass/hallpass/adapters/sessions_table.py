"""The table of what an admin has for hours, and how its items end.

Rule: a time in the item decides; the table's own expiry sweeps later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.item_reader import SCHEMA, Item, number, text
from hallpass.adapters.registry_keys import Key
from hallpass.domain.audit import time_text
from hallpass.domain.errors import NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NewItem = dict[str, dict[str, Any]]
SWEPT_AFTER = timedelta(days=1)
"""The end of it, so that a clock that is off by hours has nothing swept too early."""


class SessionsTable:
    """Every method raises UnavailableError."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self.client = client
        self.table = table

    def add(self, at: Key, ends: datetime, members: NewItem, kept: timedelta = SWEPT_AFTER) -> None:
        """Raises ConflictError when there is one at that key."""
        with aws_errors():
            self.client.put_item(
                TableName=self.table, Item=item(at, ends, members, kept), ConditionExpression="attribute_not_exists(pk)"
            )

    def get(self, at: Key) -> Item | None:
        with aws_errors():
            return self.client.get_item(TableName=self.table, Key=at, ConsistentRead=True).get("Item")

    def close(self, at: Key) -> None:
        """Marks it as over, for good. Raises NotFoundError."""
        with aws_errors(NotFoundError):
            self.client.update_item(
                TableName=self.table,
                Key=at,
                UpdateExpression="SET closed = :yes",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )


def item(at: Key, ends: datetime, members: NewItem, kept: timedelta = SWEPT_AFTER) -> NewItem:
    """`kept`: so long beyond its end."""
    swept = int((ends + kept).timestamp())
    return {
        **at,
        "schema": number(SCHEMA),
        "expires_at": text(time_text(ends)),
        "closed": {"BOOL": False},
        "ttl": number(swept),
        **members,
    }
