"""The doctor over an embedded AWS: a stack as the template makes it is good, and each thing that is worse is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from hallpass_cli.doctor_aws import CHECKS
from hallpass_cli.main import app
from hallpass_cli.stack_alarms import PAGES
from hallpass_cli.stack_checks import PROTECTED, RECOVERABLE, WARM, faults
from typer.testing import CliRunner, Result

from sandbox.cloudformation import load
from tests.cli.stand import LOCKED, LOGGING, TEMPLATE, TOPIC, Stand, of_template, open_stand, put_alarm
from tests.docs.test_docs import ROOT, names, rows, text

NAMES = ["address", *(name for name, _ in CHECKS)]
SETTINGS = {"HALLPASS_URL": "https://hallpass.example", "HALLPASS_TOKEN": "hp_admin_unused", "COLUMNS": "200"}


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as opened:
        yield opened


def run(*arguments: str, **settings: str | None) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments], env={**SETTINGS, **settings})


def findings(code: int, *arguments: str, **settings: str | None) -> dict[str, dict[str, str]]:
    done = run("--only=aws", "--stack=hallpass", "--json", *arguments, **settings)
    assert done.exit_code == code, done.output
    return {one["check"]: one for one in json.loads(done.stdout)["checks"]}


def test_a_stack_as_the_template_makes_it_is_good(stand: Stand) -> None:
    found = findings(0)
    assert list(found) == NAMES
    assert {one["result"] for one in found.values()} == {"ok"}
    assert (
        found["alarms"]["seen"] == f"all {len(of_template('AWS::CloudWatch::Alarm'))} are switched on and tell a topic"
    )
    assert all(asked.partition(":")[2].startswith(("Describe", "List", "Get")) for asked in stand.called), "it reads"
    needed = text("docs/operations.md").split("\nYour AWS credentials need ", 1)[1].split("\n\n", 1)[0]
    # The last one is only needed for topics with a key of one's own.
    assert set(names(needed)) == stand.called | {"kms:GetKeyPolicy"}


def rolled_back(stand: Stand) -> None:
    stand.status = "UPDATE_ROLLBACK_COMPLETE"


def another_hallpass(stand: Stand) -> None:
    stand.admin_url = "https://other.example/admin/v1"


def mute(stand: Stand) -> None:
    stand.client("cloudwatch").disable_alarm_actions(
        AlarmNames=[stand.of("AWS::CloudWatch::Alarm", "GatewayErrorsAlarm")]
    )


def untold(stand: Stand) -> None:
    put_alarm(stand, stand.of("AWS::CloudWatch::Alarm", "GatewayErrorsAlarm"), actions=())


def told_to_no_person(stand: Stand) -> None:
    put_alarm(
        stand, stand.of("AWS::CloudWatch::Alarm", "GatewayErrorsAlarm"), ["arn:aws:lambda:us-east-1:1:function:f"]
    )


def gone_alarm(stand: Stand) -> None:
    stand.client("cloudwatch").delete_alarms(AlarmNames=[stand.of("AWS::CloudWatch::Alarm", "GatewayErrorsAlarm")])


def unsubscribed(stand: Stand) -> None:
    for one in stand.client("sns").list_subscriptions()["Subscriptions"]:
        stand.client("sns").unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def gone_topic(stand: Stand) -> None:
    stand.client("sns").delete_topic(TopicArn=TOPIC)


def closed_topic(stand: Stand) -> None:
    stand.client("sns").set_topic_attributes(
        TopicArn=TOPIC, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
    )


def use_key(stand: Stand, policy: dict[str, Any] | None) -> str:
    """Encrypts the topic with a key of one's own."""
    kms = stand.client("kms")
    key: str = kms.create_key(**({"Policy": json.dumps(policy)} if policy else {}))["KeyMetadata"]["Arn"]
    stand.client("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="KmsMasterKeyId", AttributeValue=key)
    return key


def default_key_by_arn(stand: Stand) -> None:
    stand.client("sns").set_topic_attributes(
        TopicArn=TOPIC,
        AttributeName="KmsMasterKeyId",
        AttributeValue="arn:aws:kms:us-east-1:123456789012:alias/aws/sns",
    )


def own_key_without_cloudwatch(stand: Stand) -> None:
    use_key(stand, None)


def unmasked(stand: Stand) -> None:
    stand.masks = {"Statement": [{"Operation": {"Audit": {}}}]}


def without_masks(stand: Stand) -> None:
    stand.masks = {}


def untraced(stand: Stand) -> None:
    stand.tracing["Mode"] = "PassThrough"


def stopped(stand: Stand) -> None:
    stand.client("events").disable_rule(Name="LedgerIndexFunctionIndex")


def governed(stand: Stand) -> None:
    lock = {**LOCKED, "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    stand.client("s3").put_object_lock_configuration(
        Bucket=stand.of("AWS::S3::Bucket", "LedgerArchiveBucket"), ObjectLockConfiguration=lock
    )


def undelivered(stand: Stand) -> None:
    stand.delivering = "CREATING_FAILED"


def unstreamed(stand: Stand) -> None:
    stand.streaming = "DISABLED"


def loud(stand: Stand) -> None:
    name = stand.of("AWS::CloudWatch::Alarm", "AdminApiErrorsAlarm")
    stand.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")


def endless(stand: Stand) -> None:
    stand.client("logs").delete_retention_policy(logGroupName=stand.of("AWS::Logs::LogGroup", "AdminApiLogGroup"))


def gone_log_group(stand: Stand) -> None:
    stand.client("logs").delete_log_group(logGroupName=stand.of("AWS::Logs::LogGroup", "AdminApiLogGroup"))


def others_key(stand: Stand) -> None:
    del stand.resources["AWS::KMS::Key"]["LogsKey"]


def no_tables_key(stand: Stand) -> None:
    del stand.resources["AWS::KMS::Key"]["TablesKey"]


def unprotected(stand: Stand) -> None:
    stand.client("dynamodb").update_table(
        TableName=stand.of("AWS::DynamoDB::Table", "LedgerTable"), DeletionProtectionEnabled=False
    )


def unrecoverable(stand: Stand) -> None:
    stand.client("dynamodb").update_continuous_backups(
        TableName=stand.of("AWS::DynamoDB::Table", "LedgerTable"),
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


def no_ledger(stand: Stand) -> None:
    del stand.resources["AWS::DynamoDB::Table"]["LedgerTable"]


def gone_table(stand: Stand) -> None:
    stand.client("dynamodb").delete_table(TableName=stand.of("AWS::DynamoDB::Table", "PagesTable"))


def still(stand: Stand) -> None:
    stand.client("kms").disable_key_rotation(KeyId=stand.of("AWS::KMS::Key", "LedgerKey"))


def disabled(stand: Stand) -> None:
    stand.client("kms").disable_key(KeyId=stand.of("AWS::KMS::Key", "LedgerKey"))


def going(stand: Stand) -> None:
    stand.client("kms").schedule_key_deletion(KeyId=stand.of("AWS::KMS::Key", "LedgerKey"))


def debugged(stand: Stand) -> None:
    stand.client("lambda").update_function_configuration(
        FunctionName=stand.of("AWS::Lambda::Function", "VendorApiFunction"),
        Environment={"Variables": {"POWERTOOLS_LOGGER_LOG_EVENT": "true"}},
    )


def filtered(stand: Stand) -> None:
    stand.logging["ApplicationLogLevel"] = "WARN"


def given_up(stand: Stand) -> None:
    sqs = stand.client("sqs")
    sqs.send_message(QueueUrl=stand.any_of("AWS::SQS::Queue"), MessageBody="{}")


def not_hallpass(stand: Stand) -> None:
    del stand.resources["AWS::SQS::Queue"]


WORSE: list[tuple[Callable[[Stand], None], str, str]] = [
    (rolled_back, "stack", "hallpass is UPDATE_ROLLBACK_COMPLETE"),
    (another_hallpass, "address", "https://other.example/admin/v1"),
    (mute, "alarms", "GatewayErrorsAlarm tell nobody"),
    (untold, "alarms", "GatewayErrorsAlarm tell nobody"),
    (told_to_no_person, "alarms", "GatewayErrorsAlarm tell nobody"),
    (unsubscribed, "alarm targets", f"{TOPIC} have no confirmed subscription"),
    (gone_topic, "alarm targets", "(NotFound)"),
    (closed_topic, "alarm targets", f"{TOPIC} are encrypted with a key that CloudWatch may not use"),
    (default_key_by_arn, "alarm targets", f"{TOPIC} are encrypted with a key that CloudWatch may not use"),
    (own_key_without_cloudwatch, "alarm targets", f"{TOPIC} are encrypted with a key that CloudWatch may not use"),
    (unmasked, "log groups", "VendorApiLogGroup show what no line should hold"),
    (without_masks, "log groups", "VendorApiLogGroup show what no line should hold"),
    (untraced, "functions", "it is not traced"),
    (stopped, "schedules", "LedgerIndexFunctionIndex are switched off"),
    (unstreamed, "archive", "LedgerTable write into no stream"),
    (undelivered, "archive", "LedgerDelivery (CREATING_FAILED) deliver nothing"),
    (governed, "archive", "LedgerArchiveBucket has the lock GOVERNANCE"),
    (loud, "alarms quiet", "AdminApiErrorsAlarm are in alarm"),
    (endless, "log groups", "AdminApiLogGroup keep their lines without end"),
    (gone_log_group, "log groups", "AdminApiLogGroup are not there"),
    (others_key, "log groups", "not encrypted with the stack's key"),
    (unprotected, "tables", "LedgerTable can be deleted"),
    (unrecoverable, "tables", "LedgerTable have no point-in-time recovery"),
    (no_ledger, "tables", "LedgerTable are not in the stack"),
    (gone_table, "tables", "(ResourceNotFoundException)"),
    (no_tables_key, "tables", "RegistryTable"),
    (still, "keys", "LedgerKey do not rotate"),
    (disabled, "keys", "LedgerKey are not enabled"),
    (going, "keys", "LedgerKey are not enabled"),
    (debugged, "functions", "VendorApiFunction (POWERTOOLS_LOGGER_LOG_EVENT is set)"),
    (filtered, "functions", "its log is not JSON at INFO"),
    (given_up, "dead letters", "hold events that were given up"),
    (not_hallpass, "dead letters", "resources of the type AWS::SQS::Queue are not in the stack"),
]


def rounds() -> Iterator[Any]:
    """One of each check's at a time: making a stand takes long, and the checks do not know of each other."""
    left = list(WORSE)
    while left:
        together = {check: (worse, seen) for worse, check, seen in reversed(left)}
        left = [one for one in left if one[0] not in [worse for worse, _ in together.values()]]
        names = [worse.__name__.replace("_", " ") for worse, _ in together.values()]
        yield pytest.param(together, id=", ".join(reversed(names)))


@pytest.mark.parametrize("together", list(rounds()))
def test_what_is_worse_fails_its_check_and_no_other(
    stand: Stand, together: dict[str, tuple[Callable[[Stand], None], str]]
) -> None:
    for worse, _ in together.values():
        worse(stand)
    found = findings(1)
    assert list(found) == NAMES
    failed = {name: one for name, one in found.items() if one["result"] != "ok"}
    assert failed.keys() == together.keys()
    for name, one in failed.items():
        assert together[name][1] in one["seen"]
        assert one["advice"]


def let_in(action: str | list[str]) -> dict[str, Any]:
    cloudwatch = {"Service": "cloudwatch.amazonaws.com"}
    return {"Effect": "Allow", "Principal": cloudwatch, "Action": action, "Resource": "*"}


@pytest.mark.parametrize(
    "actions", [["kms:Decrypt", "kms:GenerateDataKey*"], "kms:*", ["KMS:Decrypt", "kms:Generate*"]]
)
def test_a_key_of_ones_own_that_lets_cloudwatch_in_is_good(stand: Stand, actions: str | list[str]) -> None:
    use_key(stand, {"Version": "2012-10-17", "Statement": [let_in(actions)]})
    found = findings(0)
    assert found["alarm targets"]["result"] == "ok"


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Principal": "*"},
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Action": "kms:Decrypt"},
        {"Action": None},
    ],
    ids=str,
)
def test_a_key_that_lets_others_in_or_cloudwatch_half_way_is_not(stand: Stand, changes: dict[str, Any]) -> None:
    use_key(stand, {"Version": "2012-10-17", "Statement": [{**let_in("kms:*"), **changes}]})
    assert findings(1)["alarm targets"]["result"] == "FAILED"


