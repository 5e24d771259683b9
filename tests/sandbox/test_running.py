"""The whole command, with toy functions: it starts, ships logs, says what is wrong, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import logs
from sandbox.aws import client
from sandbox.loopback import HOST, listen
from sandbox.options import ROOT
from sandbox.running import NotRunningError, Running, running
from tests.sandbox.toy import TOYS

TOY_TEMPLATE = str(TOYS / "template.yaml")
TROUBLE_LOGS = "/aws/lambda/hallpass-sandbox-TroubleFunction"
SMALL = ("--template", TOY_TEMPLATE, "--workers", "1", "--incidents", "10", "--no-demo")


@pytest.fixture(scope="module")
def toys() -> Iterator[Running]:
    with running(*SMALL) as started:
        yield started


def test_routes_reach_the_functions_of_the_template(toys: Running) -> None:
    told = requests.get(f"{toys.url}/v1/x?a=b", timeout=10).json()
    assert told["event"]["rawQueryString"] == "a=b"
    assert told["environment"]["UPSTREAM_URL"] == toys.upstream_url
    assert told["environment"]["PUBLIC_BASE_URL"] == toys.url
    assert told["environment"]["AWS_ENDPOINT_URL"] == toys.aws_endpoint
    assert told["environment"]["AWS_ENDPOINT_URL_LAMBDA"] == toys.demo["lambda_endpoint"]


def lines_of(toys: Running, group: str, words: str) -> list[str]:
    """The log lines with these words, once there are any."""
    cloudwatch = client("logs", toys.aws_endpoint)
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        events = cloudwatch.filter_log_events(logGroupName=group, filterPattern=f'"{words}"')["events"]
        if events:
            return [event.get("message", "") for event in events]
        time.sleep(0.05)
    return []


def test_lambdas_own_lines_arrive_in_the_functions_log_group(toys: Running) -> None:
    request_id = requests.get(f"{toys.url}/v1/y", timeout=10).json()["request_id"]
    lines = [json.loads(line) for line in lines_of(toys, "hallpass-sandbox-EchoLogs", request_id)]
    assert {line["type"] for line in lines} <= {"platform.start", "platform.report"}
    assert lines[0]["record"]["requestId"] == request_id


def test_a_functions_error_is_the_gateways_500_and_a_line_in_its_log_group(toys: Running) -> None:
    answer = requests.get(f"{toys.url}/admin/v1/anything", timeout=10)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    [line] = lines_of(toys, TROUBLE_LOGS, "KeyError")[:1]
    assert json.loads(line)["level"] == "ERROR"


def invoke(endpoint: str, event: dict[str, object]) -> str:
    """The id of an asynchronous invocation of the function of troubles."""
    caller: Any = client("lambda", endpoint)
    name, payload = "hallpass-sandbox-TroubleFunction", json.dumps(event)
    told = caller.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    assert told["StatusCode"] == 202
    request_id: str = told["ResponseMetadata"]["RequestId"]
    return request_id


def test_an_event_that_always_fails_is_tried_again_and_ends_in_the_dead_letter_queue(toys: Running) -> None:
    event: dict[str, object] = {"do": "raise", "text": "nobody waits"}
    request_id = invoke(toys.demo["lambda_endpoint"], event)
    sqs: Any = client("sqs", toys.aws_endpoint)
    url = sqs.get_queue_url(QueueName="hallpass-sandbox-Letters")["QueueUrl"]
    [letter] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=15)["Messages"]
    assert json.loads(letter["Body"]) == event
    told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert told == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "nobody waits"}
    lines = [json.loads(line) for line in lines_of(toys, TROUBLE_LOGS, request_id)]
    assert [line.get("type") for line in lines].count("platform.start") == 2


def test_a_function_invokes_itself_and_does_not_wait(toys: Running) -> None:
    second = json.dumps({"do": "print", "text": json.dumps({"said": "my second turn"})})
    invoke(toys.demo["lambda_endpoint"], {"do": "invoke itself", "payload": second})
    assert lines_of(toys, TROUBLE_LOGS, "my second turn")


def test_the_access_log_has_a_line_for_every_request(toys: Running) -> None:
    request_id = requests.get(f"{toys.url}/v1/z", timeout=10).headers["Apigw-Requestid"]
    [line] = lines_of(toys, "hallpass-sandbox-AccessLogs", request_id)
    assert json.loads(line) == {"requestId": request_id, "route": "$default", "status": 200}


def test_the_log_command_shows_audit_lines_or_with_all_everything(
    toys: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requests.get(f"{toys.url}/admin/v1/anything", timeout=10)
    lines_of(toys, TROUBLE_LOGS, "KeyError")
    demo_file = tmp_path / "demo.json"
    demo_file.write_text(json.dumps(toys.demo))
    assert logs.main(["TroubleFunction", "--demo-file", str(demo_file)]) == 0
    assert capsys.readouterr().out == "", "no audit line"
    assert logs.main(["TroubleFunction", "--all", "--demo-file", str(demo_file)]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "ERROR" in {line.get("level") for line in shown}
    assert logs.main(["TroubleFunction", "--all", "--last", "1", "--demo-file", str(demo_file)]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "platform.report"
    assert logs.main(["Nobody", "--demo-file", str(demo_file)]) == 1
    assert logs.main(["--demo-file", str(tmp_path / "none")]) == 1


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            child = int(status.parent.name)
            found |= {child} | descendants(child)
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run: what ended and only waits for some init to notice does not."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found.add(pid)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the list of processes is Linux's")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 0, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 0, id="a polite end"),
        pytest.param(signal.SIGKILL, -9, id="killed without a word"),
    ],
)
def test_no_child_outlives_the_sandbox(number: signal.Signals, code: int, tmp_path: Path) -> None:
    arguments = [*SMALL, "--port", "0", "--demo-file", str(tmp_path / "demo.json")]
    command = [sys.executable, "-m", "sandbox", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own command
        assert process.stdout is not None
        while process.stdout.readline().strip() != b"Ready.":
            assert process.poll() is None
        children = descendants(process.pid)
        assert len(children) >= 5, "reaper, embedded AWS, simulator and two workers"
        # Nobody waits for it, and its end is not waited for for long.
        invoke(json.loads((tmp_path / "demo.json").read_text())["lambda_endpoint"], {"do": "sleep", "seconds": 60})
        os.kill(process.pid, number)
        assert process.wait(15) == code
        assert (b"events that were not done: 1\n" in process.stdout.read()) == (code == 0)
        give_up = time.monotonic() + 10
        while alive(children) and time.monotonic() < give_up:
            time.sleep(0.02)
        assert alive(children) == set()


def test_it_goes_on_and_ends_well_when_nobody_reads_what_it_says(tmp_path: Path) -> None:
    demo_file = tmp_path / "demo.json"
    command = [sys.executable, "-m", "sandbox", *SMALL, "--port", "0", "--demo-file", str(demo_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own command
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        give_up = time.monotonic() + 30
        while not demo_file.exists() and time.monotonic() < give_up:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert (process.wait(20), process.stderr.read()) == (0, b"")


def test_a_port_in_use_is_one_clear_line() -> None:
    with listen(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotRunningError) as error, running(*SMALL, "--port", str(port)):
            pass
    said = str(error.value).splitlines()[1:]
    assert said == [f"sandbox: port {port} of {HOST} is in use: stop what holds it, or choose --port"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--template", "gone.yaml"], "there is no template at gone.yaml", id="no template"),
        pytest.param(["--upstream", "https://up.invalid/x"], "set HALLPASS_UPSTREAM_TOKEN", id="no upstream token"),
    ],
)
def test_what_cannot_start_says_why_without_a_traceback(arguments: list[str], words: str) -> None:
    with pytest.raises(NotRunningError) as error, running(*SMALL, *arguments):
        pass
    assert words in str(error.value)
    assert "Traceback" not in str(error.value)


def test_a_handler_that_does_not_load_is_named(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Resources:\n"
        "  Broken:\n"
        "    Type: AWS::Serverless::Function\n"
        f"    Properties: {{Handler: app.handler, CodeUri: {TOYS / 'broken'}}}\n"
    )
    with pytest.raises(NotRunningError) as error, running(*SMALL, "--template", str(template)):
        pass
    assert "Broken does not load: " in str(error.value)
    assert "a_module_that_nobody_has" in str(error.value)


def test_missing_packages_are_named() -> None:
    # -S and -I hide the site-packages: what a bare Python would say.
    command = [sys.executable, "-I", "-S", str(ROOT / "sandbox" / "__main__.py")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert told.returncode == 1
    assert told.stderr.startswith("sandbox: not installed in ")
    assert "`make run` installs them" in told.stderr
