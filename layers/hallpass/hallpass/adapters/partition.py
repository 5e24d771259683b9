"""All the items of a partition, whatever number of answers it takes.

Rule: never a part of them: what cannot be read to its end is unavailable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hallpass.adapters.aws_errors import aws_errors
from hallpass.adapters.item_reader import text
from hallpass.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_ANSWERS = 100
"""Of a megabyte each at most."""

Item = Mapping[str, Any]


def items_of(client: DynamoDBClient, table: str, partition: str, begins: str = "", **also: Any) -> Iterator[Item]:
    """In the order of their sort keys, those alone whose sort key begins so. Raises UnavailableError."""
    condition, values = "pk = :pk", {":pk": text(partition)}
    if begins:
        condition, values = f"{condition} AND begins_with(sk, :begins)", values | {":begins": text(begins)}
    asking = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values, "ConsistentRead": True, **also}
    for _ in range(MOST_ANSWERS):
        found, last = answered(client, {"TableName": table, **asking})
        yield from found
        if not last:
            return
        asking["ExclusiveStartKey"] = last
    raise UnavailableError


def answered(client: DynamoDBClient, asking: dict[str, Any]) -> tuple[list[Item], dict[str, Any]]:
    """One answer to a query: its items, and where to go on, if anywhere. Raises UnavailableError."""
    with aws_errors():
        answer = client.query(**asking)
    # An answer that is no JSON comes out of the SDK as one without members.
    if "Items" not in answer:
        raise UnavailableError
    return list(answer["Items"]), dict(answer.get("LastEvaluatedKey") or {})
