"""What clients sent, kept so that a test can look at it afterwards.

The rule: a request is recorded before it is answered, so a hung or refused one counts too. Only the
newest are kept; the total goes on counting.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import parse_qsl

KEPT_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it arrived: `header_lines` in their order and case, as sent."""

    method: str
    target: str
    header_lines: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """The target without its query, not decoded."""
        return self.target.partition("?")[0]

    @property
    def raw_query(self) -> str:
        """The query as sent, without the question mark."""
        return self.target.partition("?")[2]

    @property
    def query(self) -> dict[str, str]:
        """The decoded parameters; the last one wins where one is repeated."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name, repeated ones joined with a comma (RFC 9110 5.3)."""
        joined: dict[str, str] = {}
        for name, value in self.header_lines:
            key = name.lower()
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        return joined

    def as_json(self) -> Mapping[str, object]:
        """The request for the control API."""
        return {"method": self.method, "target": self.target, "headers": [list(line) for line in self.header_lines]}


class Recording:
    """The newest requests and how many there were in all; safe to read from another thread."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._lock = Lock()
        self._kept: deque[RecordedRequest] = deque(maxlen=KEPT_REQUESTS)
        self._total = 0

    def add(self, request: RecordedRequest) -> None:
        """Remember one more."""
        with self._lock:
            self._kept.append(request)
            self._total += 1

    @property
    def total(self) -> int:
        """How many since the start or the last `clear`."""
        return self._total

    def kept(self) -> list[RecordedRequest]:
        """The newest requests, oldest first."""
        with self._lock:
            return list(self._kept)

    def clear(self) -> None:
        """Forget all, count from zero."""
        with self._lock:
            self._kept.clear()
            self._total = 0
