"""Every fault on the wire, heard by a client that mends nothing."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from sandbox.simulator import RunningSimulator
from sandbox.simulator.plays import PLAYS
from tests.simulator.raw_socket import End, Heard, RawClient

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def good(simulator: RunningSimulator) -> bytes:
    """The page the faults spoil."""
    with RawClient(simulator) as client:
        client.ask("/public/v1/incidents.xml", "Connection: close")
        body = client.read_to_end().body
    simulator.control.recording.clear()
    return body


def length(heard: Heard) -> int:
    """The (first) Content-Length."""
    match = re.search(rb"Content-Length: (-?\d+)", heard.head)
    assert match
    return int(match[1])


Check = Callable[[Heard, bytes], bool]

ENDS: dict[str, tuple[End, Check]] = {
    "reset-before": ("reset", lambda h, _: h.data == b""),
    "reset-mid-headers": ("reset", lambda h, _: h.data.startswith(OK) and b"\r\n\r\n" not in h.data),
    "reset-mid-body": ("reset", lambda h, good: h.body == good[: len(good) // 2] and length(h) == len(good)),
    "fin-before": ("fin", lambda h, _: h.data == b""),
    "fin-mid-headers": ("fin", lambda h, _: h.data.startswith(OK) and b"\r\n\r\n" not in h.data),
    "fin-mid-body": ("fin", lambda h, good: h.body == good[: len(good) // 2] and length(h) == len(good)),
    "fin-without-length": ("fin", lambda h, good: h.body == good[: len(good) // 2] and b"Length" not in h.head),
    "bad-chunk": ("fin", lambda h, _: b"Transfer-Encoding: chunked" in h.head and b"\r\nzz\r\n" in h.body),
    "truncated-chunk": ("fin", lambda h, _: h.body.endswith(b"\r\nffff\r\nshort")),
    "no-last-chunk": ("fin", lambda h, good: good[: len(good) // 2] in h.body and h.body[-5:] != b"0\r\n\r\n"),
    "two-content-lengths": ("fin", lambda h, good: h.head.count(b"Content-Length") == 2 and h.body == good),
    "negative-content-length": ("fin", lambda h, good: length(h) == -1 and h.body == good),
    "101-switching": ("fin", lambda h, _: h.data.startswith(b"HTTP/1.1 101 ") and h.body == b""),
    "only-100": ("fin", lambda h, _: h.data.startswith(b"HTTP/1.1 100 ") and h.body == b""),
    "garbage-status": ("fin", lambda h, _: h.data.startswith(b"HTTP/9.9 banana split\r\n")),
    "status-999": ("fin", lambda h, good: h.data.startswith(b"HTTP/1.1 999 ") and h.body == good),
    "not-http": ("fin", lambda h, _: h.data == b"SSH-2.0-Simulated_1.0\r\n"),
    "no-headers": ("fin", lambda h, good: h.data == good),
    "close-after-answer": ("fin", lambda h, good: h.body == good and b"Connection: close" not in h.head),
    "endless-body": ("fin", lambda h, _: 99_000 < len(h.body) < 120_000 and b"</incidents>" not in h.body),
}
"""Faults that end the connection: how, and what must have been heard until then."""

KEPT: dict[str, Check] = {
    "slow-first-byte": lambda h, good: h.body == good and length(h) == len(good),
    "drip-headers": lambda h, good: h.body == good and length(h) == len(good),
    "drip-body": lambda h, good: h.body == good and length(h) == len(good),
    "short-content-length": lambda h, good: h.body == good and length(h) == len(good) // 2,
    "two-answers": lambda h, good: h.data.count(OK) == 2 and h.data.count(good) == 2,
    "length-and-chunked": lambda h, good: length(h) == 10 and b"chunked" in h.head and good in h.body,
    "100-continue": lambda h, good: h.data.count(b"HTTP/1.1 100 Continue") == 150 and h.data.endswith(good),
    "102-processing": lambda h, good: h.data.startswith(b"HTTP/1.1 102 ") and h.data.endswith(good),
    "103-early-hints": lambda h, good: h.data.startswith(b"HTTP/1.1 103 ") and h.data.endswith(good),
    "huge-headers": lambda h, good: len(h.head) > 100_000 and h.body == good,
    "many-headers": lambda h, good: h.head.count(b"X-Many-") == 200 and h.body == good,
}
"""Faults that leave the connection open: it answers the next request."""

HUNG = {"silence", "headers-then-silence"}


def test_the_tables_hold_every_play() -> None:
    assert set(PLAYS) == set(ENDS) | set(KEPT) | HUNG


@pytest.mark.parametrize("name", ENDS)
def test_faults_that_end_the_connection(simulator: RunningSimulator, good: bytes, name: str) -> None:
    simulator.control.fault(name, times=1, size=100_000, delay=0.02)
    with RawClient(simulator) as client:
        client.ask()
        heard = client.read_to_end()
    end, check = ENDS[name]
    assert heard.end == end
    assert check(heard, good), heard.data[:300]


@pytest.mark.parametrize("name", KEPT)
def test_faults_that_keep_the_connection(simulator: RunningSimulator, good: bytes, name: str) -> None:
    simulator.control.fault(name, times=1, delay=0.001, chunk=512)
    with RawClient(simulator) as client:
        client.ask()
        client.ask("/next", "Connection: close")
        data = client.read_to_end().data
    spoiled, marker, rest = data.rpartition(b"HTTP/1.1 404 ")
    assert marker, "the next request on the connection was not answered"
    assert rest.endswith(b"Not Found\n")
    assert KEPT[name](Heard(spoiled, "fin"), good), spoiled[:300]


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        pytest.param("silence", b"", id="silence says nothing"),
        pytest.param("slow-first-byte", b"", id="a slow first byte does not come before its time"),
        pytest.param("drip-headers", b"HTTP/1.", id="dripping headers come in pieces"),
    ],
)
def test_waiting_faults_wait(simulator: RunningSimulator, name: str, pieces: bytes) -> None:
    simulator.control.fault(name, times=1, delay=3600.0, chunk=7)
    with RawClient(simulator) as hung, RawClient(simulator) as other:
        hung.ask()
        assert hung.read_exactly(len(pieces)) == pieces
        while not simulator.requests:
            pass
        other.ask("/next", "Connection: close")
        assert other.read_to_end().data.startswith(b"HTTP/1.1 404 ")
        assert hung.hears_nothing()


@pytest.mark.parametrize(("name", "heard"), [("headers-then-silence", 0), ("drip-body", 7)])
def test_bodies_that_stop_behind_the_headers(simulator: RunningSimulator, name: str, heard: int) -> None:
    simulator.control.fault(name, times=1, delay=3600.0, chunk=7)
    with RawClient(simulator) as hung, RawClient(simulator) as other:
        hung.ask()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += hung.read_exactly(1)
        assert hung.read_exactly(heard) == b"<?xml v"[:heard]
        other.ask("/next", "Connection: close")
        assert other.read_to_end().data.startswith(b"HTTP/1.1 404 ")
        assert hung.hears_nothing()


def test_faults_wait_for_their_page_and_their_turn(simulator: RunningSimulator) -> None:
    def statuses(target: str, times: int) -> list[bytes]:
        with RawClient(simulator) as client:
            for index in range(times):
                client.ask(target, *(["Connection: close"] if index == times - 1 else []))
            return re.findall(rb"HTTP/1.1 (\d+)", client.read_to_end().data)

    simulator.control.fault("500", page=2, times=2, skip=1)
    simulator.control.fault("503", times=1)
    path = "/public/v1/incidents.xml"
    assert statuses(f"{path}?page=2", 5) == [b"200", b"500", b"500", b"503", b"200"]
    simulator.control.fault("404")
    assert statuses(path, 3) == [b"404"] * 3
    simulator.control.clear_faults()
    assert statuses(path, 1) == [b"200"]


def test_the_records_of_a_connection_are_in_order(simulator: RunningSimulator) -> None:
    with RawClient(simulator) as client:
        for number in range(1, 4):
            client.ask(f"/public/v1/incidents.xml?page={number}", *(["Connection: close"] if number == 3 else []))
        client.read_to_end()
    pages = [int(request.query["page"]) for request in simulator.requests]
    assert all(later == earlier + 1 for earlier, later in pairwise(pages))
