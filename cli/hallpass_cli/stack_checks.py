"""What the doctor checks of a stack's resources: it reads, and changes nothing.

Rule: everything of a kind is looked at, and what must be there is named; what is missing is no pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hallpass_cli.checks import FailedError
from hallpass_cli.stacks import Stack, client

RECOVERABLE = frozenset({"RegistryTable", "UsageTable", "LedgerTable", "DisclosureIndexTable"})
PROTECTED = frozenset({"RegistryTable", "LedgerTable", "DisclosureIndexTable"})
# What makes a function talk to another AWS, or write what no log may hold.
_SWITCHES = ("AWS_ENDPOINT_URL", "DEBUG", "PYTHONDEVMODE")
_SWITCH_ENDS = ("_DEV", "_DEBUG", "_LOG_EVENT", "_CAPTURE_RESPONSE", "_CAPTURE_ERROR")
_OFF = frozenset({"", "0", "false", "no", "off"})
_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
WARM = "PageRefreshFunctionWarm"
_AS_IT_IS = "Deploy the template as it is."


def settled(stack: Stack) -> str:
    if stack.status not in _SETTLED:
        raise FailedError(f"{stack.name} is {stack.status}", "Look at the stack's events, and deploy again.")
    return f"{stack.status}, {sum(map(len, stack.resources.values()))} resources"


def log_groups(stack: Stack) -> str:
    logs, names = client("logs"), named(stack, "AWS::Logs::LogGroup")
    found = {logical: _log_group(logs, name) for logical, name in names}
    bare = [logical for logical, group in found.items() if not _is_of(stack, group.get("kmsKeyId"))]
    refuse(bare, "are not there, or not encrypted with the stack's key", _AS_IT_IS)
    endless = [logical for logical, group in found.items() if not group.get("retentionInDays")]
    refuse(endless, "keep their lines without end", _AS_IT_IS)
    open_ = [logical for logical, name in names if not _masks(logs, name)]
    refuse(
        open_, "show what no line should hold", "Put the data-protection policy on again: deploy the template as it is."
    )
    return f"all {len(found)} are encrypted, have an end and mask what no line should hold"


def tables(stack: Stack) -> str:
    dynamodb, tables = client("dynamodb"), dict(named(stack, "AWS::DynamoDB::Table"))
    refuse(sorted((RECOVERABLE | PROTECTED) - tables.keys()), "are not in the stack", "Is it this version's?")
    described = {logical: dynamodb.describe_table(TableName=name)["Table"] for logical, name in tables.items()}
    bare = [name for name, one in described.items() if not _is_of(stack, _key_of(one))]
    refuse(bare, "are not encrypted with the stack's key", _AS_IT_IS)
    open_ = [name for name in sorted(PROTECTED) if not described[name].get("DeletionProtectionEnabled")]
    refuse(open_, "can be deleted", "Switch deletion protection on.")
    lossy = [name for name in sorted(RECOVERABLE) if not _recoverable(dynamodb, tables[name])]
    refuse(lossy, "have no point-in-time recovery", "Switch it on.")
    return f"all {len(tables)} are encrypted; what must last is protected and recoverable"


def keys(stack: Stack) -> str:
    kms, keys = client("kms"), dict(named(stack, "AWS::KMS::Key"))
    off = [name for name, key in keys.items() if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "Enabled"]
    refuse(off, "are not enabled", "Cancel a deletion that is pending, and enable them.")
    still = [name for name, key in keys.items() if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]]
    refuse(still, "do not rotate", "Switch rotation on.")
    return f"all {len(keys)} are enabled and rotate"


def functions(stack: Stack) -> str:
    functions = client("lambda")
    wrong: dict[str, Sequence[str]] = {}
    for logical, name in named(stack, "AWS::Lambda::Function"):
        reasons = list(faults(functions.get_function_configuration(FunctionName=name)))
        wrong |= {logical: reasons} if reasons else {}
    refuse([f"{name} ({', '.join(reasons)})" for name, reasons in wrong.items()], "are not as deployed", _AS_IT_IS)
    return "all are active and traced, and no switch for developers is on"


def schedules(stack: Stack) -> str:
    events, off = client("events"), []
    rules = named(stack, "AWS::Events::Rule")
    for logical, name in rules:
        if events.describe_rule(Name=name)["State"] != "ENABLED":
            off.append(logical)
    # With WarmCallsPerDistrict 0 nobody wants that one.
    chosen = [name for name in off if name == WARM]
    refuse([name for name in off if name != WARM], "are switched off", "Switch them on again.")
    return f"all {len(rules)} run" if not chosen else f"all run but {WARM}, which WarmCallsPerDistrict switches off"


def dead_letters(stack: Stack) -> str:
    sqs, waiting = client("sqs"), "ApproximateNumberOfMessages"
    full = [
        logical
        for logical, url in named(stack, "AWS::SQS::Queue")
        if int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[waiting])["Attributes"][waiting])
    ]
    refuse(full, "hold events that were given up", "See docs/operations.md, What the background gave up.")
    return "empty"


def faults(function: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a function's configuration, as Lambda tells it."""
    if function.get("State") != "Active" or function.get("LastUpdateStatus") != "Successful":
        yield f"{function.get('State')}, its last update {function.get('LastUpdateStatus')}"
    variables = function.get("Environment", {}).get("Variables", {})
    yield from (f"{name} is set" for name, value in sorted(variables.items()) if _is_switched_on(name, value))
    if function.get("TracingConfig", {}).get("Mode") != "Active":
        yield "it is not traced"
    if variables.get("LOG_LEVEL", "INFO") != "INFO":
        yield "LOG_LEVEL is not INFO"
    logging = function.get("LoggingConfig", {})
    if (logging.get("LogFormat"), logging.get("ApplicationLogLevel")) != ("JSON", "INFO"):
        yield "its log is not JSON at INFO"


