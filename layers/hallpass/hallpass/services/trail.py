"""What is learnt on the way of one request, so that its audit line is complete wherever the request ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hallpass.domain.access import Pass
from hallpass.domain.audit import AuditRecord, Disclosure, Phase
from hallpass.domain.bad_tokens import MOST_A_MINUTE, has_row
from hallpass.domain.grant import Grant
from hallpass.domain.http import HttpRequest, HttpResponse
from hallpass.domain.outcome import Forwarded, StaleIfError, cache_status
from hallpass.domain.query import IncidentQuery
from hallpass.domain.response_age import age
from hallpass.domain.scope import AllSchools, DateRange, Scope
from hallpass.domain.scope_format import MOST_TOLD, schools_words
from hallpass.domain.upstream import UpstreamError
from hallpass.services.held_page import HeldPage
from hallpass.services.limiter import Admission
from hallpass.services.representations import Rendering

Fact = str | int | None
# RFC 2518 section 10.1: what there is to say of a request before its outcome.
PROCESSING = 102


@dataclass(slots=True)
class Trail:
    """The one mutable thing of a request. Facts are named as the fields of AuditRecord.

    `changes`: it is a change, whose beginning was recorded too, or was to be. `admission`: a place under its limits.
    `row`: whether the ledger has one of it. `synthetic`: it came with a test token, so it is of no district.
    """

    request: HttpRequest
    began: datetime
    action: str = "unknown"
    facts: dict[str, Fact] = field(default_factory=dict)
    opened: Pass | None = None
    changes: bool = False
    admission: Admission | None = None
    row: bool = True
    synthetic: bool = False

    def note(self, **facts: Fact) -> None:
        self.facts.update(facts)

    def note_pass(self, opened: Pass) -> None:
        self.opened = opened
        integration = opened.integration
        self.note(
            district=opened.district.id,
            integration=integration.id,
            token=opened.token.id,
            agreement=integration.agreement.id,
            integration_version=integration.version,
            scope_version=integration.scope_version,
        )

    def note_failed(self, count: int) -> None:
        """It came without a good token. `count`: of its address, in this minute; not each of many has a row."""
        self.row = has_row(count)
        if count >= MOST_A_MINUTE:
            self.note(attempts=count)

    def note_query(self, query: IncidentQuery, scope: Scope) -> None:
        """Canonical. A school code that the scope does not name is a text of the caller's making, and only counted."""
        named = _named_schools(scope)
        named = named if len(query.schools) <= MOST_TOLD else frozenset()
        pairs = [pair for pair in query.filters() if pair[0] != "school" or pair[1] in named]
        others = len(query.schools - named)
        told = [f"{name}={value}" for name, value in pairs] + ([f"school=({others})"] if others else [])
        self.note(query="&".join(told), page=query.page)

    def note_grant(self, grant: Grant, scope: Scope) -> None:
        self.note(
            fields_preset=grant.fields,
            types=" ".join(grant.rows.named_types()),
            schools=schools_words(scope.rows.schools, " "),
            window=_dates(grant.rows.window),
        )

    def note_page(self, held: HeldPage, now: datetime, *, ignored: bool) -> None:
        outcome = held.outcome
        self.note(
            cache=cache_status(outcome, ignored=ignored),
            snapshot=held.snapshot,
            age=int(age(held.page.received, now).total_seconds()),
            unknown_paths=sum(held.arrival.model.quarantine.values()) if held.arrival else None,
        )
        if isinstance(outcome, Forwarded | StaleIfError):
            self.note(upstream_calls=outcome.attempts, upstream_ms=outcome.ms, upstream_status=outcome.status)

    def note_rendering(self, rendering: Rendering, *, disclosed: bool) -> None:
        shown = rendering.representation
        self.note(
            incidents=shown.incidents if disclosed else 0,
            persons=shown.persons if disclosed else 0,
            people=shown.people,
            removed=rendering.removed,
            unparsed=rendering.unparsed,
        )

    def note_failure(self, failed: UpstreamError) -> None:
        self.note(upstream_calls=failed.attempts, upstream_ms=failed.ms, upstream_status=failed.upstream_status)

    def beginning(self, now: datetime, version: str) -> AuditRecord:
        """The record of a change that is about to be made."""
        return self._record(PROCESSING, now, version, phase=Phase.BEGUN.value, bytes=0)

    def finish(self, response: HttpResponse, problem: str | None, now: datetime, version: str) -> AuditRecord:
        """The record of this request, answered by `response`."""
        ended = {"phase": Phase.ENDED.value} if self.changes else {}
        # A denial discloses nothing, whatever had been prepared.
        denied = {"incidents": 0, "persons": 0, "people": None} if problem is not None else {}
        size = len(response.body)
        return self._record(response.status, now, version, problem=problem, bytes=size, **denied, **ended)

    def _record(self, status: int, now: datetime, version: str, **facts: Fact) -> AuditRecord:
        told = self.facts | facts
        if self.synthetic:
            told |= {"district": None, "incidents": None, "persons": None, "people": None}
        disclosed = Disclosure.RECORDS if told.get("incidents") else Disclosure.NONE
        return AuditRecord(
            time=self.began,
            request_id=self.request.request_id,
            action=self.action,
            status=status,
            ms=int((now - self.began).total_seconds() * 1000),
            version=version,
            source=self.request.source,
            disclosure=(Disclosure.SYNTHETIC if self.synthetic else disclosed).value,
            trace=self.request.trace,
            invocation=self.request.invocation,
            cold=1 if self.request.cold else None,
            **told,  # type: ignore[arg-type]  # named as AuditRecord's own fields; a test holds them to it
        )


def _named_schools(scope: Scope) -> frozenset[str]:
    schools = scope.rows.schools
    return frozenset() if isinstance(schools, AllSchools) else schools


def _dates(window: DateRange | None) -> str:
    return f"{window.first.isoformat()}/{window.last.isoformat()}" if window else "unbounded"
