"""Posture: who may do what. Roles, their statements, keys and their policies.

The rule: what each role may do is written here a second time, on purpose; a difference is a decision to review.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text

OWN_SECRETS = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:"
SECRETS = "secret:${AWS::StackName}/districts/*"

# Function -> action -> what it is allowed on. Absences are the point: no Scan, no DeleteItem in the registry, no
# PutItem there for the vendor API, no GetSecretValue for the admin API, which cannot open a pseudonym key either.
MAY: Mapping[str, Mapping[str, frozenset[str]]] = {
    "VendorApiFunction": {
        "logs:CreateLogStream": frozenset({"VendorApiLogGroup"}),
        "logs:PutLogEvents": frozenset({"VendorApiLogGroup"}),
        "dynamodb:GetItem": frozenset({"RegistryTable", "PagesTable"}),
        "dynamodb:UpdateItem": frozenset({"RegistryTable", "UsageTable", "PagesTable"}),
        "dynamodb:BatchGetItem": frozenset({"PagesTable"}),
        "dynamodb:PutItem": frozenset({"PagesTable"}),
        "dynamodb:BatchWriteItem": frozenset({"PagesTable"}),
        "kms:Decrypt": frozenset({"TablesKey", "SecretsKey", "PseudonymsKey"}),
        "kms:DescribeKey": frozenset({"TablesKey"}),
        "kms:Encrypt": frozenset({"TablesKey"}),
        "kms:GenerateDataKey": frozenset({"TablesKey"}),
        "secretsmanager:GetSecretValue": frozenset({SECRETS}),
    },
    "AdminApiFunction": {
        "logs:CreateLogStream": frozenset({"AdminApiLogGroup"}),
        "logs:PutLogEvents": frozenset({"AdminApiLogGroup"}),
        "dynamodb:GetItem": frozenset({"RegistryTable", "UsageTable"}),
        "dynamodb:Query": frozenset({"RegistryTable", "UsageTable"}),
        "dynamodb:PutItem": frozenset({"RegistryTable"}),
        "dynamodb:UpdateItem": frozenset({"RegistryTable"}),
        "dynamodb:ConditionCheckItem": frozenset({"RegistryTable"}),
        "kms:Decrypt": frozenset({"TablesKey", "SecretsKey"}),
        "kms:DescribeKey": frozenset({"TablesKey"}),
        "kms:Encrypt": frozenset({"TablesKey"}),
        "kms:GenerateDataKey": frozenset({"TablesKey", "SecretsKey"}),
        "kms:GenerateDataKeyWithoutPlaintext": frozenset({"PseudonymsKey"}),
        "secretsmanager:CreateSecret": frozenset({SECRETS}),
        "secretsmanager:PutSecretValue": frozenset({SECRETS}),
    },
}  # fmt: skip

KILL_SWITCH = {
    "ForAllValues:StringEquals": {
        "dynamodb:Attributes": ["pk", "sk", "status", "revoked_at", "revoked_by", "version"]
    },
    "StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", "UPDATED_OLD", "UPDATED_NEW"]},
}  # fmt: skip
THROUGH = {"TablesKey": "dynamodb", "SecretsKey": "secretsmanager"}
FOR_AN_INTEGRATION = {
    "Null": {"kms:EncryptionContext:integration": "false", "kms:EncryptionContext:epoch": "false"}
}  # fmt: skip
ROOT_OF_ACCOUNT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
ENCRYPTION = {
    "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey",
}  # fmt: skip


def roles(deployed: Deployed) -> dict[str, str | None]:
    """Logical id of each function's role."""
    return {name: deployed.target(found.get("Role")) for name, found in deployed.of("AWS::Lambda::Function").items()}


def statements(deployed: Deployed, role: str | None) -> list[Any]:
    found = deployed.of("AWS::IAM::Role").get(role or "", {})
    return [
        statement
        for policy in listed(found.get("Policies"))
        for statement in listed(at(policy, "PolicyDocument", "Statement"))
    ]


def resource_of(deployed: Deployed, value: Any) -> str:
    """A statement's resource in the table's words."""
    arn = at(value, "Fn::Sub")
    if isinstance(arn, str) and arn.startswith(
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:"
    ):
        return arn.partition("${AWS::AccountId}:")[2]
    return deployed.target(value) or text(value)


def one_role_each(deployed: Deployed) -> Iterator[str]:
    used = list(roles(deployed).values())
    if None in used or len(set(used)) != len(used):
        yield f"functions share a role or take one from outside: {used}"
    if set(used) != set(deployed.of("AWS::IAM::Role")):
        yield "a role belongs to no function"


