"""Posture: what an operator sees, and what nobody may see. Traces, masked logs, dashboard, saved queries.

The rule: a chart or a query names only what exists; what would write bodies or errors' texts anywhere is off.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hallpass.domain.audit import FIELD_NAMES

from tests.deploy import insights
from tests.deploy.deployed import Deployed, Rule, at, listed, text
from tests.deploy.posture_access import roles, statements
from tests.deploy.posture_switches import SEND_TRACES
from tests.measured import metric_names, stands_beside

MANAGED = (
    "Name", "Address", "EmailAddress", "PhoneNumber-US", "Ssn-US", "DriversLicense-US", "AwsSecretKey",
    "OpenSshPrivateKey", "PgpPrivateKey", "PkcsPrivateKey", "PuttyPrivateKey",
)  # fmt: skip
OWN = "HallpassToken"
TOKEN = "hp_[a-z]{4,7}_[0-9A-Za-z]{16,}"
NEVER_IN_A_LOG = [
    OWN,
    *({"Fn::Sub": f"arn:${{AWS::Partition}}:dataprotection::aws:data-identifier/{name}"} for name in MANAGED),
]
PROTECTED = {
    "Name": "hallpass",
    "Version": "2021-06-01",
    "Configuration": {"CustomDataIdentifier": [{"Name": OWN, "Regex": TOKEN}]},
    "Statement": [
        {"Sid": "count", "DataIdentifier": NEVER_IN_A_LOG, "Operation": {"Audit": {"FindingsDestination": {}}}},
        {"Sid": "mask", "DataIdentifier": NEVER_IN_A_LOG, "Operation": {"Deidentify": {"MaskConfig": {}}}},
    ],
}

VENDOR, ADMIN, BEHIND = "VendorApiLogGroup", "AdminApiLogGroup", "PageRefreshLogGroup"
QUERIES: Mapping[str, tuple[str, list[str]]] = {
    "DisclosuresByVendorQuery": ("disclosures by vendor", [VENDOR]),
    "BulkPullsQuery": ("bulk pulls over a vendor's baseline", [VENDOR]),
    "DenialsByReasonQuery": ("denials by reason", [VENDOR, ADMIN]),
    "SlowestQuery": ("slowest", [VENDOR, ADMIN]),
    "StaleServedQuery": ("stale served", [VENDOR]),
    "FirstSeenAddressQuery": ("first-seen source address", [VENDOR, ADMIN]),
    "CrashesQuery": (
        "crashes and timeouts by request id", [VENDOR, ADMIN, BEHIND, "LedgerIndexLogGroup", "AccessLogGroup"]
    ),
    "UpstreamFaultsQuery": ("upstream faults by district", [VENDOR, BEHIND]),
    "ThrottledQuery": ("throttled by the gateway", ["AccessLogGroup"]),
    "AttentionQuery": ("grants that want attention", ["LedgerIndexLogGroup"]),
}  # fmt: skip
OF_THE_PLATFORM = {
    "@timestamp", "record.requestId", "record.status", "record.errorType", "record.metrics.durationMs",
}  # fmt: skip
AWS_METRICS = {
    "AWS/Lambda": {"Duration", "Errors", "Throttles", "ConcurrentExecutions"},
    "AWS/ApiGateway": {"Count", "4xx", "5xx"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
    "AWS/DynamoDB": {
        "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents",
    },
}  # fmt: skip
# What a chart has to be about, at least.
SHOWN = {
    "Requests", "CacheHits", "CacheMisses", "Collapsed", "StaleServed", "AnswerAge", "AnswerMilliseconds",
    "AnswerBytes", "IncidentsDisclosed", "ColdStarts", "UpstreamCalls", "UpstreamErrors", "UpstreamMilliseconds",
    "RevocationRefusals", "LedgerFailures", "LedgerIndexLagSeconds", "QuarantinedNodes", "UnrequestedRows",
    "WalksRestarted", "ListingsUnstable",
}  # fmt: skip
# Out of the access log, by the template's own filter.
THROTTLED = ("Hallpass/AWS::StackName", "ThrottledRequests")


def logs_masked(deployed: Deployed) -> Iterator[str]:
    for name, group in deployed.of("AWS::Logs::LogGroup").items():
        if group.get("DataProtectionPolicy") != PROTECTED:
            yield f"{name} shows what no line should hold: {text(group.get('DataProtectionPolicy'))}"


def traced_without_bodies(deployed: Deployed) -> Iterator[str]:
    for name, role in roles(deployed).items():
        if at(deployed.resources, name, "Properties", "TracingConfig") != {"Mode": "Active"}:
            yield f"{name} is not traced"
        if statements(deployed, role).count(SEND_TRACES) != 1:
            yield f"{name} may not send its traces, or more than that"


def dashboard_shows(deployed: Deployed) -> Iterator[str]:
    boards = list(deployed.of("AWS::CloudWatch::Dashboard").values())
    if len(boards) != 1 or boards[0].keys() != {"DashboardBody"}:
        yield f"{len(boards)} dashboards, or one with a physical name"
        return
    body = str(at(boards[0], "DashboardBody", "Fn::Sub"))
    named = {name.partition(".")[0] for name in re.findall(r"\$\{([^}]+)\}", body) if not name.startswith("AWS::")}
    watched = {*deployed.of("AWS::Lambda::Function"), *deployed.of("AWS::DynamoDB::Table"), "HttpApi"}
    if missing := sorted(watched - named):
        yield f"the dashboard does not show {missing}"
    shown: set[str] = set()
    for chart in _charts(re.sub(r"\$\{([^}]+)\}", r"\1", body)):
        yield from _chart(chart, shown)
    if missing := sorted(SHOWN - shown):
        yield f"the dashboard lacks {missing}"


def _charts(body: str) -> list[Mapping[str, Any]]:
    """Of a body after substitution; none, of what is no JSON."""
    try:
        return [widget["properties"] for widget in json.loads(body)["widgets"]]
    except ValueError:
        return []


def _chart(chart: Mapping[str, Any], shown: set[str]) -> Iterator[str]:
    title = chart.get("title")
    if not title or chart.get("region") != "AWS::Region" or not chart.get("metrics"):
        yield f"a chart without a title, a region or metrics: {title}"
    ids = {str(at(metric[-1], "id")) for metric in chart["metrics"]}
    for metric in chart["metrics"]:
        expression = str(at(metric[0], "expression") or "")
        if expression and "SEARCH" not in expression:
            unknown = set(re.findall(r"\b[a-z]+\b", expression)) - ids
        elif expression:
            unknown = set(re.findall(r'MetricName="(\w+)"', expression)) - metric_names()
        else:
            namespace, name = metric[:2]
            known = metric_names() if namespace == "Hallpass" else AWS_METRICS.get(namespace, set())
            unknown = set() if (namespace, name) == THROTTLED else {name} - known
            shown.add(name)
        if unknown:
            yield f"{title}: {sorted(unknown)}, which nobody measures"


def queries_find(deployed: Deployed) -> Iterator[str]:
    known = {*FIELD_NAMES, "type", "level", *OF_THE_PLATFORM, *_access_log(deployed), "service", *stands_beside()}
    queries = deployed.of("AWS::Logs::QueryDefinition")
    if set(queries) != set(QUERIES):
        yield f"saved queries are {sorted(queries)}"
    for name, query in queries.items():
        title, groups = QUERIES.get(name, ("", []))
        if query.get("Name") != {"Fn::Sub": f"${{AWS::StackName}}/{title}"}:
            yield f"{name} is called {text(query.get('Name'))}"
        if query.get("LogGroupNames") != [{"Ref": group} for group in groups]:
            yield f"{name} looks into {text(query.get('LogGroupNames'))}"
        for fault in insights.faults(str(query.get("QueryString")), known):
            yield f"{name}: {fault}"


def _access_log(deployed: Deployed) -> set[str]:
    fields: set[str] = set()
    for stage in deployed.of("AWS::ApiGatewayV2::Stage").values():
        for form in listed(at(stage, "AccessLogSettings", "Format")):
            fields |= set(re.findall(r'"(\w+)":', str(form)))
    return fields


RULES = (
    Rule("G-24", "every log group masks and counts what no line should hold", logs_masked),
    Rule("G-07", "functions are traced by Lambda alone, with the right to send and no more", traced_without_bodies),
    Rule("G-23", "the dashboard shows every function, table and metric that is measured", dashboard_shows),
    Rule("G-23", "saved queries name fields that lines have", queries_find),
)
