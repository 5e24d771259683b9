"""An origin that answers as told, a store in memory, and the cache of the tests between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hallpass.domain.http_caching import Freshness, Headers

from tests.fakes import SetClock
from tests.http_cache import BY_THE_BOOK, Handle, Request, Response, TransportError, make_core

URL = "https://origin.test/a"


@dataclass(slots=True)
class MemoryStore:
    """The Store over a dictionary."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        return self.contents.get(key)

    def put(self, key: str, content: bytes) -> None:
        self.contents[key] = content

    def delete(self, key: str) -> None:
        self.contents.pop(key, None)


@dataclass(slots=True)
class ToldOrigin:
    """Gives `answers` in order; None is a failure of the transport, and so is the want of one more."""

    clock: SetClock
    answers: list[Response | None] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    takes: timedelta = timedelta(0)

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        self.clock.move(self.takes)
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            raise TransportError
        return answer


@dataclass(slots=True)
class House:
    """A clock, a store and an origin, with the cache in front."""

    clock: SetClock = field(default_factory=SetClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    freshness: Freshness = BY_THE_BOOK
    cap: timedelta | None = None
    may_refresh: bool = True
    origin: ToldOrigin = field(init=False)
    handle: Handle = field(init=False)

    def __post_init__(self) -> None:
        self.origin = ToldOrigin(self.clock)

        self.handle = make_core(
            self.origin, self.store, self.clock, freshness=self.freshness, cap=self.cap, may_refresh=self.may_refresh
        )

    def get(self, *headers: tuple[str, str], url: str = URL, method: str = "GET") -> Response:
        return self.handle(Request(method, url, headers))


def answer(*headers: tuple[str, str], status: int = 200, body: bytes = b"one") -> Response:
    return Response(status, headers, body)


def values(headers: Headers, name: str) -> list[str]:
    return [value for found, value in headers if found.lower() == name.lower()]
