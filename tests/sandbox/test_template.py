"""The reader of template.yaml, on a small template that uses what ours uses."""

from pathlib import Path

import pytest

from sandbox.cloudformation import TemplateError
from sandbox.template import LogGroup, Route, Stage, Table, read
from tests.sandbox.toy import TOYS

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
        5000.0,
        1000,
        "hallpass-sandbox-AccessLogs",
        '{"requestId":"$context.requestId","route":"$context.routeKey","status":$context.status}',
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
