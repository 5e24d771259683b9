"""Faults below HTTP's good manners: silence, drips, resets, broken framing.

The rule: a table of names, each a short script of writes and pauses on the wire. A script that returns
leaves the connection to `Wire.keep`: closed in order unless it was kept or reset.
"""

from collections.abc import Awaitable, Callable

from sandbox.simulator.replies import Exchange
from sandbox.simulator.upstream import Answer
from sandbox.simulator.wire import Wire, framed, head

Play = Callable[[Exchange, Wire], Awaitable[None]]

ENDLESS = 256 * 1024 * 1024
_PIECE = b"<incident/>" * 1024


def _half(x: Exchange) -> bytes:
    return x.good.body[: len(x.good.body) // 2]


def _length(size: int) -> tuple[str, str]:
    return ("Content-Length", str(size))


def _page_head(x: Exchange, *framing: tuple[str, str]) -> bytes:
    return head(200, (*x.good.headers, *framing))


def _full_head(x: Exchange) -> bytes:
    return _page_head(x, _length(len(x.good.body)))


async def _drip(wire: Wire, data: bytes, x: Exchange) -> None:
    for start in range(0, len(data), x.fault.chunk):
        await wire.write(data[start : start + x.fault.chunk])
        await wire.pause(x.fault.delay)


def script(before: Callable[[Exchange], bytes], *, keep: bool = False, reset: bool = False) -> Play:
    """Write these bytes, then close in order, keep the connection, or reset it."""

    async def play(x: Exchange, wire: Wire) -> None:
        await wire.write(before(x))
        if reset:
            # Bytes that were not taken yet are lost with an RST, so give the client time to take them.
            await wire.pause(x.fault.delay)
            wire.reset()
        elif not keep:
            wire.close()

    return play


async def silence(_: Exchange, wire: Wire) -> None:
    """Read the request and never say anything."""
    await wire.pause(None)


async def headers_then_silence(x: Exchange, wire: Wire) -> None:
    """Headers of a page, then nothing."""
    await wire.write(_full_head(x))
    await wire.pause(None)


async def slow_first_byte(x: Exchange, wire: Wire) -> None:
    """Nothing for `delay` seconds, then the page."""
    await wire.pause(x.fault.delay)
    await wire.write(framed(x.good))


async def drip_headers(x: Exchange, wire: Wire) -> None:
    """Headers in pieces of `chunk` bytes, `delay` seconds apart, then the page."""
    await _drip(wire, _full_head(x), x)
    await wire.write(x.good.body)


async def drip_body(x: Exchange, wire: Wire) -> None:
    """The body in pieces of `chunk` bytes, `delay` seconds apart."""
    await wire.write(_full_head(x))
    await _drip(wire, x.good.body, x)


async def reset_before(_: Exchange, wire: Wire) -> None:
    """RST instead of an answer."""
    wire.reset()


async def close_after_answer(x: Exchange, wire: Wire) -> None:
    """The page as if the connection stayed open, which it does not."""
    await wire.write(framed(x.good))
    wire.close()


async def endless_body(x: Exchange, wire: Wire) -> None:
    """A body without Content-Length that never closes its root: `size` bytes, then FIN."""
    await wire.write(_page_head(x, ("Connection", "close")))
    await wire.write(b'<incidents count="1000" page="1" total-pages="1">')
    for _ in range(0, x.fault.size or ENDLESS, len(_PIECE)):
        await wire.write(_PIECE)
    wire.close()


def _chunked(x: Exchange, tail: bytes) -> bytes:
    """A chunked response whose first chunk is half the page; `tail` is what comes behind it."""
    half = _half(x)
    return _page_head(x, ("Transfer-Encoding", "chunked")) + f"{len(half):x}\r\n".encode() + half + b"\r\n" + tail


def _both_framings(x: Exchange) -> bytes:
    """RFC 9112 6.1: chunked overrides Content-Length, and such a message ought to be handled as an error."""
    top = _page_head(x, _length(10), ("Transfer-Encoding", "chunked"))
    return top + f"{len(x.good.body):x}\r\n".encode() + x.good.body + b"\r\n0\r\n\r\n"


def _two_lengths(x: Exchange) -> bytes:
    return _page_head(x, _length(len(x.good.body)), _length(10)) + x.good.body


def _interim(status: int, times: int) -> Callable[[Exchange], bytes]:
    """Interim responses before the page (RFC 9110 15.2)."""
    return lambda x: head(status, (("Link", "</x>; rel=preload"),)) * times + framed(x.good)


def _with_headers(*fields: tuple[str, str]) -> Callable[[Exchange], bytes]:
    return lambda x: framed(Answer(200, (*x.good.headers, *fields), x.good.body))


def _length_line(x: Exchange) -> bytes:
    return f"Content-Length: {len(x.good.body)}\r\n\r\n".encode()


PLAYS: dict[str, tuple[str, Play]] = {
    "silence": ("no byte, connection open", silence),
    "headers-then-silence": ("headers of a page, then no byte", headers_then_silence),
    "slow-first-byte": ("no byte for `delay` seconds, then the page", slow_first_byte),
    "drip-headers": ("headers in pieces of `chunk` bytes, `delay` seconds apart", drip_headers),
    "drip-body": ("body in pieces of `chunk` bytes, `delay` seconds apart", drip_body),
    "reset-before": ("RST before any byte", reset_before),
    "reset-mid-headers": ("RST inside the headers", script(lambda x: _full_head(x)[:40], reset=True)),
    "reset-mid-body": ("RST after half the body", script(lambda x: _full_head(x) + _half(x), reset=True)),
    "fin-before": ("FIN before any byte", script(lambda _: b"")),
    "fin-mid-headers": ("FIN inside the headers", script(lambda x: _full_head(x)[:40])),
    "fin-mid-body": ("FIN after half of what Content-Length promised", script(lambda x: _full_head(x) + _half(x))),
    "fin-without-length": (
        "no Content-Length, FIN after half the body",
        script(lambda x: _page_head(x, ("Connection", "close")) + _half(x)),
    ),
    "short-content-length": (
        "Content-Length of half the body, then all of it, connection open",
        script(lambda x: _page_head(x, _length(len(_half(x)))) + x.good.body, keep=True),
    ),
    "two-answers": ("a second answer nobody asked for", script(lambda x: framed(x.good) * 2, keep=True)),
    "bad-chunk": ("a chunk whose size is no number", script(lambda x: _chunked(x, b"zz\r\nnonsense\r\n"))),
    "truncated-chunk": ("a chunk shorter than its size, FIN", script(lambda x: _chunked(x, b"ffff\r\nshort"))),
    "no-last-chunk": ("half the page in a chunk, no last chunk, FIN", script(lambda x: _chunked(x, b""))),
    "length-and-chunked": ("Content-Length and chunked at once", script(_both_framings, keep=True)),
    "two-content-lengths": ("two Content-Lengths that disagree", script(_two_lengths)),
    "negative-content-length": ("Content-Length: -1", script(lambda x: _page_head(x, _length(-1)) + x.good.body)),
    "100-continue": ("150 times 100 Continue, then the page", script(_interim(100, 150), keep=True)),
    "102-processing": ("102 Processing, then the page", script(_interim(102, 1), keep=True)),
    "103-early-hints": ("103 Early Hints, then the page", script(_interim(103, 1), keep=True)),
    "101-switching": (
        "101 Switching Protocols to one nobody asked for",
        script(lambda _: head(101, (("Connection", "Upgrade"), ("Upgrade", "simulated/1")))),
    ),
    "only-100": ("100 Continue, then FIN", script(lambda _: head(100, ()))),
    "huge-headers": ("one header of 100 KB", script(_with_headers(("X-Huge", "h" * 100_000)), keep=True)),
    "many-headers": (
        "200 headers",
        script(_with_headers(*((f"X-Many-{n}", "m") for n in range(200))), keep=True),
    ),
    "garbage-status": ("a status line that is none", script(lambda x: b"HTTP/9.9 banana split\r\n\r\n" + x.good.body)),
    "status-999": ("status 999", script(lambda x: b"HTTP/1.1 999 Nobody Knows\r\n" + _length_line(x) + x.good.body)),
    "not-http": ("the greeting of another protocol", script(lambda _: b"SSH-2.0-Simulated_1.0\r\n")),
    "no-headers": ("the bare body, as HTTP/0.9", script(lambda x: x.good.body)),
    "close-after-answer": ("a page, then FIN without a word of closing", close_after_answer),
    "endless-body": ("a body of `size` bytes without Content-Length, never well-formed", endless_body),
}
"""Every fault on the wire: what happens, in words and as a script."""
