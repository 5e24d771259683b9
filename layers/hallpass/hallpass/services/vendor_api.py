"""The data plane: which address does what, how an error is answered, and that everything leaves a record.

Rule: no response leaves before it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hallpass.domain.access import Token
from hallpass.domain.errors import (
    ConfirmationRequiredError,
    InternalError,
    MethodNotAllowedError,
    NotFoundError,
)
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import SAFETY, HttpRequest, HttpResponse
from hallpass.domain.negotiation import choose_problem_format
from hallpass.domain.outcome import refusal_status
from hallpass.domain.problem import render_problem
from hallpass.domain.query import Format, no_parameters, refuse_tokens, single_parameter
from hallpass.domain.static_site import StaticSite
from hallpass.domain.upstream import UpstreamError
from hallpass.services import documents
from hallpass.services.deadline import deadline
from hallpass.services.gate import Gate
from hallpass.services.read_incidents import FIXED_FORMATS, IncidentReader
from hallpass.services.read_snapshot import SnapshotReader
from hallpass.services.recording import Recorder
from hallpass.services.responding import VARY
from hallpass.services.trail import Trail

EXPIRY_NOTICE = timedelta(days=30)
DOCS = "/docs"
Handler = Callable[[HttpRequest, Trail, Callable[[], float]], HttpResponse]


@dataclass(frozen=True, slots=True)
class Route:
    """An address: the action's name in the audit, and what answers each method."""

    action: str
    methods: dict[str, Handler]


@dataclass(frozen=True, slots=True)
class Readers:
    """`synthetic`: of the invented incidents, for test tokens; it knows neither store nor upstream."""

    real: IncidentReader
    synthetic: IncidentReader

    def of(self, trail: Trail) -> IncidentReader:
        return self.synthetic if trail.synthetic else self.real


