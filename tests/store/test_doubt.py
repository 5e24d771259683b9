"""The table out of reach: every call of every store is its miss, the operator's metric counts, nothing is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from hallpass.adapters import aws_clients
from hallpass.adapters.pages_table import CALL_SECONDS
from hallpass.adapters.walk_items import unreadable_walk
from hallpass.domain.arrival import Arrival
from hallpass.domain.health import Health
from hallpass.domain.leases import Granted, Pointer, Slot, Unknown
from hallpass.domain.pages import StoredPage
from hallpass.page_ports import AccountStore, PageStore, WalkStore

from tests.store.conftest import Bench
from tests.store.material import (
    ACCOUNT,
    DISTRICT,
    FIRST,
    LATER,
    LISTING,
    NOW,
    a_representation,
    a_walk,
    arrive,
    later,
)
from tests.store.wire import Fault, answer_with, fail, refuse

URL = "https://dynamodb.invalid"
ARRIVAL = arrive()
REPRESENTATION, PACKED = a_representation()
WALKER, OWNER = "D1stV001Tok1", "0badcafe"

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

Call = Callable[[Bench], object]
READS: dict[str, tuple[Call, object]] = {
    "find_page": (lambda bench: bench.pages.find_page(LISTING, FIRST, 1), None),
    "find_representation": (lambda bench: bench.pages.find_representation(DISTRICT, REPRESENTATION.stored.name), None),
    "read": (lambda bench: bench.pages.read(ARRIVAL.page.raw), None),
    "pointer": (lambda bench: bench.walks.pointer(LISTING), None),
    "find_walk": (lambda bench: bench.walks.find_walk(LISTING, FIRST), None),
    "pin": (lambda bench: bench.walks.pin(LISTING, WALKER), None),
    "busy": (lambda bench: bench.walks.busy(ACCOUNT), []),
    "health": (lambda bench: bench.accounts.health(ACCOUNT), None),
}
WRITES: dict[str, tuple[Call, object]] = {
    "save_page": (lambda bench: _save(bench, ARRIVAL), None),
    "reuse_page": (lambda bench: bench.pages.reuse_page(LISTING, ARRIVAL.page), None),
    "restore": (lambda bench: bench.pages.restore(ARRIVAL.page, ARRIVAL.packed_raw, ARRIVAL.packed_model), False),
    "save_representation": (lambda bench: bench.pages.save_representation(REPRESENTATION, PACKED), False),
    "take": (lambda bench: bench.walks.take(LISTING, Slot.WALK, Pointer(), OWNER), Unknown()),
    "publish": (lambda bench: bench.walks.publish(LISTING, Slot.PAGE, Granted(OWNER, 1), LATER), False),
    "release": (lambda bench: bench.walks.release(LISTING, Slot.PAGE, OWNER), None),
    "withdraw": (lambda bench: bench.walks.withdraw(LISTING, FIRST), None),
    "note_use": (lambda bench: bench.walks.note_use(LISTING, Pointer(), walked=True), None),
    "save_walk": (lambda bench: bench.walks.save_walk(LISTING, a_walk(step=1)), False),
    "begin_walk": (lambda bench: bench.walks.save_walk(LISTING, a_walk(snapshot=LATER)), False),
    "save_pin": (lambda bench: bench.walks.save_pin(LISTING, WALKER, LATER), False),
    "take_probe": (lambda bench: bench.accounts.take_probe(ACCOUNT, 1, later(seconds=30), NOW), False),
    "note_refusal": (lambda bench: bench.accounts.note_refusal(ACCOUNT, NOW), None),
    "note_fault": (lambda bench: bench.accounts.note_fault(ACCOUNT, "upstream-error", NOW, NOW), None),
    "note_success": (lambda bench: bench.accounts.note_success(ACCOUNT), None),
    "take_seat": (lambda bench: bench.accounts.take_seat(ACCOUNT, 1, later(seconds=30), NOW), None),
    "leave_seat": (lambda bench: bench.accounts.leave_seat(ACCOUNT, 0), None),
}
CALLS = READS | WRITES
MISSES = {name: miss for name, (_, miss) in CALLS.items()}
SAVE_CALLS = 8


def _save(bench: Bench, arrival: Arrival) -> StoredPage | None:
    return bench.pages.save_page(LISTING, arrival.page, arrival.packed_raw, arrival.packed_model)


def fill(bench: Bench) -> None:
    """Everything is there that a call could find."""
    assert _save(bench, ARRIVAL)
    assert bench.pages.save_representation(REPRESENTATION, PACKED)
    turn = bench.walks.take(LISTING, Slot.PAGE, Pointer(), OWNER)
    assert isinstance(turn, Granted)
    bench.walks.note_use(LISTING, Pointer(), walked=True)
    assert bench.walks.publish(LISTING, Slot.PAGE, turn, FIRST)
    assert isinstance(bench.walks.take(LISTING, Slot.PAGE, Pointer(FIRST, turn.fence), OWNER), Granted)
    assert bench.walks.save_walk(LISTING, a_walk())
    bench.walks.save_pin(LISTING, WALKER, FIRST)
    bench.accounts.note_fault(ACCOUNT, "upstream-error", NOW, None)
    assert bench.accounts.take_seat(ACCOUNT, 0, later(seconds=30), NOW)


def answers(bench: Bench, calls: Mapping[str, tuple[Call, object]] = CALLS) -> dict[str, object]:
    return {name: call(bench) for name, (call, _) in calls.items()}


def test_every_call_of_every_store_stands_here() -> None:
    ports = (PageStore, WalkStore, AccountStore)
    declared = {name for port in ports for name in vars(port) if not name.startswith("_")} - {"within"}
    assert declared == set(CALLS) - {"begin_walk"}


def test_without_a_fault_no_call_is_a_miss(moto_bench: Bench) -> None:
    """Else the tests below could not fail."""
    fill(moto_bench)
    silent = {name for name, (_, miss) in WRITES.items() if miss is None} - {"save_page", "reuse_page", "take_seat"}
    given = answers(moto_bench)
    assert {name for name, answer in given.items() if answer == MISSES[name]} == silent


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_table_out_of_reach_is_a_miss_in_every_call(moto_bench: Bench, fault: Fault) -> None:
    fill(moto_bench)
    with moto_bench.wire.failing(fault):
        assert answers(moto_bench) == MISSES
    assert moto_bench.telemetry.counts == {"CacheUnavailable": len(CALLS)}
    assert moto_bench.telemetry.crashes == []


@pytest.mark.parametrize("last", range(SAVE_CALLS), ids=lambda last: f"from call {last + 1} on")
def test_a_save_that_loses_the_table_half_way_did_not_hold(moto_bench: Bench, last: int) -> None:
    left = iter(range(last))
    gone = refuse(500, "InternalServerError")

    def fault(operation: str, request: Any) -> Any:
        return gone(operation, request) if next(left, None) is None else None

    with moto_bench.wire.failing(fault):
        assert _save(moto_bench, ARRIVAL) is None
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}


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
        given = answers(moto_bench, READS)
    # An answer without an item is one: there is nothing of that listing, or account. Nothing vouches for a broken walk.
    allowed = {"pointer": Pointer(), "pin": "", "health": Health(), "find_walk": unreadable_walk(FIRST, NOW)}
    assert [name for name, answer in given.items() if answer not in (MISSES[name], allowed.get(name))] == []


def test_a_client_never_waits_longer_than_a_request_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config: Any = aws_clients.client("dynamodb").meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.5, 1.0)
    assert config.retries == {"mode": "standard", "total_max_attempts": 2}


def test_a_store_without_time_for_a_call_is_as_if_unreachable(moto_bench: Bench) -> None:
    """D-03: what a slow table may cost is bounded by what the request has left."""
    fill(moto_bench)
    moto_bench.wire.clear()
    assert answers(moto_bench.hurried(lambda: CALL_SECONDS - 0.1)) == MISSES
    assert moto_bench.wire.operations == []


@pytest.mark.parametrize("name", CALLS)
def test_no_call_starts_what_could_outlast_the_request(moto_bench: Bench, name: str) -> None:
    """D-03: each try of a table that hangs takes as long as the client allows, and no more is begun without as much."""
    fill(moto_bench)
    left = [10.0]

    def hang(_: str, __: AWSPreparedRequest) -> None:
        left[0] -= CALL_SECONDS
        raise ReadTimeoutError(endpoint_url=URL)

    hurried = moto_bench.hurried(lambda: left[0])
    with moto_bench.wire.failing(hang):
        for _ in range(5):
            assert CALLS[name][0](hurried) == MISSES[name]
    assert left == [0.0]


@pytest.mark.parametrize("store", ["pages", "walks", "accounts"])
def test_a_store_for_a_request_has_the_requests_time(moto_bench: Bench, store: str) -> None:
    fill(moto_bench)
    hurried = getattr(moto_bench, store).within(lambda: 0.0)
    reads: dict[str, Callable[[], object]] = {
        "pages": lambda: hurried.find_page(LISTING, FIRST, 1),
        "walks": lambda: hurried.pointer(LISTING),
        "accounts": lambda: hurried.health(ACCOUNT),
    }
    assert reads[store]() is None
    assert moto_bench.telemetry.counts == {"CacheUnavailable": 1}


@pytest.mark.parametrize("calls", range(SAVE_CALLS))
def test_a_save_ends_when_the_time_does(moto_bench: Bench, calls: int) -> None:
    left = iter([CALL_SECONDS] * calls)
    assert _save(moto_bench.hurried(lambda: next(left, 0.0)), ARRIVAL) is None
    assert len(moto_bench.wire.operations) == calls
