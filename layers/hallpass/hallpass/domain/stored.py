"""How much of a district is in the cache, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """`reading`: listings that somebody is reading. `bytes`: as they are kept, compressed, by kind of artefact.

    `oldest`, `newest`: when the upstream gave a page.
    `finished`: everything was counted; otherwise this much was, in the time there was.
    """

    listings: int
    snapshots: int
    pages: int
    representations: int
    reading: int
    bytes: int
    oldest: datetime | None
    newest: datetime | None
    finished: bool
