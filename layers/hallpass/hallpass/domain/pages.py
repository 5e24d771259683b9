"""What the store keeps of a page, and whether it may be used now.

Rule: `fresh_until` and `stale_until` decide; the sweeping of the store comes later than any use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FRESH_FOR = timedelta(minutes=5)
STALE_IF_ERROR_FOR = timedelta(hours=24)


class ArtefactKind(StrEnum):
    """The three immutable things: the upstream's bytes, the typed model, a page under a view in a format."""

    RAW = "raw"
    MODEL = "model"
    REPRESENTATION = "representation"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A stored blob. `name`: SHA-256 (hex) that it is filed under; `sha256`, `size`: of the bytes as stored."""

    district_id: str
    kind: ArtefactKind
    name: str
    sha256: str
    size: int
    chunks: int


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One page of a snapshot, as stored. `rows`: incidents in the model; times are UTC."""

    snapshot: str
    number: int
    raw: Artefact
    model: Artefact
    rows: int
    total_pages: int
    first_row: str
    last_row: str
    fetched_at: datetime
    fresh_until: datetime
    stale_until: datetime

    def age(self, now: datetime) -> int:
        """Seconds since the upstream answered, never negative (RFC 9111 section 5.1)."""
        return max(0, int((now - self.fetched_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Representation:
    """A page under a view in a format. `etag`: of the identity coding, without quotes; `stored` is its gzip.

    `incidents` and `persons` are what it discloses; `size` is the identity coding's length in bytes.
    """

    stored: Artefact
    etag: str
    size: int
    incidents: int
    persons: int


@dataclass(frozen=True, slots=True)
class Found:
    """What the store knows of a page of a listing: the current snapshot's id, and the page if it is there."""

    snapshot: str | None
    page: StoredPage | None


@dataclass(frozen=True, slots=True)
class Fresh:
    page: StoredPage


@dataclass(frozen=True, slots=True)
class Stale:
    """Not fresh any more; may be used only when the upstream cannot answer."""

    page: StoredPage


@dataclass(frozen=True, slots=True)
class Missing:
    pass


LookUp = Fresh | Stale | Missing


def classify(page: StoredPage | None, now: datetime) -> LookUp:
    """Whether a stored page may be used at `now`. The times in the page decide, not its being there."""
    if page is None or now >= page.stale_until:
        return Missing()
    return Fresh(page) if now < page.fresh_until else Stale(page)


def digest(content: bytes) -> str:
    """SHA-256 (hex): what an artefact is named by and checked against."""
    return hashlib.sha256(content).hexdigest()
