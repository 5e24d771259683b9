"""What the store keeps of a page and of what is made from it.

Rule: whether a page may be used is decided from what is kept of its answer (`http_caching.py`); the sweeping of the
store comes later than any use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hallpass.domain.http_caching import Received

LONGEST_USE = timedelta(days=3, hours=2)
"""No policy lets a page be used longer than that after it was read, nor an older one be kept by revalidation."""


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
    """One page of a snapshot, as stored. `rows`: its incidents, withheld ones too; `count`: what its root says.

    `withheld`: how many of them the model lacks. `received`: of the upstream's answer, its caching fields alone.
    `written_at`: when its artefacts were.
    """

    snapshot: str
    number: int
    raw: Artefact
    model: Artefact
    rows: int
    withheld: int
    count: int
    total_pages: int
    first_row: str
    last_row: str
    received: Received
    written_at: datetime

    @property
    def mark(self) -> str:
        """What two readings of a page have in common: its model, or its bytes where the model lacks incidents."""
        return self.raw.name if self.withheld else self.model.name

    @property
    def fetched_at(self) -> datetime:
        """When the upstream's answer, or its word that nothing changed, came."""
        return self.received.received_at


def revalidated(page: StoredPage, snapshot: str, received: Received) -> StoredPage:
    """`page` as the first of `snapshot`, after the upstream said that it still stands."""
    return replace(page, snapshot=snapshot, received=received)


@dataclass(frozen=True, slots=True)
class Representation:
    """A page under a view in a format. `etag`: keyed, of the identity coding, without quotes; `stored` is its gzip.

    `incidents` and `persons` are what it discloses; `size` is the identity coding's length in bytes. `source`: the name
    of the model, or of the raw page, that it was made from. `people`: the ledger's name of the persons it is about, ""
    for what tells of none.
    """

    stored: Artefact
    source: str
    etag: str
    size: int
    incidents: int
    persons: int
    people: str = ""


def digest(content: bytes) -> str:
    """SHA-256 (hex): what an artefact is named by and checked against."""
    return hashlib.sha256(content).hexdigest()
