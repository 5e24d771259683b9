"""Waits for its parent's end, then ends every process group the parent named and did not take back.

Reads lines from stdin: `+<group>` and `-<group>`. It runs as a file of its own with nothing but the standard
library, so that it starts in milliseconds and knows nothing of the sandbox.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 3.0


def _signal(groups: set[int], number: int) -> set[int]:
    """Sends the signal; returns the groups that are still there."""
    left = set()
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            left.add(group)
    return left


def main() -> None:
    """Until stdin ends; then SIGTERM, a moment, SIGKILL."""
    # Ctrl-C is for the parent: the end of the pipe says when this process is wanted.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    groups = _signal(groups, signal.SIGTERM)
    give_up = time.monotonic() + GRACE
    while groups and time.monotonic() < give_up:
        time.sleep(0.02)
        groups = _signal(groups, 0)
    _signal(groups, signal.SIGKILL)


if __name__ == "__main__":
    main()
