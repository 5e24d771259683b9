"""When a token was last used: one small item a token, written at most once a minute.

Rule: a convenience, never a condition: nothing here raises, and no request waits on it twice. What stands there is at
most a minute before the last use, however many containers note it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hallpass.adapters.item_reader import ItemReader
from hallpass.adapters.registry_keys import Key, key
from hallpass.domain.audit import time_text
from hallpass.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVERY = timedelta(minutes=1)
MAX_NOTES = 10_000


class DynamoDbUsage:
    """The Usage port over a table with string keys `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._noted: dict[tuple[str, str], datetime] = {}

    def token_used(self, holder_id: str, token_id: str, at: datetime) -> None:
        noted = self._noted.get((holder_id, token_id))
        if noted is not None and at < noted + EVERY:
            return
        if len(self._noted) >= MAX_NOTES:
            self._noted.clear()
        # Noted before it is written: while the table fails, it is not asked again for a minute.
        self._noted[holder_id, token_id] = at
        try:
            self._write(holder_id, token_id, at)
        except (ClientError, BotoCoreError) as error:
            # Another container has noted a use: the minute began with that one.
            self._noted[holder_id, token_id] = _standing(error) or at

    def _write(self, holder_id: str, token_id: str, at: datetime) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=_usage_key(holder_id, token_id),
            UpdateExpression="SET last_used = :at, #schema = :schema",
            ConditionExpression="attribute_not_exists(pk) OR last_used <= :minute_ago",
            ExpressionAttributeNames={"#schema": "schema"},
            ExpressionAttributeValues={
                ":at": {"S": time_text(at)},
                ":minute_ago": {"S": time_text(at - EVERY)},
                ":schema": {"N": "1"},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def last_used(self, holder_id: str, token_ids: Sequence[str]) -> dict[str, datetime]:
        found = {token_id: self._read(holder_id, token_id) for token_id in token_ids}
        return {token_id: at for token_id, at in found.items() if at is not None}

    def _read(self, holder_id: str, token_id: str) -> datetime | None:
        try:
            answer = self._client.get_item(TableName=self._table, Key=_usage_key(holder_id, token_id))
            return ItemReader(answer["Item"]).time("last_used") if "Item" in answer else None
        except (ClientError, BotoCoreError, UnavailableError):
            return None


def _standing(error: Exception) -> datetime | None:
    """The use that is noted already, of a write that was refused for it."""
    item: Any = getattr(error, "response", {}).get("Item")
    try:
        return ItemReader(item).time("last_used") if item else None
    except UnavailableError:
        return None


def _usage_key(holder_id: str, token_id: str) -> Key:
    return key(f"token#{holder_id}#{token_id}", "usage")