def test_a_ticket_that_is_on_is_told_and_is_no_failure(stand: Stand) -> None:
    name = stand.of("AWS::CloudWatch::Alarm", "TokensExpiringAlarm")
    stand.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    found = findings(0)["alarms quiet"]
    assert (found["result"], found["seen"]) == ("ok", "no page is on; tickets that are: TokensExpiringAlarm")


def test_what_pages_is_what_the_template_says() -> None:
    resources = load(ROOT / "template.yaml")["Resources"]
    alarms = {name: made for name, made in resources.items() if made["Type"] == "AWS::CloudWatch::Alarm"}
    paging = {name for name, made in alarms.items() if made["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopicArn"}]}
    assert paging == PAGES


def test_who_wants_no_warming_has_no_schedule_for_it(stand: Stand) -> None:
    stand.client("events").disable_rule(Name=WARM)
    assert WARM in findings(0)["schedules"]["seen"]


def test_without_an_archive_there_is_none_to_check(stand: Stand) -> None:
    del stand.resources["AWS::S3::Bucket"]
    assert findings(0)["archive"]["seen"] == "there is none: LedgerArchive is not `yes`"


def test_an_alarm_that_is_gone_is_missed_by_all_that_ask_for_it(stand: Stand) -> None:
    gone_alarm(stand)
    found = findings(1)
    failed = {name: one["seen"] for name, one in found.items() if one["result"] == "FAILED"}
    assert failed == dict.fromkeys(["alarms", "alarm targets", "alarms quiet"], "GatewayErrorsAlarm are not there")


