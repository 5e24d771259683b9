"""The recorded events are what the functions would get: of the gateway, payload 2.0 on routes of the template; of the
schedules and of each other, what page_refresh and ledger_index are asked to do. All are plainly invented.

The rule: a request's event is compared with the one that the gateway in front of the sandbox makes of it; what is no
request goes through a real worker.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain.tokens import parse_token

from sandbox import invoke
from sandbox.payload import HttpRequest, event, match
from sandbox.template import Function, Route, read
from tests.deploy import toolchain

EVENTS_FOLDER = toolchain.ROOT / "events"
DEPLOYED = read(toolchain.TEMPLATE, {})
# Documentation addresses (RFC 5737) and Amazon's example account.
SOURCE, ACCOUNT = "192.0.2.", "111122223333"
WITHOUT_TOKEN = {
    "admin-claim-file", "admin-claim-page", "admin-console-file", "admin-console-page", "admin-open-claim",
    "vendor-missing-token",
}  # fmt: skip


def recorded(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


EVENTS = sorted(EVENTS_FOLDER.glob("*.json"))
REQUESTS = [path for path in EVENTS if "routeKey" in recorded(path)]
ORDERS = [path for path in EVENTS if path not in REQUESTS]


def request_of(given: dict[str, Any]) -> HttpRequest:
    """The request that an event tells of, without what the gateway adds."""
    http, query = given["requestContext"]["http"], given["rawQueryString"]
    added = ("content-length", "x-amzn-", "x-forwarded-")
    headers = [(name, value) for name, value in given["headers"].items() if not name.startswith(added)]
    target = f"{given['rawPath']}?{query}" if query else given["rawPath"]
    return HttpRequest(http["method"], target, headers, given.get("body", "").encode(), http["sourceIp"])


def function_of(route: Route) -> Function:
    [found] = [function for function in DEPLOYED.functions if function.logical_id == route.function]
    return found


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
class TestEvent:
    def test_is_what_the_gateway_makes_of_the_request(self, path: Path) -> None:
        given = recorded(path)
        request = request_of(given)
        matched = match(DEPLOYED.routes, request.method, request.path)
        assert matched is not None
        context = given["requestContext"]
        now = datetime.fromtimestamp(context["timeEpoch"] / 1000, UTC)
        made = event(request, matched, context["requestId"], now, given["headers"]["x-amzn-trace-id"])
        # What the place decides, and not the request: the API's ids and the port and scheme it listens on.
        made["requestContext"] |= {name: context[name] for name in ("accountId", "apiId")}
        made["headers"] |= {"x-forwarded-port": "443", "x-forwarded-proto": "https"}
        assert given == made

    def test_goes_to_the_function_that_its_name_begins_with(self, path: Path) -> None:
        [route] = [route for route in DEPLOYED.routes if route.key == recorded(path)["routeKey"]]
        assert function_of(route).code.name == f"{path.stem.partition('-')[0]}_api"

    def test_is_plainly_invented(self, path: Path) -> None:
        given = recorded(path)
        assert given["requestContext"]["accountId"] == ACCOUNT
        assert given["requestContext"]["http"]["sourceIp"].startswith(SOURCE)
        assert given["headers"]["host"].startswith("invented")
        scheme, _, token = given["headers"].get("authorization", "").partition(" ")
        assert (not scheme) == (path.stem in WITHOUT_TOKEN)
        if scheme:
            assert parse_token(token).holder_id == "Invented"


def test_every_route_has_an_event() -> None:
    assert {recorded(path)["routeKey"] for path in REQUESTS} == {route.key for route in DEPLOYED.routes}


def test_what_the_schedules_send_is_recorded() -> None:
    sent = [(DEPLOYED.function(one.function).code.name, json.loads(one.payload)) for one in DEPLOYED.schedules]
    assert sent == [
        ("page_refresh", recorded(EVENTS_FOLDER / "page-refresh-warm.json")),
        ("ledger_index", recorded(EVENTS_FOLDER / "ledger-index.json")),
        ("ledger_index", recorded(EVENTS_FOLDER / "ledger-index-file-again.json")),
        ("ledger_index", recorded(EVENTS_FOLDER / "ledger-index-count-grants.json")),
    ]


@pytest.mark.parametrize("path", ORDERS, ids=lambda path: path.stem)
class TestOrder:
    def test_runs_in_a_worker_over_an_empty_aws(
        self, path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert path.stem.replace("-", "_").startswith(invoke.function_for(DEPLOYED, recorded(path)).code.name)
        assert invoke.main([str(path), "--demo-file", str(tmp_path / "none")]) == 0
        lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith('{"time"')]
        assert [line["record"]["status"] for line in lines if line["type"] == "platform.report"] == ["success"]

    def test_names_no_district_but_the_invented_one(self, path: Path) -> None:
        assert recorded(path).get("district", "Inve") == "Invented"[:4]
