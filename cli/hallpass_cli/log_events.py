"""The events of log groups in CloudWatch Logs, each once, as they come in.

Rule: events arrive late and out of order, so every reading begins again some time before the newest that was seen;
what is remembered for that is of this time alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

from hallpass_cli.stacks import AwsRefusal, refused

OVERLAP_MS = 120_000
"""How much later than a newer one an event may arrive and is still told."""
MOST_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class LogEvent:
    """`at_ms`: when it was written, milliseconds since 1970."""

    at_ms: int
    id: str
    message: str


@dataclass(slots=True)
class LogGroup:
    """`logs`: a client of CloudWatch Logs. `since_ms`: nothing older is told; `until_ms`: nothing later."""

    logs: Any
    name: str
    since_ms: int
    until_ms: int | None = None
    _newest_ms: int = 0
    _seen: dict[str, int] = field(default_factory=dict)

    def new(self) -> Iterator[LogEvent]:
        """What was not told before, a page at a time. Raises AwsError."""
        for page in self._pages():
            for one in page:
                event = LogEvent(int(one["timestamp"]), str(one["eventId"]), str(one["message"]))
                if event.id not in self._seen:
                    self._seen[event.id] = event.at_ms
                    self._newest_ms = max(self._newest_ms, event.at_ms)
                    yield event
            self._forget()

    def _pages(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        # Not a paginator's: it takes a token that comes twice for an error, and FilterLogEvents may send one twice.
        asked: dict[str, Any] = {"logGroupName": self.name, "startTime": max(self.since_ms, self._window_ms)}
        if self.until_ms is not None:
            asked["endTime"] = self.until_ms
        while True:
            try:
                answer = self.logs.filter_log_events(**asked)
            except AwsRefusal as error:
                raise refused(f"the log group {self.name}", error) from error
            yield answer.get("events", [])
            if not answer.get("nextToken"):
                return
            asked["nextToken"] = answer["nextToken"]

    @property
    def _window_ms(self) -> int:
        return self._newest_ms - OVERLAP_MS

    def _forget(self) -> None:
        begin = self._window_ms
        self._seen = {known: at for known, at in self._seen.items() if at >= begin}
        # A burst of more than this in two minutes: rather told twice than remembered without bounds.
        while len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]


def new_events(groups: Sequence[LogGroup]) -> Iterator[LogEvent]:
    """Of all groups, by time as far as each gives them so. Raises AwsError."""
    return merge(*(group.new() for group in groups), key=lambda event: event.at_ms)
