"""The embedded AWS: what the product asks of it, kept over a restart, on loopback only."""

import asyncio
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.async_invocations import DeadLetter
from sandbox.aws import Aws, client, create_resources
from sandbox.dead_letters import DeadLetters
from sandbox.outcome import Failure, FailureKind
from sandbox.template import read
from tests.sandbox.toy import TOYS, some_children

TEMPLATE = read(TOYS / "template.yaml", {})
TABLE = "hallpass-sandbox-PagesTable"
GROUP = "hallpass-sandbox-EchoLogs"
LETTERS = "hallpass-sandbox-Letters"


def during(scratch: Path, state: Path | None, work: Any) -> Any:
    """What `work(endpoint)` gives while the stand-in runs."""

    async def scenario() -> Any:
        with some_children() as children:
            aws = Aws(children, scratch, state)
            try:
                await aws.start()
                return await asyncio.to_thread(work, aws)
            finally:
                await aws.stop()

    return asyncio.run(scenario())


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A stand-in with the toy template's resources, for the whole module."""
    scratch = tmp_path_factory.mktemp("aws")
    loop = asyncio.new_event_loop()
    with some_children() as children:
        aws = Aws(children, scratch, None)
        loop.run_until_complete(aws.start())
        create_resources(TEMPLATE, aws.endpoint)
        yield aws.endpoint
        loop.run_until_complete(aws.stop())
    loop.close()


def key(pk: str) -> Any:
    return {"pk": {"S": pk}, "sk": {"S": "-"}}


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_the_templates_table_has_its_time_to_live_and_may_be_made_twice(endpoint: str) -> None:
    create_resources(TEMPLATE, endpoint)
    told = client("dynamodb", endpoint).describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert told == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_a_stored_page_of_390_000_bytes_comes_back_as_it_was(endpoint: str) -> None:
    database = client("dynamodb", endpoint)
    body = bytes(range(256)) * 1523 + b"." * 112
    assert len(body) == 390_000
    database.put_item(TableName=TABLE, Item={**key("page"), "body": {"B": body}})
    assert database.get_item(TableName=TABLE, Key=key("page"), ConsistentRead=True)["Item"]["body"]["B"] == body


def test_a_put_may_be_conditional(endpoint: str) -> None:
    database = client("dynamodb", endpoint)
    database.put_item(TableName=TABLE, Item=key("once"), ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(ClientError) as error:
        database.put_item(TableName=TABLE, Item=key("once"), ConditionExpression="attribute_not_exists(pk)")
    assert code_of(error) == "ConditionalCheckFailedException"


def test_a_transaction_reads_several_items_at_once_and_writes_all_or_none(endpoint: str) -> None:
    database = client("dynamodb", endpoint)
    first: Any = {"Put": {"TableName": TABLE, "Item": key("t1")}}
    taken: Any = {"Put": {"TableName": TABLE, "Item": key("t1"), "ConditionExpression": "attribute_not_exists(pk)"}}
    second: Any = {"Put": {"TableName": TABLE, "Item": key("t2")}}
    database.transact_write_items(TransactItems=[first])
    with pytest.raises(ClientError) as error:
        database.transact_write_items(TransactItems=[second, taken])
    assert code_of(error) == "TransactionCanceledException"
    gets: Any = [{"Get": {"TableName": TABLE, "Key": key(pk)}} for pk in ("t1", "t2")]
    answers = database.transact_get_items(TransactItems=gets)["Responses"]
    assert [answer.get("Item") for answer in answers] == [key("t1"), None]


def test_batches_and_queries(endpoint: str) -> None:
    database = client("dynamodb", endpoint)
    items: Any = [{"pk": {"S": "batch"}, "sk": {"S": f"{number:02}"}} for number in range(25)]
    database.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in items]})
    got = database.batch_get_item(RequestItems={TABLE: {"Keys": items}})["Responses"][TABLE]
    assert len(got) == 25
    values: Any = {":pk": {"S": "batch"}, ":sk": {"S": "1"}}
    found = database.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues=values,
    )
    assert [item["sk"]["S"] for item in found["Items"]] == [f"{number:02}" for number in range(10, 20)]


def test_a_secret_is_made_replaced_and_read(endpoint: str) -> None:
    secrets = client("secretsmanager", endpoint)
    name = "hallpass-sandbox/districts/d1"
    secrets.create_secret(Name=name, SecretString="first", KmsKeyId=TEMPLATE.keys[0])
    secrets.put_secret_value(SecretId=name, SecretString="second")
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "second"
    with pytest.raises(ClientError) as error:
        secrets.get_secret_value(SecretId=name + "x")
    assert code_of(error) == "ResourceNotFoundException"


