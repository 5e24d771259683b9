"""The cheap poll: one small document over all pages of a walk, as the token sees them (`/v1/snapshot`).

Rule: its validator changes when, and only when, an incident that this token sees does, comes or goes; a reading that
found nothing new leaves it as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import orjson

from hallpass.domain import codec
from hallpass.domain.access import Pass
from hallpass.domain.arrival import artefact
from hallpass.domain.cache_errors import PageInFlightError, SnapshotExpiredError
from hallpass.domain.conditional import entity_tag, none_match
from hallpass.domain.errors import UnavailableError
from hallpass.domain.grant import Grant, narrow
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.links import page_address
from hallpass.domain.outcome import Hit, cache_status
from hallpass.domain.pages import ArtefactKind, Representation, StoredPage, digest
from hallpass.domain.query import SNAPSHOT_TAKES, Format, IncidentQuery
from hallpass.domain.response_age import age
from hallpass.domain.upstream import ListingUnstableError
from hallpass.domain.walk import Walk
from hallpass.services.assembly import Assembled
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.page_source import ANSWER_RESERVE_SECONDS
from hallpass.services.read_incidents import IncidentReader, ignores_refresh, today
from hallpass.services.representations import PageLostError
from hallpass.services.responding import CACHE_CONTROL, VARY
from hallpass.services.trail import Trail


@dataclass(frozen=True, slots=True)
class SnapshotReader:
    """Over the reader of incidents: the same listing, the same grant, the same pages."""

    incidents: IncidentReader

    def read(self, request: HttpRequest, opened: Pass, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        """200 or 304. Raises a HallpassError."""
        reader = self.incidents
        query = IncidentQuery.parse(request.raw_query, SNAPSHOT_TAKES)
        trail.note_query(query, opened.integration.scope)
        grant = narrow(opened.integration, query, today(reader.parts.clock, opened.district))
        trail.note_grant(grant, opened.integration.scope)
        made = reader.parts.assembled(seconds_left)
        wanted = reader.wanted(request, opened, grant, query, Format.JSON)
        base = reader.base_url or request.origin
        try:
            held = made.pages.obtain(wanted, seconds_left)
            held, document = self._document(made, wanted, held, grant, seconds_left)
        except (SnapshotExpiredError, ListingUnstableError) as ended:
            asked = query.upstream.canonical()
            raise ended.restarting_at(f"{base}{request.path}{'?' if asked else ''}{asked}") from ended.__cause__
        now, ignored = reader.parts.clock.now(), ignores_refresh(request, opened.integration)
        trail.note_page(held, now, ignored=ignored)
        start = page_address(base, "/v1/incidents", query, held.snapshot if held.kept else None, 1)
        told = (
            ("Age", str(int(age(held.page.received, now).total_seconds()))),
            ("Cache-Status", cache_status(held.outcome, ignored=ignored)),
            ("Link", f'<{start}>; rel="first"'),
            ("Hallpass-Dataset", grant.dataset),
        )
        return _respond(request, document, told)

    def _document(
        self, made: Assembled, wanted: Wanted, held: HeldPage, grant: Grant, seconds_left: Callable[[], float]
    ) -> tuple[HeldPage, bytes]:
        """And the page 1 that it is of: one that is lost has another in its place."""
        if held.page.total_pages <= 1:
            try:
                return held, _written(grant, self._shown(made, held, grant))
            except PageLostError:
                # What there is in its place may have more pages.
                held = made.pages.restored(wanted, held, seconds_left)
                return self._document(made, wanted, held, grant, seconds_left)
        if not held.kept:
            # Without a store there is no walk, and nothing to say of one.
            raise UnavailableError
        walk = made.pages.walk_of(wanted, held.snapshot, seconds_left)
        name = hashlib.sha256(f"snapshot|{'|'.join(walk.digests)}|{grant.view_key()}".encode()).hexdigest()
        known = None if grant.verbatim else made.store.find_representation(held.page.model.district_id, name)
        packed = made.store.read(known.stored) if known else None
        content = codec.unpack(packed) if packed is not None else None
        if content is not None:
            return held, content
        document = _written(grant, self._all_shown(made, wanted, held.snapshot, walk, grant, seconds_left))
        if not grant.verbatim:
            self._keep(made, held.page, name, document)
        return held, document

    def _all_shown(
        self,
        made: Assembled,
        wanted: Wanted,
        snapshot: str,
        walk: Walk,
        grant: Grant,
        seconds_left: Callable[[], float],
    ) -> list[str]:
        """What it comes to is kept page by page: who ran out of time goes on there. Raises PageInFlightError."""
        shown: list[str] = []
        for number in range(1, walk.total_pages + 1):
            if seconds_left() < ANSWER_RESERVE_SECONDS:
                raise PageInFlightError
            page = made.pages.page_of(wanted.listing, walk, number)
            held = HeldPage(page, snapshot, Hit(0), walk.read_from)
            try:
                shown += self._shown(made, held, grant)
            except PageLostError:
                of_it = replace(wanted, number=number, snapshot=snapshot)
                shown += self._shown(made, made.pages.restored(of_it, held, seconds_left), grant)
        return shown

    def _shown(self, made: Assembled, held: HeldPage, grant: Grant) -> list[str]:
        """A keyed digest of each incident of a page as the token sees it. Raises PageLostError, UnavailableError.

        Who gets the upstream's bytes sees more than incidents: one of the page, as often as it has incidents.
        """
        renderer = self.incidents.renderer(made)
        marks = renderer.witnesses.keys.marks(held.page.model.district_id)
        if grant.verbatim:
            return [marks.validator(held.page.raw.name.encode())] * held.page.rows
        content = codec.unpack(renderer.render(held, grant, Format.NDJSON, anew=held.arrival is not None).packed())
        if content is None:
            raise PageLostError
        return [marks.validator(line) for line in content.splitlines()]

    def _keep(self, made: Assembled, first: StoredPage, name: str, document: bytes) -> None:
        packed = codec.pack(document, codec.SERVED_LEVEL)
        stored = artefact(first.model.district_id, ArtefactKind.REPRESENTATION, name, packed)
        kept = Representation(stored, first.model.name, digest(document), len(document), incidents=0, persons=0)
        made.store.save_representation(kept, packed)


def _written(grant: Grant, shown: Sequence[str]) -> bytes:
    """Nothing in it says when it was read, nor which incident stood on which page: that hidden ones decide too."""
    whole = digest("|".join(sorted(shown)).encode())
    return orjson.dumps({"dataset": grant.dataset, "incidents": len(shown), "digest": whole})


def _respond(request: HttpRequest, document: bytes, told: tuple[tuple[str, str], ...]) -> HttpResponse:
    tag = entity_tag(digest(document), gzip=False)
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("ETag", tag),
        ("Cache-Control", CACHE_CONTROL),
        ("Vary", VARY),
        *told,
    )
    if not none_match(request.header("if-none-match"), tag):
        return HttpResponse(304, headers, b"")
    return HttpResponse(200, headers, document if request.method == "GET" else b"")
