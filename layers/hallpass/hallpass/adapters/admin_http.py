"""The control plane over HTTP: who calls, which address, and how every end is answered and recorded.

Rule: nothing is looked at before the token holds; every request, refused or not, is recorded, and a change before it
is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from hallpass.adapters.admin_addresses import AddressBook, addresses
from hallpass.adapters.admin_bodies import body_problem
from hallpass.adapters.admin_cache_routes import CacheRoutes
from hallpass.adapters.admin_ledger_routes import LedgerRoutes
from hallpass.adapters.admin_limit_routes import LimitRoutes
from hallpass.adapters.admin_routes import AdminRoutes, Call
from hallpass.adapters.admin_status_routes import StatusRoutes
from hallpass.adapters.api_gateway import LambdaContext, answer_of, request_of
from hallpass.adapters.json_body import check_json_body
from hallpass.domain.access import Actor, open_actor
from hallpass.domain.bearer import bearer_token
from hallpass.domain.errors import InternalError, WrongTokenKindError
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import SAFETY, HttpRequest, HttpResponse
from hallpass.domain.problem import render_problem
from hallpass.domain.query import Format, no_parameters
from hallpass.domain.tokens import TokenKind
from hallpass.domain.upstream import UpstreamError
from hallpass.ports import Telemetry
from hallpass.services.manage_access import Desk
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
        limits = LimitRoutes(desk, current)
        table = addresses(AdminRoutes(desk, current), CacheRoutes(desk, current), limits, ledger, status)
        self._book = AddressBook(table)
        for address in table:
            self._app.route(address.rule, method=address.method)(address.answer)
        # Without it the resolver logs what it does not know, with the exception's text.
        self._app.exception_handler(Exception)(self._caught)

    def handle(self, event: Mapping[str, Any], context: LambdaContext, *, cold: bool = False) -> dict[str, Any]:
        request = request_of(event, context, cold=cold)
        trail = Trail(request, self._desk.clock.now(), action="admin")
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
        _note_ids(trail, match.ids)
        no_parameters(request.raw_query)
        if match.address.body:
            check_json_body(event, request.header("content-type"))
        if match.address.changes:
            trail.changes = True
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
        registry, now = self._desk.registry, self._desk.clock.now()
        actor = open_actor(presented, registry.find_person(presented.holder_id, presented.token_id), now)
        trail.note(actor=actor.person.id, role=actor.person.role.value)
        return actor

    def _current(self) -> Call:
        call: Call = self._app.context["call"]
        return call

    def _caught(self, error: Exception) -> Response[str]:
        """Takes an error past the resolver, so that one place answers all of them."""
        self._app.context["caught"].append(error)
        return Response(500, "application/json", "{}")


def _note_ids(trail: Trail, ids: Mapping[str, str]) -> None:
    facts = {name.removesuffix("_id"): value for name, value in ids.items()}
    person = facts.pop("person", None)
    trail.note(**facts, target=person or next(reversed(facts.values()), None))


def _problem(error: HallpassError, request: HttpRequest) -> HttpResponse:
    body, media_type = render_problem(error, request.request_id, Format.JSON)
    if request.method == "HEAD":
        body = b""
    return HttpResponse(error.status, (("Content-Type", media_type), *error.headers), body)
