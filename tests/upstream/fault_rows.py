"""What the simulated upstream is told to do, by the error that must come of it; and the pages among its oddities.

Rule: every fault that the simulator knows is here, under the number of the threat it plays.
"""

from __future__ import annotations

import gzip
from typing import Any

from hallpass.domain.upstream import (
    UpstreamBusyError,
    UpstreamCredentialsError,
    UpstreamError,
    UpstreamFailedError,
    UpstreamInvalidError,
    UpstreamRefusedError,
    UpstreamResetError,
    UpstreamTimeoutError,
)

from tests.upstream.raw_server import Script, head, once, whole

MAX_BYTES = 256 * 1024
"""The cap that the tables' sizes mean to break."""

SLOW = {"silence", "headers-then-silence", "drip-headers", "drip-body"}

Faults = dict[str, tuple[str, dict[str, Any]]]
"""A fault of the simulator's and its particulars, by a sentence."""

PAGES: Faults = {
    "a page": ("gzip", {}),
    "U-07 FIN without a length after half a body: the reader of XML finds it broken": ("fin-without-length", {}),
    "U-07 Content-Length shorter than the body: the reader of XML finds it broken": ("short-content-length", {}),
    "U-08 a second answer that nobody asked for": ("two-answers", {}),
    "U-08 150 times 100 Continue before the page": ("100-continue", {}),
    "U-09 XHTML called XML: the reader of XML refuses its root": ("xhtml-200", {}),
    "U-09 XML with an error root: the reader of XML refuses it": ("error-root-200", {}),
    "U-07 half a page with a Content-Length true to the half: the reader of XML finds it broken": ("cut-page-200", {}),
    "U-09 nothing at all called XML: the reader of XML refuses it": ("empty-200", {}),
    "U-22 a connection closed behind the page": ("close-after-answer", {}),
    "U-24 our credential in a header and in the document": ("echo-token", {}),
    "U-25 cookies, hop-by-hop headers, no-store": ("foreign-headers", {}),
}

