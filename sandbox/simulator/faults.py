"""A fault that was asked for, and the queue it waits in.

The rule: the first fault in the queue that a request matches is played, and nothing else happens to that
request. Which names exist and what they do is `catalogue.py`.
"""

from dataclasses import dataclass, replace
from threading import Lock


@dataclass(frozen=True, slots=True)
class Fault:
    """One order: what to play, for which requests, with which particulars (each fault reads only its own)."""

    name: str
    times: int | None = None
    """How many requests get it; None: all until cleared."""
    page: int | None = None
    """Only requests for this page (no page parameter is page 1)."""
    skip: int = 0
    """How many matching requests pass untouched first."""
    delay: float = 0.05
    """Seconds before the first byte (`slow-first-byte`) or between two pieces of a drip."""
    chunk: int = 1
    """Bytes in one piece of a drip."""
    size: int | None = None
    """Bytes of what is too big, uncompressed; None: the fault's own default."""
    location: str = "/public/v1/moved.xml"
    """Where redirects point."""
    retry_after: str | None = None
    """Retry-After on 429 and 503, word for word; None: no such header."""
    status: int = 200
    """Status of `body`."""
    body: bytes = b""
    """The bytes `body` answers with; for other replies, used instead of their own when not empty."""
    content_type: str | None = None
    """Content-Type instead of the fault's own."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers added to the fault's own."""


class FaultQueue:
    """Faults in the order they were asked for; safe to fill from another thread."""

    def __init__(self) -> None:
        """No fault is planned."""
        self._lock = Lock()
        self._planned: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Plan one more."""
        with self._lock:
            self._planned.append(fault)

    def clear(self) -> None:
        """Forget what is planned; what is being played goes on."""
        with self._lock:
            self._planned.clear()

    def planned(self) -> list[Fault]:
        """What is still to come."""
        with self._lock:
            return list(self._planned)

    def take(self, page: str) -> Fault | None:
        """The fault for a request of that page, used up by one."""
        with self._lock:
            for index, fault in enumerate(self._planned):
                if fault.page is not None and str(fault.page) != page:
                    continue
                if fault.skip:
                    self._planned[index] = replace(fault, skip=fault.skip - 1)
                    return None
                self._use_up(index, fault)
                return fault
        return None

    def _use_up(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._planned[index] = replace(fault, times=fault.times - 1)
        else:
            del self._planned[index]
