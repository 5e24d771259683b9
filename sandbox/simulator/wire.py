"""The bytes of a response, and the connection they are written to.

The rule: every byte of every answer, right or wrong, goes through here; the HTTP library reads requests
and never writes a response, so nothing is mended on the way.
"""

import asyncio
import socket
import struct
from email.utils import formatdate
from http.client import responses

from sandbox.simulator.upstream import Answer

_NO_BODY = frozenset({204, 304})
_FULL = 1024 * 1024


class EndedError(Exception):
    """The server is stopping or the client has gone: whatever is being played ends here."""


def reason(status: int) -> str:
    """The standard's words for a status."""
    return responses.get(status, "Unknown")


def head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Status line and headers with the blank line behind them."""
    lines = [f"HTTP/1.1 {status} {reason(status)}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def framed(answer: Answer) -> bytes:
    """A whole response with a true Content-Length, ready to be written."""
    if answer.status in _NO_BODY:
        return head(answer.status, answer.headers)
    length = ("Content-Length", str(len(answer.body)))
    return head(answer.status, (*answer.headers, length)) + answer.body


class Wire:
    """One connection while one request is answered."""

    def __init__(self, transport: asyncio.Transport, stopping: asyncio.Event, keep: bool) -> None:
        """`keep`: whether the connection stays open behind the answer unless a fault decides otherwise."""
        self._transport = transport
        self._stopping = stopping
        self.keep = keep

    async def write(self, data: bytes) -> None:
        """Hand bytes over; waits while the client is far behind, so that an endless body stays bounded here."""
        if self._transport.is_closing():
            raise EndedError
        self._transport.write(data)
        while self._transport.get_write_buffer_size() > _FULL and len(data) < _FULL:
            await self.pause(0.002)

    async def pause(self, seconds: float | None) -> None:
        """Wait (None: until the end). Raises EndedError if the server stops or the client goes meanwhile."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            if not self._transport.is_closing():
                return
        raise EndedError

    def close(self) -> None:
        """End the connection in order: what was written arrives, then FIN."""
        self.keep = False

    def reset(self) -> None:
        """Tear the connection down: an RST, as a crashing server or a middlebox sends it."""
        self.keep = False
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
