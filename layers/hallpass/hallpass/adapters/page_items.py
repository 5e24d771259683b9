"""The items of the pages table, and their keys. Every item carries the store's schema version and a `ttl`.

Rule: what is immutable is named by its content under its district; no key holds a parameter, a name or a uuid.

inventory   pk inventory#<district>   sk <kind>#<name> | listing#<key>   written first: purge and erasure read it
chunk       pk chunk#<district>#<kind>#<name>#<n>   sk chunk             spread over partitions
page        pk listing#<key>          sk page#<snapshot>#<number>
pointer     pk listing#<key>          sk pointer                         written last, conditionally
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from hallpass.domain.listing import STORE_SCHEMA, Account, Listing
from hallpass.domain.pages import Artefact, ArtefactKind, Representation, StoredPage

ARTEFACT_TTL = timedelta(days=4)
# An artefact is used again only if it outlives every use a page written now may have.
REUSE_TTL = timedelta(days=2)
SWEEP_MARGIN = timedelta(days=1)

Value: TypeAlias = str | int | bool | bytes
Item: TypeAlias = Mapping[str, Value]


class BrokenItemError(ValueError):
    """An item of another schema version, or one that lacks what it must have: a miss."""


def artefact_key(artefact: Artefact) -> dict[str, str]:
    return {"pk": f"inventory#{artefact.district_id}", "sk": f"{artefact.kind}#{artefact.name}"}


def listing_key(listing: Listing) -> dict[str, str]:
    return {"pk": f"inventory#{listing.account.district_id}", "sk": f"listing#{listing.key}"}


def chunk_keys(artefact: Artefact) -> list[dict[str, str]]:
    stem = f"chunk#{artefact.district_id}#{artefact.kind}#{artefact.name}"
    return [{"pk": f"{stem}#{number}", "sk": "chunk"} for number in range(artefact.chunks)]


def pointer_key(listing: Listing) -> dict[str, str]:
    return {"pk": f"listing#{listing.key}", "sk": "pointer"}


def page_key(listing: Listing, snapshot: str, number: int) -> dict[str, str]:
    return {"pk": f"listing#{listing.key}", "sk": f"page#{snapshot}#{number}"}


def refusal_key(account: Account) -> dict[str, str]:
    return {"pk": f"refusal#{account.district_id}#{account.epoch}", "sk": "refusal"}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_stamp(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def ttl(moment: datetime) -> int:
    return int(moment.timestamp())


def artefact_item(artefact: Artefact, expires: datetime) -> dict[str, Value]:
    return {
        **artefact_key(artefact),
        "schema": STORE_SCHEMA,
        "sha256": artefact.sha256,
        "size": artefact.size,
        "chunks": artefact.chunks,
        "complete": False,
        "ttl": ttl(expires),
    }


def representation_of(district_id: str, name: str, item: Item) -> Representation:
    """Raises BrokenItemError. An item without `complete` was never finished."""
    _check(item)
    if item.get("complete") is not True:
        raise BrokenItemError
    artefact = Artefact(
        district_id,
        ArtefactKind.REPRESENTATION,
        name,
        str(item["sha256"]),
        int(item["size"]),
        int(item["chunks"]),
    )
    facts = [int(item[fact]) for fact in ("identity_size", "incidents", "persons")]
    return Representation(artefact, str(item["etag"]), *facts)


def page_item(listing: Listing, page: StoredPage) -> dict[str, Value]:
    item: dict[str, Value] = {
        **page_key(listing, page.snapshot, page.number),
        "schema": STORE_SCHEMA,
        "rows": page.rows,
        "total_pages": page.total_pages,
        "first_row": page.first_row,
        "last_row": page.last_row,
        "fetched_at": stamp(page.fetched_at),
        "fresh_until": stamp(page.fresh_until),
        "stale_until": stamp(page.stale_until),
        "ttl": ttl(page.stale_until + SWEEP_MARGIN),
    }
    for artefact in (page.raw, page.model):
        for part in ("name", "sha256", "size", "chunks"):
            item[f"{artefact.kind}_{part}"] = getattr(artefact, part)
    return item


def page_of(listing: Listing, snapshot: str, number: int, item: Item) -> StoredPage:
    """Raises BrokenItemError."""
    _check(item)
    try:
        return StoredPage(
            snapshot=snapshot,
            number=number,
            raw=_artefact_of(listing, ArtefactKind.RAW, item),
            model=_artefact_of(listing, ArtefactKind.MODEL, item),
            rows=int(item["rows"]),
            total_pages=int(item["total_pages"]),
            first_row=str(item["first_row"]),
            last_row=str(item["last_row"]),
            fetched_at=read_stamp(item["fetched_at"]),
            fresh_until=read_stamp(item["fresh_until"]),
            stale_until=read_stamp(item["stale_until"]),
        )
    except (KeyError, TypeError, ValueError) as broken:
        raise BrokenItemError from broken


def _artefact_of(listing: Listing, kind: ArtefactKind, item: Item) -> Artefact:
    name, sha256 = str(item[f"{kind}_name"]), str(item[f"{kind}_sha256"])
    size, chunks = int(item[f"{kind}_size"]), int(item[f"{kind}_chunks"])
    return Artefact(listing.account.district_id, kind, name, sha256, size, chunks)


def _check(item: Item) -> None:
    if item.get("schema") != STORE_SCHEMA:
        raise BrokenItemError
