"""A request and a response as values, free of any gateway's event shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`headers`: names in lower case, several fields of one name joined by a comma. `raw_query`: as sent.

    `origin`: scheme and host that the gateway was called at. `invocation`: the function's own request id.
    `trace`: 32 hexadecimal digits. `cold`: whether it is its container's first.
    """

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    source: str
    request_id: str
    origin: str
    invocation: str | None = None
    trace: str | None = None
    cold: bool = False

    def header(self, name: str) -> str | None:
        return self.headers.get(name)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`headers`: name and value pairs in the order they are sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_headers(self, *pairs: tuple[str, str]) -> HttpResponse:
        return replace(self, headers=self.headers + pairs)


# What every response carries, whatever it is.
SAFETY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Strict-Transport-Security", "max-age=31536000"),
)
# Lambda's limit on a synchronous answer, as the runtime enforces it on the serialised event.
ANSWER_LIMIT_BYTES = 6_291_556
TEXT_BODY_BYTES = 32_768
LATER_BYTES = 1_024
"""Room for what an answer gets on its way out: where its limits stand, its token's end, SAFETY and the request's id."""


def sent_as_text(response: HttpResponse) -> bool:
    """Whether the body goes into the event as it is. All else is base64: its size is known beforehand."""
    return _as_text(response, len(response.body))


def answer_size(response: HttpResponse, length: int) -> int:
    """Bytes, at most, of the serialised answer with a body of `length`: as base64, or as text, all escaped.

    Header values are printable ASCII: of those, quotes and backslashes take two bytes.
    """
    headers = sum(len(name) + 2 * len(value) + 8 for name, value in response.headers)
    return headers + 256 + (6 * length if _as_text(response, length) else 4 * -(-length // 3))


def _as_text(response: HttpResponse, length: int) -> bool:
    return length <= TEXT_BODY_BYTES and response.header("content-encoding") is None
