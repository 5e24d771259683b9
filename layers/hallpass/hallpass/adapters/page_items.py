"""The items of the pages table, and their keys. Every item carries the store's schema version and a `ttl`.

Rule: what is immutable is named by its content under its district; no key holds a parameter, a name or a uuid.

inventory   pk inventory#<district>   sk <kind>#<name> | listing#<key>   written first: purge and erasure read it
chunk       pk chunk#<district>#<kind>#<name>#<n>   sk chunk             spread over partitions
page        pk listing#<key>          sk page#<snapshot>#<number>        written once
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from hallpass.domain import codec
from hallpass.domain.http_caching import Headers, Received
from hallpass.domain.listing import STORE_SCHEMA, Listing
from hallpass.domain.pages import LONGEST_USE, Artefact, ArtefactKind, Representation, StoredPage

ARTEFACT_TTL = timedelta(days=10)
# An artefact is used again only if it outlives every use a page written now may have, and that of a page which the
# upstream says still stands when the first one's is over.
REUSE_TTL = 2 * LONGEST_USE
SWEEP_MARGIN = timedelta(days=1)
# Two clocks that are wrong by five minutes each, and the longest that anything is set ahead of its writer's clock.
FURTHEST_AHEAD = timedelta(minutes=20)
# What one BatchGetItem takes.
MAX_CHUNKS = 100

Value: TypeAlias = str | int | bool | bytes
Item: TypeAlias = Mapping[str, Value]
StoredItem: TypeAlias = Mapping[str, object]


class BrokenItemError(ValueError):
    """An item of another schema version, or one that lacks or misspells what it must have: a miss."""


def artefact_key(artefact: Artefact) -> dict[str, str]:
    return {"pk": f"inventory#{artefact.district_id}", "sk": f"{artefact.kind}#{artefact.name}"}


def listing_key(listing: Listing) -> dict[str, str]:
    return {"pk": f"inventory#{listing.account.district_id}", "sk": f"listing#{listing.key}"}


def chunk_keys(artefact: Artefact) -> list[dict[str, str]]:
    stem = f"chunk#{artefact.district_id}#{artefact.kind}#{artefact.name}"
    return [{"pk": f"{stem}#{number}", "sk": "chunk"} for number in range(artefact.chunks)]


def page_key(listing: Listing, snapshot: str, number: int) -> dict[str, str]:
    return {"pk": f"listing#{listing.key}", "sk": f"page#{snapshot}#{number}"}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def ttl(moment: datetime) -> int:
    return int(moment.timestamp())


def listing_item(listing: Listing, expires: datetime) -> Item:
    """What there is of a listing is found by it, and what it is a listing of."""
    return {
        **listing_key(listing),
        "schema": STORE_SCHEMA,
        "query": listing.query.canonical(),
        "epoch": listing.account.epoch,
        "ttl": ttl(expires),
    }


def artefact_item(artefact: Artefact, expires: datetime) -> dict[str, Value]:
    """Raises BrokenItemError for what is too large to be read back."""
    if artefact.chunks > MAX_CHUNKS:
        raise BrokenItemError
    return {
        **artefact_key(artefact),
        "schema": STORE_SCHEMA,
        "sha256": artefact.sha256,
        "size": artefact.size,
        "chunks": artefact.chunks,
        "complete": False,
        "ttl": ttl(expires),
    }


def page_item(listing: Listing, page: StoredPage) -> dict[str, Value]:
    item: dict[str, Value] = {
        **page_key(listing, page.snapshot, page.number),
        "schema": STORE_SCHEMA,
        "rows": page.rows,
        "withheld": page.withheld,
        "count": page.count,
        "total_pages": page.total_pages,
        "first_row": page.first_row,
        "last_row": page.last_row,
        "fields": json.dumps(page.received.headers, separators=(",", ":")),
        "requested_at": stamp(page.received.requested_at),
        "received_at": stamp(page.received.received_at),
        "written_at": stamp(page.written_at),
        "ttl": ttl(page.fetched_at + LONGEST_USE + SWEEP_MARGIN),
    }
    for artefact in (page.raw, page.model):
        for part in ("name", "sha256", "size", "chunks"):
            item[f"{artefact.kind}_{part}"] = getattr(artefact, part)
    return item


def chunk_items(artefact: Artefact, content: bytes, expires: Value) -> list[Item]:
    parts = zip(chunk_keys(artefact), codec.chunks_of(content), strict=True)
    return [{**key, "schema": STORE_SCHEMA, "content": part, "ttl": expires} for key, part in parts]


def representation_facts(representation: Representation) -> dict[str, Value]:
    """What the inventory item of a representation tells beside its artefact."""
    return {
        "source": representation.source,
        "etag": representation.etag,
        "identity_size": representation.size,
        "incidents": representation.incidents,
        "persons": representation.persons,
        "people": representation.people,
    }


def representation_of(district_id: str, name: str, item: StoredItem, now: datetime) -> Representation | None:
    """None for one that was never finished or ends too soon: it is written anew. Raises BrokenItemError."""
    check_schema(item)
    if item.get("complete") is not True or read_number(item, "ttl") < ttl(now + REUSE_TTL):
        return None
    size, chunks = read_number(item, "size"), read_number(item, "chunks")
    artefact = _artefact(district_id, ArtefactKind.REPRESENTATION, name, read_text(item, "sha256"), size, chunks)
    representation = Representation(
        stored=artefact,
        source=read_text(item, "source"),
        etag=read_text(item, "etag"),
        size=read_number(item, "identity_size"),
        incidents=read_number(item, "incidents"),
        persons=read_number(item, "persons"),
        people=read_text(item, "people"),
    )
    check_names(item, artefact_item(artefact, now) | representation_facts(representation))
    return representation


def page_of(listing: Listing, snapshot: str, number: int, item: StoredItem, now: datetime) -> StoredPage:
    """Raises BrokenItemError."""
    check_schema(item)
    page = StoredPage(
        snapshot=snapshot,
        number=number,
        raw=_artefact_of(listing, ArtefactKind.RAW, item),
        model=_artefact_of(listing, ArtefactKind.MODEL, item),
        rows=read_number(item, "rows"),
        withheld=read_number(item, "withheld"),
        count=read_number(item, "count"),
        total_pages=read_number(item, "total_pages"),
        first_row=read_text(item, "first_row"),
        last_row=read_text(item, "last_row"),
        received=Received(200, _fields(item), read_time(item, "requested_at"), read_time(item, "received_at")),
        written_at=read_time(item, "written_at"),
    )
    if ahead(page.fetched_at, now):
        raise BrokenItemError
    check_names(item, page_item(listing, page))
    return page


def check_schema(item: StoredItem) -> None:
    if read_number(item, "schema") != STORE_SCHEMA:
        raise BrokenItemError


def check_names(item: StoredItem, expected: Collection[str]) -> None:
    # An attribute that we do not know may change what the others mean.
    if set(item) != set(expected):
        raise BrokenItemError


def read_text(item: StoredItem, name: str) -> str:
    value = item.get(name)
    if isinstance(value, str):
        return value
    raise BrokenItemError


def read_time(item: StoredItem, name: str) -> datetime:
    """A time as `stamp` wrote it, in UTC: one without a zone could not be compared with the clock's."""
    try:
        moment = datetime.fromisoformat(read_text(item, name))
    except ValueError as malformed:
        raise BrokenItemError from malformed
    if moment.utcoffset() == timedelta(0):
        return moment
    raise BrokenItemError