class VendorApi:
    """Answers every request of the data plane; `handle` never raises. `site`: the pages for vendors' developers."""

    def __init__(self, readers: Readers, gate: Gate, recorder: Recorder, site: Callable[[], StaticSite]) -> None:
        self._readers = readers
        self._gate = gate
        self._recorder = recorder
        self._clock = recorder.clock
        self._telemetry = recorder.telemetry
        self._version = recorder.version
        self._site = site
        read = Route("incidents.read", {"GET": self._incidents, "HEAD": self._incidents})
        self._routes = dict.fromkeys((*FIXED_FORMATS, "/v1/incidents"), read) | {
            "/v1/snapshot": Route("snapshot.read", {"GET": self._snapshot, "HEAD": self._snapshot}),
            "/v1/token": Route("token", {"GET": self._token, "DELETE": self._revoke}),
            "/v1/health": Route("health", {"GET": self._health, "HEAD": self._health}),
            "/v1/incidents.schema.json": Route("schema", {"GET": self._schema, "HEAD": self._schema}),
            "/v1/openapi.json": Route("openapi", {"GET": self._openapi, "HEAD": self._openapi}),
        }

    def handle(self, request: HttpRequest, function_seconds: float) -> HttpResponse:
        """`function_seconds`: what the runtime leaves this invocation."""
        trail = Trail(request, self._clock.now())
        problem = None
        try:
            response = self._answer(request, trail, deadline(self._clock, function_seconds))
        except HallpassError as error:
            trail.note(cache=refusal_status(error))
            problem, response = error.slug, self._problem(error, request)
        except Exception as error:
            self._telemetry.crashed(error, request.request_id)
            problem, response = InternalError.slug, self._problem(InternalError(), request)
        self._gate.settle(trail)
        response = self._recorder.recorded(trail, response, problem, lambda error: self._problem(error, request))
        return response.with_headers(*self._notices(trail), *SAFETY, ("X-Request-Id", request.request_id))

    def _answer(self, request: HttpRequest, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        # Before anything else: whoever put a token into a URL has to hear of it, whatever else is wrong.
        refuse_tokens(request.raw_query)
        if request.path == DOCS or request.path.startswith(f"{DOCS}/"):
            return self._docs(request, trail)
        route = self._routes.get(request.path)
        if route is None:
            raise NotFoundError
        trail.action = route.action
        handler = route.methods.get(request.method)
        if handler is None:
            raise MethodNotAllowedError(sorted(route.methods))
        try:
            return handler(request, trail, seconds_left)
        except UpstreamError as failed:
            trail.note_failure(failed)
            raise

    def _problem(self, error: HallpassError, request: HttpRequest) -> HttpResponse:
        body, media_type = render_problem(error, request.request_id, _problem_format(request))
        if request.method == "HEAD":
            body = b""
        cached = refusal_status(error)
        status = (("Cache-Status", cached),) if cached else ()
        headers = (("Content-Type", media_type), ("Cache-Control", "no-store"), ("Vary", VARY), *status, *error.headers)
        return HttpResponse(error.status, headers, body)

    def _notices(self, trail: Trail) -> tuple[tuple[str, str], ...]:
        """What every answer says to a token that held, errors too."""
        if trail.opened is None:
            return ()
        return (*self._gate.standing(trail.opened, trail), *_expiry(trail.opened.token, trail.began))

    def _docs(self, request: HttpRequest, trail: Trail) -> HttpResponse:
        """The same for everybody and about nobody: a line in the log, and no row in the ledger."""
        trail.action = "docs"
        trail.row = False
        return self._site().answer(request)

    def _incidents(self, request: HttpRequest, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        opened = self._gate.admitted(request, trail)
        return self._readers.of(trail).read(request, opened, trail, seconds_left)

    def _snapshot(self, request: HttpRequest, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        opened = self._gate.admitted(request, trail)
        return SnapshotReader(self._readers.of(trail)).read(request, opened, trail, seconds_left)

    def _token(self, request: HttpRequest, trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        opened = self._gate.admitted(request, trail)
        no_parameters(request.raw_query)
        return documents.token_document(opened, self._clock.now(), self._base_url(request))

    def _revoke(self, request: HttpRequest, trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        """The holder's kill switch. Limits do not hold it up: whoever has a leaked token could use them up."""
        opened = self._gate.identified(request, trail)
        trail.action = "token.revoke"
        if request.raw_query != f"confirm={opened.token.id}":
            self._gate.admit(opened, trail)
        if single_parameter(request.raw_query, "confirm") != opened.token.id:
            raise ConfirmationRequiredError("Send `confirm` with the token's id, as `GET /v1/token` tells it.")
        if trail.synthetic:
            # Everybody has it, so nobody can end it.
            return HttpResponse(204, (("Cache-Control", "no-store"),), b"")
        self._recorder.begin(trail)
        self._gate.registry.revoke_token(opened.integration.id, opened.token.id, self._clock.now(), "holder")
        return HttpResponse(204, (("Cache-Control", "no-store"),), b"")

    def _health(self, request: HttpRequest, _trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        no_parameters(request.raw_query)
        return documents.health_document(request.method, self._version)

    def _schema(self, request: HttpRequest, _trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        fields = single_parameter(request.raw_query, "fields")
        return documents.schema_document(request.method, fields)

    def _openapi(self, request: HttpRequest, _trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        no_parameters(request.raw_query)
        return documents.openapi_document(request.method, self._base_url(request), self._version)

    def _base_url(self, request: HttpRequest) -> str:
        return self._readers.real.base_url or request.origin


def _expiry(token: Token, now: datetime) -> tuple[tuple[str, str], ...]:
    """From 30 days before its end."""
    if token.expires_at - now > EXPIRY_NOTICE:
        return ()
    return (("Hallpass-Token-Expires", f"{token.expires_at:%Y-%m-%dT%H:%M:%SZ}"),)


def _problem_format(request: HttpRequest) -> Format:
    """An address that speaks XML answers its errors in XML, unless the client says otherwise."""
    fallback = Format.XML if request.path.endswith(".xml") else Format.JSON
    return choose_problem_format(request.header("accept"), fallback)