def test_more_alarms_than_one_answer_holds_are_all_looked_at(stand: Stand) -> None:
    for number in range(120):
        stand.add("AWS::CloudWatch::Alarm", f"Further{number:03}", put_alarm(stand, f"hallpass-further-{number:03}"))
    put_alarm(stand, "hallpass-further-119", actions=())
    assert findings(1)["alarms"]["seen"] == "Further119 tell nobody"


def test_a_subscription_that_nobody_confirmed_is_none(stand: Stand) -> None:

    def pending(parsed: dict[str, Any], **_: object) -> None:
        parsed["Subscriptions"] = [one | {"SubscriptionArn": "PendingConfirmation"} for one in parsed["Subscriptions"]]

    stand.session.events.register("after-call.sns.ListSubscriptionsByTopic", pending)
    assert "no confirmed subscription" in findings(1)["alarm targets"]["seen"]


@pytest.mark.parametrize(("age", "blind"), [(timedelta(minutes=5), False), (timedelta(hours=2), True)])
def test_an_alarm_has_an_hour_to_get_something_to_judge_by(stand: Stand, age: timedelta, blind: bool) -> None:
    name = stand.of("AWS::CloudWatch::Alarm", "GatewayErrorsAlarm")
    stand.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="INSUFFICIENT_DATA", StateReason="a test")

    def old(parsed: dict[str, Any], **_: object) -> None:
        for one in parsed["MetricAlarms"]:
            one["StateUpdatedTimestamp"] = datetime.now(UTC) - age

    stand.session.events.register("after-call.cloudwatch.DescribeAlarms", old)
    found = findings(int(blind))["alarms quiet"]
    assert ("nothing to judge by" in found["seen"]) is blind


