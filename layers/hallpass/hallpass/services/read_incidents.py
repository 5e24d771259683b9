"""The straight line of a vendor's request for incidents. Each step takes the previous step's type.

Rule: nothing is looked up before the token and the scope have allowed it, and nothing is sent that was not
rendered under the grant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from hallpass.domain.access import District, Pass
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.grant import Grant, narrow
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.listing import Account, Listing
from hallpass.domain.negotiation import MEDIA_TYPES, choose_format
from hallpass.domain.query import Format, IncidentQuery
from hallpass.ports import Clock
from hallpass.services.page_source import HeldPage, PageSource
from hallpass.services.representations import PageLostError, Renderer
from hallpass.services.responding import Asked, respond
from hallpass.services.trail import Trail

FIXED_FORMATS = {
    "/v1/incidents.xml": ("application/xml", Format.XML),
    "/public/v1/incidents.xml": ("application/xml", Format.XML),
    "/v1/incidents.json": ("application/json", Format.JSON),
    "/v1/incidents.ndjson": ("application/x-ndjson", Format.NDJSON),
    "/v1/incidents.csv": ("text/csv", Format.CSV),
}


@dataclass(frozen=True, slots=True)
class IncidentReader:
    """`origin`: the upstream's, a part of every cache key.

    `base_url`: what links are built on; "" stands for where we were called.
    """

    pages: PageSource
    renderer: Renderer
    clock: Clock
    origin: str
    base_url: str

    def read(self, request: HttpRequest, opened: Pass, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        """The answer to an authenticated request. Raises a HallpassError."""
        query = IncidentQuery.parse(request.raw_query)
        trail.note_query(query, opened.integration.scope)
        media_type, form = _format(request, query)
        trail.note(format=form.value)
        grant = narrow(opened.integration, query, self._today(opened.district))
        _check_verbatim(grant, query, form)
        trail.note_grant(grant, opened.integration.scope)
        listing = Listing(Account(opened.district.id, self.origin, opened.district.account_epoch), grant.upstream)
        asked = Asked(request, query, media_type, form, grant)
        line = self._within(seconds_left)
        held = line.pages.obtain(listing, query.page, seconds_left)
        try:
            return line._answer(asked, held, trail)
        except PageLostError:
            # What cannot be read back whole is a miss; just fetched, nothing need be read back.
            held = line.pages.fetch(listing, query.page, seconds_left, held.page.snapshot, held.page)
            return line._answer(asked, held, trail, anew=True)

    def _within(self, seconds_left: Callable[[], float]) -> IncidentReader:
        store = self.pages.store.within(seconds_left)
        return replace(self, pages=replace(self.pages, store=store), renderer=replace(self.renderer, store=store))

    def _answer(self, asked: Asked, held: HeldPage, trail: Trail, *, anew: bool = False) -> HttpResponse:
        rendering = self.renderer.render(held, asked.grant, asked.form, anew=anew)
        response = respond(asked, held, rendering, self.base_url or asked.request.origin, self.clock.now())
        disclosed = response.status == 200 and asked.request.method == "GET"
        trail.note_page(held, self.clock.now())
        trail.note_rendering(rendering, disclosed=disclosed)
        return response

    def _today(self, district: District) -> date:
        return self.clock.now().astimezone(ZoneInfo(district.time_zone)).date()


def _check_verbatim(grant: Grant, query: IncidentQuery, form: Format) -> None:
    """The upstream's own bytes cannot be filtered by what the upstream does not know. Raises InvalidParametersError."""
    if grant.verbatim and form is Format.XML:
        detail = "not with XML under upstream@1, which is the upstream's own bytes; ask for JSON, NDJSON or CSV"
        filters = {name for name, _ in query.filters()} - {name for name, _ in query.upstream.parameters()}
        if filters:
            raise InvalidParametersError([{"name": name, "detail": detail} for name in sorted(filters)])


def _format(request: HttpRequest, query: IncidentQuery) -> tuple[str, Format]:
    """A path that names its format decides; else `format`, else the Accept field. Raises NotAcceptableError."""
    fixed = FIXED_FORMATS.get(request.path)
    if fixed is not None:
        if query.format not in (None, fixed[1]):
            raise InvalidParametersError([{"name": "format", "detail": "the path already says another format"}])
        return fixed
    if query.format is not None:
        return next(pair for pair in MEDIA_TYPES if pair[1] is query.format)
    return choose_format(request.header("accept"))
