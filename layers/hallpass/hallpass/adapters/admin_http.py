"""The control plane over HTTP: who calls, which address, and how every end is answered and recorded.

Rule: nothing is looked at before the token holds; every request, refused or not, is recorded, and a change before it
is made. No id is recorded that the registry does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from hallpass.adapters.admin_addresses import UNKNOWN, Address, AddressBook
from hallpass.adapters.admin_bodies import body_problem
from hallpass.adapters.admin_claim_door import DOOR, ClaimDoor
from hallpass.adapters.admin_open_pages import ACTIONS, SITES, open_page, site_file, site_of
from hallpass.adapters.admin_routes import Call
from hallpass.adapters.admin_tables import addresses, make_routes
from hallpass.adapters.api_gateway import LambdaContext, answer_of, request_of
from hallpass.adapters.json_body import check_json_body
from hallpass.adapters.once import REPLAYED, answer_once
from hallpass.domain.access import Actor, Role
from hallpass.domain.bearer import bearer_token
from hallpass.domain.errors import (
    InternalError,
    RoleInsufficientError,
    TokenInvalidError,
    TokenMissingError,
    WrongTokenKindError,
)
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import SAFETY, HttpRequest, HttpResponse
from hallpass.domain.limit_errors import TooManyFailuresError
from hallpass.domain.outcomes import Claim, claim_of
from hallpass.domain.preconditions import version_seen
from hallpass.domain.problem import render_problem
from hallpass.domain.query import Format, parameters, refuse_tokens
from hallpass.domain.retry_errors import version_tag
from hallpass.domain.tokens import TokenKind
from hallpass.domain.upstream import UpstreamError
from hallpass.ports import Telemetry
from hallpass.services.desk_roster import DeskRoster
from hallpass.services.failures import Failures
from hallpass.services.filing import Filing, file_by_person
from hallpass.services.manage_access import Desk, require_operator
from hallpass.services.manage_sessions import recognise
from hallpass.services.recording import Recorder
from hallpass.services.trail import Trail

_OTHER_KIND = "This address is opened by a token of another kind: an admin token, its session, or an invitation."
_ADMINS = frozenset({TokenKind.ADMIN, TokenKind.SESSION, TokenKind.INVITE})
NOT_KEPT = ("Cache-Control", "no-store")


class AdminHttp:
    """Answers every request of the admin API; `handle` never raises. `base_url`: "" for the one that is called."""

    def __init__(self, desk: Desk, recorder: Recorder, telemetry: Telemetry, base_url: str = "") -> None:
        self._desk = desk
        self._recorder = recorder
        self._telemetry = telemetry
        # Said, because a variable of the environment (POWERTOOLS_DEV) would else have every event printed.
        self._app = APIGatewayHttpResolver(enable_validation=True, debug=False)
        self._table = addresses(make_routes(desk, self._current))
        self._book = AddressBook(self._table)
        self._base_url = base_url
        self._failures = Failures(DeskRoster(desk), desk.clock)
        self._door = ClaimDoor(desk, recorder, self._failures)
        for address in self._table:
            if address.rule == DOOR:
                continue
            self._app.route(address.rule, method=address.method)(address.answer)
        # Without it the resolver logs what it does not know, with the exception's text.
        self._app.exception_handler(Exception)(self._caught)

    def handle(self, event: Mapping[str, Any], context: LambdaContext, *, cold: bool = False) -> dict[str, Any]:
        request = request_of(event, context, cold=cold)
        trail = Trail(request, self._desk.clock.now(), action=UNKNOWN)
        response, problem = self._outcome(event, context, request, trail)
        response = self._recorder.recorded(trail, response, problem, lambda error: _problem(error, request))
        kept = () if response.header("cache-control") else (NOT_KEPT,)
        return answer_of(response.with_headers(*kept, *SAFETY, ("X-Request-Id", request.request_id)))

    def _outcome(
        self, event: Mapping[str, Any], context: LambdaContext, request: HttpRequest, trail: Trail
    ) -> tuple[HttpResponse, str | None]:
        try:
            return self._answer(event, context, request, trail), None
        except HallpassError as error:
            failed = error
        except RequestValidationError as error:
            failed = body_problem(error.errors())
        except Exception as error:
            self._telemetry.crashed(error, request.request_id)
            failed = InternalError()
        if isinstance(failed, UpstreamError):
            trail.note_failure(failed)
        return _problem(failed, request), failed.slug

    def _answer(
        self, event: Mapping[str, Any], context: LambdaContext, request: HttpRequest, trail: Trail
    ) -> HttpResponse:
        # What is open to all tells nothing of anybody: each has its line, and no row.
        if request.path in ACTIONS:
            trail.action, trail.row = ACTIONS[request.path], False
            return open_page(request, self._table, self._base_url, self._recorder.version)
        name = site_of(request.path)
        if name is not None:
            trail.action, trail.row = SITES[name], False
            return site_file(request, name)
        if request.path == DOOR:
            return self._door.answer(event, request, trail)
        actor, kind = self._authenticate(request, trail)
        found = self._book.find(request.method, request.path)
        address = found.address
        trail.action = address.action
        query = parameters(request.raw_query, address.takes)
        _check_caller(actor, kind, address)
        filing = Filing(self._desk, actor, trail)
        filing.address(found.ids)
        body = _read_body(event, request, address, filing)
        seen = version_seen(request.header("if-match"), address.match)
        claim = self._claim(request, address, actor, body)
        if address.changes:
            self._recorder.begin(trail)
        seconds = context.get_remaining_time_in_millis() / 1000
        call = Call(actor, trail, seconds, seen, request.path, query)
        if claim is None:
            return self._made(event, context, call)
        response = answer_once(self._desk.outcomes, claim, claim.at, lambda: self._made(event, context, call))
        if response.header(REPLAYED[0]):
            trail.note(after="answered before")
        return response

    def _authenticate(self, request: HttpRequest, trail: Trail) -> tuple[Actor, TokenKind]:
        """Consistent reads, every time: who revokes a token or ends a session is obeyed on the next request.

        Raises a CredentialError, a ForbiddenError, TooManyFailuresError, TokenInQueryError.
        """
        try:
            presented = bearer_token(request.header("authorization"))
            if presented.kind in _ADMINS:
                self._failures.check(request.source, presented)
            caller = recognise(self._desk, presented)
            # Before it may be refused: what a stolen token was used for stands in its person's district.
            if caller.person is not None:
                file_by_person(trail, caller.person)
                trail.action = self._book.action(request.method, request.path)
                refuse_tokens(request.raw_query)
            return caller.opened(), presented.kind
        except (TokenMissingError, TokenInvalidError, WrongTokenKindError, TooManyFailuresError):
            trail.note_failed(self._failures.note(request.source))
            # Whoever put a token into a URL has to hear of it, whatever else is wrong.
            refuse_tokens(request.raw_query)
            raise

    def _claim(self, request: HttpRequest, address: Address, actor: Actor, body: bytes) -> Claim | None:
        """Raises InvalidParametersError."""
        header = request.header("idempotency-key")
        if header is None or not address.once:
            return None
        asked = b"\n".join((request.method.encode(), request.path.encode(), body))
        return claim_of(header, actor.person.id, asked, self._desk.clock.now())

    def _made(self, event: Mapping[str, Any], context: LambdaContext, call: Call) -> HttpResponse:
        caught: list[Exception] = []
        self._app.context.update(call=call, caught=caught)
        # The resolver knows its own type of context only by name.
        resolved = self._app.resolve(event, context)  # type: ignore[arg-type]  # any object with Lambda's methods
        if caught:
            raise caught[0]
        tags = [("ETag", version_tag(version)) for version in call.versions[-1:]]
        headers = (("Content-Type", "application/json"), *tags)
        return HttpResponse(resolved["statusCode"], headers, resolved["body"].encode())

    def _current(self) -> Call:
        call: Call = self._app.context["call"]
        return call

    def _caught(self, error: Exception) -> Response[str]:
        """Takes an error past the resolver, so that one place answers all of them."""
        self._app.context["caught"].append(error)
        return Response(500, "application/json", "{}")


def _check_caller(actor: Actor, kind: TokenKind, address: Address) -> None:
    """Raises WrongTokenKindError, RoleInsufficientError."""
    if kind not in address.opens:
        raise WrongTokenKindError(_OTHER_KIND)
    if actor.person.role is Role.AUDITOR and not address.auditor:
        raise RoleInsufficientError
    if address.operators:
        require_operator(actor)


def _read_body(event: Mapping[str, Any], request: HttpRequest, address: Address, filing: Filing) -> bytes:
    if not address.body:
        return b""
    body, members = check_json_body(event, request.header("content-type"))
    if address.about is not None:
        filing.body(members.get(address.about))
    return body


def _problem(error: HallpassError, request: HttpRequest) -> HttpResponse:
    body, media_type = render_problem(error, request.request_id, Format.JSON)
    if request.method == "HEAD":
        body = b""
    return HttpResponse(error.status, (("Content-Type", media_type), *error.headers), body)
