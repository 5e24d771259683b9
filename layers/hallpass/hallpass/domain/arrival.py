"""A page as it arrives from the upstream: judged, modelled and packed, ready to be stored.

Rule: only what passed the reader is ever stored, and a page that is not the one asked for is no page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hallpass.domain import codec
from hallpass.domain.http_caching import Received
from hallpass.domain.model import Incident, PageModel, dump_model, incident_uuid
from hallpass.domain.pages import Artefact, ArtefactKind, StoredPage, digest
from hallpass.domain.quarantine import WITHHELD_INCIDENT
from hallpass.domain.reading import read_page
from hallpass.domain.unreadable import UnreadablePageError
from hallpass.domain.upstream import UpstreamInvalidError


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page with what it was made from: the bytes, the model, and both as they are stored.

    `raw`: the upstream's, but for a page past the last one that holds anything: see `_asked_for`.
    """

    page: StoredPage
    raw: bytes
    model: PageModel
    packed_raw: bytes
    packed_model: bytes


def receive(district_id: str, snapshot: str, number: int, body: bytes, received: Received) -> Arrival:
    """Reads the upstream's bytes for page `number`. Raises UpstreamInvalidError for what is no page."""
    try:
        raw, model = _asked_for(body, read_page(body), number)
    except UnreadablePageError as unreadable:
        raise UpstreamInvalidError(upstream_status=200) from unreadable
    packed_raw = codec.pack(raw, codec.SERVED_LEVEL)
    dumped = dump_model(model)
    packed_model = codec.pack(dumped, codec.KEPT_LEVEL)
    page = StoredPage(
        snapshot=snapshot,
        number=number,
        raw=artefact(district_id, ArtefactKind.RAW, digest(raw), packed_raw),
        model=artefact(district_id, ArtefactKind.MODEL, digest(dumped), packed_model),
        rows=len(model.incidents) + model.quarantine.get(WITHHELD_INCIDENT, 0),
        withheld=model.quarantine.get(WITHHELD_INCIDENT, 0),
        count=model.count,
        total_pages=model.total_pages,
        first_row=_row_digest(model.incidents[:1]),
        last_row=_row_digest(model.incidents[-1:]),
        received=received,
        written_at=received.received_at,
    )
    return Arrival(page, raw, model, packed_raw, packed_model)


def artefact(district_id: str, kind: ArtefactKind, name: str, packed: bytes) -> Artefact:
    return Artefact(district_id, kind, name, digest(packed), len(packed), codec.chunk_count(packed))


def _asked_for(body: bytes, model: PageModel, number: int) -> tuple[bytes, PageModel]:
    """Past the last page the upstream may repeat another: it is an empty page. Before it, the page must be ours.

    A page that says it is the one asked for, past the last, and holds incidents contradicts itself: to empty it
    would be a silent gap.

    Raises UpstreamInvalidError.
    """
    if number > max(1, model.total_pages):
        if model.page == number and (model.incidents or WITHHELD_INCIDENT in model.quarantine):
            raise UpstreamInvalidError(upstream_status=200)
        # Its bytes must not show what the model, by which the disclosure is counted, does not have.
        empty = f'<incidents count="0" page="{number}" total-pages="{model.total_pages}"/>'.encode()
        blank = not model.incidents and not model.quarantine
        return body if blank else empty, replace(model, count=0, page=number, incidents=())
    if model.page != number:
        raise UpstreamInvalidError(upstream_status=200)
    return body, model


def past_the_last(first: StoredPage, number: int) -> Arrival:
    """The empty page `number` of a snapshot that ends before it. `first`: the snapshot's page 1."""
    body = f'<incidents count="0" page="{number}" total-pages="{first.total_pages}"/>'.encode()
    return receive(first.raw.district_id, first.snapshot, number, body, first.received)


def _row_digest(rows: tuple[Incident, ...]) -> str:
    """SHA-256 (hex) of the row's uuid, so that a later check can compare without keeping the uuid."""
    return digest((incident_uuid(rows[0]) or "").encode()) if rows else ""
