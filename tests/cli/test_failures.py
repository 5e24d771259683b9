"""What goes wrong is one clear message and an exit code: 1 refused, 2 used wrongly, 3 unreachable."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from hallpass_cli.failures import RefusedError

from tests.cli.conftest import SCOPE, Terminal


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["district", "show", "None"], "There is nothing at this address (404)"),
        (["person", "create", "--name=", "--role=operator", "--days=3"], "  name: String should have at least 1"),
        (["person", "create", "--name=Bo", "--role=district-admin", "--days=3"], "  district: is given for"),
    ],
)
def test_a_refusal_prints_title_errors_and_the_request(terminal: Terminal, arguments: list[str], said: str) -> None:
    result = terminal.run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert "Ask about it as urn:hallpass:request:" in result.stderr
    assert "Traceback" not in result.output


def test_a_conflict_says_what_is_in_the_way(terminal: Terminal) -> None:
    integration = terminal.integration(terminal.district())
    for _ in range(2):
        terminal.json("token", "issue", integration, "--days", "30")
    result = terminal.run("token", "issue", integration, "--days", "30")
    assert result.exit_code == 1
    assert "revoke one first" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["token", "issue", "D1stVnd1"], id="no end"),
        pytest.param(["token", "issue", "D1stVnd1", "--days=3", "--expires-at=2026-12-31"], id="two ends"),
        pytest.param(["token", "issue", "D1stVnd1", "--days=401"], id="too many days"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=soon"], id="an end that is none"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=2026-12-31T00:00:00"], id="an end without offset"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=2027-W01-1"], id="a week instead of a day"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=20270101"], id="a day without its hyphens"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=٢٠٢٧-01-01"], id="a day in other digits"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=2027-02-30"], id="a day that is not there"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=9999-12-31"], id="the last day there is"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=20270101T000000Z"], id="a moment run together"),
        pytest.param(["token", "issue", "D1stVnd1", "--expires-at=2027-W01-1T00:00:00Z"], id="a moment of a week"),
        pytest.param(["token", "issue", "../people", "--days=3"], id="an id with a slash"),
        pytest.param(["token", "rotate", "D1stVnd1", "Tok1", "--overlap-days=31"], id="too long an overlap"),
        pytest.param(["district", "show", "D?st"], id="an id with a question mark"),
        pytest.param(["integration", "create", "D1st", *SCOPE[:-2], "--days=3"], id="no school"),
        pytest.param(["integration", "create", "D1st", *SCOPE, "--all-schools"], id="schools and all schools"),
        pytest.param(["integration", "create", "D1st", *SCOPE[:-1]], id="no dates"),
        pytest.param(["integration", "create", "D1st", *SCOPE, "--unbounded"], id="days and no bound"),
        pytest.param(["integration", "create", "D1st", *SCOPE[:-1], "--from=2026-01-01"], id="from without to"),
        pytest.param(["person", "create", "--name=Bo", "--role=superintendent", "--days=3"], id="an unknown role"),
        pytest.param(["nonsense"], id="an unknown command"),
    ],
)
def test_a_wrong_use_is_told_before_anything_is_sent(terminal: Terminal, arguments: list[str]) -> None:
    result = terminal.run(*arguments, HALLPASS_URL="http://127.0.0.1:9")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("disclosures person 0000042", id="a number as the district of a question"),
        pytest.param("disclosures agreements Smith01", id="a name as the district of a register"),
        pytest.param("district status Smith01", id="a name as the district of a look"),
        pytest.param("district show 042", id="a number shorter than an id"),
        pytest.param("district delete 0000042 --confirm 0000042", id="a number as the district to delete"),
        pytest.param("cache purge 0000042 --hard --yes", id="a number as the district to purge"),
        pytest.param("district cache show 0000042", id="a number as the district of a policy"),
        pytest.param("integration list 0000042", id="a number as the district of a list"),
        pytest.param("integration show 0042", id="an integration as wide as a district"),
        pytest.param("token issue 0000042 --expires-at 2026-12-31", id="an integration whose zone would be asked"),
        pytest.param("token rotate 0000042 Tok1 --expires-at 2026-12-31", id="an integration of a rotation"),
        pytest.param("token rotate D1stVnd1 0000042 --expires-at 2026-12-31", id="a token of a rotation"),
        pytest.param("token revoke D1stVnd1 0000042 --yes", id="a token"),
        pytest.param("person revoke Smith01 --yes", id="a person"),
        pytest.param("person create --name Bo --role district-admin --district 0000042 --days 3", id="an officer's"),
        pytest.param("audit search Smith01", id="a name as the district of a search"),
        pytest.param("audit search D1st --integration Smith01", id="an integration of a search"),
        pytest.param("audit search D1st --token 0000042", id="a token of a search"),
        pytest.param("audit search D1st --actor Smith01", id="a person of a search"),
        pytest.param(
            "audit report D1st --from 2026-01-01 --to 2026-01-02 --integration Smith01", id="an integration of a report"
        ),
        pytest.param("doctor --district 0000042", id="a number as the doctor's district"),
    ],
)
def test_what_is_no_id_is_neither_sent_nor_repeated(terminal: Terminal, words: str) -> None:
    with answering(200, b"{}", {}) as asked:
        result = terminal.run(*words.split(), typed="0000042\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert any(told in result.stderr for told in ("An id is letters and digits.", "is an id of 8 letters and digits"))
    assert not [typed for typed in ("42", "Smith01") if typed in result.stderr]
    assert asked == []


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"HALLPASS_TOKEN": None}, "Set HALLPASS_TOKEN"),
        ({"HALLPASS_TOKEN": "a\nb"}, "characters that no token has"),
        ({"HALLPASS_TOKEN": "é"}, "characters that no token has"),
        ({"HALLPASS_URL": None}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "hallpass.example"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "ftp://hallpass.example"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "https://who:what@hallpass.example"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "http://[::1"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "https://[x"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "https://hallpass.example:99999"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "https://hallpass.example:x"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "https://hallpass..example"}, "Set HALLPASS_URL"),
        ({"HALLPASS_URL": "http://hallpass.example"}, "not this machine"),
    ],
)
def test_missing_or_unsafe_settings_are_told(terminal: Terminal, environment: Mapping[str, Any], said: str) -> None:
    result = terminal.run("district", "list", **environment)
    assert result.exit_code == 2
    assert said in result.stderr


def test_nothing_there_is_unreachable(terminal: Terminal) -> None:
    result = terminal.run("district", "list", HALLPASS_URL="http://127.0.0.1:9")
    assert result.exit_code == 3
    assert "Nothing usable answers at http://127.0.0.1:9/admin/v1" in result.stderr


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_sees_nothing(terminal: Terminal, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        named: dict[str, Any] = {name: f"http://127.0.0.1:{proxy.getsockname()[1]}", "no_proxy": None, "NO_PROXY": None}
        # Nobody answers there: a request that goes there waits until it is given up.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("hallpass_cli.api.TIMEOUT_SECONDS", (5.0, 0.5))
            result = terminal.run("district", "list", **named)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert (result.exit_code, result.stdout) == (0, "No districts yet.\n")


@pytest.mark.parametrize("suffix", ["", "/", "/admin/v1", "/admin/v1/"])
def test_the_address_may_be_the_stacks_output_or_its_root(terminal: Terminal, suffix: str) -> None:
    address = str(terminal.environment["HALLPASS_URL"])
    assert terminal.run("district", "list", HALLPASS_URL=address + suffix).exit_code == 0


@contextmanager
def answering(status: int, body: bytes, headers: Mapping[str, str]) -> Iterator[list[str]]:
    """Every request ends in this answer, as a gateway or a captive portal gives it; what was asked for is told."""
    asked: list[str] = []

    def send(_adapter: object, request: requests.PreparedRequest, **_: object) -> requests.Response:
        asked.append(str(request.url))
        answer = requests.Response()
        answer.status_code, answer._content = status, body
        answer.headers.update(headers)
        answer.request, answer.url = request, str(request.url)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.adapters.HTTPAdapter, "send", send)
        yield asked


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (429, b'{"message":"Too Many Requests"}', "Too Many Requests (429)"),
        (503, b'{"message":"Service Unavailable"}', "Service Unavailable (503)"),
        (500, b"<html>oops</html>", "The request was refused (500)"),
        (500, b"[]", "The request was refused (500)"),
        (302, b"", "The request was refused (302)"),
    ],
)
def test_a_gateways_own_answer_is_told(terminal: Terminal, status: int, body: bytes, said: str) -> None:
    with answering(status, body, {"Location": "https://elsewhere.example/"}):
        result = terminal.run("district", "list")
    assert (result.exit_code, said in result.stderr) == (1, True)


def test_what_a_terminal_would_obey_is_told_as_text() -> None:
    problem = {"title": "\x1b[2J", "detail": "d", "errors": [{"name": "n", "detail": "d"}]}
    assert list(RefusedError(400, problem).lines()) == ["\x1b[2J (400)", "d", "  n: d"]


def test_an_escape_in_a_problem_does_not_reach_the_terminal(terminal: Terminal) -> None:
    body = json.dumps({"title": "\x1b[2Jgone"}).encode()
    with answering(400, body, {}):
        assert "\x1b" not in terminal.run("district", "list").output


def test_no_failure_shows_the_token(terminal: Terminal) -> None:
    for arguments in (["district", "show", "None"], ["token", "issue", "D1stVnd1"]):
        assert terminal.office.operator not in terminal.run(*arguments).output


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("integration", "stop", "../x"), id="stop"),
        pytest.param(("integration", "pause", "../x"), id="pause"),
        pytest.param(("integration", "end", "../x"), id="end"),
        pytest.param(("integration", "renew-pseudonyms", "../x"), id="renew"),
        pytest.param(("token", "revoke", "../x", "Tok1"), id="revoke"),
        pytest.param(("person", "revoke", "../x"), id="person"),
    ],
)
def test_an_id_that_is_none_is_told_before_anything_is_asked(terminal: Terminal, words: tuple[str, ...]) -> None:
    refused = terminal.run(*words, typed="y\n")
    assert (refused.exit_code, "?" in refused.stderr) == (2, False)
    assert "An id is letters and digits." in refused.stderr
