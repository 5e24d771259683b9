"""Posture: the ledger's archive, for whoever asks for one.

The rule: all of it hangs on one parameter; what has arrived cannot be changed or deleted before its time, by anybody.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, text

ROLE, KEY, BUCKET, STREAM = "LedgerArchiveRole", "LedgerArchiveKey", "LedgerArchiveBucket", "LedgerStream"
CONDITION = "ArchivesLedger"
ASKED_FOR = {"Fn::Equals": [{"Ref": "LedgerArchive"}, "yes"]}
OBJECTS = {"Fn::Sub": f"${{{BUCKET}.Arn}}/*"}


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def via(service: str) -> dict[str, Any]:
    return {"Fn::Sub": f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}"}


def may(actions: str | list[str], resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


# It reads back and deletes nothing.
ROLE_MAY = [
    may(
        ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"], arn(STREAM)
    ),
    may("logs:PutLogEvents", arn("LedgerArchiveLogGroup")),
    may(["s3:PutObject", "s3:AbortMultipartUpload"], OBJECTS),
    may(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], arn(BUCKET)),
    may(
        ["kms:Decrypt", "kms:GenerateDataKey"],
        arn(KEY),
        Condition={"StringEquals": {"kms:ViaService": [via("kinesis"), via("s3")]}},
    ),
]
FIREHOSE_OF_THIS_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"Service": "firehose.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [arn(BUCKET), OBJECTS],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}

AGREED: Mapping[str, Any] = {
    STREAM: {
        "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
        "RetentionPeriodHours": 168,
        "StreamEncryption": {"EncryptionType": "KMS", "KeyId": arn(KEY)},
    },
    "LedgerDelivery": {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn(STREAM), "RoleARN": arn(ROLE)},
        "ExtendedS3DestinationConfiguration": {
            "BucketARN": arn(BUCKET),
            "RoleARN": arn(ROLE),
            "Prefix": "ledger/!{timestamp:yyyy/MM/dd}/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
            "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 64},
            "CompressionFormat": "GZIP",
            "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": arn(KEY)}},
            "CloudWatchLoggingOptions": {
                "Enabled": True,
                "LogGroupName": {"Ref": "LedgerArchiveLogGroup"},
                "LogStreamName": {"Ref": "LedgerArchiveLogStream"},
            },
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [
                    {
                        "Type": "AppendDelimiterToRecord",
                        "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
                    }
                ],
            },
        },
    },
    BUCKET: {
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": {"Ref": "LedgerArchiveDays"}}},
        },
        "VersioningConfiguration": {"Status": "Enabled"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn(KEY)},
                }
            ]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    },
    "LedgerArchiveLogStream": {"LogGroupName": {"Ref": "LedgerArchiveLogGroup"}, "LogStreamName": "delivery"},
    "LedgerArchiveBucketPolicy": {
        "Bucket": {"Ref": BUCKET},
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [TLS_ONLY]},
    },
    ROLE: {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [FIREHOSE_OF_THIS_ACCOUNT]},
        "Policies": [
            {"PolicyName": "ledger-archive", "PolicyDocument": {"Version": "2012-10-17", "Statement": ROLE_MAY}}
        ],
    },
}
# What was archived, and the key that opens it, outlive the stack; what only carries it does not.
FATE: Mapping[str, str | None] = {
    STREAM: "Delete",
    "LedgerDelivery": None,
    BUCKET: "Retain",
    "LedgerArchiveBucketPolicy": "Retain",
    KEY: "Retain",
    ROLE: None,
    "LedgerArchiveLogGroup": "Retain",
    "LedgerArchiveLogStream": None,
}
KINDS = ("AWS::Kinesis::Stream", "AWS::KinesisFirehose::DeliveryStream", "AWS::S3::Bucket", "AWS::S3::BucketPolicy")


def archive_as_agreed(deployed: Deployed) -> Iterator[str]:
    for name, agreed in AGREED.items():
        found = _without_sids(at(deployed.resources, name, "Properties"))
        for word in sorted(agreed.keys() | (found or {}).keys()):
            if at(found, word) != agreed.get(word):
                yield f"{name}: {word} is {text(at(found, word))}"
    for kind in KINDS:
        for name in deployed.of(kind):
            if name not in AGREED:
                yield f"{name} carries something elsewhere"


def archive_stays(deployed: Deployed) -> Iterator[str]:
    for name, wanted in FATE.items():
        fate = {at(deployed.resources, name, policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")}
        if fate != {wanted}:
            yield f"{name} meets another fate when the stack goes: {sorted(map(str, fate))}"


def archive_by_choice(deployed: Deployed) -> Iterator[str]:
    for name in FATE:
        if at(deployed.resources, name, "Condition") != CONDITION:
            yield f"{name} is made for everybody, or never"
    if at(deployed.template, "Conditions", CONDITION) != ASKED_FOR:
        yield "the archive does not hang on its parameter"
    choice, days = at(deployed.parameters, "LedgerArchive"), at(deployed.parameters, "LedgerArchiveDays")
    if (at(choice, "Default"), at(choice, "AllowedValues")) != ("no", ["no", "yes"]):
        yield "the archive is made without being asked for"
    if at(days, "MinValue") != 1 or not isinstance(at(days, "Default"), int):
        yield "the archive may be locked for no time"
    stream = at(deployed.resources, "LedgerTable", "Properties", "KinesisStreamSpecification")
    if stream != {"Fn::If": [CONDITION, {"StreamArn": arn(STREAM)}, {"Ref": "AWS::NoValue"}]}:
        yield f"the ledger flows to {text(stream)}"
    for name, table in deployed.of("AWS::DynamoDB::Table").items():
        if name != "LedgerTable" and "KinesisStreamSpecification" in table:
            yield f"{name} flows somewhere"


def _without_sids(value: Any) -> Any:
    """Of statements, the names that only people read."""
    if isinstance(value, Mapping):
        return {word: _without_sids(part) for word, part in value.items() if word != "Sid"}
    return [_without_sids(part) for part in value] if isinstance(value, list) else value


RULES = (
    Rule("F-22", "the archive is locked, encrypted, private, and filled by a role that adds only", archive_as_agreed),
    Rule("F-22", "what was archived outlives the stack", archive_stays),
    Rule("F-22", "there is an archive if it is asked for, of the ledger only", archive_by_choice),
)
