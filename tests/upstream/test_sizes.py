"""The cap on a page, decoded and on the wire, to the byte."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable

import pytest
from hallpass.domain.upstream import UpstreamInvalidError

from tests.upstream.asking import MakeUpstream, ask, refusal
from tests.upstream.raw_server import Conversation, head, once, raw_server, whole

CAP = 100_000
FULL = b"<a>" + b" " * (CAP - 7) + b"</a>"
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": whole,
    "gzip": lambda body: whole(gzip.compress(body), "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_of_the_cap_is_a_page(coding: str, make_upstream: MakeUpstream) -> None:
    with raw_server(once(CODINGS[coding](FULL))) as server:
        assert ask(make_upstream(server.url, max_bytes=CAP)).body == FULL


@pytest.mark.parametrize("coding", CODINGS)
def test_a_byte_more_is_none(coding: str, make_upstream: MakeUpstream) -> None:
    with raw_server(once(CODINGS[coding](FULL + b" "))) as server:
        error = refusal(make_upstream(server.url, max_bytes=CAP))
        assert (type(error), error.upstream_status, error.attempts) == (UpstreamInvalidError, 200, 1)


def test_a_bomb_takes_no_more_memory_than_the_cap(make_upstream: MakeUpstream) -> None:
    """U-18: 200 MB of spaces are 200 KB of gzip."""
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    with raw_server(once(whole(bomb, "Content-Encoding: gzip"))) as server:
        upstream = make_upstream(server.url, max_bytes=1_000_000)
        tracemalloc.start()
        try:
            assert isinstance(refusal(upstream), UpstreamInvalidError)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 4_000_000


ENDLESS = {
    "a body without a length": head("Connection: close"),
    "a body of 99 GB": head("Content-Length: 99000000000"),
    "chunks": head("Transfer-Encoding: chunked") + b"ffffffffff\r\n",
    "a chunk of negative size": head("Transfer-Encoding: chunked") + b"-1\r\n",
    "stored blocks of gzip": head("Content-Encoding: gzip") + bytes.fromhex("1f8b08000000000000ff"),
    "interim answers": b"",
}
PIECES = {"stored blocks of gzip": b"\x00\x00\x00\xff\xff" * 1000, "interim answers": b"HTTP/1.1 100 \r\n\r\n" * 1000}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_left_at_the_cap(name: str, make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(ENDLESS[name])
        try:
            while True:
                talk.say(PIECES.get(name, b" " * 10_000))
        except OSError:
            talk.await_goodbye()

    with raw_server(script) as server:
        error = refusal(make_upstream(server.url, max_bytes=CAP))
        assert (type(error), error.attempts) == (UpstreamInvalidError, 1)
        assert server.saw_goodbye()
