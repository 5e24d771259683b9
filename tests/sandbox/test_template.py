"""The reader of template.yaml, on a small template that uses what ours uses."""

from pathlib import Path

import pytest

from sandbox.background import Asynchronous, Schedule
from sandbox.cloudformation import TemplateError
from sandbox.template import LogGroup, Queue, Route, Stage, Table, read
from sandbox.throttle import Limit
from tests.sandbox.toy import TOYS

FUNCTION = "  F: {Type: 'AWS::Serverless::Function', Properties: {Handler: a.b, CodeUri: ., "
TEMPLATE = read(TOYS / "template.yaml", {"PublicBaseUrl": "http://127.0.0.1:1"})


def test_functions_carry_code_layers_limits_and_resolved_environment() -> None:
    echo = TEMPLATE.function("EchoFunction")
    assert (echo.name, echo.handler, echo.runtime) == ("hallpass-sandbox-EchoFunction", "app.handler", "python3.13")
    assert (echo.code, echo.layers) == (TOYS / "echo", (TOYS / "layer",))
    assert (echo.timeout, echo.memory) == (29.0, 1769)
    assert (echo.log_group, echo.log_format, echo.log_level) == ("hallpass-sandbox-EchoLogs", "JSON", "INFO")
    assert dict(echo.environment) == {
        "UPSTREAM_URL": "https://upstream.invalid/incidents.xml",
        "PUBLIC_BASE_URL": "http://127.0.0.1:1",
        "PAGES_TABLE": "hallpass-sandbox-PagesTable",
        "SECRET_PREFIX": "hallpass-sandbox/districts",
        "KEY_ID": "alias/hallpass-sandbox-DataKey",
        "KEY_ARN": "arn:aws:kms:us-east-1:000000000000:alias/hallpass-sandbox-DataKey",
    }


def test_a_resource_whose_condition_does_not_hold_is_not_there() -> None:
    assert [function.logical_id for function in TEMPLATE.functions] == ["EchoFunction", "TroubleFunction"]


def test_routes_come_from_the_http_api_events_alone() -> None:
    assert TEMPLATE.routes == (
        Route("$default", "EchoFunction"),
        Route("ANY /admin/v1/{proxy+}", "TroubleFunction"),
    )


def test_schedules_that_are_switched_on() -> None:
    assert TEMPLATE.schedules == (Schedule("TroubleFunction", 86_400.0, b'{"do":"pid"}'),)


def test_what_becomes_of_asynchronous_events_is_lambdas_own_unless_told() -> None:
    assert TEMPLATE.function("EchoFunction").asynchronous == Asynchronous(2, 21_600.0, None)
    letters = "hallpass-sandbox-Letters"
    assert TEMPLATE.function("TroubleFunction").asynchronous == Asynchronous(1, 300.0, letters)
    assert TEMPLATE.queues == (Queue(letters, 1_209_600),)


def test_tables_log_groups_keys_and_stage() -> None:
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    assert TEMPLATE.tables == (Table("hallpass-sandbox-PagesTable", keys, (("pk", "S"), ("sk", "S")), "ttl"),)
    assert set(TEMPLATE.log_groups) == {
        LogGroup("hallpass-sandbox-EchoLogs", 30),
        LogGroup("hallpass-sandbox-AccessLogs", 7),
        LogGroup("/aws/lambda/hallpass-sandbox-TroubleFunction", None),
    }
    assert TEMPLATE.keys == ("alias/hallpass-sandbox-DataKey",)
    assert TEMPLATE.stage == Stage(
        Limit(5000.0, 1000),
        "hallpass-sandbox-AccessLogs",
        '{"requestId":"$context.requestId","route":"$context.routeKey","status":$context.status}',
        {"ANY /admin/v1/{proxy+}": Limit(50.0, 10)},
    )


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        pytest.param("  T: {Type: 'AWS::DynamoDB::Table'}", "no AWS::Serverless::Function", id="no function"),
        pytest.param(
            "  F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: .}}", "has no Handler", id="no handler"
        ),
        pytest.param(
            "  F: {Type: 'AWS::Serverless::Function', Properties: {Handler: a.b, CodeUri: gone}}",
            "not a folder",
            id="no such folder",
        ),
        pytest.param(
            FUNCTION + "DeadLetterQueue: {Type: SNS, TargetArn: x}}}",
            "dead-letter queues of SQS only",
            id="letters by SNS",
        ),
        pytest.param(
            FUNCTION + "EventInvokeConfig: {DestinationConfig: {OnFailure: {Destination: x}}}}}",
            "dead-letter queues of SQS only",
            id="a failure destination",
        ),
        pytest.param(
            FUNCTION + "Events: {E: {Type: Schedule, Properties: {Schedule: 'cron(0 1 * * ? *)', Input: a}}}}}",
            "F.E: the sandbox knows schedules with a rate",
            id="a schedule by the calendar",
        ),
        pytest.param(
            FUNCTION + "Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}}}",
            "F.E: the sandbox knows schedules with a rate",
            id="a schedule without an input",
        ),
        pytest.param(
            FUNCTION + "Events: {E: {Type: SQS}}}}", "F.E is a SQS event", id="an event source of another kind"
        ),
        pytest.param(
            "  F: {Type: 'AWS::Serverless::Function', Properties: {Handler: a.b, CodeUri: ., Layers: [elsewhere]}}",
            "the layer elsewhere is not made",
            id="a layer from elsewhere",
        ),
    ],
)
def test_a_template_that_cannot_run_here_says_why(resources: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"Resources:\n{resources}\n")
    with pytest.raises(TemplateError, match=words):
        read(tmp_path / "template.yaml", {})


def test_an_unknown_function_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TemplateError, match="it has EchoFunction, TroubleFunction"):
        TEMPLATE.function("Nobody")


@pytest.mark.parametrize(
    ("rate", "seconds"), [("rate(1 minute)", 60), ("rate(2 minutes)", 120), ("rate(3 hours)", 10_800)]
)
def test_rates_are_seconds(rate: str, seconds: float, tmp_path: Path) -> None:
    events = f"Events: {{E: {{Type: Schedule, Properties: {{Schedule: {rate}, Input: a}}}}}}}}}}"
    (tmp_path / "template.yaml").write_text(f"Resources:\n{FUNCTION}{events}\n")
    assert [one.every for one in read(tmp_path / "template.yaml", {}).schedules] == [seconds]
