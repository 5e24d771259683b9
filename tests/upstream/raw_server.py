"""A server on loopback that does byte for byte what a test tells it, for what a decent server would not do.

Rule: when the block ends its connections and threads have ended.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PAGE = b'<incidents count="0" page="1" total-pages="1"/>'
PATIENCE = 10.0
"""Seconds after which a test that waits for the other side has failed."""


def head(*fields: str, status: str = "200 OK") -> bytes:
    """A status line and headers; a page's Content-Type stands first unless another is given."""
    lines = [] if any(line.lower().startswith("content-type") for line in fields) else ["Content-Type: text/xml"]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, *fields, "", ""]).encode("latin-1")


def whole(body: bytes = PAGE, *fields: str, status: str = "200 OK") -> bytes:
    """An answer with a true Content-Length."""
    return head(*fields, f"Content-Length: {len(body)}", status=status) + body


class Conversation:
    """One connection, seen from the server. `number`: 1 for the first connection."""

    def __init__(self, sock: socket.socket, server: RawServer, number: int) -> None:
        self.sock = sock
        self.number = number
        self._server = server

    def hear(self) -> bytes:
        """The next request's head, or b"" when the client has gone."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            piece = self.sock.recv(65536)
            if not piece:
                return b""
            heard += piece
        self._server.requests.append(heard)
        return heard

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes) -> None:
        """A byte every hundredth of a second, until the client goes."""
        for byte in data:
            self.say(bytes([byte]))
            if self._server.stopping.wait(0.01):
                return

    def await_goodbye(self) -> None:
        """Until the client closes its end, which the server then knows."""
        with suppress(ConnectionError, ssl.SSLError):
            while self.sock.recv(65536):
                pass
        self._server.goodbyes.release()

    def reset(self) -> None:
        """An RST instead of an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Script = Callable[[Conversation], None]


@dataclass
class RawServer:
    """`requests`: heads as they came. `goodbyes`: one for each client that was seen to close its end."""

    script: Script
    listener: socket.socket
    tls: ssl.SSLContext | None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    goodbyes: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    open: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/public/v1/incidents.xml"

    def saw_goodbye(self) -> bool:
        return self.goodbyes.acquire(timeout=PATIENCE)

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self.converse, args=(sock, self.connections), name="raw-server")
                self.threads.append(thread)
                thread.start()

    def converse(self, sock: socket.socket, number: int) -> None:
        sock.settimeout(PATIENCE)
        with sock, suppress(OSError):
            speaking = self.tls.wrap_socket(sock, server_side=True) if self.tls else sock
            self.open.append(speaking)
            with speaking:
                self.script(Conversation(speaking, self, number))


@contextmanager
def raw_server(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Listens on a free port of 127.0.0.1; `script` is played to every connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(script, listener, tls)
        acceptor = threading.Thread(target=server.accept, name="raw-server")
        acceptor.start()
        try:
            yield server
        finally:
            server.stopping.set()
            # A thread in accept() or recv() is not woken by close(): the shutdown wakes it.
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for sock in server.open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            for thread in server.threads:
                thread.join()


def answering(*answers: bytes) -> Script:
    """One answer a request, in turn, on one connection; then the connection is watched until the client ends it."""

    def script(talk: Conversation) -> None:
        for answer in answers:
            if not talk.hear():
                break
            talk.say(answer)
        talk.await_goodbye()

    return script


def once(answer: bytes, *, reset: bool = False) -> Script:
    """To every connection: one answer, then the end."""

    def script(talk: Conversation) -> None:
        talk.hear()
        talk.say(answer)
        if reset:
            talk.reset()

    return script
