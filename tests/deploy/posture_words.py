"""Posture: words and warnings. Environment, parameters, outputs, alarms, rules that are deliberately not followed.

The rule: no value that is written down is a secret, and everything that goes wrong tells somebody.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed, text

SHARED = {
    "REGISTRY_TABLE": {"Ref": "RegistryTable"},
    "PAGES_TABLE": {"Ref": "PagesTable"},
    "USAGE_TABLE": {"Ref": "UsageTable"},
    "SECRET_PREFIX": {"Fn::Sub": "${AWS::StackName}/districts"},
    "UPSTREAM_URL": {"Ref": "UpstreamUrl"},
    "LOG_LEVEL": "INFO",
    "RES_OPTIONS": "timeout:1 attempts:2",
    "POWERTOOLS_METRICS_NAMESPACE": "Hallpass",
}
OF_PAGES = {"PAGES_TABLE", "SECRET_PREFIX", "UPSTREAM_URL"}
IN_FRONT = {
    **SHARED,
    "PUBLIC_BASE_URL": {"Ref": "PublicBaseUrl"},
}
ENVIRONMENT: dict[str, dict[str, Any]] = {
    "VendorApiFunction": {
        **IN_FRONT,
        "LEDGER_TABLE": {"Ref": "LedgerTable"},
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-vendor-api"},
        "PAGE_REFRESH_FUNCTION": {"Ref": "PageRefreshFunction"},
        "REPRESENTATION_MEMORY_BYTES": 67_108_864,
    },
    "AdminApiFunction": {
        **IN_FRONT,
        "LEDGER_TABLE": {"Ref": "LedgerTable"},
        "DISCLOSURE_INDEX_TABLE": {"Ref": "DisclosureIndexTable"},
        "LEDGER_KEY_ID": {"Ref": "LedgerKey"},
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-admin-api"},
        "SECRETS_KEY_ID": {"Ref": "SecretsKey"},
        "PSEUDONYMS_KEY_ID": {"Ref": "PseudonymsKey"},
    },
    "PageRefreshFunction": {
        **SHARED,
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-page-refresh"},
        "WARM_CALLS_PER_DISTRICT": {"Ref": "WarmCallsPerDistrict"},
    },
    # Neither pages nor the upstream: it sees what is in the ledger and nothing else of an answer.
    "LedgerIndexFunction": {
        **{name: value for name, value in SHARED.items() if name not in OF_PAGES},
        "LEDGER_TABLE": {"Ref": "LedgerTable"},
        "DISCLOSURE_INDEX_TABLE": {"Ref": "DisclosureIndexTable"},
        "POWERTOOLS_SERVICE_NAME": {"Fn::Sub": "${AWS::StackName}-ledger-index"},
    },
}  # fmt: skip
TOPIC = [{"Ref": "AlarmTopicArn"}]
IN_QUEUE = "ApproximateNumberOfMessagesVisible"
# What an alarm watches: namespace, metric, dimension, what it is measured on.
ALARMS = {
    ("AWS/Lambda", "Errors", "FunctionName", '{"Ref": "VendorApiFunction"}'),
    ("AWS/Lambda", "Errors", "FunctionName", '{"Ref": "AdminApiFunction"}'),
    ("AWS/Lambda", "Errors", "FunctionName", '{"Ref": "PageRefreshFunction"}'),
    ("AWS/Lambda", "Throttles", "FunctionName", '{"Ref": "VendorApiFunction"}'),
    ("AWS/Lambda", "Throttles", "FunctionName", '{"Ref": "PageRefreshFunction"}'),
    ("AWS/SQS", IN_QUEUE, "QueueName", '{"Fn::GetAtt": ["PageRefreshFailures", "QueueName"]}'),
    ("AWS/ApiGateway", "5xx", "ApiId", '{"Ref": "HttpApi"}'),
    ("AWS/ApiGateway", "Count", "ApiId", '{"Ref": "HttpApi"}'),
    ("Hallpass", "UpstreamCredentialRefused", "service", '{"Fn::Sub": "${AWS::StackName}-vendor-api"}'),
    ("Hallpass", "UnrequestedRows", "service", '{"Fn::Sub": "${AWS::StackName}-vendor-api"}'),
    ("Hallpass", "NewQuarantinedPaths", "service", '{"Fn::Sub": "${AWS::StackName}-vendor-api"}'),
    # Met by the background before a vendor did.
    ("Hallpass", "UpstreamCredentialRefused", "service", '{"Fn::Sub": "${AWS::StackName}-page-refresh"}'),
    ("Hallpass", "NewQuarantinedPaths", "service", '{"Fn::Sub": "${AWS::StackName}-page-refresh"}'),
}  # fmt: skip
SHARE_OF_ERRORS = "100 * errors / IF(requests > 20, requests, 20)"
NOT_FOLLOWED = {"CKV_AWS_28", "CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_173"}
SECRET_WORDS = re.compile(r"(?i)token|secret|password|credential|private|api_?key")
PARAMETERS = {
    "UpstreamUrl", "PublicBaseUrl", "AlarmTopicArn", "LogRetentionDays", "ThrottleRate", "ThrottleBurst",
    "ReservedConcurrency", "Architecture", "WarmCallsPerDistrict", "WarmEvery",
}  # fmt: skip


def environment_of_names(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        variables = dict(at(function, "Environment", "Variables") or {})
        if not re.fullmatch(r"\d+\.\d+\.\d+", str(variables.pop("HALLPASS_VERSION", ""))):
            yield f"{name} does not know its version"
        agreed = ENVIRONMENT.get(name, {})
        for variable in sorted(variables.keys() | agreed.keys()):
            if variables.get(variable) != agreed.get(variable):
                yield f"{name}: {variable} is {text(variables.get(variable))}"


def nothing_logs_events(deployed: Deployed) -> Iterator[str]:
    for name, function in deployed.of("AWS::Lambda::Function").items():
        for variable, value in dict(at(function, "Environment", "Variables") or {}).items():
            if variable.endswith(("_LOG_EVENT", "_DEV", "_DEBUG")) or value == "DEBUG" or "CAPTURE" in variable:
                yield f"{name}: {variable} would write requests into the log"


def parameters_without_secrets(deployed: Deployed) -> Iterator[str]:
    if set(deployed.parameters) != PARAMETERS:
        yield f"parameters are {sorted(deployed.parameters)}"
    for name, parameter in deployed.parameters.items():
        if SECRET_WORDS.search(name) and parameter.get("NoEcho") is not True:
            yield f"{name} would be shown to whoever may describe the stack"
    if at(deployed.parameters, "AlarmTopicArn", "Default") is not None:
        yield "alarms could go nowhere"
    for name in ("UpstreamUrl", "PublicBaseUrl", "AlarmTopicArn"):
        if not at(deployed.parameters, name, "AllowedPattern"):
            yield f"{name} takes anything"


def nothing_secret_written_down(deployed: Deployed) -> Iterator[str]:
    written = text(deployed.template)
    if re.search(r"(?<!\d)\d{12}(?!\d)", written):
        yield "an account id is written down"
    if re.search(r"hp_(live|admin|test)_|AKIA|BEGIN [A-Z ]*PRIVATE", written):
        yield "a credential is written down"
    for name, output in dict(deployed.template.get("Outputs", {})).items():
        if "Secret" in text(at(output, "Value")).replace("AWS::StackName", ""):
            yield f"the output {name} speaks of a secret"


def someone_is_told(deployed: Deployed) -> Iterator[str]:
    watched = set()
    for name, alarm in deployed.of("AWS::CloudWatch::Alarm").items():
        if (alarm.get("AlarmActions"), alarm.get("TreatMissingData")) != (TOPIC, "notBreaching"):
            yield f"{name} tells nobody, or tells of silence"
        if alarm.get("ActionsEnabled", True) is not True or not alarm.get("EvaluationPeriods"):
            yield f"{name} is switched off"
        for metric, threshold in _metrics(alarm):
            watched.add(metric)
            if not threshold:
                yield f"{name} does not say when"
    if watched != ALARMS:
        yield f"alarms watch {sorted(watched ^ ALARMS)}"


def _metrics(alarm: Any) -> Iterator[tuple[tuple[str, str, str, str], bool]]:
    stats = [(alarm, alarm.get("Statistic"))]
    if "Metrics" in alarm:
        parts = [part for part in listed(alarm["Metrics"]) if at(part, "MetricStat")]
        stats = [(at(part, "MetricStat", "Metric"), at(part, "MetricStat", "Stat")) for part in parts]
    periods = [alarm.get("Period")] if "Metrics" not in alarm else [at(part, "MetricStat", "Period") for part in parts]
    limit = alarm.get("Threshold"), str(alarm.get("ComparisonOperator")).startswith("GreaterThan")
    complete = limit[0] is not None and limit[1] and all(periods) and _judges(alarm)
    for metric, stat in stats:
        # What is counted adds up; what lies in a queue is how many at the most.
        wanted = "Maximum" if at(metric, "MetricName") == IN_QUEUE else "Sum"
        [dimension] = listed(at(metric, "Dimensions")) or [{}]
        name, value = str(at(dimension, "Name")), text(at(dimension, "Value"))
        yield (str(at(metric, "Namespace")), str(at(metric, "MetricName")), name, value), complete and stat == wanted


def _judges(alarm: Any) -> bool:
    """One series is compared: the only metric, or the one expression over the hidden ones."""
    if "Metrics" not in alarm:
        return True
    shown = [at(part, "Expression") for part in listed(alarm["Metrics"]) if at(part, "ReturnData") is not False]
    names = {at(part, "Id") for part in listed(alarm["Metrics"])}
    return shown == [SHARE_OF_ERRORS] and names == {"share", "errors", "requests"}


def reasons_for_what_is_not_followed(deployed: Deployed) -> Iterator[str]:
    for name, resource in deployed.resources.items():
        for skipped in listed(at(resource, "Metadata", "checkov", "skip")):
            if at(skipped, "id") not in NOT_FOLLOWED:
                yield f"{name} does not follow {at(skipped, 'id')}, which nobody agreed to"
            if len(str(at(skipped, "comment") or "")) < 30:
                yield f"{name} does not say why it does not follow {at(skipped, 'id')}"


RULES = (
    Rule("G-14", "the environment holds names and URLs as agreed, nothing else", environment_of_names),
    Rule("G-15", "no variable makes a library log events", nothing_logs_events),
    Rule("G-26", "no parameter is a secret, and alarms must go somewhere", parameters_without_secrets),
    Rule("G-18", "no secret, credential or account id is written down", nothing_secret_written_down),
    Rule("G-23", "errors, throttles, dead letters and a refused credential notify somebody", someone_is_told),
    Rule("G-27", "every scanner rule that is not followed is known and has a reason", reasons_for_what_is_not_followed),
)
