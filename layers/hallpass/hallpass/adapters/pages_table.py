"""The pages table as the stores use it: single calls, bounded in number and time, whose failure is a miss.

Rule: the cache is expendable. What cannot be reached counts as `CacheUnavailable`, what is not as it was written as
`CacheBroken`, and neither is an error of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from hallpass.adapters.page_items import BrokenItemError, Item, Value
from hallpass.ports import Clock, Telemetry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_ROUNDS = 5
# What one call may take with its retry, as the client is configured.
CALL_SECONDS = 2.5
_BATCH_WRITE = 25
_READ = TypeDeserializer()
_WRITE = TypeSerializer()
_TYPES = {":text": "S", ":number": "N"}
T = TypeVar("T")


class BusyError(Exception):
    """The table did not take or give everything in as many rounds, or in as much time, as are allowed."""


class PagesTable:
    """One table, as one request sees it: without time for a call it is as if unreachable."""

    def __init__(
        self,
        client: DynamoDBClient,
        name: str,
        clock: Clock,
        telemetry: Telemetry,
        seconds_left: Callable[[], float] = lambda: CALL_SECONDS,
    ) -> None:
        self._client = client
        self._name = name
        self.clock = clock
        self._telemetry = telemetry
        self._seconds_left = seconds_left

    def within(self, seconds_left: Callable[[], float]) -> PagesTable:
        return PagesTable(self._client, self._name, self.clock, self._telemetry, seconds_left)

    def or_miss(self, action: Callable[[], T], miss: T) -> T:
        """What `action` gives, or `miss` when the table fails or holds what is broken."""
        try:
            return action()
        except (BotoCoreError, ClientError, BusyError):
            self._telemetry.count("CacheUnavailable")
        # The others are what reading an answer of another shape raises, in botocore's parser too.
        except (BrokenItemError, AttributeError, LookupError, TypeError, ValueError, ArithmeticError):
            self.note_broken()
        return miss

    def note_broken(self) -> None:
        self._telemetry.count("CacheBroken")

    def get(self, key: Mapping[str, str], *, consistent: bool) -> Item | None:
        self._need_time()
        answer = self._client.get_item(TableName=self._name, Key=_marshal(key), ConsistentRead=consistent)
        return _unmarshal(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item) -> None:
        self._need_time()
        self._client.put_item(TableName=self._name, Item=_marshal(item))

    def put_if(self, item: Item, condition: str, values: Mapping[str, Value]) -> bool:
        """Whether the condition held and the item was written. An attribute stands in the condition as `#name`."""
        self._need_time()
        named: Any = {"ExpressionAttributeValues": _marshal(values)} if values else {}
        names = _names(condition)
        if names:
            named["ExpressionAttributeNames"] = names
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.put_item(TableName=self._name, Item=_marshal(item), ConditionExpression=condition, **named)
            return True
        return False

    def update(
        self,
        key: Mapping[str, str],
        sets: Mapping[str, Value],
        *,
        removes: Sequence[str] = (),
        counts: Sequence[str] = (),
        condition: str = "",
        values: Mapping[str, Value] | None = None,
    ) -> bool:
        """Whether the condition held. `counts`: what goes up by one. `:text`, `:number`: for attribute_type."""
        self._need_time()
        parts = [f"#{name} = :set_{name}" for name in sets]
        parts += [f"#{name} = if_not_exists(#{name}, :zero) + :one" for name in counts]
        gone = f" REMOVE {', '.join(f'#{name}' for name in removes)}" if removes else ""
        expression = f"SET {', '.join(parts)}{gone}"
        told: dict[str, Value] = {f":set_{name}": value for name, value in sets.items()} | dict(values or {})
        told |= {":zero": 0, ":one": 1} if counts else {}
        told |= {mark: kind for mark, kind in _TYPES.items() if mark in condition}
        conditional: Any = {"ConditionExpression": condition} if condition else {}
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._name,
                Key=_marshal(key),
                UpdateExpression=expression,
                ExpressionAttributeNames=_names(f"{expression} {condition}"),
                ExpressionAttributeValues=_marshal(told),
                **conditional,
            )
            return True
        return False

    def query(self, partition: str, prefix: str) -> list[Item]:
        """The items of a partition whose sort key begins so: at most what BATCH_ROUNDS answers hold."""
        found: list[Item] = []
        start: Any = {}
        for _ in range(BATCH_ROUNDS):
            self._need_time()
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues=_marshal({":pk": partition, ":sk": prefix}),
                ConsistentRead=True,
                **start,
            )
            found += [_unmarshal(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return found

    def batch_get(self, keys: Sequence[Mapping[str, str]], *, consistent: bool) -> list[Item]:
        """Up to 100 items, in no order. Raises BusyError."""
        found: list[Item] = []
        pending: Any = {self._name: {"Keys": [_marshal(key) for key in keys], "ConsistentRead": consistent}}
        for _ in range(BATCH_ROUNDS):
            self._need_time()
            answer = self._client.batch_get_item(RequestItems=pending)
            found += [_unmarshal(stored) for stored in answer["Responses"].get(self._name, [])]
            pending = answer.get("UnprocessedKeys")
            if not pending:
                return found
        raise BusyError

    def batch_put(self, items: Sequence[Item]) -> None:
        """Raises BusyError."""
        for start in range(0, len(items), _BATCH_WRITE):
            batch = items[start : start + _BATCH_WRITE]
            self._write_batch({self._name: [{"PutRequest": {"Item": _marshal(item)}} for item in batch]})

    def _write_batch(self, pending: Any) -> None:
        for _ in range(BATCH_ROUNDS):
            self._need_time()
            pending = self._client.batch_write_item(RequestItems=pending).get("UnprocessedItems")
            if not pending:
                return
        raise BusyError

    def _need_time(self) -> None:
        """Raises BusyError when a call could outlast the request: a slow table is one that is not there."""
        if self._seconds_left() < CALL_SECONDS:
            raise BusyError


def _names(expression: str) -> dict[str, str]:
    return {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}


def _marshal(item: Mapping[str, Any]) -> Any:
    return {name: _WRITE.serialize(value) for name, value in item.items()}


def _unmarshal(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READ.deserialize(value) for name, value in item.items()}
