"""A stack in an embedded AWS as the template makes one, for the doctor; what moto does not tell is added to answers.

Rule: every table, key, log group, alarm, function and queue that template.yaml names is there, under its logical id.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.loaders import create_loader
from botocore.session import Session as BotocoreSession
from hallpass_cli.stack_checks import PROTECTED, RECOVERABLE
from moto import mock_aws

from tests.aws_tables import CREDENTIALS

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
ADMIN_URL = "https://hallpass.example/admin/v1"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
LOGGING = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
Answer = tuple[int, dict[str, Any]]
_DESCRIPTIONS = create_loader()
# As SAM names the schedules of functions.
RULES = {"PageRefreshFunctionWarm": "rate(2 minutes)", "LedgerIndexFunctionIndex": "rate(1 minute)"}
LOCKED = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1096}},
}
_DEPLOYED_AS = {"AWS::Serverless::Function": "AWS::Lambda::Function"}


def of_template(kind: str) -> list[str]:
    """Logical ids of a type."""
    found = re.findall(r"^  (\w+):\n    Type: (\S+)$", TEMPLATE, re.MULTILINE)
    return [name for name, told in found if _DEPLOYED_AS.get(told, told) == kind]


@dataclass(slots=True)
class Stand:
    """The stack `hallpass`. `called`: what AWS was asked, as IAM names it."""

    session: boto3.Session
    clients: dict[str, Any] = field(default_factory=dict)
    status: str = "UPDATE_COMPLETE"
    readable: bool = True
    admin_url: str = ADMIN_URL
    resources: dict[str, dict[str, str]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    logging: dict[str, str] = field(default_factory=lambda: dict(LOGGING))
    masks: dict[str, Any] = field(default_factory=lambda: {"Statement": [{"Operation": {"Deidentify": {}}}]})
    tracing: dict[str, str] = field(default_factory=lambda: {"Mode": "Active"})
    streaming: str = "ACTIVE"
    delivering: str = "ACTIVE"

    def client(self, service: str) -> Any:
        """One for each service: making one takes longer than what it is asked here."""
        if service not in self.clients:
            # There are stubs of some services alone.
            self.clients[service] = self.session.client(service)  # type: ignore[call-overload]
        return self.clients[service]

    def of(self, kind: str, logical: str) -> str:
        return self.resources[kind][logical]

    def any_of(self, kind: str) -> str:
        return next(iter(self.resources[kind].values()))

    def add(self, kind: str, logical: str, physical: str) -> None:
        self.resources.setdefault(kind, {})[logical] = physical

    def masked(self) -> Answer:
        return 200, {"policyDocument": json.dumps(self.masks)} if self.masks else {}

    def streamed(self) -> Answer:
        return 200, {"KinesisDataStreamDestinations": [{"DestinationStatus": self.streaming}]}

    def described(self) -> Answer:
        outputs = [{"OutputKey": "AdminUrl", "OutputValue": self.admin_url}]
        return 200, {"Stacks": [{"StackName": "hallpass", "StackStatus": self.status, "Outputs": outputs}]}

    def listed(self) -> Answer:
        if not self.readable:
            return 403, {"Error": {"Code": "AccessDenied", "Message": "secret words"}}
        found = [(kind, *pair) for kind, named in self.resources.items() for pair in named.items()]
        names = ("ResourceType", "LogicalResourceId", "PhysicalResourceId")
        return 200, {"StackResourceSummaries": [dict(zip(names, one, strict=True)) for one in found]}


@contextmanager
def open_stand() -> Iterator[Stand]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        session = boto3.Session(botocore_session=_session())
        patch.setattr(boto3, "DEFAULT_SESSION", session)
        stand = Stand(session)
        _build(stand)
        # What moto's CloudFormation would need is more than the rest of the tests; it is two answers.
        _answer_instead(session, "cloudformation.DescribeStacks", stand.described)
        _answer_instead(session, "cloudformation.ListStackResources", stand.listed)
        # What moto does not know.
        _answer_instead(session, "cloudwatch-logs.GetDataProtectionPolicy", stand.masked)
        _answer_instead(session, "dynamodb.DescribeKinesisStreamingDestination", stand.streamed)
        session.events.register(
            "after-call.firehose.DescribeDeliveryStream",
            lambda parsed, **_: parsed["DeliveryStreamDescription"].update(DeliveryStreamStatus=stand.delivering),
        )
        session.events.register("after-call.lambda.GetFunctionConfiguration", lambda parsed, **_: _log(stand, parsed))
        session.events.register("before-parameter-build", lambda model, **_: _note(stand, model))
        yield stand


def _session() -> BotocoreSession:
    """With the services' descriptions that every other has read already."""
    session = BotocoreSession()
    session.register_component("data_loader", _DESCRIPTIONS)
    return session


