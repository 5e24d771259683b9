"""`hallpass bootstrap`: the first operator, written into the registry with the deployer's own AWS credentials.

Rule: who may write the registry's table is operator already; the command only makes that a person.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError
from hallpass.adapters.aws_clients import client
from hallpass.adapters.dynamodb_registry import DynamoDbRegistry
from hallpass.adapters.system_clock import SystemClock
from hallpass.domain.errors import BodyInvalidError, ConflictError, UnavailableError
from hallpass.services.manage_access import Registrar
from hallpass.services.manage_people import create_first_operator

from hallpass_cli.failures import CommandError, UsageError
from hallpass_cli.moments import written
from hallpass_cli.output import AsJson, show_json, show_one, show_token
from hallpass_cli.stacks import output, refused

OUTPUT = "RegistryTableName"


def bootstrap(
    name: Annotated[str, typer.Option(help="The operator's name.")],
    table: Annotated[
        str | None, typer.Option(envvar="REGISTRY_TABLE", help="The registry's table; or --stack.")
    ] = None,
    stack: Annotated[str | None, typer.Option(help="The CloudFormation stack that has the table.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="Days until the token ends.")] = 365,
    another: Annotated[bool, typer.Option("--another", help="Even though an operator exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the first operator, with your AWS credentials. The admin token is shown once."""
    if stack is None and table is None:
        raise UsageError("Say where the registry is: --stack or --table.")
    made = _make(output(stack, OUTPUT) if stack is not None else str(table), name, days, another)
    if as_json:
        show_json(made)
        return
    show_one([(key, made[key]) for key in ("id", "name", "role", "expires_at")])
    show_token(made["token"], "Your admin token, for HALLPASS_TOKEN.")


def _make(table: str, name: str, days: int, another: bool) -> dict[str, Any]:
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise UsageError("--name is printable text of up to 200 characters.")
    try:
        clock = SystemClock()
        registrar = Registrar(DynamoDbRegistry(client("dynamodb"), table), clock, secrets.token_bytes)
        expires_at = registrar.now() + timedelta(days=days)
        person, issued = create_first_operator(registrar, name, expires_at, another=another)
    except ConflictError as error:
        raise CommandError(f"{error.detail} Add --another if you mean it.") from error
    except BodyInvalidError as error:
        raise UsageError("--days is a number from 1 to 400.") from error
    except (UnavailableError, BotoCoreError) as error:
        raise refused(f"the table {table}", error) from error
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "expires_at": written(issued.token.expires_at),
        "token": issued.text.reveal(),
    }
