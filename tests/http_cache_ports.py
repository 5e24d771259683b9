"""What the cache of the tests is built on: messages as values, an origin, a store of bytes and a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hallpass.domain.http_caching import Headers


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers = ()
    body: bytes = b""


class TransportError(Exception):
    """No complete final response came."""


class Transport(Protocol):
    def send(self, request: Request) -> Response:
        """Raises TransportError, and nothing else."""
        ...


class Store(Protocol):
    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, content: bytes) -> None: ...
    def delete(self, key: str) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime: ...
