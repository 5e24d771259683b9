"""The posture rules are not vacuous about the ledger either: each of these changes, one line each, is noticed.

The rule: what would let somebody change the record, know whom it speaks of, or keep it from being complete is here.
"""

from typing import Any

import pytest

from tests.deploy import mutants
from tests.deploy.deployed import Deployed
from tests.deploy.posture_ledger import in_bounds
from tests.deploy.test_posture_notices import noticed
from tests.deploy.worse import EXPIRING, RECOVERABLE, Change, also, put, statement

INDEX, INDEX_ROLE, SCHEDULE = "LedgerIndexFunction", "LedgerIndexRole", "LedgerIndexFunctionIndex"
COUNTING = "LedgerIndexFunctionCountGrants"
INVOKED = f"{INDEX}EventInvokeConfig"


def of(resource: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [resource, "Arn"]}


def partitions(*keys: str) -> dict[str, Any]:
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}}


def fate(resource: str, policy: str, value: str) -> Change:
    """What becomes of a resource when its stack goes, or another takes its place."""

    def change(template: Any) -> None:
        template["Resources"][resource][policy] = value

    return change


def one_more(role: str, sid: str, action: str, resource: str) -> Change:
    """A statement that a role did not have."""
    made = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": of(resource)}
    return put(role, "Policies.0.PolicyDocument.Statement.+", made)


