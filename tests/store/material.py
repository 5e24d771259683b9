"""Pages as they arrive from the upstream, and what they are filed under. All of it is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice

from hallpass.domain import codec
from hallpass.domain.arrival import Arrival, artefact, receive
from hallpass.domain.cache_policy import Check
from hallpass.domain.http_caching import Freshness, Received
from hallpass.domain.leases import Granted, Slot
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import ArtefactKind, Representation, StoredPage, digest
from hallpass.domain.scope import IncidentType
from hallpass.domain.walk import Walk
from hallpass.page_ports import WalkStore

from sandbox.simulator import Settings
from sandbox.simulator.account import AccountData, Query
from sandbox.simulator.pages import render_page

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DISTRICT = "D1st"
ACCOUNT = Account(DISTRICT, "https://upstream.example", 1)
LISTING = Listing(ACCOUNT, UpstreamQuery(IncidentType.REFERRAL, first=date(2026, 2, 1), last=date(2026, 2, 28)))
FIRST, LATER = Granted("", 1).snapshot("aaaaaaaa"), Granted("", 2).snapshot("00000000")
FIELDS = (("ETag", '"1"'), ("Cache-Control", "max-age=60"), ("Vary", "Accept"), ("Vary", "Accept-Encoding"))
NO_INCIDENT = b'<incidents count="0" page="1" total-pages="1"/>'


@lru_cache
def upstream_body(incidents: int, page: int = 1, seed: int = 1) -> bytes:
    """A page of the simulated upstream with that many incidents; every page but the first has the same number."""
    settings = Settings(incidents=incidents * page, page_size=incidents, seed=seed, attribute_children=True)
    data = AccountData(settings.accounts[0], settings)
    start = date(2000, 1, 1)
    rendered = render_page(data, Query(page=page, deleted=True, start=start, end=settings.today), settings, 0)
    assert rendered is not None
    return rendered.body


def arrive(
    body: bytes | None = None,
    *,
    number: int = 1,
    snapshot: str = FIRST,
    now: datetime = NOW,
    district: str = DISTRICT,
) -> Arrival:
    received = Received(200, FIELDS, now - timedelta(seconds=2), now)
    return receive(district, snapshot, number, upstream_body(20, number) if body is None else body, received)


@lru_cache
def two_chunks() -> Arrival:
    """A page whose artefacts have more than one chunk."""
    return arrive(noise_body(900_000))


def told_body(*told: str) -> bytes:
    """A page with an incident for each text."""
    incidents = [f'<incident type="minor"><description>{text}</description></incident>' for text in told]
    return f'<incidents count="{len(told)}" page="1" total-pages="1">{"".join(incidents)}</incidents>'.encode()


def noise_body(size: int) -> bytes:
    """A page that hardly packs: hexadecimal digits without a pattern."""
    noise = (digest(str(part).encode()) for part in range(size // 64))
    return told_body(*iter(lambda: "".join(islice(noise, 1_000)), ""))


def a_representation(body: bytes = b"{}", name: str = "", district: str = DISTRICT) -> tuple[Representation, bytes]:
    packed = codec.pack(body, codec.SERVED_LEVEL)
    stored = artefact(district, ArtefactKind.REPRESENTATION, name or digest(b"view" + body), packed)
    return Representation(
        stored, digest(b"model"), digest(body), len(body), incidents=3, persons=2, people="p" * 64
    ), packed


def a_walk(arrival: Arrival | None = None, **changes: object) -> Walk:
    """Begun with a page 1. `changes`: fields of Walk."""
    hour = timedelta(hours=1)
    walk = Walk.begun((arrival or arrive()).page, Check.VERIFIED, Freshness(hour, hour, hour))
    return replace(walk, **changes)  # type: ignore[arg-type]  # by name


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def written(arrival: Arrival) -> tuple[StoredPage, bytes, bytes]:
    """As a store takes it."""
    return arrival.page, arrival.packed_raw, arrival.packed_model


def publish(walks: WalkStore, listing: Listing, snapshot: str) -> None:
    """As who has read page 1 does."""
    seen = walks.pointer(listing)
    assert seen is not None
    turn = walks.take(listing, Slot.PAGE, seen, "reader")
    assert isinstance(turn, Granted)
    assert walks.publish(listing, Slot.PAGE, turn, snapshot)
