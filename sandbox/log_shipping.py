"""Log lines to CloudWatch Logs, as Lambda ships them: in batches, in order, beside the requests.

The rule: shipping never holds a request up and never loses a line while the stand-in answers; if it does not,
the lines are dropped, for the sandbox must not grow without bounds.
"""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sandbox.console import say

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_INTERVAL = 0.1
# PutLogEvents: 10,000 events, 1,048,576 bytes with 26 bytes overhead an event.
_MOST_EVENTS = 1_000
_MOST_BYTES = 1_000_000


class LogStream(Protocol):
    """Where one worker's lines go."""

    @property
    def name(self) -> str:
        """The stream's name in its group."""

    def put(self, line: str) -> None:
        """One event, stamped now."""


OpenStream = Callable[[str, str], LogStream]
"""Log group and stream name -> the stream."""


@dataclass(frozen=True, slots=True)
class _Event:
    group: str
    stream: str
    at_ms: int
    message: str


class LogShipper:
    """A thread that ships what the streams were given."""

    def __init__(self, client: "CloudWatchLogsClient") -> None:
        self._client = client
        self._events: queue.SimpleQueue[_Event | None] = queue.SimpleQueue()
        self._streams: set[tuple[str, str]] = set()
        self._thread = threading.Thread(target=self._run, name="log-shipper", daemon=True)

    def start(self) -> None:
        """Begins to ship; the log groups are there by now. What came before is kept for this moment."""
        self._thread.start()

    def stream(self, group: str, name: str) -> LogStream:
        """A stream of that log group; CloudWatch sees it with its first event."""
        return ShippedStream(self._events, group, name)

    def close(self) -> None:
        """Ships what is left and ends."""
        self._events.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._collect()
            by_stream: dict[tuple[str, str], list[_Event]] = {}
            for event in batch:
                by_stream.setdefault((event.group, event.stream), []).append(event)
            for (group, stream), events in by_stream.items():
                self._ship(group, stream, events)

    def _collect(self) -> tuple[list[_Event], bool]:
        """Everything of the next tenth of a second after the first event; False at the end."""
        first = self._events.get()
        if first is None:
            return [], False
        batch, size, until = [first], len(first.message), time.monotonic() + _INTERVAL
        while len(batch) < _MOST_EVENTS and size < _MOST_BYTES // 8:
            try:
                event = self._events.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                break
            if event is None:
                return batch, False
            batch.append(event)
            size += len(event.message)
        return batch, True

    def _ship(self, group: str, stream: str, events: list[_Event]) -> None:
        try:
            if (group, stream) not in self._streams:
                self._client.create_log_stream(logGroupName=group, logStreamName=stream)
                self._streams.add((group, stream))
            self._client.put_log_events(
                logGroupName=group,
                logStreamName=stream,
                logEvents=[{"timestamp": event.at_ms, "message": event.message} for event in events],
            )
        except Exception as error:
            # Whatever went wrong, the thread must live for the next batch.
            say(f"sandbox: {len(events)} log lines of {group} were lost: {type(error).__name__}")


class ShippedStream:
    """A LogStream of CloudWatch."""

    def __init__(self, events: "queue.SimpleQueue[_Event | None]", group: str, name: str) -> None:
        self._events, self._group, self._name = events, group, name

    @property
    def name(self) -> str:
        """The stream's name in its group."""
        return self._name

    def put(self, line: str) -> None:
        """One event, stamped now."""
        self._events.put(_Event(self._group, self._name, int(time.time() * 1000), line))
