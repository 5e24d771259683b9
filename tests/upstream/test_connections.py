"""What becomes of a connection: kept behind a whole page, closed behind anything else, replaced when it went stale."""

from __future__ import annotations

import gzip
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hallpass.adapters.requests_upstream import RequestsUpstream
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.scope import IncidentType
from hallpass.domain.secret import Secret
from hallpass.domain.upstream import UpstreamFailedError, UpstreamResetError

from sandbox.simulator import RunningSimulator
from tests.upstream.asking import AMPLE, Authority, MakeUpstream, ask, refusal
from tests.upstream.raw_server import PAGE, Conversation, RawServer, answering, head, raw_server, whole

OTHER_PAGE = PAGE.replace(b'count="0"', b'count="1"')
CHUNKED_PAGE = head("Transfer-Encoding: chunked") + f"{len(PAGE):x}\r\n".encode() + PAGE + b"\r\n0\r\n\r\n"

KEPT = {
    "a page of known length": whole(),
    "a page in chunks": CHUNKED_PAGE,
    "a page in gzip": whole(gzip.compress(PAGE), "Content-Encoding: gzip"),
    "a page behind 100 Continue": b"HTTP/1.1 100 Continue\r\n\r\n" + whole(),
    "a page in a vendor's XML type": whole(PAGE, "Content-Type: application/vnd.invented+xml; charset=UTF-8"),
}
CLOSED = {
    "an error": whole(b"no", status="404 Not Found"),
    "an error without a body": whole(b"", status="429 Too Many Requests"),
    "204": head(status="204 No Content"),
    "a redirect with a page": whole(PAGE, "Location: /elsewhere", status="302 Found"),
    "HTML": whole(b"<p/>", "Content-Type: text/html"),
    "whole gzip with a tail inside the body": whole(gzip.compress(PAGE) + b"tail", "Content-Encoding: gzip"),
    "truncated gzip of known length": whole(gzip.compress(PAGE)[:-4], "Content-Encoding: gzip"),
    "both framings": head("Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n",
    "an early hint, with a page behind it": b"HTTP/1.1 103 Early Hints\r\n\r\n" + whole(),
}


@pytest.mark.parametrize("secure", [False, True], ids=["over HTTP", "over HTTPS"])
@pytest.mark.parametrize("name", KEPT)
def test_the_connection_is_kept_behind(
    name: str, secure: bool, make_upstream: MakeUpstream, authority: Authority
) -> None:
    script = answering(KEPT[name], whole(OTHER_PAGE))
    with raw_server(script, tls=authority.server() if secure else None) as server:
        upstream = make_upstream(server.url, ca_bundle=str(authority.bundle))
        assert [ask(upstream).body for _ in range(2)] == [PAGE, OTHER_PAGE]
        assert server.connections == 1


@pytest.mark.parametrize("name", CLOSED)
def test_the_connection_is_closed_behind(name: str, make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(CLOSED[name] if talk.number == 1 else whole())
        talk.await_goodbye()

    with raw_server(script) as server:
        upstream = make_upstream(server.url)
        refusal(upstream)
        assert server.saw_goodbye()
        assert ask(upstream).body == PAGE
        assert server.connections == 2


def full_buffer() -> bytes:
    """An answer as long as one read: what follows it waits in the socket or, decrypted, inside TLS."""
    room = io.DEFAULT_BUFFER_SIZE - len(whole(bytes(io.DEFAULT_BUFFER_SIZE // 2))) + io.DEFAULT_BUFFER_SIZE // 2
    answer = whole(PAGE.ljust(room))
    assert len(answer) == io.DEFAULT_BUFFER_SIZE
    return answer


SURPLUS = {
    "a second answer behind the page": whole() + whole(OTHER_PAGE),
    "bytes behind Content-Length": head(f"Content-Length: {len(PAGE)}") + PAGE + whole(OTHER_PAGE),
    "bytes behind the last chunk": CHUNKED_PAGE + whole(OTHER_PAGE),
    "another answer's first byte": whole() + b"H",
    "what follows a page that fills the buffer": full_buffer() + whole(OTHER_PAGE),
}


@pytest.mark.parametrize("secure", [False, True], ids=["over HTTP", "over HTTPS"])
@pytest.mark.parametrize("name", SURPLUS)
def test_the_next_call_is_not_answered_by(
    name: str, secure: bool, make_upstream: MakeUpstream, authority: Authority
) -> None:
    """U-08: with what came behind an answer in hand, the connection is out of step and is not used again."""

    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(SURPLUS[name] if talk.number == 1 else whole())
        talk.await_goodbye()

    with raw_server(script, tls=authority.server() if secure else None) as server:
        upstream = make_upstream(server.url, ca_bundle=str(authority.bundle))
        answers = [ask(upstream) for _ in range(2)]
        assert [(answer.body.rstrip(), answer.attempts) for answer in answers] == [(PAGE, 1), (PAGE, 1)]
        assert server.connections == 2


def used_connection(upstream: RequestsUpstream, server: RawServer) -> None:
    ask(upstream)
    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_replaced_unseen(make_upstream: MakeUpstream) -> None:
    """U-22, as after a frozen container: the end came while nobody looked."""

    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(whole())

    with raw_server(script) as server:
        upstream = make_upstream(server.url)
        used_connection(upstream, server)
        for thread in server.threads:
            thread.join()
        assert ask(upstream).attempts == 1
        assert server.connections == 2


@pytest.mark.parametrize("reset", [False, True], ids=["an end", "a reset"])
def test_a_connection_that_ends_under_the_request_is_replaced_once(reset: bool, make_upstream: MakeUpstream) -> None:
    """U-22: the race between our request and the server's end. It costs no retry and no wait."""

    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(whole())
        if talk.number == 1:
            talk.hear()
            if reset:
                talk.reset()
            return
        talk.await_goodbye()

    with raw_server(script) as server:
        upstream = make_upstream(server.url)
        used_connection(upstream, server)
        assert ask(upstream).attempts == 2
        assert (server.connections, len(server.requests)) == (2, 3)


def test_behind_a_stale_connection_the_table_still_gives_its_one_retry(make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        if talk.number == 1:
            talk.say(whole())
            talk.hear()
        else:
            talk.say(whole(b"", status="503 Busy"))

    with raw_server(script) as server:
        upstream = make_upstream(server.url)
        used_connection(upstream, server)
        error = refusal(upstream)
        assert (type(error), error.attempts) == (UpstreamFailedError, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems lose with an RST what came before it")
@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 200 OK\r\n", head("Content-Length: 100")], ids=["inside the headers", "behind the headers"]
)
def test_a_reset_of_a_used_connection_is_a_plain_reset(said: bytes, make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        if talk.number == 1:
            talk.say(whole())
            talk.hear()
        talk.say(said)
        talk.reset()

    with raw_server(script) as server:
        upstream = make_upstream(server.url)
        used_connection(upstream, server)
        error = refusal(upstream)
        assert (type(error), error.attempts) == (UpstreamResetError, 2)


def test_a_new_connection_is_not_stale_for_what_came_before_it(make_upstream: MakeUpstream) -> None:
    def script(talk: Conversation) -> None:
        talk.hear()
        if talk.number == 1:
            talk.say(whole(b"", status="404 Not Found"))

    with raw_server(script) as server:
        upstream = make_upstream(server.url)
        assert refusal(upstream).attempts == 1
        error = refusal(upstream)
        assert (type(error), error.attempts) == (UpstreamResetError, 2)


def test_threads_that_share_an_upstream_get_each_their_own_page(
    simulator: RunningSimulator, make_upstream: MakeUpstream
) -> None:
    upstream = make_upstream(simulator.url)
    queries = [UpstreamQuery(type=kind) for kind in (None, *IncidentType)] * 8
    credential = Secret(simulator.token)

    def body(query: UpstreamQuery) -> bytes:
        return upstream.fetch(credential, query, 1, AMPLE).body

    alone = {query: body(query) for query in set(queries)}
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(body, queries)) == [alone[query] for query in queries]
    assert len(set(alone.values())) == len(alone)
