"""One deadline for connecting, TLS, headers and body together, and nothing left running behind it.

Rule: no test here looks at a clock. A server that would go on for minutes sees its client go; had the deadline not
held, the server would have been waited for.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hallpass.adapters.deadline_answer import DeadlineReader
from hallpass.domain.upstream import UpstreamTimeoutError, UpstreamUnreachableError

from tests.upstream.asking import SCARCE, Authority, MakeUpstream, ask, refusal
from tests.upstream.raw_server import Conversation, Script, answering, head, raw_server, whole

LONG = b"<incidents>" + b" " * 100_000 + b"</incidents>"


def drip_head(talk: Conversation) -> None:
    talk.hear()
    talk.drip(head(*(f"X-Field-{number}: value" for number in range(2_000))))


def drip_interim(talk: Conversation) -> None:
    talk.hear()
    talk.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000)


def drip_body(talk: Conversation) -> None:
    talk.hear()
    talk.say(head(f"Content-Length: {len(LONG)}"))
    talk.drip(LONG)


def drip_chunks(talk: Conversation) -> None:
    talk.hear()
    talk.say(head("Transfer-Encoding: chunked"))
    talk.drip(b"1\r\n \r\n" * 20_000)


def drip_chunk_extension(talk: Conversation) -> None:
    talk.hear()
    talk.say(head("Transfer-Encoding: chunked"))
    talk.drip(b"1;" + b"x" * 100_000)


def drip_to_the_end_of_the_connection(talk: Conversation) -> None:
    talk.hear()
    talk.say(head("Connection: close"))
    talk.drip(LONG)


def say_nothing(talk: Conversation) -> None:
    talk.hear()
    talk.await_goodbye()


DRIPS: dict[str, Script] = {
    "no byte comes": say_nothing,
    "the headers drip": drip_head,
    "interim answers drip": drip_interim,
    "the body drips": drip_body,
    "the chunks drip": drip_chunks,
    "a chunk's extension drips": drip_chunk_extension,
    "a body without a length drips": drip_to_the_end_of_the_connection,
}


@pytest.mark.parametrize("secure", [False, True], ids=["over HTTP", "over HTTPS"])
@pytest.mark.parametrize("name", DRIPS)
def test_the_call_ends_at_its_deadline_when(
    name: str, secure: bool, make_upstream: MakeUpstream, authority: Authority
) -> None:
    with raw_server(watched(DRIPS[name]), tls=authority.server() if secure else None) as server:
        upstream = make_upstream(server.url, ca_bundle=str(authority.bundle))
        before = set(threading.enumerate())
        error = refusal(upstream, SCARCE)
        assert {thread.name for thread in threading.enumerate()} <= {thread.name for thread in before} | {"raw-server"}
        assert (type(error), error.attempts) == (UpstreamTimeoutError, 1)
        assert server.saw_goodbye()


def watched(script: Script) -> Script:
    """The script, and the client's goodbye wherever it meets it."""

    def play(talk: Conversation) -> None:
        try:
            script(talk)
        except OSError:
            talk.await_goodbye()

    return play


def test_a_tls_handshake_that_never_ends_is_a_timeout(make_upstream: MakeUpstream, authority: Authority) -> None:
    with raw_server(lambda talk: talk.await_goodbye()) as server:
        upstream = make_upstream(server.url.replace("http:", "https:"), connect_seconds=SCARCE)
        assert isinstance(refusal(upstream), UpstreamTimeoutError)
        assert server.saw_goodbye()


def test_a_tls_handshake_that_drips_is_a_timeout(make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.sock.recv(65536)
        # A handshake record of 16 KB, announced and then dripped.
        talk.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 16_384)

    with raw_server(watched(script)) as server:
        upstream = make_upstream(server.url.replace("http:", "https:"), connect_seconds=SCARCE)
        assert isinstance(refusal(upstream), UpstreamTimeoutError)
        assert server.saw_goodbye()


@contextmanager
def black_hole() -> Iterator[int]:
    """A port whose queue of connections is full: the next one's SYN is dropped."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse what their queue has no room for")
@pytest.mark.parametrize(
    "limits",
    [{"seconds": 30.0, "connect_seconds": SCARCE}, {"seconds": SCARCE, "connect_seconds": 30.0}],
    ids=["the time to connect", "the call's budget"],
)
def test_a_black_hole_is_a_timeout_by(limits: dict[str, float], make_upstream: MakeUpstream) -> None:
    with black_hole() as port:
        upstream = make_upstream(f"http://127.0.0.1:{port}/", connect_seconds=limits["connect_seconds"])
        error = refusal(upstream, limits["seconds"])
        assert (type(error), error.attempts) == (UpstreamTimeoutError, 1)


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_a_budget_nothing_is_asked(seconds: float, make_upstream: MakeUpstream) -> None:
    with raw_server(answering(whole())) as server:
        error = refusal(make_upstream(server.url), seconds)
        assert (type(error), error.attempts, server.connections) == (UpstreamTimeoutError, 0, 0)


def test_a_second_address_is_tried_when_the_first_refuses(
    make_upstream: MakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server(answering(whole())) as server:
        resolve = socket.getaddrinfo

        def two_addresses(host: str, port: int, *arguments: int, **named: int) -> object:
            addresses = resolve(host, port, *arguments, **named)
            dead = [(*parts, ("127.0.0.2", port)) for *parts, _ in addresses] if host == "localhost" else []
            return dead + resolve("127.0.0.1" if host == "localhost" else host, port, *arguments, **named)

        monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
        assert ask(make_upstream(f"http://localhost:{server.port}/")).attempts == 1


def test_a_name_without_an_address_is_unreachable(make_upstream: MakeUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    assert isinstance(refusal(make_upstream("http://localhost/")), UpstreamUnreachableError)


def test_a_read_waits_no_longer_than_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silence just before the deadline does not get the whole time again."""
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb", buffering=0) as stream:
        ours.settimeout(60.0)
        reader = DeadlineReader(ours, stream)
        theirs.sendall(b"a")
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + 59.0)
        assert reader.read(1) == b"a"
        assert (ours.gettimeout() or 60.0) <= 1.0
        reader.close()
