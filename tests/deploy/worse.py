"""Changes to the template that each open something, for the posture rules to notice.

The rule: every entry is a fault that somebody could commit in one line of template.yaml.
"""

from collections.abc import Callable
from typing import Any

Change = Callable[[Any], None]
VENDOR, ADMIN, REFRESH = "VendorApiFunction", "AdminApiFunction", "PageRefreshFunction"
STAGE = "HttpApiApiGatewayDefaultStage"


def put(resource: str, path: str, value: Any) -> Change:
    """Sets the property at `path` ("A.B.0.C"; "+" appends to a list)."""
    return _put(("Resources", resource, "Properties", *path.split(".")), value)


def parameter(path: str, value: Any) -> Change:
    """Sets something of a parameter, or a new one."""
    return _put(("Parameters", *path.split(".")), value)


def resource(name: str, kind: str) -> Change:
    """Adds a resource."""
    return _put(("Resources", name), {"Type": kind, "Properties": {"AuthType": "NONE"}})


def variable(name: str, value: str) -> Change:
    """Sets an environment variable of the vendor API."""
    return put(VENDOR, f"Environment.Variables.{name}", value)


def _put(path: tuple[str, ...], value: Any) -> Change:
    def change(template: Any) -> None:
        *above, last = path
        at = template
        for step in above:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if isinstance(at, list):
            at.append(value)
        else:
            at[last] = value

    return change


def statement(role: str, sid: str, **given: Any) -> Change:
    """Changes the statement `sid` of a role."""

    def change(template: Any) -> None:
        policies = template["Resources"][role]["Properties"]["Policies"]
        [found] = [one for policy in policies for one in policy["PolicyDocument"]["Statement"] if one["Sid"] == sid]
        found.update(given)

    return change


def also(role: str, sid: str, action: str) -> Change:
    """Adds an action to the statement `sid` of a role."""

    def change(template: Any) -> None:
        policies = template["Resources"][role]["Properties"]["Policies"]
        [found] = [one for policy in policies for one in policy["PolicyDocument"]["Statement"] if one["Sid"] == sid]
        actions = found["Action"]
        found["Action"] = [*(actions if isinstance(actions, list) else [actions]), action]

    return change


def logged(words: str) -> Change:
    """Puts something else in the place of the route into the access log."""

    def change(template: Any) -> None:
        settings = template["Resources"][STAGE]["Properties"]["AccessLogSettings"]
        settings["Format"] = settings["Format"].replace("$context.routeKey", words)

    return change


WIDER_KILL_SWITCH = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "status", "scope"]}}
ANY_ACCOUNT = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
EXPIRING = {"AttributeName": "ttl", "Enabled": True}
RECOVERABLE = {"PointInTimeRecoveryEnabled": True}

ELSEWHERE = {"Arn": {"Ref": "AlarmTopicArn"}, "Id": "elsewhere"}

