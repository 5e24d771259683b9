"""The data plane: which address does what, how an error is answered, and that everything leaves a record.

Rule: no response leaves before it is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from hallpass.domain.access import Pass, claimed_district, open_pass
from hallpass.domain.bearer import bearer_token
from hallpass.domain.errors import (
    ConfirmationRequiredError,
    InternalError,
    MethodNotAllowedError,
    NotFoundError,
    TokenInvalidError,
    WrongTokenKindError,
)
from hallpass.domain.failure import HallpassError
from hallpass.domain.http import SAFETY, HttpRequest, HttpResponse
from hallpass.domain.negotiation import choose_problem_format
from hallpass.domain.outcome import refusal_status
from hallpass.domain.problem import render_problem
from hallpass.domain.query import Format, no_parameters, refuse_tokens, single_parameter
from hallpass.domain.tokens import TokenKind
from hallpass.domain.upstream import UpstreamError
from hallpass.ports import Clock, PassReader, Telemetry, Usage
from hallpass.services import documents
from hallpass.services.deadline import deadline
from hallpass.services.read_incidents import FIXED_FORMATS, IncidentReader
from hallpass.services.read_snapshot import SnapshotReader
from hallpass.services.recording import Recorder
from hallpass.services.responding import VARY
from hallpass.services.trail import Trail

EXPIRY_NOTICE = timedelta(days=30)
Handler = Callable[[HttpRequest, Trail, Callable[[], float]], HttpResponse]


@dataclass(frozen=True, slots=True)
class Route:
    """An address: the action's name in the audit, and what answers each method."""

    action: str
    methods: dict[str, Handler]


class VendorApi:
    """Answers every request of the data plane; `handle` never raises."""

    def __init__(
        self,
        reader: IncidentReader,
        registry: PassReader,
        recorder: Recorder,
        usage: Usage,
        clock: Clock,
        telemetry: Telemetry,
        version: str,
    ) -> None:
        self._reader = reader
        self._snapshots = SnapshotReader(reader)
        self._registry = registry
        self._recorder = recorder
        self._usage = usage
        self._clock = clock
        self._telemetry = telemetry
        self._version = version
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
        response = self._recorder.recorded(trail, response, problem, lambda error: self._problem(error, request))
        return response.with_headers(*_notice(trail), *SAFETY, ("X-Request-Id", request.request_id))

    def _answer(self, request: HttpRequest, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        # Before anything else: whoever put a token into a URL has to hear of it, whatever else is wrong.
        refuse_tokens(request.raw_query)
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

    def _authenticate(self, request: HttpRequest, trail: Trail) -> Pass:
        """One consistent read of the registry, every time: revocation works on the next request."""
        presented = bearer_token(request.header("authorization"))
        if presented.kind in {TokenKind.ADMIN, TokenKind.SESSION, TokenKind.INVITE}:
            raise WrongTokenKindError
        if presented.kind is not TokenKind.LIVE:
            # There are no synthetic pages yet, and a live token has one spelling.
            raise TokenInvalidError
        trail.note(integration=presented.holder_id, token=presented.token_id)
        now = self._clock.now()
        record = self._registry.find_pass(presented.holder_id, presented.token_id)
        # Before it may be refused: what its own vendors were refused stands in the district's ledger.
        trail.note(district=claimed_district(presented, record))
        opened = open_pass(presented, record, now)
        trail.note_pass(opened)
        self._usage.token_used(presented.holder_id, presented.token_id, now)
        return opened

    def _incidents(self, request: HttpRequest, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        return self._reader.read(request, self._authenticate(request, trail), trail, seconds_left)

    def _snapshot(self, request: HttpRequest, trail: Trail, seconds_left: Callable[[], float]) -> HttpResponse:
        return self._snapshots.read(request, self._authenticate(request, trail), trail, seconds_left)

    def _token(self, request: HttpRequest, trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        opened = self._authenticate(request, trail)
        no_parameters(request.raw_query)
        return documents.token_document(opened, self._clock.now(), self._base_url(request))

    def _revoke(self, request: HttpRequest, trail: Trail, _seconds: Callable[[], float]) -> HttpResponse:
        """The holder's kill switch."""
        opened = self._authenticate(request, trail)
        trail.action = "token.revoke"
        if single_parameter(request.raw_query, "confirm") != opened.token.id:
            raise ConfirmationRequiredError("Send `confirm` with the token's id, as `GET /v1/token` tells it.")
        self._registry.revoke_token(opened.integration.id, opened.token.id, self._clock.now(), "holder")
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
        return self._reader.base_url or request.origin


def _notice(trail: Trail) -> tuple[tuple[str, str], ...]:
    """From 30 days before its end, every answer to a token that held says so, errors too."""
    expires = trail.opened.token.expires_at if trail.opened else None
    if expires is None or expires - trail.began > EXPIRY_NOTICE:
        return ()
    return (("Hallpass-Token-Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"),)


def _problem_format(request: HttpRequest) -> Format:
    """An address that speaks XML answers its errors in XML, unless the client says otherwise."""
    fallback = Format.XML if request.path.endswith(".xml") else Format.JSON
    return choose_problem_format(request.header("accept"), fallback)
