"""Neither the upstream's text nor our credential is in what the adapter raises, logs or gives (U-24, U-25)."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator

import pytest
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamError

from sandbox.simulator import RunningSimulator
from tests.upstream.asking import AMPLE, SCARCE, MakeUpstream, ask, refusal
from tests.upstream.fault_rows import FAULTS, MAX_BYTES, SLOW
from tests.upstream.raw_server import Script, head, once, raw_server, whole

CANARY = "CANARY"
CREDENTIAL = Secret("CANARY-credential")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and whatever hangs on it, shown by a traceback or not."""
    while error is not None:
        yield error
        if error.__cause__ is not error.__context__:
            yield from chain(error.__cause__)
        error = error.__context__


def everything_told(error: UpstreamError) -> str:
    told = [repr(link) + str(link) + repr(vars(link)) + repr(link.args) for link in chain(error)]
    return "".join([*told, *traceback.format_exception(error)])


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """Every logger at its most talkative, and the canary in none of its lines."""
    lines, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(lines), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(level)
    root.removeHandler(handler)
    assert CANARY not in lines.getvalue()


CANARY_PAGE = b"<a>CANARY</a>"
SAID: dict[str, Script] = {
    "in a status line": once(b"HTTP/1.1 CANARY\r\n\r\n"),
    "in a reason": once(whole(b"", status="500 CANARY")),
    "in no status line at all": once(b"CANARY\r\n\r\n"),
    "in a protocol's name": once(b"HTTP/CANARY 200 OK\r\n\r\n"),
    "in a header of an error": once(whole(b"", "X-Echo: CANARY", status="401 No")),
    "in a body of an error": once(whole(b"CANARY", status="403 No")),
    "in a header line without a colon": once(head("CANARY", "Content-Length: 3")),
    "in a multipart boundary": once(whole(CANARY_PAGE, "Content-Type: multipart/mixed; boundary=CANARY")),
    "in a Content-Type": once(whole(CANARY_PAGE, "Content-Type: text/CANARY")),
    "in a charset": once(whole(CANARY_PAGE, "Content-Type: text/xml; charset=CANARY")),
    "in a Content-Encoding": once(whole(CANARY_PAGE, "Content-Encoding: CANARY")),
    "in a Content-Length": once(head("Content-Length: CANARY")),
    "in two Content-Lengths": once(head("Content-Length: 1", "Content-Length: CANARY")),
    "in two numbers of Content-Length": once(head("Content-Length: 1, 2", "X: CANARY")),
    "in a Transfer-Encoding": once(head("Transfer-Encoding: CANARY")),
    "in a short body": once(head("Content-Length: 100") + CANARY_PAGE),
    "in a chunk's size": once(head("Transfer-Encoding: chunked") + b"CANARY\r\n"),
    "in a truncated chunk": once(head("Transfer-Encoding: chunked") + b"ff\r\nCANARY"),
    "in what is not gzip": once(whole(CANARY_PAGE, "Content-Encoding: gzip")),
    "in a Location": once(whole(CANARY_PAGE, "Location: https://CANARY.invalid/", status="301 Moved")),
    "in a Retry-After": once(whole(b"", "Retry-After: CANARY", status="429 Slow")),
    "in a Set-Cookie": once(whole(b"", "Set-Cookie: CANARY=CANARY", status="500 No")),
}


@pytest.mark.parametrize("name", SAID)
def test_the_upstreams_text_goes_no_further(name: str, make_upstream: MakeUpstream, log: io.StringIO) -> None:
    with raw_server(SAID[name]) as server:
        assert CANARY not in everything_told(refusal(make_upstream(server.url), credential=CREDENTIAL))
        assert str(server.port) in log.getvalue()


@pytest.mark.parametrize("fault", sorted({fault for faults in FAULTS.values() for fault, _ in faults.values()}))
def test_our_credential_goes_no_further(fault: str, simulator: RunningSimulator, make_upstream: MakeUpstream) -> None:
    """The simulator's echoing faults repeat it."""
    simulator.control.fault(fault)
    try:
        upstream = make_upstream(simulator.url, max_bytes=MAX_BYTES)
        error = refusal(upstream, SCARCE if fault in SLOW else AMPLE, CREDENTIAL)
    finally:
        simulator.control.clear_faults()
    assert CANARY not in everything_told(error)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", f"https://{'n' * 64}.invalid/"], ids=["nobody", "no name"])
def test_our_credential_is_not_in_why_nobody_was_reached(url: str, make_upstream: MakeUpstream) -> None:
    assert CANARY not in everything_told(refusal(make_upstream(url), credential=CREDENTIAL))


def test_a_credential_that_was_not_sent_is_not_told(make_upstream: MakeUpstream) -> None:
    error = refusal(make_upstream("http://127.0.0.1:1/"), credential=Secret("CANARY\r\nCANARY"))
    assert CANARY not in everything_told(error)


def test_a_validator_that_says_the_credential_back_is_not_kept(make_upstream: MakeUpstream) -> None:
    """U-24: what is kept of an answer goes into the cache's items."""
    said = ('ETag: "CANARY-credential"', "Last-Modified: Mon, 02 Mar 2026 15:00:00 GMT", 'ETag: "other"')
    with raw_server(once(whole(b"<a/>", *said))) as server:
        answer = ask(make_upstream(server.url), credential=CREDENTIAL)
    assert answer.headers == (("Last-Modified", "Mon, 02 Mar 2026 15:00:00 GMT"), ("ETag", '"other"'))


def test_a_page_is_given_without_its_headers(make_upstream: MakeUpstream) -> None:
    with raw_server(once(whole(b"<a/>", "X-Echo: CANARY", "Set-Cookie: CANARY=1"))) as server:
        assert CANARY not in repr(ask(make_upstream(server.url), credential=CREDENTIAL))
