"""Every fault that is a whole response: what a client that checks its framing receives."""

import gzip
import json
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection

import pytest

from sandbox.simulator import RunningSimulator
from sandbox.simulator.catalogue import FAULTS, UnknownFaultError
from sandbox.simulator.plays import PLAYS
from sandbox.simulator.replies import REPLIES
from sandbox.simulator.upstream import PATH
from tests.simulator import decoders
from tests.simulator.documents import page


@dataclass(frozen=True, slots=True)
class Received:
    """A response whose framing held, nothing decoded and nothing followed."""

    status: int
    headers: Message
    data: bytes


@pytest.fixture(scope="module")
def good(steady: RunningSimulator) -> bytes:
    """The page the faults spoil."""
    return fetch(steady).data


def fetch(simulator: RunningSimulator) -> Received:
    """One GET with the first account's token."""
    with closing(HTTPConnection("127.0.0.1", simulator.port, timeout=10)) as connection:
        connection.request("GET", PATH, headers={"Authorization": f"Bearer {simulator.token}"})
        response = connection.getresponse()
        return Received(response.status, response.headers, response.read())


Check = Callable[[Received, bytes], bool]


def typed(content_type: str | None) -> Check:
    """The page itself under another type."""
    return lambda r, good: r.headers.get("Content-Type") == content_type and r.data == good


def coded(coding: str, decode: Callable[[bytes], bytes]) -> Check:
    """The page under a coding."""
    return lambda r, good: r.headers["Content-Encoding"] == coding and decode(r.data) == good


def unnested(data: bytes) -> bytes:
    """Eight gzip layers off."""
    for _ in range(8):
        data = gzip.decompress(data)
    return data


def refused(data: bytes) -> bool:
    """Whether gzip cannot read it to its end."""
    try:
        gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return True
    return False


def said(words: bytes) -> Check:
    """Bytes that must occur in the body."""
    return lambda r, _: words in r.data


STATUSES = ("400", "401", "403", "404", "410", "500", "502", "504")
CHECKS: dict[str, tuple[int, Check]] = {
    "body": (207, lambda r, _: r.data == b"<any/>\x00"),
    "html-200": (200, said(b"<!DOCTYPE html>")),
    "xhtml-200": (200, lambda r, _: page(r.data).tag == "html"),
    "json-200": (200, lambda r, _: json.loads(r.data)["incidents"] == []),
    "error-root-200": (200, lambda r, _: page(r.data).tag == "error"),
    "empty-200": (200, lambda r, _: r.data == b"" and r.headers["Content-Length"] == "0"),
    "cut-page-200": (200, lambda r, good: r.data == good[: len(good) // 2]),
    "204": (204, lambda r, _: r.data == b"" and "Content-Length" not in r.headers),
    "206": (206, lambda r, good: r.data == good[: len(good) // 2] and "Content-Range" in r.headers),
    "wrong-content-type": (200, typed("application/octet-stream")),
    "html-content-type": (200, typed("text/html; charset=utf-8")),
    "no-content-type": (200, typed(None)),
    "charset-conflict": (200, typed("text/xml; charset=iso-8859-1")),
    **{status: (int(status), said(f"Simulated {status}".encode())) for status in STATUSES},
    "429": (429, lambda r, _: r.headers["Retry-After"] == "soon"),
    "503": (503, lambda r, _: r.headers["Retry-After"] == "soon"),
    **{
        status: (int(status), lambda r, good: r.headers["Location"] == "http://x.invalid/" and r.data == good)
        for status in ("301", "302", "303", "307", "308")
    },
    "gzip": (200, coded("gzip", gzip.decompress)),
    "gzip-bomb": (200, lambda r, _: len(r.data) < 20_000 and len(gzip.decompress(r.data)) > 3_000_000),
    "gzip-truncated": (200, lambda r, _: refused(r.data)),
    "gzip-trailing": (200, lambda r, good: zlib.decompressobj(31).decompress(r.data) == good and refused(r.data)),
    "gzip-not": (200, coded("gzip", lambda data: data)),
    "gzip-nested": (200, coded(", ".join(["gzip"] * 8), unnested)),
    "br": (200, coded("br", decoders.brotli)),
    "deflate": (200, coded("deflate", zlib.decompress)),
    "zstd": (200, coded("zstd", decoders.zstd)),
    "unknown-coding": (200, coded("x-simulated", lambda data: data)),
    "oversized-body": (200, lambda r, good: len(r.data) == 3_000_000 and page(r.data).attrib == page(good).attrib),
    "foreign-headers": (
        200,
        lambda r, good: r.headers.get_all("Set-Cookie", [])[1:] == ["tracking=CANARY-COOKIE-2"] and r.data == good,
    ),
    "echo-token": (200, lambda r, _: page(r.data).findtext("echo") == r.headers["X-Echo"] == "demo-token"),
    "echo-token-500": (500, said(b"Bearer demo-token")),
}
"""Status and content of every reply, ordered with the particulars below."""

PARTICULARS: dict[str, dict[str, object]] = {
    "body": {"body": b"<any/>\x00", "status": 207},
    "429": {"retry_after": "soon"},
    "503": {"retry_after": "soon"},
    **{status: {"location": "http://x.invalid/"} for status in ("301", "302", "303", "307", "308")},
    "gzip-bomb": {"size": 3_000_000},
    "oversized-body": {"size": 3_000_000},
}


def test_the_tables_hold_every_fault() -> None:
    assert set(REPLIES) == set(CHECKS)
    assert set(FAULTS) == set(REPLIES) | set(PLAYS)
    assert not set(REPLIES) & set(PLAYS)
    assert all(len(words) > 5 for words in FAULTS.values())


@pytest.mark.parametrize("name", CHECKS)
def test_replies(steady: RunningSimulator, good: bytes, name: str) -> None:
    steady.control.fault(name, times=1, **PARTICULARS.get(name, {}))
    response = fetch(steady)
    status, check = CHECKS[name]
    assert response.status == status
    assert check(response, good), (dict(response.headers), response.data[:200])
    assert fetch(steady).data == good, "the next answer is right again"


def test_particulars_replace_a_replys_own(steady: RunningSimulator) -> None:
    steady.control.fault(
        "502", times=1, content_type="text/xml", body=b"<down/>", headers=(("X-Extra", "1"), ("X-Extra", "2"))
    )
    response = fetch(steady)
    assert (response.status, response.data) == (502, b"<down/>")
    assert response.headers.get_all("Content-Type") == ["text/xml"]
    assert response.headers.get_all("X-Extra") == ["1", "2"]


def test_a_redirect_may_loop_and_another_simulator_hears_nothing(
    simulator: RunningSimulator, steady: RunningSimulator
) -> None:
    before = len(steady.requests)
    simulator.control.fault("302", location=steady.url)
    assert fetch(simulator).headers["Location"] == steady.url
    assert len(steady.requests) == before


def test_unknown_faults_are_refused(steady: RunningSimulator) -> None:
    with pytest.raises(UnknownFaultError, match="earthquake"):
        steady.control.fault("earthquake")
