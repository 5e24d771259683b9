"""Following audit lines: over moto's CloudWatch Logs, and over answers that it would not give."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from hallpass.adapters.audit_log import StdoutAuditLog
from hallpass.domain.audit import AuditRecord, Disclosure
from hallpass_cli import log_events
from hallpass_cli.audit_lines import HEAD, MalformedLineError, Wanted, parse, text
from hallpass_cli.audit_tail import Tail
from hallpass_cli.failures import AwsError
from hallpass_cli.log_events import LogEvent, LogGroup, new_events
from hallpass_cli.main import app
from moto import mock_aws
from typer.testing import CliRunner, Result

from tests.aws_tables import CREDENTIALS
from tests.records import NOW

VENDOR, ADMIN = "stack-VendorApiLogGroup", "stack-AdminApiLogGroup"
START = 1_700_000_000_000


def line(**facts: Any) -> str:
    usual = {
        "level": "INFO", "type": "audit", "time": "2026-03-02T15:00:00.000000Z", "request_id": "r-1",
        "action": "incidents.read", "status": 200, "ms": 12,
        "district": "D1st", "integration": "D1stVnd1", "token": "Tok1",
    }  # fmt: skip
    return json.dumps({**usual, **facts})


@dataclass(slots=True)
class Shelf:
    """CloudWatch Logs as far as it is read; `pages` of as many events, and what is told stays in the order it came."""

    events: list[LogEvent] = field(default_factory=list)
    size: int = 100
    starts: list[int] = field(default_factory=list)

    def put(self, at_ms: int, name: str, message: str = "") -> None:
        self.events.append(LogEvent(at_ms, name, message or line()))

    def filter_log_events(self, *, startTime: int, nextToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's
        self.starts.append(startTime)
        found = sorted((one for one in self.events if one.at_ms >= startTime), key=lambda one: one.at_ms)
        begin = int(nextToken)
        page = found[begin : begin + self.size]
        told = [{"timestamp": one.at_ms, "eventId": one.id, "message": one.message} for one in page]
        more = {"nextToken": str(begin + self.size)} if begin + self.size < len(found) else {}
        return {"events": told, **more}


def names(events: Iterator[LogEvent]) -> list[str]:
    return [event.id for event in events]


def test_every_event_is_told_once_over_pages() -> None:
    shelf = Shelf(size=2)
    for number in range(5):
        shelf.put(START + number, f"e{number}")
    group = LogGroup(shelf, VENDOR, START)
    assert names(group.new()) == ["e0", "e1", "e2", "e3", "e4"]
    assert names(group.new()) == []


@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param(log_events.OVERLAP_MS, ["late"], id="as late as is waited for"),
        pytest.param(log_events.OVERLAP_MS + 1, [], id="later"),
    ],
)
def test_a_late_event_is_told_and_none_twice(before: int, told: list[str]) -> None:
    shelf = Shelf()
    group = LogGroup(shelf, VENDOR, 0)
    shelf.put(START, "first")
    assert names(group.new()) == ["first"]
    shelf.put(START - before, "late")
    assert names(group.new()) == told


def test_nothing_before_the_beginning_is_asked_for() -> None:
    shelf = Shelf()
    group = LogGroup(shelf, VENDOR, START)
    shelf.put(START + 1, "first")
    assert [names(group.new()), names(group.new())] == [["first"], []]
    assert shelf.starts == [START, START]


def test_what_is_remembered_is_of_the_overlap_alone() -> None:
    shelf = Shelf(size=10)
    for number in range(100):
        shelf.put(START + number * log_events.OVERLAP_MS, f"e{number}")
    group = LogGroup(shelf, VENDOR, 0)
    assert len(names(group.new())) == 100
    assert sorted(group._seen) == ["e98", "e99"]


def test_a_burst_is_not_remembered_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_events, "MOST_REMEMBERED", 3)
    shelf = Shelf()
    for number in range(5):
        shelf.put(START, f"e{number}")
    group = LogGroup(shelf, VENDOR, 0)
    names(group.new())
    assert sorted(group._seen) == ["e2", "e3", "e4"]


def test_groups_are_told_together_by_time() -> None:
    one, other = Shelf(), Shelf()
    for at, shelf in enumerate((one, other, one)):
        shelf.put(START + at, f"e{at}")
    assert names(new_events([LogGroup(one, VENDOR, 0), LogGroup(other, ADMIN, 0)])) == ["e0", "e1", "e2"]


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Wanted(), True),
        (Wanted(district="D1st"), True),
        (Wanted(district="D2nd"), False),
        (Wanted(integration="D1stVnd1", action="incidents.read"), True),
        (Wanted(integration="D1stVnd2"), False),
        (Wanted(action="token"), False),
        (Wanted(problem="token-revoked"), False),
        (Wanted(status="200"), True),
        (Wanted(status="2xx"), True),
        (Wanted(status="4xx"), False),
        (Wanted(status="201"), False),
    ],
    ids=str,
)
def test_lines_are_picked(wanted: Wanted, matches: bool) -> None:
    facts = parse(line())
    assert facts is not None
    assert wanted.wants(facts) is matches


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1",
        "{}",
        "[]",
        "7",
        '{"type":"platform.report"}',
        '{"type": ["audit"]}',
        "{" * 5,
        "[" * 100_000,
    ],
)
def test_what_is_no_audit_line_is_passed_over(message: str) -> None:
    assert parse(message) is None


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(line()[:60], id="cut off"),
        pytest.param(line(time="yesterday"), id="no time"),
        pytest.param(line(time=7), id="a number for a time"),
        pytest.param(line(time="0001-01-01T00:00:00+14:00"), id="a time before all times"),
        pytest.param(line(status="200"), id="a text for a status"),
        pytest.param(line(action=None), id="no action"),
        pytest.param('{"type":"audit"}', id="nothing in it"),
    ],
)
def test_what_only_looks_like_an_audit_line_is_told(message: str) -> None:
    with pytest.raises(MalformedLineError):
        parse(message)


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "2026-03-02T15:00:00Z  200  incidents.read            D1st  D1stVnd1  Tok1   12 ms"),
        (
            {"incidents": 3, "persons": 2, "query": "type=minor"},
            "2026-03-02T15:00:00Z  200  incidents.read            D1st  D1stVnd1  Tok1   "
            "3 incidents, 2 persons; query type=minor; 12 ms",
        ),
        (
            {"status": 102, "phase": "begun", "integration": "", "actor": "Person01", "action": "district.delete"},
            "2026-03-02T15:00:00Z  102  district.delete           D1st  Person01  Tok1   begun; 12 ms",
        ),
        (
            {"status": 201, "actor": "Person01", "action": "token.issue"},
            "2026-03-02T15:00:00Z  201  token.issue               D1st  Person01  Tok1   of D1stVnd1; 12 ms",
        ),
        (
            {"problem": "\x1b[31mred\r\n", "district": ["\x07"], "token": None},
            "2026-03-02T15:00:00Z  200  incidents.read            ['\\x07']  D1stVnd1  None   �[31mred��; 12 ms",
        ),
    ],
)
def test_a_line_is_shown_in_visible_characters(facts: dict[str, Any], shown: str) -> None:
    read = parse(line(**facts))
    assert read is not None
    assert text(read) == shown


def test_a_line_as_the_product_writes_it_is_read(capfd: pytest.CaptureFixture[str]) -> None:
    StdoutAuditLog().record(
        AuditRecord(NOW, "r-1", "token", 401, 3, "0.1.0", "192.0.2.7", Disclosure.NONE, problem="token-revoked")
    )
    facts = parse(capfd.readouterr().out)
    assert facts is not None
    assert (
        text(facts) == "2026-03-02T15:00:00Z  401  token                     -     -         -      token-revoked; 3 ms"
    )


def pauses(*happenings: Callable[[], None]) -> Callable[[], None]:
    """What happens in each pause; then Ctrl-C."""
    left = list(happenings)

    def pause() -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    return pause


def test_it_goes_on_until_it_is_ended(capsys: pytest.CaptureFixture[str]) -> None:
    shelf = Shelf()
    shelf.put(START, "e1", line(request_id="first"))
    tail = Tail([LogGroup(shelf, VENDOR, 0)], Wanted(), as_json=True)
    later = pauses(
        lambda: None,
        lambda: shelf.put(START + 5, "e3", line(request_id="third")),
        lambda: shelf.put(START + 4, "e2", line(request_id="second, and late")),
        lambda: shelf.put(START + 6, "e4", '{"type":"audit"'),
    )
    with pytest.raises(KeyboardInterrupt):
        tail.run(once=False, pause=later)
    told = [json.loads(each)["request_id"] for each in capsys.readouterr().out.splitlines()]
    assert (told, tail.unreadable) == (["first", "third", "second, and late"], 1)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("logs")
        for group in (VENDOR, ADMIN):
            client.create_log_group(logGroupName=group)
            client.create_log_stream(logGroupName=group, logStreamName="s")
        yield client


def put(logs: Any, group: str, message: str, ago: timedelta = timedelta()) -> None:
    at = int((datetime.now(UTC) - ago).timestamp() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": at, "message": message}])


def run(*arguments: str, **settings: str | None) -> Result:
    return CliRunner().invoke(app, ["audit", "tail", *arguments], env=settings)


BOTH = (f"--log-group={VENDOR}", f"--log-group={ADMIN}", "--once")


def test_what_there_is_is_shown_of_every_group(logs: Any) -> None:
    put(logs, VENDOR, line(action="incidents.read"), timedelta(minutes=2))
    put(logs, ADMIN, line(action="token.issue"), timedelta(minutes=1))
    put(logs, VENDOR, "END RequestId: 1")
    put(logs, VENDOR, line(action="token"), timedelta(minutes=20))
    put(logs, VENDOR, line()[:70])
    shown = run(*BOTH)
    assert shown.exit_code == 0, shown.output
    assert [each.split()[2] for each in shown.stdout.splitlines()[1:]] == ["incidents.read", "token.issue"]
    assert shown.stdout.splitlines()[0] == HEAD
    assert shown.stderr == "1 audit lines could not be read.\n"
    older = run(*BOTH, "--since=1h", "--json", "--action=token")
    assert [json.loads(each)["action"] for each in older.stdout.splitlines()] == ["token"]


def test_ctrl_c_is_a_good_end(logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(logs, VENDOR, line())
    asked: list[float] = []

    def interrupted(seconds: float) -> None:
        asked.append(seconds)
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    ended = run(f"--log-group={VENDOR}", "--every=7")
    assert (ended.exit_code, len(ended.stdout.splitlines()), asked) == (0, 2, [7])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param([], 2, "--stack, or --log-group", id="no place"),
        pytest.param(["--log-group=none", "--once"], 3, "ResourceNotFoundException", id="a group that is not there"),
        pytest.param([*BOTH, "--since=soon"], 2, "--since", id="a time that is none"),
        pytest.param([*BOTH, "--status=4x"], 2, "--status", id="a class that is none"),
        pytest.param([*BOTH, "--status=999"], 2, "--status", id="a status that is none"),
    ],
)
def test_what_cannot_be_is_told(logs: Any, arguments: list[str], code: int, said: str) -> None:
    refused = run(*arguments)
    assert (refused.exit_code, said in refused.stderr, refused.stdout.replace(HEAD, "").strip()) == (code, True, "")


def test_what_knows_no_stacks_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoStacks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b'{"not": "xml"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with HTTPServer(("127.0.0.1", 0), NoStacks) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        done = CliRunner().invoke(app, ["audit", "tail", "--stack", "hallpass", "--once"])
        server.shutdown()
        thread.join()
    assert done.exit_code == AwsError.exit_code
    assert "it knows no stacks. Name a log group with --log-group." in done.output.replace("\n", " ")
