"""One HTTP answer whose every read spends from one deadline, and which knows whether its connection may be used again.

Rule: no drip, of headers or of body, outlives the deadline; no more bytes are taken off the wire than allowed.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from http.client import HTTPException, HTTPResponse, RemoteDisconnected
from typing import TYPE_CHECKING

from hallpass.domain.upstream import UpstreamError, UpstreamInvalidError, UpstreamResetError, UpstreamTimeoutError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 256 * 1024

READ_FAILURES = (OSError, HTTPException, ValueError)
"""What reading an answer raises when the network or the answer's form fails."""


def judge_failure(failure: Exception) -> UpstreamError:
    """The row of the table that one of READ_FAILURES stands for."""
    if isinstance(failure, TimeoutError):
        return UpstreamTimeoutError()
    # RemoteDisconnected: an end before the first byte. An end after it is a short answer, not a reset.
    if isinstance(failure, RemoteDisconnected | OSError):
        return UpstreamResetError()
    return UpstreamInvalidError()


class DeadlineReader(io.RawIOBase):
    """A socket's bytes until the deadline. `limit`: how many may come in all; `received`: how many have come."""

    def __init__(self, sock: socket.socket, stream: io.RawIOBase) -> None:
        """The deadline is what `sock` has left as its timeout now. `stream`: the socket's own reader."""
        super().__init__()
        self._sock = sock
        self._stream = stream
        self._deadline = time.monotonic() + (sock.gettimeout() or 0.0)
        self.limit = HEAD_BYTES
        self.received = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.received

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Raises TimeoutError past the deadline, UpstreamInvalidError past the limit."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count = self._stream.readinto(buffer)
        self.received += count or 0
        if self.received > self.limit:
            raise UpstreamInvalidError
        return count

    @property
    def pending(self) -> int:
        """Bytes that TLS has decrypted and nobody has taken: no poll of the socket shows them."""
        return self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0

    def close(self) -> None:
        self._stream.close()
        super().close()


class WatchedBuffer(io.BufferedReader):
    """A buffer that remembers, when it is closed, whether it held more than was asked of it."""

    surplus = False

    def close(self) -> None:
        if not self.closed:
            self.surplus = self.tell() < self.raw.tell()
        super().close()


class DeadlineAnswer(HTTPResponse):
    """http.client's response over a DeadlineReader."""

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None) -> None:
        super().__init__(sock, debuglevel, method)
        # The socket stays open while its own reader is: http.client closes it early when no answer may follow.
        self._reader = DeadlineReader(sock, self.fp.detach())
        self._buffer = WatchedBuffer(self._reader)
        self.fp = self._buffer
        self._damaged = False

    def begin(self) -> None:
        """Reads the head. What of it does not parse is dropped here: urllib3 would log it, word for word."""
        super().begin()
        self._damaged = bool(self.msg.defects or self.msg.get_payload())
        if self._damaged:
            self.msg.defects.clear()
            self.msg.set_payload("")

    @property
    def silent(self) -> bool:
        """Whether not a byte of it has come."""
        return self._reader.received == 0

    @property
    def well_framed(self) -> bool:
        """Whether its head parsed and tells its end in one way only.

        RFC 9112 section 6.3: a message with both Transfer-Encoding and Content-Length "ought to be handled as
        an error"; another transfer coding than chunked, or a length that is no number, leaves the end unknown.
        """
        lengths = self.msg.get_all("Content-Length", [])
        codings = [coding.strip().lower() for coding in self.msg.get_all("Transfer-Encoding", [])]
        if self._damaged:
            return False
        if codings:
            return codings == ["chunked"] and not lengths
        return not lengths or (len(lengths) == 1 and lengths[0].isascii() and lengths[0].strip().isdigit())

    @property
    def whole(self) -> bool:
        """Whether as much came as Content-Length promised; http.client says so of a chunked body by itself."""
        return not self.length

    @property
    def surplus(self) -> bool:
        """Whether bytes came behind its end: the connection is out of step then."""
        return self._buffer.surplus or self._reader.pending > 0

    def allow(self, count: int) -> None:
        """Take at most `count` bytes more off the wire."""
        self._reader.limit = self._reader.received + count
