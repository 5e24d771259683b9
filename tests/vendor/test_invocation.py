"""What a record says of the invocation that it is of: trace, the function's request id, the container's first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hallpass.adapters.api_gateway import request_of
from hallpass.adapters.container import Container

from sandbox.simulator import Settings
from tests.vendor.deployed import Deployed, Remaining, deployed

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
PLATFORM = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
OURS = "5759e988bd862e3fe1be46a994272793"


@pytest.fixture
def house() -> Iterator[Deployed]:
    with deployed(Settings(incidents=4)) as running:
        yield running


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The audit lines since the last look."""
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in told if line.get("type") == "audit"]


def test_a_record_names_trace_and_invocation(house: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    house.call("/v1/health", headers={"Traceparent": PARENT})
    [line] = lines(capsys)
    assert (line["trace"], line["invocation"]) == (TRACE, Remaining.aws_request_id)


def test_only_the_first_request_of_a_container_is_cold(house: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    house.call("/v1/health")
    house.call("/v1/health")
    assert [line.get("cold") for line in lines(capsys)] == [1, None]
    house.restart()
    house.call("/v1/nowhere")
    assert [line.get("cold") for line in lines(capsys)] == [1]


def test_of_many_first_requests_one_is_the_first() -> None:
    container, start = Container(), Barrier(8)

    def ask(_: int) -> bool:
        start.wait()
        return container.is_new()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(8))) == [False] * 7 + [True]


SOURCES = {
    "the client's": ({"traceparent": PARENT}, PLATFORM, TRACE),
    "the runtime's": ({"x-amzn-trace-id": "Root=1-00000000-" + "b" * 24}, PLATFORM, OURS),
    "the gateway's": ({"x-amzn-trace-id": PLATFORM}, "", OURS),
    "none": ({}, "", None),
    "none that a client makes up": ({"traceparent": "drop table", "x-amzn-trace-id": "Root=me"}, "", None),
}


@pytest.mark.parametrize(("headers", "runtime", "trace"), SOURCES.values(), ids=SOURCES)
def test_a_trace_is(headers: dict[str, str], runtime: str, trace: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", runtime)
    assert request_of({"headers": headers}, Remaining()).trace == trace


class Elsewhere(Remaining):
    aws_request_id = "an id\nthat Lambda never gives"


def test_an_invocation_that_is_not_spelt_as_lambdas_is_left_out() -> None:
    assert request_of({}, Elsewhere()).invocation is None
