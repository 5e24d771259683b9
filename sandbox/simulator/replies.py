"""Faults that are whole, correctly framed responses: the wrong status, body, type or coding.

The rule: a table of names, each with the words that say what is sent. A reply is a function of the
exchange, so the table can be played and checked entry by entry.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.simulator import codings
from sandbox.simulator.faults import Fault
from sandbox.simulator.upstream import XML, Answer, plain

HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>Please sign in</p></body></html>\n"
XHTML_PAGE = b"<html><head><title>Maintenance</title></head><body><p>Back soon</p></body></html>\n"
JSON_BODY = b'{"error": "internal", "incidents": []}\n'
ERROR_ROOT = b'<?xml version="1.0" encoding="UTF-8"?>\n<error code="17">The request could not be processed</error>\n'
OVERSIZED = 32 * 1024 * 1024
BOMB = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a fault may use: its order, the answer that would have been right, and the client's token."""

    fault: Fault
    good: Answer
    token: str


Reply = Callable[[Exchange], Answer]


def _typed(content_type: str, body: bytes, status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", content_type),), body)


def _page_as(content_type: str) -> Reply:
    return lambda x: _typed(content_type, x.good.body)


def _fixed(content_type: str, body: bytes) -> Reply:
    return lambda _: _typed(content_type, body)


def _status(status: int) -> Reply:
    """An error in plain text; Retry-After as ordered."""

    def reply(x: Exchange) -> Answer:
        wait = () if x.fault.retry_after is None else (("Retry-After", x.fault.retry_after),)
        return plain(status, f"Simulated {status}", *wait)

    return reply


def _redirect(status: int) -> Reply:
    """A redirect whose own body is a page, for clients that read what they should not."""
    return lambda x: Answer(status, (("Content-Type", XML), ("Location", x.fault.location)), x.good.body)


def _coded(coding: str, encode: Callable[[bytes], bytes]) -> Reply:
    """The page under a Content-Encoding."""
    return lambda x: Answer(200, (*x.good.headers, ("Content-Encoding", coding)), encode(x.good.body))


def _bomb(x: Exchange) -> Answer:
    body = codings.bomb(x.fault.size or BOMB)
    return Answer(200, (("Content-Type", XML), ("Content-Encoding", "gzip")), body)


def _oversized(x: Exchange) -> Answer:
    """The page, still well-formed, with white space behind the root up to the size."""
    padding = max(0, (x.fault.size or OVERSIZED) - len(x.good.body))
    return Answer(200, x.good.headers, x.good.body + b" " * padding)


def _cut(x: Exchange) -> Answer:
    return Answer(200, x.good.headers, x.good.body[: len(x.good.body) // 2])


def _partial(x: Exchange) -> Answer:
    half = len(x.good.body) // 2
    span = ("Content-Range", f"bytes 0-{half - 1}/{len(x.good.body)}")
    return Answer(206, (*x.good.headers, span), x.good.body[:half])


def _cookies(x: Exchange) -> Answer:
    """The page with headers nobody should pass on."""
    return Answer(
        200,
        (
            *x.good.headers,
            ("Set-Cookie", "session=CANARY-COOKIE; Path=/; HttpOnly"),
            ("Set-Cookie", "tracking=CANARY-COOKIE-2"),
            ("Server", "CANARY-SERVER/1.0"),
            ("X-Powered-By", "CANARY-POWERED"),
            ("Cache-Control", "no-store"),
            ("Connection", "X-Hop"),
            ("X-Hop", "CANARY-HOP"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Authenticate", "Basic realm=CANARY-PROXY"),
        ),
        x.good.body,
    )


def _echo(x: Exchange) -> Answer:
    """The page with the client's token in a header and inside the document."""
    marked = x.good.body.replace(b"</incidents>", f"<echo>{x.token}</echo></incidents>".encode())
    return Answer(200, (*x.good.headers, ("X-Echo", x.token)), marked)


def _echo_error(x: Exchange) -> Answer:
    return plain(500, f"Cannot serve Authorization: Bearer {x.token}", ("X-Echo", x.token))


def _body(x: Exchange) -> Answer:
    return _typed(XML, x.fault.body, x.fault.status)


REPLIES: dict[str, tuple[str, Reply]] = {
    "body": ("any bytes: the fault's `body` with its `status`, as XML unless told otherwise", _body),
    "html-200": ("an HTML page with a DOCTYPE and status 200", _fixed("text/html; charset=utf-8", HTML_PAGE)),
    "xhtml-200": ("a well-formed HTML page without DOCTYPE, called XML", _fixed(XML, XHTML_PAGE)),
    "json-200": ("JSON with status 200", _fixed("application/json", JSON_BODY)),
    "error-root-200": ("XML with another root and status 200", _fixed(XML, ERROR_ROOT)),
    "empty-200": ("no body with status 200", _fixed(XML, b"")),
    "cut-page-200": ("half a page with a Content-Length that is true to the half", _cut),
    "204": ("204 without a body", lambda _: Answer(204)),
    "206": ("half a page as 206", _partial),
    "wrong-content-type": ("the page as application/octet-stream", _page_as("application/octet-stream")),
    "html-content-type": ("the page as text/html", _page_as("text/html; charset=utf-8")),
    "no-content-type": ("the page without a Content-Type", lambda x: Answer(200, (), x.good.body)),
    "charset-conflict": ("charset in the header against the declaration", _page_as("text/xml; charset=iso-8859-1")),
    **{str(code): (f"status {code}", _status(code)) for code in (400, 401, 403, 404, 410, 500, 502, 504)},
    "429": ("status 429, Retry-After as `retry_after` says", _status(429)),
    "503": ("status 503, Retry-After as `retry_after` says", _status(503)),
    **{
        str(code): (f"redirect {code} to `location`, with a page as its body", _redirect(code))
        for code in (301, 302, 303, 307, 308)
    },
    "gzip": ("the page in gzip coding, in order, asked for or not", _coded("gzip", codings.gzipped)),
    "gzip-bomb": ("gzip coding of `size` bytes of white space inside a page", _bomb),
    "gzip-truncated": ("gzip coding without its end", _coded("gzip", lambda b: codings.gzipped(b)[:-20])),
    "gzip-trailing": ("gzip coding with bytes behind its end", _coded("gzip", lambda b: codings.gzipped(b) + b"tail")),
    "gzip-not": ("the plain page said to be gzip", _coded("gzip", lambda b: b)),
    "gzip-nested": ("gzip coding eight times over", _coded(", ".join(["gzip"] * 8), codings.nested)),
    "br": ("the page in brotli coding", _coded("br", codings.brotli)),
    "deflate": ("the page in deflate coding", _coded("deflate", codings.deflated)),
    "zstd": ("the page in zstd coding", _coded("zstd", codings.zstd)),
    "unknown-coding": ("the page under a coding nobody knows", _coded("x-simulated", lambda b: b)),
    "oversized-body": ("a well-formed page padded with white space to `size` bytes", _oversized),
    "foreign-headers": ("the page with cookies, hop-by-hop and server headers, Cache-Control: no-store", _cookies),
    "echo-token": ("the page with the client's token in a header and in the document", _echo),
    "echo-token-500": ("500 with the client's token in body and header", _echo_error),
}
"""Every fault that is a whole response: what it sends, in words and as a function."""


def reply_to(x: Exchange) -> Answer:
    """The reply of a fault, with the particulars its order asks for."""
    answer = REPLIES[x.fault.name][1](x)
    fields = answer.headers
    if x.fault.content_type is not None:
        kept = tuple(line for line in fields if line[0] != "Content-Type")
        fields = (("Content-Type", x.fault.content_type), *kept)
    return Answer(answer.status, (*fields, *x.fault.headers), x.fault.body or answer.body)
