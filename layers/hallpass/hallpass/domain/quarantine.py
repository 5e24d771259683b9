"""What a page held and the table does not know: paths and how often, never a value.

Rule: bounded, and safe to log: a name that is not a plain one may be data, so only its hash stands here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

WITHHELD_INCIDENT = "incident/@type"
"""The path under which an incident of no documented type is counted: it is withheld whole."""
MOST_PATHS = 50
MORE = "(more)"
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


def safe_name(name: str) -> str:
    """`name` as it may be logged: itself if it is plain, else a hash of it."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    return "~" + hashlib.sha256(name.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class QuarantinedPath:
    """A path that was withheld. `nodes`: how many the page held that it was last noted of."""

    path: str
    first_seen: datetime
    last_seen: datetime
    nodes: int


class Quarantine:
    """Counts by path. After MOST_PATHS distinct paths the rest is counted together, all but withheld incidents."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, path: str) -> None:
        """Count a path of our own making: documented names, `#text`, and names that `safe_name` passed."""
        if path not in self.counts and len(self.counts) >= MOST_PATHS and path != WITHHELD_INCIDENT:
            path = MORE
        self.counts[path] = self.counts.get(path, 0) + 1
