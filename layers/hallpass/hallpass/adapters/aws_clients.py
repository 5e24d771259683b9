"""The AWS clients: one factory, so that no client waits longer than a request can.

Rule: two attempts, short timeouts; region, credentials and endpoints come from the environment as boto3 reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

CONNECT_SECONDS = 0.5
READ_SECONDS = {"dynamodb": 1.0, "kms": 2.0, "lambda": 2.0, "secretsmanager": 2.0}


@overload
def client(name: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(name: Literal["kms"]) -> KMSClient: ...
@overload
def client(name: Literal["lambda"]) -> LambdaClient: ...
@overload
def client(name: Literal["secretsmanager"]) -> SecretsManagerClient: ...
def client(name: Literal["dynamodb", "kms", "lambda", "secretsmanager"]) -> Any:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS[name],
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    return boto3.client(name, config=config)
