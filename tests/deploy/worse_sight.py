"""Changes to the template that each blind an operator, or show what nobody may see.

The rule: as in `worse`, every entry is a fault that somebody could commit in one line of template.yaml.
"""

from typing import Any

from tests.deploy.worse import ADMIN, STAGE, Change, logged, parameter, put, statement, variable

TICKETS = [{"Ref": "TicketTopicArn"}]
ELSEWHERE = {"StreamArn": {"Fn::GetAtt": ["LedgerStream", "Arn"]}}
GOVERNED = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": {"Ref": "LedgerArchiveDays"}}}
NOBODY = "arn:aws:sns:us-east-1:nobody:nowhere"


def board(words: str, instead: str) -> Change:
    """Says something else on the dashboard."""
    return _replaced(("Dashboard", "DashboardBody", "Fn::Sub"), words, instead)


def asked(query: str, words: str, instead: str) -> Change:
    """Asks something else in a saved query."""
    return _replaced((query, "QueryString"), words, instead)


def _replaced(path: tuple[str, ...], words: str, instead: str) -> Change:
    def change(template: Any) -> None:
        name, *above, last = path
        at = template["Resources"][name]["Properties"]
        for step in above:
            at = at[step]
        assert words in at[last]
        at[last] = at[last].replace(words, instead)

    return change


def condition(name: str, value: str | None) -> Change:
    """Changes what a resource of the archive hangs on."""

    def change(template: Any) -> None:
        template["Resources"][name]["Condition"] = value

    return change


WORSE_SIGHT: dict[str, Change] = {
    "a page is only a ticket": put("LedgerFailuresAlarm", "AlarmActions", TICKETS),
    "the end of an alarm tells nobody": put("LedgerFailuresAlarm", "OKActions", []),
    "an alarm says nothing": put("TokensDormantAlarm", "AlarmDescription", "Tokens"),
    "an alarm says what another says": put(
        "TokensDormantAlarm",
        "AlarmDescription",
        "Tokens have come into their last 30 days; when they expire, their vendors will be refused.",
    ),
    "a stopped index is silence": put("LedgerIndexLagAlarm", "TreatMissingData", "notBreaching"),
    "an hour without a count ends an alarm": put("TokensExpiringAlarm", "DatapointsToAlarm", 2),
    "a ticket about all tokens stays open and hides the next": put(
        "TokensExpiringAlarm", "MetricName", "TokensExpiring"
    ),
    "a minute without a request ends an alarm": put("UpstreamCredentialAlarm", "DatapointsToAlarm", 15),
    "an outage is one only without a single page": put("UpstreamDownAlarm", "Metrics.0.Expression", "errors"),
    "the gateway's refusals are looked for as numbers": put("ThrottledRequests", "FilterPattern", "{ $.status = 429 }"),
    "the gateway's refusals are of every stack": put(
        "ThrottledRequests", "MetricTransformations.0.MetricNamespace", "Hallpass"
    ),
    "what never came into the archive is not watched": put(
        "LedgerArchiveGapAlarm", "Metrics.0.Expression", {"Fn::Sub": "SELECT"}
    ),
    "the delivery's faults are told nowhere": put(
        "LedgerDelivery", "ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.Enabled", False
    ),
    "silence wakes somebody": put("VendorApiErrorsAlarm", "TreatMissingData", "breaching"),
    "old answers wait for the next day": put("AnswersOverPolicyAlarm", "AlarmActions", TICKETS),
    "a table is not watched for throttles": put("LedgerThrottlesAlarm", "Metrics.0.Expression", {"Fn::Sub": "SELECT"}),
    "findings in a log are not watched": put("LogFindingsAlarm", "Metrics.0.Expression", {"Fn::Sub": "SELECT"}),
    "tickets have a place by default": parameter("TicketTopicArn.Default", NOBODY),
    "tickets may go anywhere": parameter("TicketTopicArn.AllowedPattern", ""),
    "a log shows names": put("AdminApiLogGroup", "DataProtectionPolicy", None),
    "a log counts findings and shows them": put("VendorApiLogGroup", "DataProtectionPolicy.Statement.1.Operation", {}),
    "tokens of ours are shown": put("AccessLogGroup", "DataProtectionPolicy.Configuration", {}),
    "a function is not traced": put(ADMIN, "TracingConfig", {"Mode": "PassThrough"}),
    "a function may do everything to traces": statement("VendorApiRole", "SendTraces", Action=["xray:*"]),
    "traces hold answers": variable("POWERTOOLS_TRACER_CAPTURE_RESPONSE", "true"),
    "traces hold errors": variable("POWERTOOLS_TRACER_CAPTURE_ERROR", "true"),
    "Powertools traces by itself": variable("POWERTOOLS_TRACE_DISABLED", "false"),
    "a function is in development": variable("POWERTOOLS_DEV", "true"),
    "a switch is on that nobody looked at": variable("POWERTOOLS_EVENT_HANDLER_DEBUG", "true"),
    "the access log holds an error's text": logged("$context.error.message"),
    "the access log names no invocation": put(STAGE, "AccessLogSettings.Format", '{"requestId":"$context.requestId"}'),
    "the dashboard shows what nobody measures": board("CacheHits", "CacheHit"),
    "the dashboard forgets the ledger": board("LedgerFailures", "LedgerBroken"),
    "the dashboard forgets a table": board("${DisclosureIndexTable}", "${PagesTable}"),
    "the hit ratio is of nothing": board("FILL(hits, 0)", "FILL(hit, 0)"),
    "a query names a field that no line has": asked("SlowestQuery", "upstream_ms", "upstream_latency"),
    "a query sorts by what it did not make": asked("DisclosuresByVendorQuery", "sort rows", "sort incidents"),
    "a query calls what is no function": asked("BulkPullsQuery", "pct(", "median("),
    "a query looks into another log": put("CrashesQuery", "LogGroupNames.3", {"Ref": "AdminApiLogGroup"}),
    "the archive is not locked": put("LedgerArchiveBucket", "ObjectLockConfiguration", None),
    "administrators lift the lock": put("LedgerArchiveBucket", "ObjectLockConfiguration.Rule", GOVERNED),
    "the archive may be public": put(
        "LedgerArchiveBucket", "PublicAccessBlockConfiguration.RestrictPublicBuckets", False
    ),
    "the archive is read without TLS": put("LedgerArchiveBucketPolicy", "PolicyDocument.Statement", []),
    "the archive has Amazon's key": put("LedgerArchiveBucket", "BucketEncryption", None),
    "the delivery may delete": statement("LedgerArchiveRole", "AddObjects", Action=["s3:*"]),
    "any service fills the archive": put("LedgerArchiveRole", "AssumeRolePolicyDocument.Statement.0.Principal", "*"),
    "the archive is made for everybody": condition("LedgerArchiveBucket", None),
    "the archive is never made": condition("LedgerStream", "Warms"),
    "the archive is not asked for": parameter("LedgerArchive.Default", "yes"),
    "the archive is locked for no time": parameter("LedgerArchiveDays.MinValue", 0),
    "the registry flows out too": put("RegistryTable", "KinesisStreamSpecification", ELSEWHERE),
    "the ledger flows nowhere": put("LedgerTable", "KinesisStreamSpecification", {"Ref": "AWS::NoValue"}),
}
