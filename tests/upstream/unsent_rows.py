"""Servers that our request must never reach: nobody there, no name, TLS that does not verify.

Rule: each is tried twice and has seen no request in the end.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

from hallpass.domain.upstream import UpstreamError

from tests.upstream.asking import Authority, MakeUpstream, refusal
from tests.upstream.raw_server import Conversation, answering, raw_server, whole

Arrangement = Callable[[MakeUpstream, Authority], tuple[UpstreamError, int]]
"""Gives the error and the number of requests that the server saw."""


def refuse_connection(make_upstream: MakeUpstream, _: Authority) -> tuple[UpstreamError, int]:
    with raw_server(lambda _: None) as server:
        url = server.url
    return refusal(make_upstream(url)), len(server.requests)


def fail_to_resolve(make_upstream: MakeUpstream, _: Authority) -> tuple[UpstreamError, int]:
    # A label of 64 letters is no name: it fails before a name server is asked.
    return refusal(make_upstream(f"https://{'n' * 64}.invalid/")), 0


def speak_plainly(make_upstream: MakeUpstream, _: Authority) -> tuple[UpstreamError, int]:
    def script(talk: Conversation) -> None:
        talk.sock.recv(65536)
        talk.say(whole(status="400 Bad Request"))

    with raw_server(script) as server:
        return refusal(make_upstream(server.url.replace("http:", "https:"))), len(server.requests)


def distrust_everybody(make_upstream: MakeUpstream, authority: Authority) -> tuple[UpstreamError, int]:
    """The adapter as it is deployed knows nothing of our invented authority."""
    with raw_server(answering(whole()), tls=authority.server()) as server:
        return refusal(make_upstream(server.url)), len(server.requests)


def distrust(arrange: Callable[[Authority], ssl.SSLContext]) -> Arrangement:
    """A server with that TLS; its authority is trusted."""

    def play(make_upstream: MakeUpstream, authority: Authority) -> tuple[UpstreamError, int]:
        with raw_server(answering(whole()), tls=arrange(authority)) as server:
            error = refusal(make_upstream(server.url, ca_bundle=str(authority.bundle)))
            return error, len(server.requests)

    return play


def expired(authority: Authority) -> ssl.SSLContext:
    return authority.server(not_before=datetime(2020, 1, 1, tzinfo=UTC), not_after=datetime(2020, 2, 1, tzinfo=UTC))


def another_hosts(authority: Authority) -> ssl.SSLContext:
    return authority.server("elsewhere.invalid")


def only_tls_1_1(authority: Authority) -> ssl.SSLContext:
    return speak_tls_1_1(authority.server())


def speak_tls_1_1(context: ssl.SSLContext) -> ssl.SSLContext:
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        # Python warns that this is old: that is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


UNSENT: dict[str, Arrangement] = {
    "U-01 the connection is refused": refuse_connection,
    "U-01 the name has no address": fail_to_resolve,
    "U-21 TLS: expired": distrust(expired),
    "U-21 TLS: another host's certificate": distrust(another_hosts),
    "U-21 TLS: an unknown authority": distrust_everybody,
    "U-21 TLS: 1.1 only": distrust(only_tls_1_1),
    "U-21 plain HTTP on the TLS port": speak_plainly,
}