def _answer_instead(session: boto3.Session, operation: str, answer: Callable[[], Answer]) -> None:
    def answered(**_: object) -> Any:
        status, document = answer()
        return SimpleNamespace(status_code=status), document

    hook: Any = answered
    session.events.register(f"before-call.{operation}", hook)


def _log(stand: Stand, parsed: dict[str, Any]) -> None:
    parsed |= {"LoggingConfig": stand.logging, "TracingConfig": stand.tracing}


def _note(stand: Stand, model: Any) -> None:
    service = {"monitoring": "cloudwatch"}.get(model.service_model.endpoint_prefix, model.service_model.endpoint_prefix)
    # The one whose right has another name than its call.
    right = {"GetObjectLockConfiguration": "GetBucketObjectLockConfiguration"}.get(model.name, model.name)
    stand.called.add(f"{service}:{right}")


def _build(stand: Stand) -> None:
    for logical in of_template("AWS::KMS::Key"):
        stand.add("AWS::KMS::Key", logical, _key(stand))
    for logical in of_template("AWS::DynamoDB::Table"):
        stand.add("AWS::DynamoDB::Table", logical, _table(stand, logical))
    for logical in of_template("AWS::Logs::LogGroup"):
        stand.add("AWS::Logs::LogGroup", logical, _log_group(stand, logical))
    for logical in of_template("AWS::Lambda::Function"):
        stand.add("AWS::Lambda::Function", logical, _function(stand, logical))
    for logical in of_template("AWS::SQS::Queue"):
        stand.add("AWS::SQS::Queue", logical, stand.client("sqs").create_queue(QueueName=logical)["QueueUrl"])
    for logical, made in RULES.items():
        stand.client("events").put_rule(Name=logical, ScheduleExpression=made, State="ENABLED")
        stand.add("AWS::Events::Rule", logical, logical)
    _archive(stand)
    stand.client("sns").create_topic(Name="alarms")
    stand.client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="on-call@district.example")
    for logical in of_template("AWS::CloudWatch::Alarm"):
        stand.add("AWS::CloudWatch::Alarm", logical, put_alarm(stand, f"hallpass-{logical}"))


def put_alarm(stand: Stand, name: str, actions: Sequence[str] = (TOPIC,)) -> str:
    stand.client("cloudwatch").put_metric_alarm(
        AlarmName=name, AlarmActions=list(actions), ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1,
        MetricName="Errors", Namespace="AWS/Lambda", Period=60, Statistic="Sum", Threshold=1,
    )  # fmt: skip
    return name


def _key(stand: Stand) -> str:
    kms = stand.client("kms")
    key: str = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key)
    return key


def _arn(stand: Stand, logical: str) -> str:
    return f"arn:aws:kms:us-east-1:123456789012:key/{stand.of('AWS::KMS::Key', logical)}"


def _table(stand: Stand, logical: str) -> str:
    dynamodb, name = stand.client("dynamodb"), f"hallpass-{logical}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": _arn(stand, "TablesKey")},
        DeletionProtectionEnabled=logical in PROTECTED,
    )
    recovery = {"PointInTimeRecoveryEnabled": logical in RECOVERABLE}
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return name


def _archive(stand: Stand) -> None:
    s3, bucket = stand.client("s3"), "hallpass-ledger-archive"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=LOCKED)
    stand.add("AWS::S3::Bucket", "LedgerArchiveBucket", bucket)
    arns = {"BucketARN": f"arn:aws:s3:::{bucket}", "RoleARN": "arn:aws:iam::123456789012:role/role"}
    stand.client("firehose").create_delivery_stream(
        DeliveryStreamName="hallpass-delivery", ExtendedS3DestinationConfiguration=arns
    )
    stand.add("AWS::KinesisFirehose::DeliveryStream", "LedgerDelivery", "hallpass-delivery")


def _log_group(stand: Stand, logical: str) -> str:
    logs, name = stand.client("logs"), f"hallpass-{logical}"
    logs.create_log_group(logGroupName=name, kmsKeyId=_arn(stand, "LogsKey"))
    # A longer name that begins the same is another group.
    logs.create_log_group(logGroupName=f"{name}-2")
    logs.put_retention_policy(logGroupName=name, retentionInDays=400)
    return name


def _function(stand: Stand, logical: str) -> str:
    iam = stand.client("iam")
    if not iam.list_roles()["Roles"]:
        iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    package = io.BytesIO()
    zipfile.ZipFile(package, "w").close()
    name = f"hallpass-{logical}"
    stand.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role="arn:aws:iam::123456789012:role/role",
        Handler="app.handler",
        Code={"ZipFile": package.getvalue()},
        Environment={"Variables": {"LOG_LEVEL": "INFO", "HALLPASS_VERSION": "0.1.0"}},
    )
    return name
