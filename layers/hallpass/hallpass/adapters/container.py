"""What lives as long as a container of the function: whether a request is the first that it takes."""

from __future__ import annotations

import threading


class Container:
    """Of requests that come at the same time, exactly one is the first."""

    def __init__(self) -> None:
        self._taken = threading.Lock()

    def is_new(self) -> bool:
        """True once. A lock that is never given back is taken by one."""
        return self._taken.acquire(blocking=False)
