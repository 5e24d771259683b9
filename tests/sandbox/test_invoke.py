"""One recorded event through one real worker, without the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox import invoke
from sandbox.options import Options
from sandbox.template import read
from tests.sandbox.toy import TOYS

TOY_TEMPLATE = TOYS / "template.yaml"


def run(event: Any, folder: Path, *arguments: str) -> int:
    path = folder / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    return invoke.main([str(path), "--template", str(TOY_TEMPLATE), "--demo-file", str(folder / "none"), *arguments])


def test_an_event_goes_to_the_function_of_its_route_with_the_token_given(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    event = {"routeKey": "$default", "headers": {"host": "a", "authorization": "Bearer old"}}
    assert run(event, tmp_path, "--token", "hp_live_new") == 0
    out, log = capfd.readouterr()
    told = json.loads(out)
    assert told["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == "hallpass-sandbox-EchoFunction"
    assert told["event"]["headers"] == {"host": "a", "authorization": "Bearer hp_live_new"}
    assert "platform.report" in log


def test_a_handler_that_raises_is_one_line_and_a_code(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    event = {"routeKey": "ANY /admin/v1/{proxy+}", "do": "raise", "text": "nobody home"}
    assert run(event, tmp_path) == 1
    out, log = capfd.readouterr()
    assert out == ""
    assert log.splitlines()[-1] == "LookupError: nobody home"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        pytest.param({"routeKey": "GET /x"}, "it has $default, ANY /admin/v1/{proxy+}", id="a route that is none"),
        pytest.param("{", "Expecting property name", id="an event that is not JSON"),
    ],
)
def test_what_cannot_be_sent_says_why(
    event: Any, words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(event, tmp_path) == 2
    assert words in capfd.readouterr().err


@pytest.mark.parametrize(
    ("parameters", "event", "function"),
    [
        pytest.param({}, {"action": "warm"}, "PageRefreshFunction", id="one schedule's"),
        pytest.param({}, {"action": "index"}, "LedgerIndexFunction", id="another schedule's"),
        pytest.param({}, {"action": "count-grants"}, "LedgerIndexFunction", id="that function's other schedule's"),
        pytest.param({}, {"action": "walk", "district": "Inve"}, "PageRefreshFunction", id="a function's"),
        pytest.param({"WarmCallsPerDistrict": "0"}, {"action": "warm"}, "PageRefreshFunction", id="no schedule's now"),
    ],
)
def test_what_is_no_request_goes_to_whom_it_starts(
    parameters: dict[str, str], event: dict[str, str], function: str
) -> None:
    assert invoke.function_for(read(Options().template, parameters), event).logical_id == function


def test_what_is_no_request_and_starts_nobody_says_so() -> None:
    toys = read(TOY_TEMPLATE, {})
    assert invoke.function_for(toys, {"do": "pid"}).logical_id == "TroubleFunction"
    with pytest.raises(invoke.EventError, match="no routeKey"):
        invoke.function_for(toys, {"action": "warm"})


def test_an_event_without_a_token_stays_as_it_is() -> None:
    event = {"routeKey": "$default"}
    assert invoke.with_token(event, None) == event
    assert invoke.function_for(read(TOY_TEMPLATE, {}), event).logical_id == "EchoFunction"
