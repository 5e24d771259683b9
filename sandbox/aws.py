"""The embedded AWS: MiniStack as a child process, and the template's resources in it.

It listens on 127.0.0.1 only and runs no service that the template does not use. With a folder for its state,
tables, secrets and logs survive a restart: it writes them when it is asked to end, so it is always asked.
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.children import Children
from sandbox.cloudformation import REGION
from sandbox.line_reader import read_lines
from sandbox.loopback import HOST, listen
from sandbox.template import Table, Template

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_SERVER = Path(__file__).with_name("stand_in.py")
_SERVICES = "dynamodb,secretsmanager,logs,kms,sqs,sts,monitoring"
_STARTS_WITHIN = 20.0
_SAVES_WITHIN = 20.0


class StandInError(Exception):
    """The embedded AWS did not start."""


class Aws:
    """The stand-in. `endpoint` is what AWS_ENDPOINT_URL says."""

    def __init__(self, children: Children, scratch: Path, state: Path | None) -> None:
        self._children, self._scratch, self._state = children, scratch, state
        self._process: Process | None = None
        self._output: list[str] = []
        self._reading: asyncio.Task[None] | None = None
        self.endpoint = ""

    async def start(self) -> None:
        """Starts it and waits until it answers. Raises StandInError."""
        with listen(0) as listener:
            port, descriptor = listener.getsockname()[1], listener.fileno()
            command = [sys.executable, "-P", str(_SERVER), str(descriptor)]
            variables = self._environment(port)
            self._process = await self._children.start(command, variables, self._scratch, (descriptor,))
        self.endpoint = f"http://{HOST}:{port}"
        assert self._process.stdout is not None
        self._reading = asyncio.create_task(read_lines(self._process.stdout, self._heard))
        async with asyncio.timeout(_STARTS_WITHIN):
            if not await asyncio.to_thread(answers, self.endpoint):
                await self.stop()
                raise StandInError("the embedded AWS did not start: " + " / ".join(self._output[-3:]))

    async def stop(self) -> None:
        """Ends it after it has written its state."""
        if self._process is not None:
            await self._children.end(self._process, _SAVES_WITHIN)
        if self._reading is not None:
            await self._reading

    def _heard(self, line: str) -> None:
        self._output = [*self._output[-20:], line]

    def _environment(self, port: int) -> dict[str, str]:
        persistence = {"PERSIST_STATE": "1", "STATE_DIR": str(self._state)} if self._state else {}
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._scratch),
            # stand_in.py is run as a file and shares a module with the sandbox.
            "PYTHONPATH": str(_SERVER.parent.parent),
            "TMPDIR": str(self._scratch),
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "SERVICES": _SERVICES,
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "ERROR",
            # No container engine: whatever runs on this machine is none of the sandbox's business.
            "DOCKER_HOST": f"unix://{self._scratch}/no-docker.sock",
            **persistence,
        }


def answers(endpoint: str) -> bool:
    """Whether a stand-in answers there; one that starts is waited for."""
    with contextlib.suppress(requests.RequestException), requests.Session() as session:
        session.trust_env = False
        return session.get(f"{endpoint}/_ministack/health", timeout=_STARTS_WITHIN).ok
    return False


@overload
def client(service: Literal["dynamodb"], endpoint: str) -> "DynamoDBClient": ...
@overload
def client(service: Literal["secretsmanager"], endpoint: str) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["logs"], endpoint: str) -> "CloudWatchLogsClient": ...
@overload
def client(service: Literal["kms", "sqs", "lambda"], endpoint: str) -> "BaseClient": ...
def client(service: Any, endpoint: str) -> Any:
    """A boto3 client of the stand-in, whatever AWS settings the caller's shell has."""
    session = boto3.session.Session(
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106 - the stand-in takes any
        region_name=REGION,
    )
    config = Config(proxies={}, retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=30)
    return session.client(service, endpoint_url=endpoint, config=config)


def create_resources(template: Template, endpoint: str) -> None:
    """Makes keys, tables, queues and log groups of the template; what is there already stays as it is."""
    _create_keys(template, client("kms", endpoint))
    database = client("dynamodb", endpoint)
    for table in template.tables:
        _create_table(table, database)
    _create_queues(template, client("sqs", endpoint))
    logs = client("logs", endpoint)
    for group in template.log_groups:
        with _unless_there("ResourceAlreadyExistsException"):
            logs.create_log_group(logGroupName=group.name)
        if group.retention is not None:
            logs.put_retention_policy(logGroupName=group.name, retentionInDays=group.retention)


def _create_keys(template: Template, kms: Any) -> None:
    there = {alias.get("AliasName") for alias in kms.list_aliases()["Aliases"]}
    for alias in template.keys:
        if alias not in there:
            key = kms.create_key(Description=alias)["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=alias, TargetKeyId=key)


def _create_queues(template: Template, sqs: Any) -> None:
    for queue in template.queues:
        # No error of SQS's, unless the attributes differ from those it has.
        with _unless_there("QueueAlreadyExists"):
            sqs.create_queue(QueueName=queue.name, Attributes={"MessageRetentionPeriod": str(queue.retention)})


def _create_table(table: Table, database: "DynamoDBClient") -> None:
    schema: Any = [{"AttributeName": name, "KeyType": kind} for name, kind in table.key_schema]
    attributes: Any = [{"AttributeName": name, "AttributeType": kind} for name, kind in table.attributes]
    with _unless_there("ResourceInUseException"):
        database.create_table(
            TableName=table.name,
            KeySchema=schema,
            AttributeDefinitions=attributes,
            BillingMode="PAY_PER_REQUEST",
        )
        if table.ttl is not None:
            time_to_live: Any = {"Enabled": True, "AttributeName": table.ttl}
            database.update_time_to_live(TableName=table.name, TimeToLiveSpecification=time_to_live)


@contextlib.contextmanager
def _unless_there(code: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != code:
            raise
