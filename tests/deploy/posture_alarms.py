"""Posture: who is told of what. Every alarm, what it watches, from when on, and whether it may wake somebody.

The rule: what an alarm is stands here a second time, on purpose; silence is a fault only where nothing else would tell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.deployed import Deployed, Rule, at, listed

PAGE, TICKET = "AlarmTopicArn", "TicketTopicArn"
ARCHIVE_ONLY = {
    f"LedgerArchive{of}Alarm": "ArchivesLedger" for of in ("Lag", "Behind", "Gap", "Source")
}  # fmt: skip
_OVER = {">=": "GreaterThanOrEqualToThreshold", ">": "GreaterThanThreshold"}


def function(name: str) -> tuple[str, Any]:
    return "FunctionName", {"Ref": f"{name}Function"}


def service(name: str) -> tuple[str, Any]:
    return "service", {"Fn::Sub": f"${{AWS::StackName}}-{name}"}


VENDOR, ADMIN, BEHIND = service("vendor-api"), service("admin-api"), service("page-refresh")
INDEX = service("ledger-index")
QUEUE = ("QueueName", {"Fn::GetAtt": ["PageRefreshFailures", "QueueName"]})
DELIVERY = ("DeliveryStreamName", {"Ref": "LedgerDelivery"})


@dataclass(frozen=True, slots=True)
class Watch:
    """One metric, named "namespace metric", of one dimension or none. Seconds. `enough`: of the times, if not all."""

    topic: str
    metric: str
    of: tuple[str, Any] | None
    statistic: str = "Sum"
    period: int = 60
    times: int = 1
    over: str = ">="
    limit: Any = 1
    silence: str = "notBreaching"
    enough: int | None = None

    def properties(self) -> dict[str, Any]:
        namespace, _, name = self.metric.partition(" ")
        within: Any = {"Fn::Sub": namespace} if "$" in namespace else namespace
        watched = {"Namespace": within, "MetricName": name, "Statistic": self.statistic, "Period": self.period}
        dimensions = {"Dimensions": [{"Name": self.of[0], "Value": self.of[1]}]} if self.of else {}
        enough = {"DatapointsToAlarm": self.enough} if self.enough else {}
        return {**watched, **dimensions, **enough, **told(self)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, or a calculation over several metrics: `metrics` as in the template."""

    topic: str
    metrics: Any
    times: int = 1
    over: str = ">="
    limit: Any = 1
    silence: str = "notBreaching"

    def properties(self) -> dict[str, Any]:
        return {"Metrics": self.metrics, **told(self)}


def told(alarm: Watch | Asked) -> dict[str, Any]:
    """When an alarm goes off, and whom it tells, also of its end."""
    topic = [{"Ref": alarm.topic}]
    return {
        "EvaluationPeriods": alarm.times, "Threshold": alarm.limit, "ComparisonOperator": _OVER[alarm.over],
        "TreatMissingData": alarm.silence, "AlarmActions": topic, "OKActions": topic,
    }  # fmt: skip


SELECTED = {
    "unavailable": 'SELECT SUM(CacheUnavailable) FROM SCHEMA("Hallpass", service) WHERE ',
    "broken": 'SELECT SUM(CacheBroken) FROM SCHEMA("Hallpass", service) WHERE ',
    "failed": 'SELECT SUM(FailedToReplicateRecordCount) FROM "AWS/DynamoDB" WHERE ',
    "oldest": 'SELECT MAX(AgeOfOldestUnreplicatedRecord) FROM "AWS/DynamoDB" WHERE ',
}
THROTTLED = 'SELECT SUM(ThrottledRequests) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) WHERE '
FINDINGS = 'SELECT SUM(LogEventsWithFindings) FROM "AWS/Logs" WHERE '


def query(ident: str, words: str) -> Any:
    return [{"Id": ident, "Period": 300, "Expression": {"Fn::Sub": words}}]


