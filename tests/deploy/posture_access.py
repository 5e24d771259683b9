"""Posture: who may do what. Roles and their statements.

The rule: what each role may do is written here a second time, on purpose; a difference is a decision to review.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text
from tests.deploy.posture_archive import ROLE as ARCHIVE_ROLE
from tests.deploy.posture_switches import SEND_TRACES

OWN_SECRETS = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:"
SECRETS = "secret:${AWS::StackName}/districts/*"

# Function -> action -> what it is allowed on. Absences are the point: no Scan, no DeleteItem in the registry, no
# PutItem there for the vendor API, no GetSecretValue for the admin API, which cannot open a pseudonym key either; for
# the background no write to the registry, no pseudonym key and no function but itself; and in the ledger nothing for
# anybody but to read and to put. posture_ledger.py says which items.
MAY: Mapping[str, Mapping[str, frozenset[str]]] = {
    "VendorApiFunction": {
        "logs:CreateLogStream": frozenset({"VendorApiLogGroup"}),
        "logs:PutLogEvents": frozenset({"VendorApiLogGroup"}),
        "dynamodb:GetItem": frozenset({"RegistryTable", "PagesTable", "LedgerTable"}),
        "dynamodb:Query": frozenset({"RegistryTable"}),
        "dynamodb:UpdateItem": frozenset({"RegistryTable", "UsageTable", "PagesTable"}),
        "dynamodb:BatchGetItem": frozenset({"PagesTable"}),
        "dynamodb:PutItem": frozenset({"PagesTable", "LedgerTable"}),
        "dynamodb:BatchWriteItem": frozenset({"PagesTable"}),
        "lambda:InvokeFunction": frozenset({"PageRefreshFunction"}),
        "kms:Decrypt": frozenset({"TablesKey", "SecretsKey", "PseudonymsKey", "LedgerKey"}),
        "kms:DescribeKey": frozenset({"TablesKey"}),
        "kms:Encrypt": frozenset({"TablesKey"}),
        "kms:GenerateDataKey": frozenset({"TablesKey"}),
        "secretsmanager:GetSecretValue": frozenset({SECRETS}),
    },
    "AdminApiFunction": {
        "logs:CreateLogStream": frozenset({"AdminApiLogGroup"}),
        "logs:PutLogEvents": frozenset({"AdminApiLogGroup"}),
        "dynamodb:GetItem": frozenset(
            {"RegistryTable", "UsageTable", "PagesTable", "LedgerTable", "DisclosureIndexTable", "SessionsTable"}
        ),
        "dynamodb:BatchGetItem": frozenset({"PagesTable"}),
        "dynamodb:Query": frozenset(
            {"RegistryTable", "UsageTable", "PagesTable", "LedgerTable", "DisclosureIndexTable", "SessionsTable"}
        ),
        "dynamodb:PutItem": frozenset({"RegistryTable", "LedgerTable", "SessionsTable"}),
        "dynamodb:UpdateItem": frozenset({"RegistryTable", "UsageTable", "PagesTable", "SessionsTable"}),
        "dynamodb:DeleteItem": frozenset({"PagesTable", "SessionsTable"}),
        "dynamodb:BatchWriteItem": frozenset({"PagesTable"}),
        "dynamodb:ConditionCheckItem": frozenset({"RegistryTable"}),
        "lambda:InvokeFunction": frozenset({"PageRefreshFunction"}),
        "kms:Decrypt": frozenset({"TablesKey", "SecretsKey", "LedgerKey"}),
        "kms:DescribeKey": frozenset({"TablesKey"}),
        "kms:Encrypt": frozenset({"TablesKey"}),
        "kms:GenerateDataKey": frozenset({"TablesKey", "SecretsKey"}),
        "kms:GenerateDataKeyWithoutPlaintext": frozenset({"PseudonymsKey", "LedgerKey"}),
        "secretsmanager:CreateSecret": frozenset({SECRETS}),
        "secretsmanager:PutSecretValue": frozenset({SECRETS}),
        "secretsmanager:DeleteSecret": frozenset({SECRETS}),
    },
    "PageRefreshFunction": {
        "logs:CreateLogStream": frozenset({"PageRefreshLogGroup"}),
        "logs:PutLogEvents": frozenset({"PageRefreshLogGroup"}),
        "dynamodb:GetItem": frozenset({"RegistryTable", "PagesTable"}),
        "dynamodb:Query": frozenset({"RegistryTable", "PagesTable"}),
        "dynamodb:UpdateItem": frozenset({"UsageTable", "PagesTable"}),
        "dynamodb:BatchGetItem": frozenset({"PagesTable"}),
        "dynamodb:PutItem": frozenset({"PagesTable"}),
        "dynamodb:BatchWriteItem": frozenset({"PagesTable"}),
        "lambda:InvokeFunction": frozenset({"PageRefreshFunction"}),
        "sqs:SendMessage": frozenset({"PageRefreshFailures"}),
        "kms:Decrypt": frozenset({"TablesKey", "SecretsKey"}),
        "kms:DescribeKey": frozenset({"TablesKey"}),
        "kms:Encrypt": frozenset({"TablesKey"}),
        "kms:GenerateDataKey": frozenset({"TablesKey"}),
        "secretsmanager:GetSecretValue": frozenset({SECRETS}),
    },
    "LedgerIndexFunction": {
        "logs:CreateLogStream": frozenset({"LedgerIndexLogGroup"}),
        "logs:PutLogEvents": frozenset({"LedgerIndexLogGroup"}),
        "dynamodb:GetItem": frozenset({"RegistryTable", "UsageTable", "LedgerTable", "DisclosureIndexTable"}),
        "dynamodb:Query": frozenset({"RegistryTable", "LedgerTable", "DisclosureIndexTable"}),
        "dynamodb:PutItem": frozenset({"DisclosureIndexTable"}),
        "kms:Decrypt": frozenset({"TablesKey"}),
        "kms:DescribeKey": frozenset({"TablesKey"}),
        "kms:Encrypt": frozenset({"TablesKey"}),
        "kms:GenerateDataKey": frozenset({"TablesKey"}),
    },
}  # fmt: skip

KILL_SWITCH = {
    "ForAllValues:StringEquals": {
        "dynamodb:Attributes": ["pk", "sk", "status", "revoked_at", "revoked_by", "version"]
    },
    "StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", "UPDATED_OLD", "UPDATED_NEW"]},
}  # fmt: skip
DIGESTS = {
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["directory", "district#*"]},
    "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "digest"]},
    "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
}
REVIEWS = {
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["quarantine#*"]},
    "ForAllValues:StringEquals": {
        "dynamodb:Attributes": ["pk", "sk", "schema", "reviewed_by", "reviewed_at", "reviewed_as"]
    },
}
APART = "AWS::IAM::RolePolicy"


def roles(deployed: Deployed) -> dict[str, str | None]:
    """Logical id of each function's role."""
    return {name: deployed.target(found.get("Role")) for name, found in deployed.of("AWS::Lambda::Function").items()}


