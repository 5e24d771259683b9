"""Posture: keys and their policies.

The rule: a key is used through the service that it closes, rotates, and stays as long as what it closes.
"""

from collections.abc import Iterator
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text
from tests.deploy.posture_access import resource_of, statements
from tests.deploy.posture_archive import ROLE as ARCHIVE_ROLE

THROUGH = {"TablesKey": "dynamodb", "SecretsKey": "secretsmanager"}
FOR_AN_INTEGRATION = {
    "Null": {"kms:EncryptionContext:integration": "false", "kms:EncryptionContext:epoch": "false"}
}  # fmt: skip
FOR_A_DISTRICT = {"Null": {"kms:EncryptionContext:ledger": "false"}}
# Those that no service uses for us: what they seal opens in its own context alone.
IN_CONTEXT = {"PseudonymsKey": FOR_AN_INTEGRATION, "LedgerKey": FOR_A_DISTRICT}
ROOT_OF_ACCOUNT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
ENCRYPTION = {
    "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey",
}  # fmt: skip


def keys_through_their_service(deployed: Deployed) -> Iterator[str]:
    for role in deployed.of("AWS::IAM::Role").keys() - {ARCHIVE_ROLE}:
        for statement in statements(deployed, role):
            if not any(str(action).startswith("kms:") for action in listed(statement.get("Action"))):
                continue
            for key in (resource_of(deployed, value) for value in listed(statement.get("Resource"))):
                if statement.get("Condition") != _condition_of(key):
                    yield f"{role} may use {key} other than through {THROUGH.get(key, 'its context')}"


def _condition_of(key: str) -> Any:
    """Under what a key may be used: through the service it closes, or for one integration or district at a time."""
    if key in IN_CONTEXT:
        return IN_CONTEXT[key]
    via = {"Fn::Sub": f"{THROUGH.get(key)}.${{AWS::Region}}.${{AWS::URLSuffix}}"}
    return {"StringEquals": {"kms:ViaService": via}}


def keys_rotate_and_stay(deployed: Deployed) -> Iterator[str]:
    for name, key in deployed.of("AWS::KMS::Key").items():
        if key.get("EnableKeyRotation") is not True:
            yield f"{name} does not rotate"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if at(deployed.resources[name], policy) != "Retain":
                yield f"{name} may go before the data it closes ({policy})"


def keys_open_to_the_account(deployed: Deployed) -> Iterator[str]:
    for name, key in deployed.of("AWS::KMS::Key").items():
        document = key.get("KeyPolicy")
        if at(document, "Version") != "2012-10-17":
            yield f"{name} has a policy of an old version"
        ours, *services = listed(at(document, "Statement")) or [None]
        allowed = {"Effect": "Allow", "Principal": ROOT_OF_ACCOUNT, "Action": "kms:*", "Resource": "*"}
        if {word: value for word, value in (ours or {}).items() if word != "Sid"} != allowed:
            yield f"{name} cannot be administered by its account, or by more than that"
        if len(services) != (name == "LogsKey"):
            yield f"{name} is open to {len(services)} services"


def logs_key_for_own_groups(deployed: Deployed) -> Iterator[str]:
    document = deployed.of("AWS::KMS::Key").get("LogsKey", {}).get("KeyPolicy")
    for statement in listed(at(document, "Statement"))[1:]:
        if at(statement, "Effect") != "Allow" or set(listed(at(statement, "Action"))) != ENCRYPTION:
            yield "CloudWatch Logs cannot use its key, or may do more than encrypt"
        if at(statement, "Principal") != {"Service": {"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}}:
            yield f"the logs key is open to {text(at(statement, 'Principal'))}"
        groups = at(statement, "Condition", "ArnLike", "kms:EncryptionContext:aws:logs:arn", "Fn::Sub")
        if not str(groups).endswith(":log-group:${AWS::StackName}-*") or at(statement, "Resource") != "*":
            yield "the logs key serves log groups of others, or none"


RULES = (
    Rule("G-19", "keys are used through the service they close, or in their context, only", keys_through_their_service),
    Rule("G-19", "keys rotate, and stay as long as what they close", keys_rotate_and_stay),
    Rule("G-19", "key policies name the account and nobody else", keys_open_to_the_account),
    Rule("G-19", "the logs key serves this stack's log groups only", logs_key_for_own_groups),
)
