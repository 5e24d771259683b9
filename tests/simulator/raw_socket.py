"""A client that adds nothing and mends nothing: what a test sent and heard on one TCP connection."""

import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from sandbox.simulator import RunningSimulator

PATIENCE = 10.0
"""Seconds until a test that would hang fails instead; nothing is measured by it."""

End = Literal["fin", "reset"]


@dataclass(frozen=True, slots=True)
class Heard:
    """Every byte until the end of the connection, and how it ended."""

    data: bytes
    end: End

    @property
    def head(self) -> bytes:
        """Status line and headers."""
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """Everything behind the headers, framing included."""
        return self.data.partition(b"\r\n\r\n")[2]


class RawClient:
    """One connection to the simulator."""

    def __init__(self, simulator: RunningSimulator) -> None:
        """Connect; nothing is sent yet."""
        self._simulator = simulator
        self._socket = socket.create_connection(("127.0.0.1", simulator.port), timeout=PATIENCE)

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the socket."""
        self._socket.close()

    def ask(self, target: str = "/public/v1/incidents.xml", *headers: str) -> None:
        """Send a GET with the first account's token."""
        lines = [f"GET {target} HTTP/1.1", "Host: simulator", f"Authorization: Bearer {self._simulator.token}"]
        self._socket.sendall("\r\n".join([*lines, *headers, "", ""]).encode())

    def read_exactly(self, count: int) -> bytes:
        """The next bytes, fewer only at the end of the connection."""
        data = b""
        while len(data) < count and (piece := self._socket.recv(count - len(data))):
            data += piece
        return data

    def read_to_end(self) -> Heard:
        """Everything until FIN or RST."""
        data = bytearray()
        try:
            while piece := self._socket.recv(65_536):
                data += piece
        except ConnectionResetError:
            return Heard(bytes(data), "reset")
        return Heard(bytes(data), "fin")

    def hears_nothing(self) -> bool:
        """Whether no byte and no end has arrived by now."""
        self._socket.setblocking(False)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self._socket.settimeout(PATIENCE)
        return False
