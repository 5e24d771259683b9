"""The table of upstream answers, row by row against real servers, and held in one golden file.

Rule: what a vendor is told, whether a stale page may stand in, and how often the upstream is asked are decisions.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamError, UpstreamUnreachableError

from sandbox.simulator import RunningSimulator
from sandbox.simulator.catalogue import FAULTS as CATALOGUE
from tests.upstream.asking import AMPLE, SCARCE, Authority, MakeUpstream, ask, refusal
from tests.upstream.fault_rows import FAULTS, MAX_BYTES, PAGES, SCRIPTS, SLOW
from tests.upstream.raw_server import Script, raw_server
from tests.upstream.unsent_rows import UNSENT, only_tls_1_1, speak_tls_1_1

ROWS: dict[str, type[UpstreamError]] = {
    **{name: error for error, faults in FAULTS.items() for name in faults},
    **{name: error for error, scripts in SCRIPTS.items() for name in scripts},
    **dict.fromkeys(UNSENT, UpstreamUnreachableError),
}
Row = dict[str, object]


@pytest.fixture(scope="module")
def played() -> dict[str, Row]:
    """Rows that were played already: the golden table need not play them again."""
    return {}


@pytest.fixture
def play(
    played: dict[str, Row], simulator: RunningSimulator, make_upstream: MakeUpstream, authority: Authority
) -> Callable[[str], Row]:
    """Plays a row by its sentence."""

    def play(name: str) -> Row:
        if name in played:
            return played[name]
        if name in UNSENT:
            error, calls = UNSENT[name](make_upstream, authority)
        elif name in SCRIPTS.get(ROWS[name], {}):
            error, calls = refused_by_script(SCRIPTS[ROWS[name]][name], make_upstream)
        else:
            error, calls = refused_by_fault(*FAULTS[ROWS[name]][name], simulator, make_upstream)
        return played.setdefault(name, row(error, calls))

    return play


def row(error: UpstreamError, calls: int) -> Row:
    """What the golden file keeps of an error. `calls`: requests that the server saw."""
    return {
        "error": type(error).__name__,
        "slug": error.slug,
        "status": error.status,
        "calls": calls,
        "attempts": error.attempts,
        "stale_allowed": error.stale_allowed,
        "retry_after": dict(error.headers).get("Retry-After"),
        "upstream_status": error.upstream_status,
    }


def refused_by_script(script: Script, make_upstream: MakeUpstream) -> tuple[UpstreamError, int]:
    with raw_server(script) as server:
        return refusal(make_upstream(server.url)), len(server.requests)


def refused_by_fault(
    fault: str, particulars: dict[str, Any], simulator: RunningSimulator, make_upstream: MakeUpstream
) -> tuple[UpstreamError, int]:
    simulator.control.recording.clear()
    simulator.control.fault(fault, **particulars)
    try:
        upstream = make_upstream(simulator.url, max_bytes=MAX_BYTES)
        return refusal(upstream, SCARCE if fault in SLOW else AMPLE, Secret(simulator.token)), len(simulator.requests)
    finally:
        simulator.control.clear_faults()


@pytest.mark.parametrize("name", ROWS)
def test_each_fault_is_its_row(name: str, play: Callable[[str], Row]) -> None:
    error, seen = ROWS[name], play(name)
    assert seen["error"] == error.__name__
    assert seen["attempts"] == (2 if error.retry_upstream else 1)
    assert seen["calls"] == (0 if name in UNSENT else seen["attempts"])


def test_the_table_is_the_golden_one(play: Callable[[str], Row], golden: Callable[[str, object], None]) -> None:
    golden("upstream_table.json", {name: play(name) for name in sorted(ROWS)})


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_page(name: str, simulator: RunningSimulator, make_upstream: MakeUpstream) -> None:
    fault, particulars = PAGES[name]
    simulator.control.recording.clear()
    simulator.control.fault(fault, times=1, **particulars)
    answer = ask(make_upstream(simulator.url), credential=Secret(simulator.token))
    assert answer.attempts == len(simulator.requests) == 1


def test_every_fault_of_the_simulator_is_in_a_table() -> None:
    played = {fault for faults in [*FAULTS.values(), PAGES] for fault, _ in faults.values()}
    # Any bytes that a test wants; a page that is a bit late.
    assert set(CATALOGUE) - played == {"body", "slow-first-byte"}


def test_the_tls_1_1_row_is_not_for_want_of_a_server_that_speaks_it(authority: Authority) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(authority.bundle)
    with raw_server(lambda _: None, tls=only_tls_1_1(authority)) as server:
        address = ("127.0.0.1", server.port)
        with (
            socket.create_connection(address) as sock,
            speak_tls_1_1(old).wrap_socket(sock, server_hostname=address[0]) as spoken,
        ):
            assert spoken.version() == "TLSv1.1"