WORSE: dict[str, Change] = {
    "the vendor API may do everything to the registry": also("VendorApiRole", "ReadRegistry", "dynamodb:*"),
    "the vendor API may write tokens": also("VendorApiRole", "ReadRegistry", "dynamodb:PutItem"),
    "the vendor API may change a scope": statement("VendorApiRole", "RevokeTokenInHand", Condition=WIDER_KILL_SWITCH),
    "the vendor API may list whole tokens and persons": statement("VendorApiRole", "ListDigests", Condition={}),
    "the vendor API may list what it may revoke": also("VendorApiRole", "RevokeTokenInHand", "dynamodb:Query"),
    "the vendor API may read any secret": statement("VendorApiRole", "ReadUpstreamCredential", Resource="*"),
    "the admin API may read credentials back": also(
        "AdminApiRole", "KeepUpstreamCredential", "secretsmanager:GetSecretValue"
    ),
    "the admin API may write what was used": statement("AdminApiRole", "ReviewQuarantine", Condition={}),
    "the admin API may put notes of use": also("AdminApiRole", "ReadUsage", "dynamodb:PutItem"),
    "the admin API may put pages": also("AdminApiRole", "ErasePages", "dynamodb:PutItem"),
    "the admin API may scan the pages": also("AdminApiRole", "ErasePages", "dynamodb:Scan"),
    "the vendor API may destroy credentials": also(
        "VendorApiRole", "ReadUpstreamCredential", "secretsmanager:DeleteSecret"
    ),
    "the admin API may open pseudonym keys": also("AdminApiRole", "MakePseudonymKey", "kms:Decrypt"),
    "the vendor API may make pseudonym keys": also("VendorApiRole", "OpenPseudonymKey", "kms:GenerateDataKey"),
    "pseudonym keys open for any integration": statement("VendorApiRole", "OpenPseudonymKey", Condition={}),
    "the admin API may scan the registry": also("AdminApiRole", "KeepRegistry", "dynamodb:Scan"),
    "the admin API may delete in the registry": also("AdminApiRole", "KeepRegistry", "dynamodb:DeleteItem"),
    "the background may write in the registry": also("PageRefreshRole", "ReadDistricts", "dynamodb:UpdateItem"),
    "the background may delete pages": also("PageRefreshRole", "RefreshPages", "dynamodb:DeleteItem"),
    "the vendor API may delete pages": also("VendorApiRole", "KeepPages", "dynamodb:DeleteItem"),
    "the background may scan the registry": also("PageRefreshRole", "ReadDistricts", "dynamodb:Scan"),
    "the background may open pseudonym keys": statement(
        "PageRefreshRole", "OpenUpstreamCredential", Resource={"Fn::GetAtt": ["PseudonymsKey", "Arn"]}
    ),
    "the background may send to any queue": statement("PageRefreshRole", "LeaveDeadLetters", Resource="*"),
    "the background may read dead letters": also("PageRefreshRole", "LeaveDeadLetters", "sqs:ReceiveMessage"),
    "the background may invoke the vendor API": put(
        "PageRefreshGoesOn", "PolicyDocument.Statement.0.Resource", {"Fn::GetAtt": [VENDOR, "Arn"]}
    ),
    "the background may do everything to itself": put(
        "PageRefreshGoesOn", "PolicyDocument.Statement.0.Action", "lambda:*"
    ),
    "a policy apart serves the vendor API": put("PageRefreshGoesOn", "RoleName", {"Ref": "VendorApiRole"}),
    "the vendor API may invoke any function": statement("VendorApiRole", "StartRefresh", Resource="*"),
    "the vendor API may change the background": also("VendorApiRole", "StartRefresh", "lambda:UpdateFunctionCode"),
    "the admin API may invoke any function": statement("AdminApiRole", "StartWarming", Resource="*"),
    "the admin API may change the background": also("AdminApiRole", "StartWarming", "lambda:UpdateFunctionCode"),
    "keys may be used outside their service": statement("AdminApiRole", "OpenTables", Condition={}),
    "a statement denies instead": statement("AdminApiRole", "OpenTables", Effect="Deny"),
    "functions share a role": put(VENDOR, "Role", {"Fn::GetAtt": ["AdminApiRole", "Arn"]}),
    "a role takes a managed policy": put("VendorApiRole", "ManagedPolicyArns", [ADMINISTRATOR]),
    "anyone assumes a role": put("VendorApiRole", "AssumeRolePolicyDocument.Statement.0.Principal", "*"),
    "a key is open to every account": put("SecretsKey", "KeyPolicy.Statement.0.Principal", {"AWS": "*"}),
    "a key has a second principal": put("TablesKey", "KeyPolicy.Statement.+", ANY_ACCOUNT),
    "a key does not rotate": put("LogsKey", "EnableKeyRotation", False),
    "the registry expires": put("RegistryTable", "TimeToLiveSpecification", EXPIRING),
    "the registry may be deleted": put("RegistryTable", "DeletionProtectionEnabled", False),
    "the registry is streamed": put("RegistryTable", "StreamSpecification", {"StreamViewType": "NEW_IMAGE"}),
    "purged pages can be recovered": put("PagesTable", "PointInTimeRecoverySpecification", RECOVERABLE),
    "a table has Amazon's key": put("PagesTable", "SSESpecification", {"SSEEnabled": True}),
    "a table has a physical name": put("PagesTable", "TableName", "pages"),
    "a log may be kept for a month": parameter("LogRetentionDays.AllowedValues.+", 30),
    "what is below a warning is dropped": put(VENDOR, "LoggingConfig.ApplicationLogLevel", "WARN"),
    "the access log holds paths": logged("$context.path"),
    "the access log holds tokens": logged("$request.header.authorization"),
    "the stage lets nothing through": parameter("ThrottleRate.Default", 0),
    "a flood of vendors holds up the admin API": put(STAGE, "RouteSettings", {}),
    "the console has other limits": put(STAGE, "RouteSettings.ANY /console.ThrottlingBurstLimit", 1),
    "a route logs its requests": put(STAGE, "RouteSettings.ANY /claim.DataTraceEnabled", True),
    "the admin API lets nothing through": parameter("AdminThrottleRate.Default", 0),
    "the stage has variables": put(STAGE, "StageVariables", {"a": "b"}),
    "a third route exists": put("HttpApi", "Body.paths./debug", {}),
    "pages of any origin may call": put("HttpApi", "CorsConfiguration", {"AllowOrigins": ["*"]}),
    "a function has a URL": resource("Url", "AWS::Lambda::Url"),
    "a function is called by a queue": resource("Queue", "AWS::Lambda::EventSourceMapping"),
    "any rule may start the background": put("PageRefreshFunctionWarmPermission", "SourceArn", "arn:aws:events:*"),
    "the gateway may start the background": put(
        "PageRefreshFunctionWarmPermission", "Principal", "apigateway.amazonaws.com"
    ),
    "a schedule starts something else too": put("PageRefreshFunctionWarm", "Targets.+", ELSEWHERE),
    "the schedule walks instead of warming": put("PageRefreshFunctionWarm", "Targets.0.Input", '{"action":"walk"}'),
    "the schedule cannot be switched off": put("PageRefreshFunctionWarm", "State", "ENABLED"),
    "the schedule answers to events": put("PageRefreshFunctionWarm", "EventPattern", {"source": ["aws.s3"]}),
    "the schedule may be anything": parameter("WarmEvery.AllowedPattern", ".*"),
    "dead letters are not encrypted": put("PageRefreshFailures", "SqsManagedSseEnabled", False),
    "dead letters are gone in a minute": put("PageRefreshFailures", "MessageRetentionPeriod", 60),
    "dead letters have a physical name": put("PageRefreshFailures", "QueueName", "failures"),
    "dead letters go elsewhere": put(REFRESH, "DeadLetterConfig.TargetArn", ADMINISTRATOR),
    "stack traces are kept in a queue": put(
        "PageRefreshFunctionEventInvokeConfig", "DestinationConfig", {"OnFailure": {"Destination": ADMINISTRATOR}}
    ),
    "an old refresh is still made": put("PageRefreshFunctionEventInvokeConfig", "MaximumEventAgeInSeconds", 21600),
    "a crash is not tried again": put("PageRefreshFunctionEventInvokeConfig", "MaximumRetryAttempts", 0),
    "the background may go round in circles": put(REFRESH, "RecursiveLoop", "Allow"),
    "the background goes on for a quarter of an hour": put(REFRESH, "Timeout", 900),
    "a queue may be read by anyone": resource("Open", "AWS::SQS::QueuePolicy"),
    "anyone may invoke a function": put("VendorApiFunctionEverythingPermission", "Principal", "*"),
    "a function outlasts the gateway": put(VENDOR, "Timeout", 30),
    "events are logged": variable("POWERTOOLS_LOGGER_LOG_EVENT", "true"),
    "logging is at DEBUG": variable("LOG_LEVEL", "DEBUG"),
    "the environment holds a credential": variable("UPSTREAM_TOKEN", "q8Zr1mV0kX2s"),
    "a secret is a parameter": parameter("UpstreamToken", {"Type": "String"}),
    "an account id is written down": variable("SECRET_PREFIX", "111122223333/districts"),
    "an alarm tells nobody": put("UpstreamCredentialAlarm", "AlarmActions", []),
    "few dead letters are averaged away": put("PageRefreshFailuresAlarm", "Statistic", "Average"),
    "dead letters tell nobody": put("PageRefreshFailuresAlarm", "AlarmActions", []),
    "an alarm is switched off": put("VendorApiErrorsAlarm", "ActionsEnabled", False),
    "concurrency is reserved by default": parameter("ReservedConcurrency.Default", 100),
    "a scanner's rule is not followed without agreement": _put(
        ("Resources", "PagesTable", "Metadata", "checkov", "skip", "+"), {"id": "CKV_AWS_119", "comment": "x" * 40}
    ),
}
