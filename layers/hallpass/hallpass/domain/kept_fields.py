"""Which responses are kept, and which of their fields (RFC 9111 section 3).

Rule: what cannot be told is not kept.
"""

from __future__ import annotations

import re
from typing import Final

from hallpass.domain.cache_directives import Directives, RequestDirectives
from hallpass.domain.http_caching import Headers, Received, UpstreamControl, field_values, list_members

MOST_BYTES: Final = 4096

_CACHING: Final = frozenset({"age", "cache-control", "date", "etag", "expires", "last-modified", "vary"})
# RFC 9111 section 3.1, RFC 9110 section 7.6.1: of the connection or of the proxy, not of the response.
_OF_THE_CONNECTION: Final = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_NO_REUSE: Final = (("Cache-Control", "no-store"), ("Vary", "*"))


def storable(received: Received, control: UpstreamControl, directives: RequestDirectives | None = None) -> bool:
    """Whether a complete response may be kept and used again. `directives`: of the request that it answers."""
    # RFC 9111 section 4.1: a stored response whose Vary holds a "*" always fails to match.
    if received.status != 200 or "*" in varying(received.headers) or (directives and directives.no_store):
        return False
    if control is UpstreamControl.OVERRIDE:
        return True
    said = Directives.parse(received.values("cache-control"))
    # RFC 9111 section 5.2.2.3: who understands the status, and 200 is, heeds must-understand and not no-store.
    return "no-store" not in said or ("must-understand", None) in said.named


def varying(headers: Headers) -> frozenset[str]:
    """The request's fields that the response was chosen by, in lower case; "*": by more than can be told."""
    return frozenset(name.lower() for name in list_members(field_values(headers, "vary")))


def caching_fields(headers: Headers) -> Headers:
    """The fields that age, freshness and revalidation need.

    If they are too long to be kept (over `MOST_BYTES`), or no text that a field may have: those of a response that is
    not used again.
    """
    kept = tuple((name, value) for name, value in headers if name.lower() in _CACHING)
    size = sum(len(name) + len(value) for name, value in kept)
    readable = all(_VALUE.fullmatch(value) for _, value in kept)
    return kept if size <= MOST_BYTES and readable else _NO_REUSE


def end_to_end(headers: Headers) -> Headers:
    """Without the fields that belong to the connection, be they known or named by `Connection`."""
    named = {name.lower() for name in list_members(field_values(headers, "connection"))}
    return tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_CONNECTION | named)