FAULTS: dict[type[UpstreamError], Faults] = {
    UpstreamTimeoutError: {
        "U-03 no answer": ("silence", {}),
        "U-03 headers, then silence": ("headers-then-silence", {}),
        "U-04 the body drips": ("drip-body", {}),
        "U-05 the headers drip": ("drip-headers", {}),
    },
    UpstreamResetError: {
        "U-06 RST before a byte": ("reset-before", {}),
        "U-06 RST inside the headers": ("reset-mid-headers", {}),
        "U-06 RST inside the body": ("reset-mid-body", {}),
        "U-06 FIN before a byte": ("fin-before", {}),
        "U-08 100 Continue, then FIN": ("only-100", {}),
    },
    UpstreamInvalidError: {
        "U-06 FIN inside the headers": ("fin-mid-headers", {}),
        "U-06 FIN short of Content-Length": ("fin-mid-body", {}),
        "U-06 a chunk size that is no number": ("bad-chunk", {}),
        "U-06 FIN inside a chunk": ("truncated-chunk", {}),
        "U-06 FIN instead of the last chunk": ("no-last-chunk", {}),
        "U-08 Content-Length and chunked at once": ("length-and-chunked", {}),
        "U-08 two Content-Lengths": ("two-content-lengths", {}),
        "U-08 a negative Content-Length": ("negative-content-length", {}),
        "U-08 102 Processing": ("102-processing", {}),
        "U-08 103 Early Hints": ("103-early-hints", {}),
        "U-08 101 Switching Protocols": ("101-switching", {}),
        "U-08 a header of 100 KB": ("huge-headers", {}),
        "U-08 200 headers": ("many-headers", {}),
        "U-08 a status line that is none": ("garbage-status", {}),
        "U-08 status 999": ("status-999", {}),
        "U-08 another protocol": ("not-http", {}),
        "U-08 no headers": ("no-headers", {}),
        "U-09 HTML": ("html-200", {}),
        "U-09 JSON": ("json-200", {}),
        "U-09 204": ("204", {}),
        "U-09 206": ("206", {}),
        "U-10 a page as application/octet-stream": ("wrong-content-type", {}),
        "U-10 a page as text/html": ("html-content-type", {}),
        "U-10 a page without Content-Type": ("no-content-type", {}),
        "U-11 a page in another charset": ("charset-conflict", {}),
        "U-17 301 to another path": ("301", {}),
        "U-17 302 to another host": ("302", {"location": "https://elsewhere.invalid/public/v1/incidents.xml"}),
        "U-17 303 to another port": ("303", {"location": "http://127.0.0.1:1/public/v1/incidents.xml"}),
        "U-17 307 to itself": ("307", {"location": "/public/v1/incidents.xml"}),
        "U-17 308 with a user in it": ("308", {"location": "https://user@elsewhere.invalid/"}),
        "U-18 a gzip bomb": ("gzip-bomb", {"size": 8 * 1024 * 1024}),
        "U-18 truncated gzip": ("gzip-truncated", {}),
        "U-18 bytes behind gzip's end": ("gzip-trailing", {}),
        "U-18 gzip that is none": ("gzip-not", {}),
        "U-18 gzip eight times over": ("gzip-nested", {}),
        "U-18 brotli": ("br", {}),
        "U-18 deflate": ("deflate", {}),
        "U-18 zstd": ("zstd", {}),
        "U-18 a coding that nobody knows": ("unknown-coding", {}),
        "U-19 a body over the cap": ("oversized-body", {"size": 2 * MAX_BYTES}),
        "U-19 an endless body": ("endless-body", {}),
    },
    UpstreamCredentialsError: {
        "U-12 401": ("401", {}),
        "U-13 403": ("403", {}),
    },
    UpstreamBusyError: {
        "U-15 429 with Retry-After 3": ("429", {"retry_after": "3"}),
        "U-15 429 with Retry-After 3600": ("429", {"retry_after": "3600"}),
        "U-15 429 with a date a minute ahead": ("429", {"retry_after": "Mon, 02 Mar 2026 15:01:00 GMT"}),
        "U-15 429 with a date in the past": ("429", {"retry_after": "Mon, 02 Mar 2026 14:00:00 GMT"}),
        "U-15 429 with Retry-After -1": ("429", {"retry_after": "-1"}),
        "U-15 429 with Retry-After NaN": ("429", {"retry_after": "NaN"}),
        "U-15 429 without Retry-After": ("429", {}),
    },
    UpstreamFailedError: {
        "U-16 500": ("500", {}),
        "U-16 502": ("502", {}),
        "U-16 503 with a Retry-After, which is not obeyed": ("503", {"retry_after": "120"}),
        "U-16 504": ("504", {}),
        "U-24 500 that repeats our credential": ("echo-token-500", {}),
    },
    UpstreamRefusedError: {
        "U-14 400": ("400", {}),
        "U-14 404": ("404", {}),
        "U-14 410": ("410", {}),
    },
}

CHUNKED = head("Transfer-Encoding: chunked")

SCRIPTS: dict[type[UpstreamError], dict[str, Script]] = {
    UpstreamResetError: {
        "U-06 RST behind the headers": once(head("Content-Length: 40"), reset=True),
    },
    UpstreamInvalidError: {
        "U-06 a chunk of negative size": once(CHUNKED + b"-1\r\n<incidents/>\r\n0\r\n\r\n"),
        "U-08 a Content-Length in words": once(head("Content-Length: twelve") + b"<incidents/>"),
        "U-08 a transfer coding that was not asked for": once(head("Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n"),
        "U-08 a header line without a colon": once(head("no colon here", "Content-Length: 12") + b"<incidents/>"),
        "U-10 two Content-Types": once(head("Content-Type: text/xml", "Content-Type: text/html") + b"<incidents/>"),
        "U-18 two codings": once(head("Content-Encoding: gzip", "Content-Encoding: gzip")),
        "U-18 a long tail behind gzip's end": once(
            whole(gzip.compress(b"<incidents/>") + b"tail" * 50_000, "Content-Encoding: gzip")
        ),
        "U-18 gzip of nothing": once(head("Content-Encoding: gzip", "Content-Length: 0")),
        "U-18 gzip, and again gzip behind it": once(
            whole(2 * gzip.compress(b"<incidents/>"), "Content-Encoding: gzip")
        ),
    },
    UpstreamCredentialsError: {
        "U-12 401 beside a header line without a colon": once(whole(b"", "no colon here", status="401 No")),
    },
}
"""What the simulator's server cannot be told to do."""
