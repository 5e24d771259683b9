"""What a vendor's request would be answered, and why: the steps of services/read_incidents.py, told instead of done.

Rule: no call upstream, nothing written, and of persons numbers only. Where that line ends in a refusal, so does this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hallpass.domain.access import Actor, District, Integration, Token
from hallpass.domain.failure import HallpassError
from hallpass.domain.field_table import GroupLine, field_table
from hallpass.domain.grant import Grant, narrow
from hallpass.domain.http import HttpRequest
from hallpass.domain.listing import Account, Listing
from hallpass.domain.outcome import Hit
from hallpass.domain.pages import StoredPage
from hallpass.domain.query import Format, IncidentQuery, refuse_tokens
from hallpass.domain.rendered import count_persons
from hallpass.domain.row_filter import UNDOCUMENTED
from hallpass.domain.standing import check_standing
from hallpass.page_ports import KeptPages
from hallpass.services.deadline import deadline
from hallpass.services.explain_lookup import Explainer, Found, Lookup
from hallpass.services.held_page import HeldPage, Wanted
from hallpass.services.kept_readings import read_model
from hallpass.services.manage_access import Desk, visible_integration, visible_token
from hallpass.services.read_incidents import check_verbatim, format_of, walker_of, wanted_of
from hallpass.services.representations import cut, representation_name

_SUPPOSED = "Supposing that the token's page 1 was of the current snapshot (name a token to know): "

_UNREADABLE = "It is cached, and its content cannot be read back: it is fetched again."


@dataclass(frozen=True, slots=True)
class ExplainAsked:
    """`query`: the raw query string. `token`: the id of one of the integration's; None: any that holds by itself."""

    query: str
    form: Format
    token: str | None = None


@dataclass(frozen=True, slots=True)
class RowsFound:
    """Of the page that is stored. `removed`: by reason; `persons`: that the rows which are shown tell of."""

    on_page: int
    shown: int
    removed: Mapping[str, int]
    persons: int


@dataclass(slots=True)
class Explanation:
    """As far as the request would come. `refusal`: what it would end with; None: an answer.

    `stored`: whether the answer has been computed before. `rows`: None when no page of it is stored that can be read.
    """

    district: District
    integration: Integration
    refusal: HallpassError | None = None
    query: IncidentQuery | None = None
    grant: Grant | None = None
    listing: Listing | None = None
    lookup: Lookup | None = None
    representation: str | None = None
    stored: bool = False
    rows: RowsFound | None = None
    fields: Sequence[GroupLine] = field(default_factory=list)


def explain(desk: Desk, actor: Actor, address: tuple[str, str], asked: ExplainAsked, seconds: float) -> Explanation:
    """`address`: district, integration. `seconds`: what the invocation has left.

    Raises NotFoundError, also for a token of another integration, and UnavailableError.
    """
    district, integration = visible_integration(desk, actor, *address)
    token = visible_token(desk, integration, asked.token) if asked.token else None
    told = Explanation(district, integration)
    kept = desk.kept.within(deadline(desk.clock, seconds))
    try:
        wanted = _wanted(desk, told, token, asked)
    except HallpassError as refused:
        told.refusal = refused
        return told
    told.lookup = _look_up(desk, kept, wanted, token)
    told.refusal = told.lookup.refusal
    if told.lookup.page is not None:
        _tell_page(kept, told, told.lookup.page, asked.form)
    return told


def _wanted(desk: Desk, told: Explanation, token: Token | None, asked: ExplainAsked) -> Wanted:
    """What the request wants of a listing, each step noted. Raises what the vendor would be refused with."""
    district, integration = told.district, told.integration
    refuse_tokens(asked.query)
    check_standing(token, integration, district, desk.clock.now())
    request = HttpRequest("GET", f"/v1/incidents.{asked.form}", asked.query, {}, "", "", "")
    told.query = query = IncidentQuery.parse(asked.query)
    _, form = format_of(request, query)
    told.grant = grant = narrow(integration, query, desk.today(district))
    told.fields = field_table(grant.view)
    check_verbatim(grant, query, form)
    account = Account(district.id, desk.upstream.origin, district.account_epoch)
    told.listing = listing = Listing(account, grant.upstream)
    walker = walker_of(request, integration, token.id if token else "", query, form)
    return wanted_of(request, (district, integration), listing, query, walker, desk.clock)


def _look_up(desk: Desk, kept: KeptPages, wanted: Wanted, token: Token | None) -> Lookup:
    now = desk.clock.now()
    if token is not None or wanted.number == 1 or wanted.snapshot is not None:
        return Explainer(kept, wanted, now).look_up()
    pointer = kept.pointer(wanted.listing)
    supposed = replace(wanted, snapshot=pointer.snapshot) if pointer is not None else wanted
    found = Explainer(kept, supposed, now).look_up()
    return replace(found, why=_SUPPOSED + found.why)


def _tell_page(kept: KeptPages, told: Explanation, page: StoredPage, form: Format) -> None:
    grant = told.grant
    assert grant is not None, "nothing is looked up without one"
    held = HeldPage(page, page.snapshot, Hit(0), page.received.requested_at)
    told.representation = representation_name(held, grant, form)
    told.stored = kept.find_representation(page.model.district_id, told.representation) is not None
    model = read_model(kept, page)
    if model is None:
        if told.lookup is not None and told.refusal is None and not told.stored:
            told.lookup = replace(told.lookup, found=Found.FETCH, why=_UNREADABLE)
        return
    rows, removed = cut(model, grant.rows)
    removed.update({UNDOCUMENTED: page.withheld} if page.withheld else {})
    if grant.verbatim and form is Format.XML:
        # The upstream's own bytes hold every row of the page.
        told.rows = RowsFound(page.rows, page.rows, {}, count_persons(model.incidents, grant.view))
        return
    told.rows = RowsFound(page.rows, len(rows), dict(removed), count_persons(rows, grant.view))
