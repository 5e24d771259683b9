"""The table out of reach: reads answer None, writes False, the operator's metric counts, nothing is raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from hallpass.adapters import aws_clients
from hallpass.adapters.dynamodb_pages import CALL_SECONDS, DynamoDbPageStore
from hallpass.domain.pages import Found

from tests.store.conftest import Bench
from tests.store.material import ACCOUNT, DISTRICT, LISTING, a_representation, arrive, later
from tests.store.wire import Fault, answer_with, fail, refuse

URL = "https://dynamodb.invalid"
ARRIVAL = arrive()
REPRESENTATION, PACKED = a_representation()

FAULTS = {
    "D-01 throughput exceeded": refuse(400, "ProvisionedThroughputExceededException"),
    "D-01 throttled": refuse(400, "ThrottlingException"),
    "D-01 request limit exceeded": refuse(400, "RequestLimitExceeded"),
    "D-02 internal error": refuse(500, "InternalServerError"),
    "D-02 service unavailable": refuse(503, "ServiceUnavailable"),
    "D-03 connect timeout": fail(ConnectTimeoutError(endpoint_url=URL)),
    "D-03 read timeout": fail(ReadTimeoutError(endpoint_url=URL)),
    "D-04 no connection": fail(EndpointConnectionError(endpoint_url=URL)),
    "D-04 no TLS": fail(SSLError(endpoint_url=URL, error=OSError())),
    "D-04 answer cut short": fail(IncompleteReadError(actual_bytes=1, expected_bytes=2)),
    "D-05 access denied": refuse(400, "AccessDeniedException"),
    "D-05 no such table": refuse(400, "ResourceNotFoundException"),
    "D-05 refused as invalid": refuse(400, "ValidationException"),
    "D-05 key disabled": refuse(400, "KMSDisabledException"),
    "D-05 no credentials": fail(NoCredentialsError()),
    "an unknown error": refuse(418, "InventedException"),
}

Call = Callable[[DynamoDbPageStore], object]
CALLS: dict[str, tuple[Call, object]] = {
    "find_page": (lambda store: store.find_page(LISTING, 1), Found(None, None)),
    "find_representation": (lambda store: store.find_representation(DISTRICT, REPRESENTATION.stored.name), None),
    "read": (lambda store: store.read(ARRIVAL.page.raw), None),
    "refused_at": (lambda store: store.refused_at(ACCOUNT), None),
    "save_page": (
        lambda store: store.save_page(LISTING, ARRIVAL.page, ARRIVAL.packed_raw, ARRIVAL.packed_model),
        False,
    ),
    "save_representation": (lambda store: store.save_representation(REPRESENTATION, PACKED), False),
    "note_refusal": (lambda store: store.note_refusal(ACCOUNT, later(minutes=1)), None),
}


def fill(bench: Bench) -> None:
    assert bench.store.save_page(LISTING, ARRIVAL.page, ARRIVAL.packed_raw, ARRIVAL.packed_model)
    assert bench.store.save_representation(REPRESENTATION, PACKED)
    bench.store.note_refusal(ACCOUNT, later(minutes=1))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_table_out_of_reach_is_a_miss_in_every_call(moto_bench: Bench, fault: Fault) -> None:
    fill(moto_bench)
    with moto_bench.wire.failing(fault):
        answers = {name: call(moto_bench.store) for name, (call, _) in CALLS.items()}
    assert answers == {name: miss for name, (_, miss) in CALLS.items()}
    assert moto_bench.telemetry.counts == {"CacheUnavailable": len(CALLS)}
    assert moto_bench.telemetry.crashes == []


@pytest.mark.parametrize("last", range(9), ids=lambda last: f"from call {last + 1} on")
def test_a_save_that_loses_the_table_half_way_did_not_hold(moto_bench: Bench, last: int) -> None:
    left = iter(range(last))
    gone = refuse(500, "InternalServerError")

    def fault(operation: str, request: Any) -> Any:
        return gone(operation, request) if next(left, None) is None else None

    with moto_bench.wire.failing(fault):
        assert not CALLS["save_page"][0](moto_bench.store)
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}


def test_a_page_out_of_reach_does_not_hide_its_snapshot(moto_bench: Bench) -> None:
    fill(moto_bench)
    left = iter(range(1))
    gone = refuse(500, "InternalServerError")
    with moto_bench.wire.failing(lambda *call: gone(*call) if next(left, None) is None else None):
        assert moto_bench.store.find_page(LISTING, 1) == Found(ARRIVAL.page.snapshot, None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>invented</html>", id="no JSON"),
        pytest.param(b'"text"', id="a JSON string"),
        pytest.param(b"[]", id="a JSON list"),
        pytest.param(b"null", id="JSON null"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b'{"Item":{}}', id="an empty item"),
        pytest.param(b'{"Item":7,"Responses":7,"UnprocessedItems":7}', id="numbers for objects"),
        pytest.param(b'{"Item":{"schema":7},"Responses":{"pages":7}}', id="numbers for attributes"),
        pytest.param(b'{"Item":{"schema":{"N":"x"}}}', id="a number that is none"),
        pytest.param(b'{"Item":{"schema":{"N":"%s"}}}' % (b"1" * 60), id="a number that is too long"),
        pytest.param(b'{"Item":{"schema":{"N":"Infinity"}}}', id="infinity"),
        pytest.param(b'{"Item":{"schema":{"B":"*"}}}', id="binary that is no base64"),
        pytest.param(b'{"Item":{"schema":{"Q":"1"}}}', id="an unknown type"),
    ],
)
def test_an_answer_that_is_none_is_a_miss_in_every_read(moto_bench: Bench, body: bytes) -> None:
    with moto_bench.wire.failing(answer_with(body)):
        answers = {name: CALLS[name][0](moto_bench.store) for name in list(CALLS)[:4]}
    assert answers == {name: miss for name, (_, miss) in list(CALLS.items())[:4]}


def test_a_client_never_waits_longer_than_a_request_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config: Any = aws_clients.client("dynamodb").meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.5, 1.0)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}


def test_a_store_without_time_for_a_call_is_as_if_unreachable(moto_bench: Bench) -> None:
    """D-03: what a slow table may cost is bounded by what the request has left."""
    fill(moto_bench)
    moto_bench.wire.clear()
    hurried = moto_bench.store.within(lambda: CALL_SECONDS - 0.1)
    assert {name: call(hurried) for name, (call, _) in CALLS.items()} == {
        name: miss for name, (_, miss) in CALLS.items()
    }
    assert moto_bench.wire.operations == []


@pytest.mark.parametrize("calls", [0, 1, 3, 8])
def test_a_save_ends_when_the_time_does(moto_bench: Bench, calls: int) -> None:
    left = iter([CALL_SECONDS] * calls)
    hurried = moto_bench.store.within(lambda: next(left, 0.0))
    assert not CALLS["save_page"][0](hurried)
    assert len(moto_bench.wire.operations) == calls
