"""What of the cache is to go, and what is told afterwards of what went.

Rule: erased is what a read afterwards does not find; what it still finds is an error, not a number among others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from hallpass.domain.errors import ServiceError
from hallpass.domain.failure import Retry
from hallpass.domain.listing import Listing, UpstreamQuery

LONGEST_READER = timedelta(seconds=300)
"""The longest timeout of a function: who began to read upstream longer ago than this writes no more."""


class PurgeMode(StrEnum):
    """`soft`: kept, but stale from now on. `hard`: gone."""

    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class PurgeOrder:
    """What an admin asks for: of a listing (by its upstream query), of a snapshot, or else of the whole district."""

    mode: PurgeMode
    query: UpstreamQuery | None = None
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class WholeDistrict:
    """Everything. `account_epochs`: also what is known of its accounts of the epochs from 1 to this; 0 keeps that.

    `closed_at`: since when nobody begins to read of it; None: it goes on.
    """

    district_id: str
    account_epochs: int = 0
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OneListing:
    """The pages of one upstream query, of whatever account of the district."""

    listing: Listing

    @property
    def district_id(self) -> str:
        return self.listing.account.district_id


@dataclass(frozen=True, slots=True)
class OneSnapshot:
    """One reading of a listing, by its id."""

    district_id: str
    snapshot: str


Listings: TypeAlias = WholeDistrict | OneListing
Target: TypeAlias = Listings | OneSnapshot


@dataclass(frozen=True, slots=True)
class Marked:
    """How many listings are stale from now on. `finished`: none is left to mark."""

    listings: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Erased:
    """What one call erased; `bytes` as stored. `finished`: nothing is left that was there when it began.

    `left_pages`, `left_chunks`: deleted, and read again all the same. `watched`: entries of the inventory whose
    content is gone, kept until no reader that began before can still write: by them its late writing is found.
    """

    listings: int = 0
    snapshots: int = 0
    pages: int = 0
    artefacts: int = 0
    chunks: int = 0
    bytes: int = 0
    left_pages: int = 0
    left_chunks: int = 0
    watched: int = 0
    finished: bool = True

    def counts(self) -> Mapping[str, int]:
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "finished"}


@dataclass(frozen=True, slots=True)
class ErasedInAll:
    """What all calls erased that deleted a district. `begun`: calls; `counted`: those of them that told what they did.
    What the others erased, which were broken off or still run, is in no sum.
    """

    begun: int = 0
    counted: int = 0
    listings: int = 0
    snapshots: int = 0
    pages: int = 0
    artefacts: int = 0
    chunks: int = 0
    bytes: int = 0

    def begin(self) -> ErasedInAll:
        return replace(self, begun=self.begun + 1)

    def count(self, erased: Erased) -> ErasedInAll:
        sums = {name: getattr(self, name) + count for name, count in erased.counts().items() if name in SUMS}
        return replace(self, counted=self.counted + 1, **sums)


SUMS = tuple(each.name for each in fields(ErasedInAll) if each.name not in ("begun", "counted"))


class ErasureUnprovenError(ServiceError):
    """Something that was deleted can still be read. Its members are what was counted."""

    slug = "erasure-unproven"
    title = "Something that was deleted can still be read"
    retry = Retry.NOW

    def __init__(self, erased: Erased) -> None:
        super().__init__("Purge again; if it stays, tell the operator.", members=dict(erased.counts()))


def check_proven(erased: Erased) -> Erased:
    """Raises ErasureUnprovenError."""
    if erased.left_pages or erased.left_chunks:
        raise ErasureUnprovenError(erased)
    return erased
