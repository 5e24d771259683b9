"""A rendering as an HTTP response: validators, coding, freshness and links (RFC 9110, 9111, 9211, 8288)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hallpass.domain import codec
from hallpass.domain.conditional import entity_tag, none_match
from hallpass.domain.errors import ResponseTooLargeError
from hallpass.domain.grant import Grant
from hallpass.domain.http import ANSWER_LIMIT_BYTES, LATER_BYTES, HttpRequest, HttpResponse, answer_size
from hallpass.domain.links import page_links, schema_link
from hallpass.domain.negotiation import accepts_gzip
from hallpass.domain.outcome import cache_status
from hallpass.domain.query import Format, IncidentQuery
from hallpass.domain.response_age import age
from hallpass.domain.since import watermark
from hallpass.services.held_page import HeldPage
from hallpass.services.representations import PageLostError, Rendering

VARY = "Accept, Accept-Encoding, Authorization"
# RFC 9111: kept by the vendor alone, and checked with us before every use.
_SMALLER = "Also compressed the page is over the limit: ask for less with `type` or `from` and `to`."
CACHE_CONTROL = "private, no-cache"
# What of the schema of a page describes the answer: all of it, or each line.
_PLACES = {Format.JSON: "", Format.NDJSON: "#/properties/incidents/items"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was found to be in order: what it asks for, in which form, under which grant.

    `ignored`: it asked for a refresh that its token may not ask for.
    """

    request: HttpRequest
    query: IncidentQuery
    media_type: str
    form: Format
    grant: Grant
    ignored: bool = False


def respond(asked: Asked, held: HeldPage, rendering: Rendering, base_url: str, now: datetime) -> HttpResponse:
    """200, or 304 without a body. Raises PageLostError, and ResponseTooLargeError over Lambda's limit."""
    gzip = accepts_gzip(asked.request.header("accept-encoding"))
    tag = entity_tag(rendering.representation.etag, gzip=gzip)
    shared = (
        # Also in a 304: a gateway that finds none puts in its own, and caches would take it over.
        ("Content-Type", _content_type(asked)),
        ("ETag", tag),
        ("Cache-Control", CACHE_CONTROL),
        ("Vary", VARY),
        ("Age", str(int(age(held.page.received, now).total_seconds()))),
        ("Cache-Status", cache_status(held.outcome, ignored=asked.ignored)),
        ("Link", _links(asked, held, base_url)),
        ("Hallpass-Dataset", asked.grant.dataset),
        *_next_since(asked, held),
        *_file_name(asked, held),
    )
    if not none_match(asked.request.header("if-none-match"), tag):
        return HttpResponse(304, shared, b"")
    coding = (("Content-Encoding", "gzip"),) if gzip else ()
    head = HttpResponse(200, shared + coding, b"")
    shown = rendering.representation
    length = shown.stored.size if gzip else shown.size
    if answer_size(head, length) + LATER_BYTES > ANSWER_LIMIT_BYTES:
        raise ResponseTooLargeError(_SMALLER if gzip else "")
    return head if asked.request.method == "HEAD" else replace(head, body=_body(rendering, gzip=gzip))


def _body(rendering: Rendering, *, gzip: bool) -> bytes:
    packed = rendering.packed()
    if gzip:
        return packed
    content = codec.unpack(packed)
    if content is None:
        raise PageLostError
    return content


def _content_type(asked: Asked) -> str:
    # RFC 4180 section 3.
    header = "; header=present" if asked.form is Format.CSV else ""
    return f"{asked.media_type}; charset=utf-8{header}"


def _next_since(asked: Asked, held: HeldPage) -> tuple[tuple[str, str], ...]:
    """The watermark for the next poll, where the view shows what a poll filters by."""
    if not asked.grant.pollable:
        return ()
    mark = watermark(held.read_from, whole_days=asked.grant.view.whole_days)
    return (("Hallpass-Next-Since", mark.text()),)


def _file_name(asked: Asked, held: HeldPage) -> tuple[tuple[str, str], ...]:
    """A page of CSV ends up as a file, and has no place of its own to say which page it is."""
    if asked.form is not Format.CSV:
        return ()
    name = f"incidents-page-{asked.query.page}-of-{held.page.total_pages}.csv"
    return (("Content-Disposition", f'attachment; filename="{name}"'),)


def _links(asked: Asked, held: HeldPage, base_url: str) -> str:
    # Also one that is kept nowhere: who goes on from it has to hear that, and not to come to another.
    walked = held.snapshot if held.page.total_pages > 1 else None
    links = page_links(base_url, asked.request.path, asked.query, walked, held.page.total_pages)
    if asked.form in (Format.JSON, Format.NDJSON):
        return f"{links}, {schema_link(base_url, asked.grant.fields, _PLACES[asked.form])}"
    return links
