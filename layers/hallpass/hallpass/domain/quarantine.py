"""What a page held and the table does not know: paths and how often, never a value.

Rule: bounded; a name that is not a plain one may be data, so only its hash stands here, and in a log even a plain
one is hashed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hallpass.domain.schema import FIELDS

WITHHELD_INCIDENT = "incident/@type"
"""The path under which an incident of no documented type is counted: it is withheld whole."""
MOST_PATHS = 50
MORE = "(more)"
# As the upstream names its own: words of letters, joined by hyphens. Numbers and uuids are no such names.
_PLAIN_NAME = re.compile(r"(?=.{1,40}$)[a-z]+(-[a-z]+){0,3}")


def safe_name(name: str) -> str:
    """`name` as it may be listed for review: itself if it is plain, else a hash of it."""
    return name if _PLAIN_NAME.fullmatch(name) else _hash(name)


def unnamed(path: str) -> str:
    """`path` as it may be logged: a name that is not documented could be a person's, so a hash stands for it."""
    parent, _, name = path.rpartition("/")
    if path in FIELDS or name == "#text" or not parent or name.startswith(("~", "@~")):
        return path
    sign = "@" if name.startswith("@") else ""
    return f"{parent}/{sign}{_hash(name.removeprefix('@'))}"


def _hash(name: str) -> str:
    return "~" + hashlib.sha256(name.encode()).hexdigest()[:12]


class Finding(StrEnum):
    """What came of looking into a path. Words of a list: free text about one could be about a child."""

    ASKED = "asked-upstream"
    HARMLESS = "known-harmless"
    PERSONAL = "contains-personal-data"


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody looked into a path; it is withheld all the same. `by`: a person's id."""

    by: str
    at: datetime
    finding: Finding

    def says_the_same_as(self, other: Review) -> bool:
        """Whether it is the same person's word, whenever it was said."""
        return (self.by, self.finding) == (other.by, other.finding)


@dataclass(frozen=True, slots=True)
class QuarantinedPath:
    """A path that was withheld. `nodes`: how many the page held that it was last noted of. `review`: the latest."""

    path: str
    first_seen: datetime
    last_seen: datetime
    nodes: int
    review: Review | None = None


class Quarantine:
    """Counts by path. After MOST_PATHS distinct paths the rest is counted together, all but withheld incidents."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, path: str) -> None:
        """Count a path of our own making: documented names, `#text`, and names that `safe_name` passed."""
        if path not in self.counts and len(self.counts) >= MOST_PATHS and path != WITHHELD_INCIDENT:
            path = MORE
        self.counts[path] = self.counts.get(path, 0) + 1