def refuse(names: Iterable[str], what: str, advice: str) -> None:
    """Raises FailedError when there are any."""
    listed = list(names)
    if listed:
        raise FailedError(f"{', '.join(listed)} {what}", advice)


def named(stack: Stack, kind: str) -> Sequence[tuple[str, str]]:
    """Logical and physical ids of a type, of which there has to be one. Raises FailedError."""
    found = sorted(stack.of(kind).items())
    refuse([] if found else [f"resources of the type {kind}"], "are not in the stack", "Is it Hallpass?")
    return found


def listed(value: Any) -> Sequence[Any]:
    """Of what AWS writes as one or as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _masks(logs: Any, name: str) -> bool:
    """Whether there is a policy that hides what it finds."""
    policy = json.loads(logs.get_data_protection_policy(logGroupIdentifier=name).get("policyDocument") or "{}")
    return any("Deidentify" in one.get("Operation", {}) for one in policy.get("Statement", []))


def _log_group(logs: Any, name: str) -> Mapping[str, Any]:
    """Empty: there is none of this name."""
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((one for one in groups if one["logGroupName"] == name), {})


def _key_of(table: Mapping[str, Any]) -> str | None:
    encryption = table.get("SSEDescription", {})
    key: str | None = encryption.get("KMSMasterKeyArn") if encryption.get("Status") == "ENABLED" else None
    return key


def _is_of(stack: Stack, key: str | None) -> bool:
    return key is not None and key.rpartition("/")[2] in stack.of("AWS::KMS::Key").values()


def _recoverable(dynamodb: Any, table: str) -> bool:
    told = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    status: str = told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return status == "ENABLED"


def _is_switched_on(variable: str, value: str) -> bool:
    named_so = variable.startswith(_SWITCHES) or variable.endswith(_SWITCH_ENDS)
    return named_so and value.lower() not in _OFF
