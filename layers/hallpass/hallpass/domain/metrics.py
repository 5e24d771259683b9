"""What is counted and measured of a request and of a call to the upstream; the metrics of both are these and no more.

Rule: a dimension has few values, all known beforehand; what names a vendor, a district or a request has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hallpass.domain.audit import AuditRecord, Disclosure
from hallpass.domain.outcome import Served, served


class Unit(StrEnum):
    """As CloudWatch names them."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"
    BYTES = "Bytes"


@dataclass(frozen=True, slots=True)
class Measure:
    """`dimension`: a name and its value, beside the service."""

    name: str
    unit: Unit
    value: int
    dimension: tuple[str, str] | None = None


# The problems below 500, a refusal each; a test holds them to the tree of errors.
REASONS = frozenset({
    "body-invalid", "claim-over", "claim-used", "confirmation-required", "conflict", "dates-required",
    "insufficient-scope", "integration-paused", "invalid-parameters", "key-reused", "method-not-allowed",
    "not-acceptable", "not-found", "outcome-unknown", "precondition-required", "quota-exceeded", "request-in-flight",
    "response-too-large", "resync-required", "role-insufficient", "snapshot-expired", "token-expired",
    "token-in-query", "token-invalid", "token-missing", "token-not-yet-valid", "token-paused", "token-revoked",
    "too-many-failures", "version-conflict", "wrong-token-kind",
})  # fmt: skip
OTHER = "other"
CREDENTIALS = "upstream-credentials"


class Answered(StrEnum):
    """What became of a request."""

    ANSWERED = "answered"
    NOT_MODIFIED = "not-modified"
    REFUSED = "refused"
    FAILED = "failed"


def request_measures(record: AuditRecord) -> tuple[Measure, ...]:
    """Of one request, by its record."""
    return tuple(_of_request(record))


def call_measures(calls: int, ms: int, fault: str | None = None) -> tuple[Measure, ...]:
    """Of one page wanted of the upstream in `calls` attempts: none where it was left alone.

    `fault`: the problem's type. A refused credential counts although it is not tried meanwhile: it is not repaired.
    """
    refused = (_count("UpstreamCredentialRefused"),) if fault == CREDENTIALS else ()
    if not calls:
        return refused
    return (
        _count("UpstreamCalls", calls),
        Measure("UpstreamMilliseconds", Unit.MILLISECONDS, ms),
        *((_count("UpstreamErrors"),) if fault is not None else ()),
        *refused,
    )


def answered(status: int) -> Answered:
    """The class of a status code; of a redirection there is only 304."""
    if status == 304:
        return Answered.NOT_MODIFIED
    if status < 400:
        return Answered.ANSWERED
    return Answered.REFUSED if status < 500 else Answered.FAILED


def _of_request(record: AuditRecord) -> Iterator[Measure]:
    became = answered(record.status)
    if record.disclosure == Disclosure.SYNTHETIC:
        # Whoever tries a test token decides how it fares, and must not set off an alarm by it.
        yield _count("SyntheticRequests")
        if became is Answered.FAILED:
            yield _count("SyntheticFailures")
        return
    yield _count("Requests")
    yield _count("Requests", dimension=("outcome", became.value))
    yield Measure("AnswerMilliseconds", Unit.MILLISECONDS, record.ms)
    yield Measure("AnswerBytes", Unit.BYTES, record.bytes or 0)
    if record.cold:
        yield _count("ColdStarts")
    if record.incidents:
        yield _count("IncidentsDisclosed", record.incidents)
    # Without a page there is none that could be too old.
    if record.age is not None and record.problem is None:
        yield Measure("AnswerAge", Unit.SECONDS, record.age)
    if record.cache is not None:
        yield from _of_cache(served(record.cache))
    if became is Answered.REFUSED:
        yield from _of_refusal(record.problem)


def _of_cache(use: Served) -> Iterator[Measure]:
    yield _count(_FROM[use.hit, use.collapsed])
    if use.stale:
        yield _count("StaleServed")
    if use.on_error:
        yield _count("StaleOnError")


# By whether it was there, and whether it was waited for. What was waited for is no hit.
_FROM = {
    (True, False): "CacheHits",
    (False, False): "CacheMisses",
    (False, True): "Collapsed",
}


def _of_refusal(problem: str | None) -> Iterator[Measure]:
    yield _count("Denials")
    yield _count("Denials", dimension=("reason", problem if problem in REASONS else OTHER))
    if problem == "token-revoked":
        yield _count("RevocationRefusals")


def _count(name: str, value: int = 1, dimension: tuple[str, str] | None = None) -> Measure:
    return Measure(name, Unit.COUNT, value, dimension)
