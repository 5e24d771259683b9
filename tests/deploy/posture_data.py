"""Posture: what is kept, for how long, and closed by which key. Tables and log groups.

The rule: what cannot be replaced is retained and recoverable; what is a cache goes, and can be purged for good.
"""

from collections.abc import Iterator

from tests.deploy.deployed import Deployed, Rule, at

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
STRINGS = [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}]
TABLES = {"RegistryTable", "UsageTable", "PagesTable", "LedgerTable", "DisclosureIndexTable", "SessionsTable"}
# What can be lost, and so expires: the cache, notes of when tokens were used, and who is signed in.
EXPIRE = {"UsageTable", "PagesTable", "SessionsTable"}
# What must not come back: purged pages, ended sessions.
UNRECOVERABLE = {"PagesTable", "SessionsTable"}
# Deletion of the stack, replacement of the resource.
FATE = {
    "RegistryTable": ("Retain", "Retain"),
    "UsageTable": ("Delete", "Retain"),
    "PagesTable": ("Delete", "Delete"),
    "LedgerTable": ("Retain", "Retain"),
    "DisclosureIndexTable": ("Retain", "Retain"),
    "SessionsTable": ("Delete", "Delete"),
}  # fmt: skip
LOG_GROUPS = {
    "VendorApiLogGroup", "AdminApiLogGroup", "PageRefreshLogGroup", "LedgerIndexLogGroup", "AccessLogGroup",
    "LedgerArchiveLogGroup",
}  # fmt: skip
A_YEAR = 365


def tables_of_two_strings(deployed: Deployed) -> Iterator[str]:
    tables = deployed.of("AWS::DynamoDB::Table")
    if set(tables) != TABLES:
        yield f"tables are {sorted(tables)}"
    for name, table in tables.items():
        if (table.get("KeySchema"), table.get("AttributeDefinitions")) != (KEYS, STRINGS):
            yield f"{name} has other keys"
        if table.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} does not grow by itself"
        if table.keys() & {"StreamSpecification", "ResourcePolicy", "GlobalSecondaryIndexes", "TableName"}:
            yield f"{name} has a second way out, or a physical name"


def tables_closed_by_our_key(deployed: Deployed) -> Iterator[str]:
    for name, table in deployed.of("AWS::DynamoDB::Table").items():
        wanted = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "TablesKey"}}
        if table.get("SSESpecification") != wanted or "TablesKey" not in deployed.resources:
            yield f"{name} is not closed by the tables' key"


def tables_recoverable(deployed: Deployed) -> Iterator[str]:
    for name, table in deployed.of("AWS::DynamoDB::Table").items():
        recoverable = at(table, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") is True
        if recoverable != (name not in UNRECOVERABLE):
            yield f"{name}: recovery to a point in time is {'on' if recoverable else 'off'}"


def kept_ones_protected(deployed: Deployed) -> Iterator[str]:
    for name, table in deployed.of("AWS::DynamoDB::Table").items():
        if (table.get("DeletionProtectionEnabled") is True) != (name not in EXPIRE):
            yield f"{name}: deletion protection is {table.get('DeletionProtectionEnabled')}"
        resource = deployed.resources[name]
        if (at(resource, "DeletionPolicy"), at(resource, "UpdateReplacePolicy")) != FATE.get(name):
            yield f"{name} has another fate when the stack goes"


def kept_ones_do_not_expire(deployed: Deployed) -> Iterator[str]:
    for name, table in deployed.of("AWS::DynamoDB::Table").items():
        wanted = {"AttributeName": "ttl", "Enabled": True} if name in EXPIRE else None
        if table.get("TimeToLiveSpecification") != wanted:
            yield f"{name}: time to live is {table.get('TimeToLiveSpecification')}"


def logs_kept_and_closed(deployed: Deployed) -> Iterator[str]:
    groups = deployed.of("AWS::Logs::LogGroup")
    if set(groups) != LOG_GROUPS:
        yield f"log groups are {sorted(groups)}"
    for name, group in groups.items():
        if deployed.target(group.get("KmsKeyId")) != "LogsKey":
            yield f"{name} is not closed by the logs' key"
        days = deployed.values(group.get("RetentionInDays"))
        if not days or any(not isinstance(day, int) or day < A_YEAR for day in days):
            yield f"{name} may be kept for {days} days"
        fate = {at(deployed.resources[name], policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")}
        if fate != {"Retain"} or "LogGroupName" in group:
            yield f"{name} may go with the stack, or has a physical name"


def functions_log_to_their_group(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        logging = function.get("LoggingConfig")
        if deployed.target(at(logging, "LogGroup")) != name.replace("Function", "LogGroup"):
            yield f"{name} logs to a group of others, or to one that Lambda makes"
        levels = at(logging, "ApplicationLogLevel"), at(logging, "SystemLogLevel")
        if at(logging, "LogFormat") != "JSON" or levels != ("INFO", "INFO"):
            yield f"{name} drops lines that the audit needs"


RULES = (
    Rule("G-16", "tables have two string keys, no stream, no index, no fixed capacity", tables_of_two_strings),
    Rule("G-16", "tables are closed by a key of this stack", tables_closed_by_our_key),
    Rule("G-16", "all tables but the cache and the sessions can be recovered to a point in time", tables_recoverable),
    Rule("G-16", "registry, ledger and its index outlive the stack and refuse deletion", kept_ones_protected),
    Rule("G-16", "pages, notes and sessions expire; registry, ledger and its index do not", kept_ones_do_not_expire),
    Rule("G-13", "log groups are explicit, encrypted, kept a year at least, outlive the stack", logs_kept_and_closed),
    Rule("G-13", "functions log as JSON at INFO to a group of their own", functions_log_to_their_group),
)  # fmt: skip
