"""What a CloudFormation stack says of itself, and what AWS refused, for the commands that work with AWS credentials.

Rule: a failure names what was asked for and AWS's own code, never its text.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError

from hallpass_cli.failures import AwsError, UsageError

# The last, which has no base of its own, is botocore's word for what answers at AWS_ENDPOINT_URL and knows no stacks.
AwsRefusal = (BotoCoreError, ClientError, ResponseParserError)
_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5})


class NoAwsError(AwsError):
    """The machine is not set up to ask AWS anything."""


@dataclass(frozen=True, slots=True)
class Stack:
    """`resources`: physical ids by logical id, by type."""

    name: str
    status: str
    outputs: Mapping[str, str]
    resources: Mapping[str, Mapping[str, str]]

    def of(self, kind: str) -> Mapping[str, str]:
        """The resources of a type, `AWS::DynamoDB::Table` say: physical ids by logical ids."""
        return self.resources.get(kind, {})


def client(service: str) -> Any:
    """With the caller's own credentials and region. Raises AwsError."""
    # boto3 itself reads AWS_DEFAULT_REGION alone.
    region = os.environ.get("AWS_REGION") or None
    try:
        # boto3 has an overload for every service, and a name that is known only here fits none.
        return boto3.client(service, region_name=region, config=_CONFIG)  # type: ignore[call-overload]
    except BotoCoreError as error:
        raise refused(service, error) from error


def outputs(stack: str) -> Mapping[str, str]:
    """Raises AwsError."""
    return _outputs(_describe(client("cloudformation"), stack))


def output(stack: str, name: str) -> str:
    """Raises AwsError, UsageError."""
    try:
        return outputs(stack)[name]
    except KeyError as missing:
        raise UsageError(f"The stack {stack} has no output {name}: is it Hallpass?") from missing


def read_stack(name: str) -> Stack:
    """Raises AwsError."""
    cloudformation = client("cloudformation")
    described = _describe(cloudformation, name)
    resources: dict[str, dict[str, str]] = {}
    try:
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
            for one in page["StackResourceSummaries"]:
                of_type = resources.setdefault(str(one["ResourceType"]), {})
                of_type[str(one["LogicalResourceId"])] = str(one.get("PhysicalResourceId", ""))
    except AwsRefusal as error:
        raise refused(f"the resources of the stack {name}", error) from error
    return Stack(name, str(described["StackStatus"]), _outputs(described), resources)


def refused(what: str, error: BaseException) -> AwsError:
    """AWS's refusal, or one of ours that was raised from it."""
    cause = error.__cause__ or error
    match cause:
        case NoRegionError():
            return NoAwsError("No AWS region: set AWS_REGION to the stack's region.")
        case NoCredentialsError():
            return NoAwsError("No AWS credentials were found.")
        case ResponseParserError():
            return AwsError(
                f"What answers in AWS's place (AWS_ENDPOINT_URL) did not give {what}: it knows no stacks. "
                "Name a log group with --log-group."
            )
        case ClientError():
            reason = str(cause.response.get("Error", {}).get("Code", "ClientError"))
        case _:
            reason = type(cause).__name__
    return AwsError(f"AWS did not give {what} ({reason}). Are its name, AWS_REGION and the credentials right?")


def _describe(cloudformation: Any, name: str) -> Mapping[str, Any]:
    try:
        described: Mapping[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except AwsRefusal as error:
        raise refused(f"the stack {name}", error) from error
    return described


def _outputs(described: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(one["OutputKey"]): str(one["OutputValue"]) for one in described.get("Outputs", [])}