def throttled(*tables: str) -> Any:
    named = " OR ".join(f"TableName = '${{{table}}}'" for table in tables)
    return query("throttled", THROTTLED + named)


def of_the_api(ident: str, metric: str) -> Any:
    dimensions = [{"Name": "ApiId", "Value": {"Ref": "HttpApi"}}]
    named = {"Namespace": "AWS/ApiGateway", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": ident, "ReturnData": False, "MetricStat": {"Metric": named, "Stat": "Sum", "Period": 300}}


def of_ours(ident: str, metric: str, stat: str, dimension: tuple[str, Any], period: int = 900) -> Any:
    dimensions = [{"Name": dimension[0], "Value": dimension[1]}]
    named = {"Namespace": "Hallpass", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": ident, "ReturnData": False, "MetricStat": {"Metric": named, "Stat": stat, "Period": period}}


def down(dimension: tuple[str, Any]) -> Any:
    """A quarter of an hour with three faults and no page: a page that was asked for is one reading of its time."""
    return [
        {"Id": "down", "Expression": "IF(errors >= 3 AND errors >= pages, 1, 0)"},
        of_ours("errors", "UpstreamErrors", "Sum", dimension),
        of_ours("pages", "UpstreamMilliseconds", "SampleCount", dimension),
    ]


def of_both(ident: str) -> Any:
    services = " OR ".join(f"service = '${{AWS::StackName}}-{name}'" for name in ("vendor-api", "page-refresh"))
    return query(ident, SELECTED[ident] + services)


def of_the_ledger(ident: str) -> Any:
    return query(ident, SELECTED[ident] + "TableName = '${LedgerTable}'")


_TRAFFIC = "requests - FILL(tried, 0)"
SHARE = {"Id": "share", "Expression": f"100 * (errors - FILL(invented, 0)) / IF({_TRAFFIC} > 20, {_TRAFFIC}, 20)"}
LOGS = ("VendorApiLogGroup", "AdminApiLogGroup", "PageRefreshLogGroup", "LedgerIndexLogGroup", "AccessLogGroup")
FOUND = FINDINGS + " OR ".join(f"LogGroupName = '${{{group}}}'" for group in LOGS)

ALARMS: Mapping[str, Watch | Asked] = {
    "VendorApiErrorsAlarm": Watch(PAGE, "AWS/Lambda Errors", function("VendorApi")),
    "AdminApiErrorsAlarm": Watch(PAGE, "AWS/Lambda Errors", function("AdminApi")),
    "PageRefreshErrorsAlarm": Watch(PAGE, "AWS/Lambda Errors", function("PageRefresh")),
    "GatewayErrorsAlarm": Asked(
        PAGE,
        [
            SHARE,
            of_ours("invented", "SyntheticFailures", "Sum", VENDOR, 300),
            of_ours("tried", "SyntheticRequests", "Sum", VENDOR, 300),
            of_the_api("errors", "5xx"),
            of_the_api("requests", "Count"),
        ],
        over=">",
        limit=5,
    ),
    "PageRefreshFailuresAlarm": Watch(PAGE, "AWS/SQS ApproximateNumberOfMessagesVisible", QUEUE, "Maximum"),
    "UpstreamCredentialAlarm": Watch(PAGE, "Hallpass UpstreamCredentialRefused", VENDOR, times=15, enough=1),
    "PageRefreshCredentialAlarm": Watch(PAGE, "Hallpass UpstreamCredentialRefused", BEHIND, times=15, enough=1),
    "LedgerFailuresAlarm": Watch(PAGE, "Hallpass LedgerFailures", VENDOR),
    "AdminLedgerFailuresAlarm": Watch(PAGE, "Hallpass LedgerFailures", ADMIN),
    "LedgerBrokenAlarm": Watch(PAGE, "Hallpass LedgerBroken", INDEX),
    "AnswersOverPolicyAlarm": Watch(PAGE, "Hallpass AnswersOverPolicy", VENDOR),
    "StaleOnErrorAlarm": Watch(TICKET, "Hallpass StaleOnError", VENDOR, period=3600, times=3, enough=2),
    "UpstreamDownAlarm": Asked(TICKET, down(VENDOR)),
    "PageRefreshUpstreamAlarm": Asked(TICKET, down(BEHIND)),
    "UnforeseenErrorsAlarm": Watch(TICKET, "Hallpass UnforeseenErrors", VENDOR, period=300),
    "AdminUnforeseenErrorsAlarm": Watch(TICKET, "Hallpass UnforeseenErrors", ADMIN, period=300),
    "CacheUnavailableAlarm": Asked(TICKET, of_both("unavailable"), times=3),
    "CacheBrokenAlarm": Asked(TICKET, of_both("broken")),
    "BackgroundUnavailableAlarm": Watch(TICKET, "Hallpass BackgroundUnavailable", VENDOR, period=300, times=3),
    "GatewayThrottlesAlarm": Watch(
        TICKET, "Hallpass/${AWS::StackName} ThrottledRequests", None, period=300, times=3, enough=2
    ),
    "NewQuarantinedPathsAlarm": Watch(TICKET, "Hallpass NewQuarantinedPaths", VENDOR, period=300),
    "PageRefreshQuarantineAlarm": Watch(TICKET, "Hallpass NewQuarantinedPaths", BEHIND, period=300),
    "UnrequestedRowsAlarm": Watch(TICKET, "Hallpass UnrequestedRows", VENDOR, period=300),
    "LimiterFailuresAlarm": Watch(TICKET, "Hallpass LimiterFailures", VENDOR, period=300),
    "DenialBurstAlarm": Watch(TICKET, "Hallpass Denials", VENDOR, period=300, limit={"Ref": "DenialBurst"}),
    "AdminDenialBurstAlarm": Watch(TICKET, "Hallpass Denials", ADMIN, period=300, limit={"Ref": "DenialBurst"}),
    "LogFindingsAlarm": Asked(TICKET, query("found", FOUND)),
    "LedgerIndexErrorsAlarm": Watch(TICKET, "AWS/Lambda Errors", function("LedgerIndex"), period=300),
    "VendorApiThrottlesAlarm": Watch(TICKET, "AWS/Lambda Throttles", function("VendorApi"), times=3),
    "AdminApiThrottlesAlarm": Watch(TICKET, "AWS/Lambda Throttles", function("AdminApi"), times=3),
    "PageRefreshThrottlesAlarm": Watch(TICKET, "AWS/Lambda Throttles", function("PageRefresh"), times=3),
    "RegistryThrottlesAlarm": Asked(TICKET, throttled("RegistryTable", "SessionsTable")),
    "LedgerThrottlesAlarm": Asked(TICKET, throttled("LedgerTable", "DisclosureIndexTable")),
    "PagesThrottlesAlarm": Asked(TICKET, throttled("PagesTable", "UsageTable")),
    "LedgerIndexLagAlarm": Watch(
        TICKET, "Hallpass LedgerIndexLagSeconds", INDEX, "Maximum", 300, 3, limit=900, silence="breaching"
    ),
    "TokensExpiringAlarm": Watch(TICKET, "Hallpass NewTokensExpiring", INDEX, "Maximum", 3600, 2, enough=1),
    "TokensDormantAlarm": Watch(TICKET, "Hallpass NewTokensDormant", INDEX, "Maximum", 3600, 2, enough=1),
    "AgreementsEndingAlarm": Watch(TICKET, "Hallpass NewAgreementsEnding", INDEX, "Maximum", 3600, 2, enough=1),
    "AgreementsOverAlarm": Watch(TICKET, "Hallpass NewAgreementsOver", INDEX, "Maximum", 3600, 2, enough=1),
    "LedgerArchiveLagAlarm": Watch(
        TICKET, "AWS/Firehose DeliveryToS3.DataFreshness", DELIVERY, "Maximum", 300, 3, limit=3600
    ),
    "LedgerArchiveBehindAlarm": Watch(
        TICKET, "AWS/Firehose KinesisMillisBehindLatest", DELIVERY, "Maximum", 300, 3, limit=3_600_000
    ),
    "LedgerArchiveGapAlarm": Asked(TICKET, of_the_ledger("failed")),
    "LedgerArchiveSourceAlarm": Asked(
        TICKET, of_the_ledger("oldest"), times=3, limit=900_000
    ),
}  # fmt: skip


def alarms_as_agreed(deployed: Deployed) -> Iterator[str]:
    alarms = deployed.of("AWS::CloudWatch::Alarm")
    if set(alarms) != set(ALARMS):
        yield f"alarms are not as agreed: {sorted(set(alarms) ^ set(ALARMS))}"
    for name, alarm in alarms.items():
        found = {word: value for word, value in alarm.items() if word != "AlarmDescription"}
        if "Metrics" in found:
            found["Metrics"] = [_without_label(part) for part in listed(found["Metrics"])]
        agreed = ALARMS[name].properties() if name in ALARMS else {}
        for word in sorted(found.keys() | agreed.keys()):
            if found.get(word) != agreed.get(word):
                yield f"{name}: {word} is {found.get(word)}"
        if at(deployed.resources[name], "Condition") != ARCHIVE_ONLY.get(name):
            yield f"{name} is not there whenever what it watches is"


def _without_label(part: Any) -> Any:
    return {word: value for word, value in part.items() if word != "Label"} if isinstance(part, Mapping) else part


def every_alarm_says_what_it_means(deployed: Deployed) -> Iterator[str]:
    said = [str(alarm.get("AlarmDescription")) for alarm in deployed.of("AWS::CloudWatch::Alarm").values()]
    for name, alarm in deployed.of("AWS::CloudWatch::Alarm").items():
        words = str(alarm.get("AlarmDescription"))
        if not 30 <= len(words) <= 1024 or said.count(words) > 1:
            yield f"{name} says {words!r}, or what another says"


def topics_are_asked_for(deployed: Deployed) -> Iterator[str]:
    for topic in (PAGE, TICKET):
        parameter = deployed.parameters.get(topic, {})
        if "Default" in parameter or not parameter.get("AllowedPattern"):
            yield f"{topic} may be nowhere"


THROTTLED_FILTER = {
    "LogGroupName": {"Ref": "AccessLogGroup"},
    "FilterPattern": '{ $.status = "429" }',
    "MetricTransformations": [{
        "MetricNamespace": {"Fn::Sub": "Hallpass/${AWS::StackName}"}, "MetricName": "ThrottledRequests",
        "MetricValue": "1", "Unit": "Count",
    }],
}  # fmt: skip


def the_gateways_refusals_are_counted(deployed: Deployed) -> Iterator[str]:
    if deployed.of("AWS::Logs::MetricFilter") != {"ThrottledRequests": THROTTLED_FILTER}:
        yield "what the gateway refuses for its number is not counted out of its own log, or something else is"
    formats = [
        str(at(stage, "AccessLogSettings", "Format")) for stage in deployed.of("AWS::ApiGatewayV2::Stage").values()
    ]
    if not all('"status":"$context.status"' in told for told in formats):
        yield "the access log has no status as the filter reads it"


RULES = (
    Rule("G-23", "what the gateway refuses for its number is counted", the_gateways_refusals_are_counted),
    Rule("G-23", "every alarm watches what was agreed and tells whom it was agreed", alarms_as_agreed),
    Rule("G-23", "every alarm says what it means", every_alarm_says_what_it_means),
    Rule("G-23", "pages and tickets must go somewhere", topics_are_asked_for),
)
