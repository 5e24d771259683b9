"""The first operator, made with AWS credentials."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.domain.standing import open_actor
from hallpass.domain.tokens import parse_token
from hallpass_cli.main import app
from moto import mock_aws
from typer.testing import CliRunner, Result

from tests.aws_tables import CREDENTIALS, create_table
from tests.records import NOW


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDbRegistry]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield DynamoDbRegistry(client("dynamodb"), create_table(client("dynamodb"), "registry"))


def bootstrap(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["bootstrap", *arguments], env={"COLUMNS": "200", "REGISTRY_TABLE": None})


def test_the_first_operator_gets_a_token_that_holds(registry: DynamoDbRegistry) -> None:
    result = bootstrap("--table=registry", "--name=Ada Inventada", "--days=30", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    presented = parse_token(made["token"])
    record = registry.find_person(presented.holder_id, presented.token_id)
    actor = open_actor(presented, record, datetime.now(UTC))
    assert (actor.person.id, actor.person.name, actor.person.created_by) == (made["id"], "Ada Inventada", "bootstrap")


def test_a_second_one_is_refused_unless_said(registry: DynamoDbRegistry) -> None:
    assert "Keep it now" in bootstrap("--table=registry", "--name=Ada").stdout
    again = bootstrap("--table=registry", "--name=Bo")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "--another" in again.stderr
    assert bootstrap("--table=registry", "--name=Bo", "--another").exit_code == 0
    assert len(registry.people()) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["--name=Ada"], 2, id="no table"),
        pytest.param(["--table=registry", "--name="], 2, id="no name"),
        pytest.param(["--table=registry", "--name=a\nb"], 2, id="a name on two lines"),
        pytest.param(["--table=registry", "--name=Ada", "--days=401"], 2, id="too many days"),
        pytest.param(["--table=none", "--name=Ada"], 3, id="a table that is not there"),
    ],
)
def test_what_cannot_be_is_told(registry: DynamoDbRegistry, arguments: list[str], code: int) -> None:
    result = bootstrap(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.output


@pytest.fixture
def stack(registry: DynamoDbRegistry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """The real client of CloudFormation, and the answers it will get."""
    make = boto3.client
    stacks = make("cloudformation")
    chosen = {"cloudformation": lambda: stacks}
    monkeypatch.setattr(boto3, "client", lambda name, **rest: chosen.get(name, lambda: make(name, **rest))())
    with Stubber(stacks) as stub:
        yield stub


@pytest.mark.parametrize(
    ("outputs", "code"),
    [
        (
            [{"OutputKey": "Other", "OutputValue": "x"}, {"OutputKey": "RegistryTableName", "OutputValue": "registry"}],
            0,
        ),
        ([{"OutputKey": "Other", "OutputValue": "x"}], 2),
        ([], 2),
    ],
)
def test_the_table_is_found_by_its_stack(
    registry: DynamoDbRegistry, stack: Stubber, outputs: list[dict[str, str]], code: int
) -> None:
    described: Any = {"StackName": "hallpass", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE"}
    stack.add_response("describe_stacks", {"Stacks": [described | {"Outputs": outputs}]}, {"StackName": "hallpass"})
    assert bootstrap("--stack=hallpass", "--name=Ada").exit_code == code
    assert len(registry.people()) == (1 if code == 0 else 0)


REGION = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
NO_REGION = "No AWS region: set AWS_REGION to the stack's region.\n"
NO_CREDENTIALS = "No AWS credentials were found.\n"


@pytest.mark.parametrize("place", ["--table=registry", "--stack=hallpass"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({}, NO_REGION, id="no region"),
        pytest.param(REGION, NO_CREDENTIALS, id="no credentials"),
    ],
)
def test_a_machine_without_aws_settings_is_told_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, settings: dict[str, str], said: str
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    nowhere = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys")}
    for name, value in {**nowhere, "AWS_EC2_METADATA_DISABLED": "true", **settings}.items():
        monkeypatch.setenv(name, value)
    # The default session of another test may remember its settings.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    result = bootstrap(place, "--name=Ada")
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", said)


def test_a_stack_that_is_not_there_is_unreachable(stack: Stubber) -> None:
    stack.add_client_error("describe_stacks", "ValidationError")
    result = bootstrap("--stack=none", "--name=Ada")
    assert (result.exit_code, "ValidationError" in result.stderr, "HALLPASS_URL" in result.stderr) == (3, True, False)
