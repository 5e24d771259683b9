"""The pages table as who erases sees it: lists, deletes, marks, and reads back what was deleted.

Rule: every read is consistent; nothing is called done that the table did not take; time is asked for before every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from hallpass.adapters.aws_errors import aws_errors
from hallpass.domain.errors import ConflictError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What one call may take with its retry, as the client is configured.
CALL_SECONDS = 2.5
ROUNDS = 5
_WRITE_BATCH = 25
_READ_BATCH = 100
_READ = TypeDeserializer()
_WRITE = TypeSerializer()
_One = TypeVar("_One")

Key: TypeAlias = tuple[str, str]
"""`pk` and `sk`."""
StoredItem: TypeAlias = Mapping[str, object]


class UnfinishedError(Exception):
    """No time is left, or the table did not take or give everything in as many rounds as are allowed."""


class ErasingTable:
    """Methods raise UnfinishedError, and UnavailableError for what the table refuses."""

    def __init__(self, client: DynamoDBClient, name: str, seconds_left: Callable[[], float]) -> None:
        self._client = client
        self._name = name
        self._seconds_left = seconds_left

    def list(self, partition: str, prefix: str = "") -> Iterator[StoredItem]:
        """The items of a partition, those whose `sk` begins with `prefix`; a page at a time."""
        condition, values = "pk = :pk", {":pk": partition}
        if prefix:
            condition, values = condition + " AND begins_with(sk, :prefix)", values | {":prefix": prefix}
        start: dict[str, Any] = {}
        while True:
            self._need_time()
            with aws_errors():
                answer = self._client.query(
                    TableName=self._name,
                    ConsistentRead=True,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=_marshal(values),
                    **start,
                )
            yield from (_unmarshal(item) for item in answer["Items"])
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def sweep(self, keys: Iterable[Key]) -> frozenset[Key]:
        """Deletes and reads back, again while something is still there. What is, after all."""
        left = frozenset(keys)
        for _ in range(ROUNDS):
            if not left:
                break
            self._delete(sorted(left))
            left = self._still_there(sorted(left))
        return left

    def delete(self, key: Key) -> None:
        self._need_time()
        with aws_errors():
            self._client.delete_item(TableName=self._name, Key=_key(key))

    def update(
        self, key: Key, expression: str, values: Mapping[str, object], names: Sequence[str]
    ) -> StoredItem | None:
        """The item as it was; None, and nothing written, where there is none. A name stands there as `#name`."""
        self._need_time()
        try:
            with aws_errors():
                answer = self._client.update_item(
                    TableName=self._name,
                    Key=_key(key),
                    UpdateExpression=expression,
                    ConditionExpression="attribute_exists(pk)",
                    ExpressionAttributeNames={f"#{name}": name for name in names},
                    ExpressionAttributeValues=_marshal(values),
                    ReturnValues="ALL_OLD",
                )
        except ConflictError:
            return None
        return _unmarshal(answer["Attributes"])

    def delete_if(self, key: Key, name: str, value: str) -> bool:
        """Whether the attribute was that, and the item is gone."""
        self._need_time()
        try:
            with aws_errors():
                self._client.delete_item(
                    TableName=self._name,
                    Key=_key(key),
                    ConditionExpression="#name = :value",
                    ExpressionAttributeNames={"#name": name},
                    ExpressionAttributeValues=_marshal({":value": value}),
                )
        except ConflictError:
            return False
        return True

    def get(self, key: Key) -> StoredItem | None:
        self._need_time()
        with aws_errors():
            item = self._client.get_item(TableName=self._name, Key=_key(key), ConsistentRead=True).get("Item")
        return None if item is None else _unmarshal(item)

    def _delete(self, keys: Sequence[Key]) -> None:
        for batch in groups(keys, _WRITE_BATCH):
            pending: Any = {self._name: [{"DeleteRequest": {"Key": _key(key)}} for key in batch]}
            for _ in range(ROUNDS):
                self._need_time()
                with aws_errors():
                    pending = self._client.batch_write_item(RequestItems=pending).get("UnprocessedItems")
                if not pending:
                    break
            else:
                raise UnfinishedError

    def _still_there(self, keys: Sequence[Key]) -> frozenset[Key]:
        found: set[Key] = set()
        for batch in groups(keys, _READ_BATCH):
            # Only the keys: what a chunk holds is nobody's to read here.
            asked = {"Keys": [_key(key) for key in batch], "ConsistentRead": True, "ProjectionExpression": "pk, sk"}
            found |= self._read_batch({self._name: asked})
        return frozenset(found)

    def _read_batch(self, pending: Any) -> set[Key]:
        found: set[Key] = set()
        for _ in range(ROUNDS):
            self._need_time()
            with aws_errors():
                answer = self._client.batch_get_item(RequestItems=pending)
            found |= {key_of(_unmarshal(item)) for item in answer["Responses"].get(self._name, [])}
            pending = answer.get("UnprocessedKeys")
            if not pending:
                return found
        raise UnfinishedError

    def _need_time(self) -> None:
        if self._seconds_left() < CALL_SECONDS:
            raise UnfinishedError


def groups(listed: Sequence[_One], size: int) -> Iterator[Sequence[_One]]:
    return (listed[start : start + size] for start in range(0, len(listed), size))


def key_of(item: StoredItem) -> Key:
    return str(item["pk"]), str(item["sk"])


def _key(key: Key) -> Any:
    return _marshal({"pk": key[0], "sk": key[1]})


def _marshal(item: Mapping[str, object]) -> Any:
    return {name: _WRITE.serialize(value) for name, value in item.items()}


def _unmarshal(item: Mapping[str, Any]) -> dict[str, object]:
    return {name: _READ.deserialize(value) for name, value in item.items()}