def ahead(moment: datetime, now: datetime) -> bool:
    """Whether no clock that is right can have written it: it must not stand in the way until it is over."""
    return moment > now + FURTHEST_AHEAD


def read_number(item: StoredItem, name: str) -> int:
    """A whole number from 0, as `Decimal` (as DynamoDB's reader gives it) or int."""
    value = item.get(name)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise BrokenItemError


def _fields(item: StoredItem) -> Headers:
    """Raises BrokenItemError."""
    match _json(read_text(item, "fields")):
        case list(pairs) if all(_is_pair(pair) for pair in pairs):
            return tuple((name, value) for name, value in pairs)
        case _:
            raise BrokenItemError


def _json(text: str) -> object:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)


def _artefact_of(listing: Listing, kind: ArtefactKind, item: StoredItem) -> Artefact:
    name, sha256 = read_text(item, f"{kind}_name"), read_text(item, f"{kind}_sha256")
    size, chunks = read_number(item, f"{kind}_size"), read_number(item, f"{kind}_chunks")
    return _artefact(listing.account.district_id, kind, name, sha256, size, chunks)


def _artefact(district_id: str, kind: ArtefactKind, name: str, sha256: str, size: int, chunks: int) -> Artefact:
    # The number of chunks is bounded before that many keys are made.
    if not 0 < chunks <= MAX_CHUNKS or chunks != -(-size // codec.CHUNK_BYTES):
        raise BrokenItemError
    return Artefact(district_id, kind, name, sha256, size, chunks)
