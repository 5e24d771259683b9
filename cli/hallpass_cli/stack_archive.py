"""What the doctor checks of the ledger's archive, where there is one: that it is locked, and that it is being filled.

Rule: without `LedgerArchive` there is nothing to check, and it is said so.
"""

from __future__ import annotations

from typing import Any

from hallpass_cli.checks import FailedError
from hallpass_cli.stack_checks import named, refuse
from hallpass_cli.stacks import Stack, client

BUCKET, DELIVERY, TABLE = "LedgerArchiveBucket", "LedgerDelivery", "LedgerTable"


def archive(stack: Stack) -> str:
    buckets = stack.of("AWS::S3::Bucket")
    if BUCKET not in buckets:
        return "there is none: LedgerArchive is not `yes`"
    days = _locked_for(client("s3"), buckets[BUCKET])
    delivery = dict(named(stack, "AWS::KinesisFirehose::DeliveryStream"))[DELIVERY]
    told = client("firehose").describe_delivery_stream(DeliveryStreamName=delivery)["DeliveryStreamDescription"]
    still = told["DeliveryStreamStatus"] != "ACTIVE"
    refuse(
        [f"{DELIVERY} ({told['DeliveryStreamStatus']})"] if still else [], "deliver nothing", "Look at it in Firehose."
    )
    table = dict(named(stack, "AWS::DynamoDB::Table"))[TABLE]
    found = client("dynamodb").describe_kinesis_streaming_destination(TableName=table)["KinesisDataStreamDestinations"]
    active = [one for one in found if one["DestinationStatus"] == "ACTIVE"]
    refuse(
        [] if active else [TABLE],
        "write into no stream",
        "Switch its stream to Kinesis on again; export what it lacks.",
    )
    return f"locked for {days} days, and filled"


def _locked_for(s3: Any, bucket: str) -> int:
    """In days. Raises FailedError where anybody could delete what has arrived."""
    told = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    kept = told.get("Rule", {}).get("DefaultRetention", {})
    if kept.get("Mode") != "COMPLIANCE":
        raise FailedError(
            f"{BUCKET} has the lock {kept.get('Mode')}", "Deploy the template as it is, and find out who changed it."
        )
    return int(kept["Days"])
