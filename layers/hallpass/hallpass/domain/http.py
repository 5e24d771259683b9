"""A request and a response as values, free of any gateway's event shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`headers`: names in lower case, several fields of one name joined by a comma. `raw_query`: as sent."""

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    source: str
    request_id: str

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