def statements(deployed: Deployed, role: str | None) -> list[Any]:
    """What a role allows: in itself, and in the policies that are kept apart from it."""
    found = deployed.of("AWS::IAM::Role").get(role or "", {})
    apart = [policy for policy in deployed.of(APART).values() if deployed.target(policy.get("RoleName")) == role]
    return [
        statement
        for policy in [*listed(found.get("Policies")), *apart]
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
    if {*used, ARCHIVE_ROLE} != set(deployed.of("AWS::IAM::Role")):
        yield "a role belongs to no function"


def assumed_by_lambda_only(deployed: Deployed) -> Iterator[str]:
    wanted = [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    for name, role in deployed.of("AWS::IAM::Role").items():
        document = {"Version": "2012-10-17", "Statement": wanted}
        if name != ARCHIVE_ROLE and at(role, "AssumeRolePolicyDocument") != document:
            yield f"{name} can be assumed by others"


def written_out(deployed: Deployed) -> Iterator[str]:
    for name, role in deployed.of("AWS::IAM::Role").items():
        if unknown := role.keys() - {"AssumeRolePolicyDocument", "Policies"}:
            yield f"{name} takes policies from elsewhere: {sorted(unknown)}"
        for policy in listed(role.get("Policies")):
            if at(policy, "PolicyDocument", "Version") != "2012-10-17" or not at(policy, "PolicyName"):
                yield f"{name} has a policy of an old version or without a name"
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::KMS::Grant"):
        for name in deployed.of(kind):
            yield f"{name} grants beside the roles"


def apart_only_to_invoke_itself(deployed: Deployed) -> Iterator[str]:
    if set(deployed.of(APART)) != {"PageRefreshGoesOn"}:
        yield f"policies apart from their roles are {sorted(deployed.of(APART))}"
    for name, policy in deployed.of(APART).items():
        if policy.keys() != {"RoleName", "PolicyName", "PolicyDocument"} or not deployed.target(policy["RoleName"]):
            yield f"{name} belongs to a role of others, or to none"
        if at(policy, "PolicyDocument", "Version") != "2012-10-17":
            yield f"{name} is of an old version"
        actions = [at(statement, "Action") for statement in listed(at(policy, "PolicyDocument", "Statement"))]
        if actions != ["lambda:InvokeFunction"]:
            yield f"{name} allows what could stand in the role: {actions}"


def as_agreed(deployed: Deployed) -> Iterator[str]:
    if set(MAY) != set(roles(deployed)):
        yield f"functions are {sorted(roles(deployed))}"
    for function, role in roles(deployed).items():
        found: dict[str, set[str]] = {}
        for statement in statements(deployed, role):
            if statement == SEND_TRACES:
                continue
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
            every = {"*", "arn:*"} & {str(resource) for resource in listed(statement.get("Resource"))}
            if every and statement != SEND_TRACES:
                yield f"{role}: every resource: {text(statement)}"


def kill_switch_only(deployed: Deployed) -> Iterator[str]:
    for statement in statements(deployed, roles(deployed).get("VendorApiFunction")):
        targets = {resource_of(deployed, value) for value in listed(statement.get("Resource"))}
        writes = set(listed(statement.get("Action"))) - {"dynamodb:GetItem", "dynamodb:Query"}
        if "RegistryTable" in targets and writes:
            if statement.get("Condition") != KILL_SWITCH:
                yield f"the vendor API writes more of the registry than a revocation: {text(statement)}"
            if targets != {"RegistryTable"} or writes != {"dynamodb:UpdateItem"}:
                yield f"a registry write is mixed with others: {text(statement)}"


def digests_only(deployed: Deployed) -> Iterator[str]:
    for statement in statements(deployed, roles(deployed).get("VendorApiFunction")):
        if "dynamodb:Query" not in listed(statement.get("Action")):
            continue
        if statement.get("Condition") != DIGESTS or listed(statement.get("Action")) != ["dynamodb:Query"]:
            yield f"the vendor API lists more than the digests of tokens: {text(statement)}"


def reviews_only(deployed: Deployed) -> Iterator[str]:
    for statement in statements(deployed, roles(deployed).get("AdminApiFunction")):
        targets = {resource_of(deployed, value) for value in listed(statement.get("Resource"))}
        writes = set(listed(statement.get("Action"))) - {"dynamodb:GetItem", "dynamodb:Query"}
        if "UsageTable" in targets and writes and statement.get("Condition") != REVIEWS:
            yield f"the admin API writes more of what was noted than a review: {text(statement)}"


RULES = (
    Rule("G-10", "each function has a role of its own", one_role_each),
    Rule("G-10", "only Lambda assumes the roles", assumed_by_lambda_only),
    Rule("G-17", "every permission is written out in its role", written_out),
    Rule("G-17", "what stands apart from its role is the right to invoke itself", apart_only_to_invoke_itself),
    Rule("G-17", "each function may do what was agreed and nothing else", as_agreed),
    Rule("G-17", "no action has a star and no statement but that of traces covers every resource", no_star),
    Rule("G-17", "the vendor API lists nothing of the registry but the digests of tokens", digests_only),
    Rule("G-17", "the vendor API writes nothing in the registry but a revocation", kill_switch_only),
    Rule("G-17", "the admin API writes nothing of what was noted but the review of a path", reviews_only),
)
