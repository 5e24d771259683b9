"""The tables as template.yaml declares them (string keys `pk` and `sk`), for tests over a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}


@contextmanager
def atomic_aws() -> Iterator[None]:
    """AWS by moto, one call after the other: its own tables are no place for two threads at once."""
    lock, answer = RLock(), BotocoreStubber.__call__

    def one_at_a_time(stubber: BotocoreStubber, *named: Any, **also: Any) -> Any:
        with lock:
            return answer(stubber, *named, **also)

    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", one_at_a_time)
        yield


def create_table(client: DynamoDBClient, name: str) -> str:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    return name


def create_key(client: KMSClient) -> str:
    """The id of a new KMS key."""
    return client.create_key()["KeyMetadata"]["KeyId"]


def restore_table(client: DynamoDBClient, source: str, name: str) -> str:
    """What a restore leaves: every item as it is now, in a new table of another name."""
    create_table(client, name)
    for page in client.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        for item in page["Items"]:
            client.put_item(TableName=name, Item=item)
    return name
