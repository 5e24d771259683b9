"""The straight line of a vendor's request for incidents. Each step takes the previous step's type.

Rule: nothing is looked up before the token and the scope have allowed it, and nothing is sent that was not
rendered under the grant.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from hallpass.domain.access import District, Integration, Pass
from hallpass.domain.cache_directives import RequestDirectives
from hallpass.domain.cache_errors import PageInFlightError, SnapshotExpiredError
from hallpass.domain.errors import InvalidParametersError
from hallpass.domain.grant import Grant, narrow
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.links import page_address
from hallpass.domain.listing import Account, Listing
from hallpass.domain.negotiation import MEDIA_TYPES, choose_format
from hallpass.domain.query import Format, IncidentQuery
from hallpass.domain.upstream import ListingUnstableError
from hallpass.ports import Clock, PseudonymKeys, Telemetry
from hallpass.services.assembly import Assembled, Parts
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.representations import PageLostError, Renderer, Witnesses
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
    """`parts`: of what reads pages; its upstream's origin is a part of every cache key.

    `base_url`: what links are built on; "" stands for where we were called.
    """

    parts: Parts
    telemetry: Telemetry
    keys: PseudonymKeys
    witnesses: Witnesses
    base_url: str

    def read(self, request: HttpRequest, opened: Pass, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        """The answer to an authenticated request. Raises a HallpassError."""
        query = IncidentQuery.parse(request.raw_query)
        trail.note_query(query, opened.integration.scope)
        media_type, form = format_of(request, query)
        trail.note(format=form.value)
        grant = narrow(opened.integration, query, today(self.parts.clock, opened.district))
        check_verbatim(grant, query, form)
        trail.note_grant(grant, opened.integration.scope)
        asked = Asked(request, query, media_type, form, grant, ignores_refresh(request, opened.integration))
        wanted = self.wanted(request, opened, grant, query, form)
        made = self.parts.assembled(seconds_left)
        renderer = self.renderer(made)
        try:
            held = made.pages.obtain(wanted, seconds_left)
            try:
                response = self._answer(asked, held, renderer, trail)
            except PageLostError:
                # What cannot be read back whole is a miss; just fetched, nothing need be read back.
                held = made.pages.restored(wanted, held, seconds_left)
                response = self._answer(asked, held, renderer, trail, anew=True)
            made.pages.pin(wanted, held)
            return response
        except PageLostError as lost:
            # Somebody else read it meanwhile, and that is lost as well: nothing to wait for, but to ask again.
            raise PageInFlightError from lost
        except (SnapshotExpiredError, ListingUnstableError) as ended:
            restart = page_address(self.base_url or request.origin, request.path, query, None, 1)
            raise ended.restarting_at(restart) from ended.__cause__

    def renderer(self, made: Assembled) -> Renderer:
        return Renderer(made.store, self.telemetry, self.keys, self.witnesses)

    def wanted(self, request: HttpRequest, opened: Pass, grant: Grant, query: IncidentQuery, form: Format) -> Wanted:
        district, integration = opened.district, opened.integration
        account = Account(district.id, self.parts.upstream.origin, district.account_epoch)
        walker = walker_of(request, integration, opened.token.id, query, form)
        listing = Listing(account, grant.upstream)
        return wanted_of(request, (district, integration), listing, query, walker, self.parts.clock)

    def _answer(
        self, asked: Asked, held: HeldPage, renderer: Renderer, trail: Trail, *, anew: bool = False
    ) -> HttpResponse:
        rendering, now = renderer.render(held, asked.grant, asked.form, anew=anew), self.parts.clock.now()
        response = respond(asked, held, rendering, self.base_url or asked.request.origin, now)
        disclosed = response.status == 200 and asked.request.method == "GET"
        trail.note_page(held, now, ignored=asked.ignored)
        trail.note_rendering(rendering, disclosed=disclosed)
        return response


def wanted_of(
    request: HttpRequest,
    between: tuple[District, Integration],
    listing: Listing,
    query: IncidentQuery,
    walker: str,
    clock: Clock,
) -> Wanted:
    """What a request wants of a listing. `between`: whom it is between."""
    district, integration = between
    return Wanted(
        listing=listing,
        number=query.page,
        snapshot=query.snapshot,
        walker=walker,
        freshness=district.cache.freshness(listing.query.last, today(clock, district)),
        check=district.cache.check,
        directives=directives_of(request, may_refresh=integration.may_refresh),
        stale_cap=integration.stale_cap,
        pins=request.method == "GET",
    )


def walker_of(request: HttpRequest, integration: Integration, token_id: str, query: IncidentQuery, form: Format) -> str:
    """Whose walk it is: a poll beside a reconciliation is another than that, though both go through one listing."""
    told = json.dumps([request.path, query.filters(), query.dataset, form.value], separators=(",", ":"))
    return f"{integration.id}{token_id}#{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def today(clock: Clock, district: District) -> date:
    return clock.now().astimezone(ZoneInfo(district.time_zone)).date()


def directives_of(request: HttpRequest, *, may_refresh: bool) -> RequestDirectives:
    control, pragma = request.header("cache-control"), request.header("pragma")
    fields = ([control] if control is not None else [], [pragma] if pragma is not None else [])
    return RequestDirectives.parse(*fields, may_refresh=may_refresh)


def ignores_refresh(request: HttpRequest, integration: Integration) -> bool:
    """Whether the request asks for a page to be read anew that its token may not ask for."""
    may = directives_of(request, may_refresh=True)
    return not integration.may_refresh and may != directives_of(request, may_refresh=False)


def check_verbatim(grant: Grant, query: IncidentQuery, form: Format) -> None:
    """The upstream's own bytes cannot be filtered by what the upstream does not know. Raises InvalidParametersError."""
    if grant.verbatim and form is Format.XML:
        detail = "not with XML under upstream@1, which is the upstream's own bytes; ask for JSON, NDJSON or CSV"
        filters = {name for name, _ in query.filters()} - {name for name, _ in query.upstream.parameters()}
        if filters:
            raise InvalidParametersError([{"name": name, "detail": detail} for name in sorted(filters)])


def format_of(request: HttpRequest, query: IncidentQuery) -> tuple[str, Format]:
    """A path that names its format decides; else `format`, else the Accept field. Raises NotAcceptableError."""
    fixed = FIXED_FORMATS.get(request.path)
    if fixed is not None:
        if query.format not in (None, fixed[1]):
            raise InvalidParametersError([{"name": "format", "detail": "the path already says another format"}])
        return fixed
    if query.format is not None:
        return next(pair for pair in MEDIA_TYPES if pair[1] is query.format)
    return choose_format(request.header("accept"))