WORSE: dict[str, Change] = {
    "whoever files may delete in the index by batches": also(
        "LedgerIndexRole", "FileDisclosures", "dynamodb:BatchWriteItem"
    ),
    "the vendor API may change what is in the ledger": also("VendorApiRole", "WriteLedger", "dynamodb:UpdateItem"),
    "the vendor API may delete in the ledger": also("VendorApiRole", "WriteLedger", "dynamodb:DeleteItem"),
    "the vendor API may delete in the ledger by batches": also(
        "VendorApiRole", "WriteLedger", "dynamodb:BatchWriteItem"
    ),
    "the vendor API may write ledger keys": statement(
        "VendorApiRole", "WriteLedger", Condition=partitions("row#*", "people#*", "account")
    ),
    "the vendor API may write anything in the ledger": statement("VendorApiRole", "WriteLedger", Condition={}),
    "the vendor API may put where a pattern is none": statement(
        "VendorApiRole",
        "WriteLedger",
        Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["row#*", "people#*"]}},
    ),
    "the vendor API may read what it recorded": statement(
        "VendorApiRole", "ReadLedgerKey", Condition=partitions("account", "row#*")
    ),
    "the vendor API may go through the ledger": also("VendorApiRole", "ReadLedgerKey", "dynamodb:Query"),
    "a right in the ledger holds in the pages too": statement(
        "VendorApiRole", "WriteLedger", Resource=[of("LedgerTable"), of("PagesTable")]
    ),
    "the vendor API may read the index": one_more(
        "VendorApiRole", "ReadIndex", "dynamodb:Query", "DisclosureIndexTable"
    ),
    "the vendor API may make ledger keys": also("VendorApiRole", "OpenLedgerKey", "kms:GenerateDataKey"),
    "ledger keys open for any district": statement("VendorApiRole", "OpenLedgerKey", Condition={}),
    "ledger keys open in a pseudonym's context": statement(
        "AdminApiRole", "OpenLedgerKey", Condition={"Null": {"kms:EncryptionContext:integration": "false"}}
    ),
    "the admin API may see a ledger key that it makes": also("AdminApiRole", "MakeLedgerKey", "kms:GenerateDataKey"),
    "ledger keys are made for no district": statement("AdminApiRole", "MakeLedgerKey", Condition={}),
    "the admin API may scan the ledger": also("AdminApiRole", "ReadLedger", "dynamodb:Scan"),
    "the admin API may delete in the ledger": also("AdminApiRole", "AddToLedger", "dynamodb:DeleteItem"),
    "the admin API may change what is in the ledger": also("AdminApiRole", "AddToLedger", "dynamodb:UpdateItem"),
    "the admin API may read all of the ledger": statement("AdminApiRole", "ReadLedger", Condition={}),
    "the admin API may read sets of persons": statement(
        "AdminApiRole", "ReadLedger", Condition=partitions("row#*", "people#*", "account")
    ),
    "the admin API may write anything in the ledger": statement("AdminApiRole", "AddToLedger", Condition={}),
    "the admin API may write the index": also("AdminApiRole", "ReadDisclosureIndex", "dynamodb:PutItem"),
    "the admin API may delete in the index": also("AdminApiRole", "ReadDisclosureIndex", "dynamodb:DeleteItem"),
    "the background may read the ledger": one_more("PageRefreshRole", "ReadLedger", "dynamodb:Query", "LedgerTable"),
    "who files may open ledger keys": one_more(INDEX_ROLE, "OpenLedgerKey", "kms:Decrypt", "LedgerKey"),
    "who files may open pseudonym keys": one_more(INDEX_ROLE, "OpenPseudonymKey", "kms:Decrypt", "PseudonymsKey"),
    "who files may add to the ledger": also(INDEX_ROLE, "ReadLedger", "dynamodb:PutItem"),
    "who files may scan the ledger": also(INDEX_ROLE, "ReadLedger", "dynamodb:Scan"),
    "who files may delete in the index": also(INDEX_ROLE, "FileDisclosures", "dynamodb:DeleteItem"),
    "who files may read pages": one_more(INDEX_ROLE, "ReadPages", "dynamodb:GetItem", "PagesTable"),
    "who files may write in the registry": also(INDEX_ROLE, "ReadRegistry", "dynamodb:UpdateItem"),
    "who files may go through the notes of use": also(INDEX_ROLE, "ReadUsage", "dynamodb:Query"),
    "who files may read credentials": one_more(INDEX_ROLE, "Read", "secretsmanager:GetSecretValue", "SecretsKey"),
    "who files answers as the admin API": put(INDEX, "Role", of("AdminApiRole")),
    "the ledger expires": put("LedgerTable", "TimeToLiveSpecification", EXPIRING),
    "the index expires": put("DisclosureIndexTable", "TimeToLiveSpecification", EXPIRING),
    "the ledger may be deleted": put("LedgerTable", "DeletionProtectionEnabled", False),
    "the index may be deleted": put("DisclosureIndexTable", "DeletionProtectionEnabled", False),
    "the ledger goes with the stack": fate("LedgerTable", "DeletionPolicy", "Delete"),
    "the ledger goes when it is replaced": fate("LedgerTable", "UpdateReplacePolicy", "Snapshot"),
    "the ledger cannot be recovered": put(
        "LedgerTable", "PointInTimeRecoverySpecification", RECOVERABLE | {"PointInTimeRecoveryEnabled": False}
    ),
    "the ledger has Amazon's key": put("LedgerTable", "SSESpecification", {"SSEEnabled": True}),
    "the ledger's stream shows what was there": put(
        "LedgerTable", "StreamSpecification", {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    ),
    "the ledger is open to another account": put("LedgerTable", "ResourcePolicy", {"PolicyDocument": {}}),
    "the ledger's key does not rotate": put("LedgerKey", "EnableKeyRotation", False),
    "the ledger's key goes before the ledger": fate("LedgerKey", "DeletionPolicy", "Delete"),
    "the ledger's key is open to every account": put("LedgerKey", "KeyPolicy.Statement.0.Principal", {"AWS": "*"}),
    "the index's log goes with the stack": fate("LedgerIndexLogGroup", "DeletionPolicy", "Delete"),
    "the filing is disabled": put(SCHEDULE, "State", "DISABLED"),
    "the filing hangs on the budget of warming": put(SCHEDULE, "State", {"Fn::If": ["Warms", "ENABLED", "DISABLED"]}),
    "nobody counts what is about to end": put(COUNTING, "State", "DISABLED"),
    "what is about to end is counted once a year": put(COUNTING, "ScheduleExpression", "rate(365 days)"),
    "any rule may start the counting": put(f"{COUNTING}Permission", "SourceArn", "arn:aws:events:*"),
    "the counting's rule may start the background": put(
        f"{COUNTING}Permission", "FunctionName", {"Ref": "PageRefreshFunction"}
    ),
    "filing is once a day": put(SCHEDULE, "ScheduleExpression", "rate(1 day)"),
    "the filing's schedule does something else": put(SCHEDULE, "Targets.0.Input", '{"action":"warm"}'),
    "the filing's schedule starts the background": put(SCHEDULE, "Targets.0.Arn", of("PageRefreshFunction")),
    "starts of the filing pile up": put(SCHEDULE, "Targets.0.RetryPolicy.MaximumRetryAttempts", 185),
    "any rule may start the filing": put(f"{SCHEDULE}Permission", "SourceArn", "arn:aws:events:*"),
    "the filing is tried again beside the next": put(INVOKED, "MaximumRetryAttempts", 2),
    "the filing is cut short": put(INDEX, "Timeout", 29),
    "the filing keeps dead letters": put(INDEX, "DeadLetterConfig", {"TargetArn": of("PageRefreshFailures")}),
    "the filing knows the upstream's credentials": put(
        INDEX, "Environment.Variables.SECRET_PREFIX", {"Fn::Sub": "${AWS::StackName}/districts"}
    ),
    "the ledger is another table for the admin API": put(
        "AdminApiFunction", "Environment.Variables.LEDGER_TABLE", {"Ref": "UsageTable"}
    ),
}


@pytest.mark.parametrize("change", WORSE.values(), ids=WORSE.keys())
def test_noticed_when(change: Change, deployed: Deployed) -> None:
    assert noticed(mutants.spoilt(deployed, change)) != []


@pytest.mark.parametrize(
    ("function", "action", "partition", "within"),
    [
        ("VendorApiFunction", "PutItem", "row#InvD#2026-03-02", True),
        ("VendorApiFunction", "PutItem", "people#InvD#name", True),
        ("VendorApiFunction", "PutItem", "account", False),
        ("VendorApiFunction", "GetItem", "account", True),
        ("VendorApiFunction", "GetItem", "row#InvD#2026-03-02", False),
        ("VendorApiFunction", "Query", "account", False),
        ("AdminApiFunction", "Query", "row#InvD#2026-03-02", True),
        ("AdminApiFunction", "PutItem", "people#InvD#name", True),
        ("AdminApiFunction", "GetItem", "people#InvD#name", False),
        ("AdminApiFunction", "Query", "people#InvD#name", False),
        ("LedgerIndexFunction", "Query", "people#InvD#name", True),
    ],
)
def test_whose_partition_it_is(function: str, action: str, partition: str, within: bool) -> None:
    assert in_bounds(function, f"dynamodb:{action}", partition) is within