def assumed_by_lambda_only(deployed: Deployed) -> Iterator[str]:
    wanted = [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    for name, role in deployed.of("AWS::IAM::Role").items():
        if at(role, "AssumeRolePolicyDocument") != {"Version": "2012-10-17", "Statement": wanted}:
            yield f"{name} can be assumed by others"


def written_out(deployed: Deployed) -> Iterator[str]:
    for name, role in deployed.of("AWS::IAM::Role").items():
        if unknown := role.keys() - {"AssumeRolePolicyDocument", "Policies"}:
            yield f"{name} takes policies from elsewhere: {sorted(unknown)}"
        for policy in listed(role.get("Policies")):
            if at(policy, "PolicyDocument", "Version") != "2012-10-17" or not at(policy, "PolicyName"):
                yield f"{name} has a policy of an old version or without a name"
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::KMS::Grant"):
        for name in deployed.of(kind):
            yield f"{name} grants beside the roles"


def as_agreed(deployed: Deployed) -> Iterator[str]:
    if set(MAY) != set(roles(deployed)):
        yield f"functions are {sorted(roles(deployed))}"
    for function, role in roles(deployed).items():
        found: dict[str, set[str]] = {}
        for statement in statements(deployed, role):
            if at(statement, "Effect") != "Allow" or statement.keys() & {"NotAction", "NotResource", "Principal"}:
                yield f"{role}: a statement that is not a plain permission: {text(statement)}"
            for action in listed(statement.get("Action")):
                targets = {resource_of(deployed, value) for value in listed(statement.get("Resource"))}
                found.setdefault(action, set()).update(targets)
        agreed = MAY.get(function, {})
        for action in sorted(found.keys() | agreed.keys()):
            if found.get(action, set()) != set(agreed.get(action, frozenset())):
                yield f"{function}: {action} on {sorted(found.get(action, set()))}"


def no_star(deployed: Deployed) -> Iterator[str]:
    for role in deployed.of("AWS::IAM::Role"):
        for statement in statements(deployed, role):
            if any("*" in str(action) for action in listed(statement.get("Action"))):
                yield f"{role}: an action with a star: {text(statement)}"
            if any(resource in ("*", "arn:*") for resource in listed(statement.get("Resource"))):
                yield f"{role}: every resource: {text(statement)}"


def kill_switch_only(deployed: Deployed) -> Iterator[str]:
    for statement in statements(deployed, roles(deployed).get("VendorApiFunction")):
        targets = {resource_of(deployed, value) for value in listed(statement.get("Resource"))}
        writes = set(listed(statement.get("Action"))) - {"dynamodb:GetItem"}
        if "RegistryTable" in targets and writes:
            if statement.get("Condition") != KILL_SWITCH:
                yield f"the vendor API writes more of the registry than a revocation: {text(statement)}"
            if targets != {"RegistryTable"} or writes != {"dynamodb:UpdateItem"}:
                yield f"a registry write is mixed with others: {text(statement)}"


def keys_through_their_service(deployed: Deployed) -> Iterator[str]:
    for role in deployed.of("AWS::IAM::Role"):
        for statement in statements(deployed, role):
            if not any(str(action).startswith("kms:") for action in listed(statement.get("Action"))):
                continue
            for key in (resource_of(deployed, value) for value in listed(statement.get("Resource"))):
                if statement.get("Condition") != _condition_of(key):
                    yield f"{role} may use {key} other than through {THROUGH.get(key, 'its context')}"


def _condition_of(key: str) -> Any:
    """Under what a key may be used: through the service it closes, or for one integration at a time."""
    if key == "PseudonymsKey":
        return FOR_AN_INTEGRATION
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
    Rule("G-10", "each function has a role of its own", one_role_each),
    Rule("G-10", "only Lambda assumes the roles", assumed_by_lambda_only),
    Rule("G-17", "every permission is written out in its role", written_out),
    Rule("G-17", "each function may do what was agreed and nothing else", as_agreed),
    Rule("G-17", "no action has a star and no statement covers every resource", no_star),
    Rule("G-17", "the vendor API writes nothing in the registry but a revocation", kill_switch_only),
    Rule(
        "G-19", "keys are used through the service they close, or for one integration, only", keys_through_their_service
    ),
    Rule("G-19", "keys rotate, and stay as long as what they close", keys_rotate_and_stay),
    Rule("G-19", "key policies name the account and nobody else", keys_open_to_the_account),
    Rule("G-19", "the logs key serves this stack's log groups only", logs_key_for_own_groups),
)
