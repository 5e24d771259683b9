"""The control plane over HTTP: who calls, which address, and how every end is answered and recorded.

Rule: nothing is looked at before the token holds; every request, refused or not, is recorded, and a change before it
is made. No id is recorded that the registry does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from hallpass.adapters.admin_addresses import UNKNOWN, Address, AddressBook, addresses
from hallpass.adapters.admin_bodies import body_problem
from hallpass.adapters.admin_cache_routes import CacheRoutes
from hallpass.adapters.admin_ledger_routes import LedgerRoutes
from hallpass.adapters.admin_limit_routes import LimitRoutes
from hallpass.adapters.admin_preview_routes import PreviewRoutes
from hallpass.adapters.admin_routes import AdminRoutes, Call
from hallpass.adapters.admin_status_routes import StatusRoutes
from hallpass.adapters.api_gateway import LambdaContext, answer_of, request_of
from hallpass.adapters.json_body import check_json_body
from hallpass.domain.access import Actor, open_actor
from hallpass.domain.bearer import bearer_token
from hallpass.domain.claims import claimed_person
from hallpass.domain.errors import InternalError, WrongTokenKindError
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import SAFETY, HttpRequest, HttpResponse
from hallpass.domain.problem import render_problem
from hallpass.domain.query import Format, no_parameters
from hallpass.domain.tokens import TokenKind
from hallpass.domain.upstream import UpstreamError
from hallpass.ports import Telemetry
from hallpass.services.filing import Filing, file_by_person
from hallpass.services.manage_access import Desk, require_operator
from hallpass.services.recording import Recorder
from hallpass.services.trail import Trail

NOT_KEPT = ("Cache-Control", "no-store")


class AdminHttp:
    """Answers every request of the admin API; `handle` never raises."""

    def __init__(self, desk: Desk, recorder: Recorder, telemetry: Telemetry) -> None:
        self._desk = desk
        self._recorder = recorder
        self._telemetry = telemetry
        # Said, because a variable of the environment (POWERTOOLS_DEV) would else have every event printed.
        self._app = APIGatewayHttpResolver(enable_validation=True, debug=False)
        current = self._current
        ledger, status = LedgerRoutes(desk, current), StatusRoutes(desk, current)
        limits, previews = LimitRoutes(desk, current), PreviewRoutes(desk, current)
        admin, cache = AdminRoutes(desk, current), CacheRoutes(desk, current)
        table = addresses(admin, cache, limits, ledger, status, previews)
        self._book = AddressBook(table)
        for address in table:
            self._app.route(address.rule, method=address.method)(address.answer)
        # Without it the resolver logs what it does not know, with the exception's text.
        self._app.exception_handler(Exception)(self._caught)

    def handle(self, event: Mapping[str, Any], context: LambdaContext, *, cold: bool = False) -> dict[str, Any]:
        request = request_of(event, context, cold=cold)
        trail = Trail(request, self._desk.clock.now(), action=UNKNOWN)
        response, problem = self._outcome(event, context, request, trail)
        response = self._recorder.recorded(trail, response, problem, lambda error: _problem(error, request))
        return answer_of(response.with_headers(NOT_KEPT, *SAFETY, ("X-Request-Id", request.request_id)))

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
        actor = self._authenticate(request, trail)
        match = self._book.find(request.method, request.path)
        trail.action = match.address.action
        no_parameters(request.raw_query)
        if match.address.operators:
            require_operator(actor)
        filing = Filing(self._desk, actor, trail)
        filing.address(match.ids)
        _read_body(event, request, match.address, filing)
        if match.address.changes:
            self._recorder.begin(trail)
        seconds = context.get_remaining_time_in_millis() / 1000
        caught: list[Exception] = []
        self._app.context.update(call=Call(actor, trail, seconds), caught=caught)
        # The resolver knows its own type of context only by name.
        resolved = self._app.resolve(event, context)  # type: ignore[arg-type]  # any object with Lambda's methods
        if caught:
            raise caught[0]
        headers = (("Content-Type", "application/json"),)
        return HttpResponse(resolved["statusCode"], headers, resolved["body"].encode())

    def _authenticate(self, request: HttpRequest, trail: Trail) -> Actor:
        """One consistent read of the registry, every time: revocation works on the next request."""
        presented = bearer_token(request.header("authorization"))
        if presented.kind is not TokenKind.ADMIN:
            raise WrongTokenKindError
        now = self._desk.clock.now()
        record = self._desk.registry.find_person(presented.holder_id, presented.token_id)
        # Before it may be refused: what a stolen token was used for stands in its person's district.
        claimed = claimed_person(presented, record)
        if claimed is not None:
            file_by_person(trail, claimed)
            trail.action = self._book.action(request.method, request.path)
        return open_actor(presented, record, now)

    def _current(self) -> Call:
        call: Call = self._app.context["call"]
        return call

    def _caught(self, error: Exception) -> Response[str]:
        """Takes an error past the resolver, so that one place answers all of them."""
        self._app.context["caught"].append(error)
        return Response(500, "application/json", "{}")


def _read_body(event: Mapping[str, Any], request: HttpRequest, address: Address, filing: Filing) -> None:
    if not address.body:
        return
    body = check_json_body(event, request.header("content-type"))
    if address.about is not None:
        filing.body(body.get(address.about))


def _problem(error: HallpassError, request: HttpRequest) -> HttpResponse:
    body, media_type = render_problem(error, request.request_id, Format.JSON)
    if request.method == "HEAD":
        body = b""
    return HttpResponse(error.status, (("Content-Type", media_type), *error.headers), body)