def test_the_templates_queue_keeps_messages_as_long_as_it_says(endpoint: str) -> None:
    create_resources(TEMPLATE, endpoint)
    sqs: Any = client("sqs", endpoint)
    url = sqs.get_queue_url(QueueName=LETTERS)["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["MessageRetentionPeriod"])["Attributes"]
    assert told == {"MessageRetentionPeriod": "1209600"}


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        pytest.param(
            Failure(FailureKind.FUNCTION, "KeyError", "ü" * 600),
            {"RequestID": "r-1", "ErrorCode": "200", "ErrorMessage": "ü" * 512},
            id="a function that raised, its message cut after 1,024 bytes",
        ),
        pytest.param(
            Failure(FailureKind.UNAVAILABLE, "TooManyRequestsException", "Rate Exceeded."),
            {"RequestID": "r-1", "ErrorCode": "429", "ErrorMessage": "Rate Exceeded."},
            id="a function that could not be started",
        ),
        pytest.param(
            Failure(FailureKind.FUNCTION, "KeyError", ""), {"RequestID": "r-1", "ErrorCode": "200"}, id="without a word"
        ),
    ],
)
def test_a_dead_letter_is_the_event_and_why_it_was_given_up(
    failure: Failure, told: dict[str, str], endpoint: str
) -> None:
    sqs: Any = client("sqs", endpoint)
    asyncio.run(DeadLetters(sqs).leave(DeadLetter(LETTERS, "r-1", b'{"a":"\xc3\xa9"}', failure)))
    url = sqs.get_queue_url(QueueName=LETTERS)["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert message["Body"] == '{"a":"é"}'
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == told


def test_a_dead_letter_that_cannot_be_left_is_told(endpoint: str, capsys: pytest.CaptureFixture[str]) -> None:
    lost = DeadLetter("nowhere", "r-1", b"{}", Failure(FailureKind.FUNCTION, "KeyError", "x"))
    asyncio.run(DeadLetters(client("sqs", endpoint)).leave(lost))
    assert capsys.readouterr().out.startswith("sandbox: a dead letter for nowhere was lost: ")


def test_tables_secrets_and_logs_survive_a_restart(tmp_path: Path) -> None:
    state, stream = tmp_path / "state", "2026/03/02/[$LATEST]a"

    def write(aws: Aws) -> None:
        create_resources(TEMPLATE, aws.endpoint)
        client("dynamodb", aws.endpoint).put_item(TableName=TABLE, Item={**key("kept"), "b": {"B": b"\x00\xff"}})
        client("secretsmanager", aws.endpoint).create_secret(Name="kept", SecretString="value")
        logs = client("logs", aws.endpoint)
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        event: Any = {"timestamp": int(time.time() * 1000), "message": "kept line"}
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=[event])

    def check(aws: Aws) -> None:
        create_resources(TEMPLATE, aws.endpoint)
        database = client("dynamodb", aws.endpoint)
        assert database.get_item(TableName=TABLE, Key=key("kept"))["Item"]["b"]["B"] == b"\x00\xff"
        assert client("secretsmanager", aws.endpoint).get_secret_value(SecretId="kept")["SecretString"] == "value"
        events = client("logs", aws.endpoint).filter_log_events(logGroupName=GROUP)["events"]
        assert [event.get("message") for event in events] == ["kept line"]

    during(tmp_path, state, write)
    during(tmp_path, state, check)


def asked(endpoint: str, method: str, headers: dict[str, str]) -> HTTPResponse:
    """The answer to a request with these headers, the others as boto3 sends them for a list of secrets."""
    port = int(endpoint.rpartition(":")[2])
    named = {name: value.replace("PORT", str(port)) for name, value in headers.items()}
    signed = {
        "X-Amz-Target": "secretsmanager.ListSecrets",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260302/us-east-1/secretsmanager/aws4_request",
    }
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, "/", b"{}", {**signed, **named})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("POST", {"Origin": "https://page.example"}, id="of a page elsewhere"),
        pytest.param("POST", {"Origin": "http://127.0.0.1:PORT"}, id="of a page that it served itself"),
        pytest.param("POST", {"origin": "null"}, id="of a page in a sandboxed frame"),
        pytest.param("GET", {"Sec-Fetch-Mode": "no-cors"}, id="of an image tag"),
        pytest.param("GET", {"sec-fetch-site": "none"}, id="of a browser's address bar"),
        pytest.param("OPTIONS", {}, id="that asks first"),
        pytest.param("POST", {"Host": "page.example:PORT"}, id="to a name that was pointed here"),
        pytest.param("POST", {"Host": "127.0.0.1"}, id="to a host without its port"),
        pytest.param("POST", {"Host": "127.0.0.1:1"}, id="to another port"),
        pytest.param("POST", {"Host": ""}, id="to no host"),
        pytest.param("POST", {"Host": "bucket.localhost:PORT"}, id="to a name under localhost"),
    ],
)
def test_a_browsers_request_is_refused(endpoint: str, method: str, headers: dict[str, str]) -> None:
    answer = asked(endpoint, method, headers)
    assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (403, None)


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT"])
def test_a_programs_request_is_answered_and_shared_with_no_origin(endpoint: str, host: str) -> None:
    answer = asked(endpoint, "POST", {"Host": host})
    assert answer.status == 200
    assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []


def test_its_state_is_its_owners_to_read(tmp_path: Path) -> None:
    state = tmp_path / "state"
    during(tmp_path, state, lambda aws: create_resources(TEMPLATE, aws.endpoint))
    kept = [state, *state.rglob("*")]
    assert len(kept) > 1
    assert {path.name: path.stat().st_mode & 0o077 for path in kept} == {path.name: 0 for path in kept}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the list of listening sockets is Linux's")
def test_it_listens_on_loopback_alone(endpoint: str) -> None:
    port = int(endpoint.rpartition(":")[2])
    listening = "0A"
    found = []
    for family in ("tcp", "tcp6"):
        lines = Path(f"/proc/net/{family}").read_text().splitlines()[1:]
        rows = [line.split() for line in lines]
        found += [row[1] for row in rows if row[3] == listening and row[1].endswith(f":{port:04X}")]
    loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
    assert found == [f"{loopback}:{port:04X}"]