def test_the_tables_that_must_last_are_those_of_the_template() -> None:
    tables = {
        name: TEMPLATE.split(f"\n  {name}:\n")[1].split("\n\n")[0] for name in of_template("AWS::DynamoDB::Table")
    }
    assert {name for name, text in tables.items() if "PointInTimeRecoveryEnabled: true" in text} == RECOVERABLE
    assert {name for name, text in tables.items() if "DeletionProtectionEnabled: true" in text} == PROTECTED


GOOD: dict[str, Any] = {
    "State": "Active", "LastUpdateStatus": "Successful", "LoggingConfig": LOGGING, "TracingConfig": {"Mode": "Active"},
    "Environment": {"Variables": {"LOG_LEVEL": "INFO", "POWERTOOLS_DEV": "false", "POWERTOOLS_METRICS_NAMESPACE": "H"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"Environment": {}}, []),
        ({"TracingConfig": {"Mode": "PassThrough"}}, ["it is not traced"]),
        ({"State": "Pending"}, ["Pending, its last update Successful"]),
        ({"LastUpdateStatus": "Failed"}, ["Active, its last update Failed"]),
        ({"LoggingConfig": {"LogFormat": "Text"}}, ["its log is not JSON at INFO"]),
        ({"LoggingConfig": {**LOGGING, "ApplicationLogLevel": "DEBUG"}}, ["its log is not JSON at INFO"]),
        *(
            ({"Environment": {"Variables": {name: value}}}, [f"{name} is set"])
            for name, value in {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
                "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
                "POWERTOOLS_DEV": "1",
                "POWERTOOLS_DEBUG": "True",
                "POWERTOOLS_LOGGER_LOG_EVENT": "true",
                "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "true",
                "PYTHONDEVMODE": "1",
                "DEBUG": "yes",
            }.items()
        ),
        ({"Environment": {"Variables": {"LOG_LEVEL": "DEBUG"}}}, ["LOG_LEVEL is not INFO"]),
    ],
    ids=str,
)
def test_a_functions_faults_are_named(changes: dict[str, Any], told: list[str]) -> None:
    assert list(faults({**GOOD, **changes})) == told


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        pytest.param({"AWS_DEFAULT_REGION": None}, "No AWS region", id="no region"),
        pytest.param(
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "an embedded AWS, which has no stacks", id="the sandbox"
        ),
    ],
)
def test_where_aws_cannot_be_asked_nothing_is_called_good(
    stand: Stand, settings: dict[str, str | None], why: str
) -> None:
    found = findings(1, **settings)
    assert {one["result"] for one in found.values()} == {"not checked"}
    assert list(found) == NAMES
    assert all(why in one["seen"] for one in found.values())


def test_without_credentials_nothing_is_called_good(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("home")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(empty))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    settings = {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    found = findings(1, **settings)
    assert {(one["result"], one["seen"]) for one in found.values()} == {
        ("not checked", "No AWS credentials were found.")
    }


def test_a_stack_that_may_not_be_read_is_a_failed_check(stand: Stand) -> None:

    stand.readable = False
    found = findings(1)
    assert (found["stack"]["result"], "(AccessDenied)" in found["stack"]["seen"]) == ("FAILED", True)
    assert {one["result"] for name, one in found.items() if name != "stack"} == {"not checked"}
    assert "secret words" not in json.dumps(found)


def test_without_a_stack_aws_is_told_as_not_checked(stand: Stand) -> None:
    done = run("--json", HALLPASS_URL="http://127.0.0.1:1")
    found = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    assert {found[name]["seen"] for name in NAMES} == {"no --stack was given"}
    assert stand.called == set()


def test_the_docs_explain_every_check() -> None:
    told = [row[0] for row in rows(text("docs/operations.md"), "## The doctor")]
    assert told[-len(NAMES) :] == NAMES
