"""What is measured of a request: every measure by its record, and no dimension with open values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hallpass.domain import cache_errors, erasure, errors, limit_errors, scope_error, upstream
from hallpass.domain.audit import AuditRecord, Disclosure
from hallpass.domain.failure import HallpassError
from hallpass.domain.metrics import (
    CREDENTIALS,
    REASONS,
    Answered,
    Measure,
    Unit,
    answered,
    call_measures,
    request_measures,
)

# Imported so that the tree of errors is whole.
TREE = (cache_errors, erasure, errors, limit_errors, scope_error, upstream)
RECORD = AuditRecord(
    time=datetime(2026, 3, 2, 15, 0, tzinfo=UTC), request_id="req-1", action="incidents.read", status=200, ms=31,
    version="0.1.0", source="192.0.2.1", disclosure=Disclosure.RECORDS.value, cache="hallpass; hit; ttl=212",
    age=88, incidents=12, bytes=5_000,
)  # fmt: skip
DENIED = replace(
    RECORD, status=401, problem="token-revoked", disclosure="no-records", cache=None, age=None, incidents=0, bytes=200
)


def slugs(base: type[HallpassError] = HallpassError) -> Iterator[tuple[int, str]]:
    for kind in base.__subclasses__():
        if "slug" in vars(kind):
            yield kind.status, kind.slug
        yield from slugs(kind)


def told(record: AuditRecord) -> dict[str, int]:
    """Values by name, with the dimension's value behind a slash."""
    return {each.name + (f"/{each.dimension[1]}" if each.dimension else ""): each.value
            for each in request_measures(record)}  # fmt: skip


def test_of_an_answer_with_incidents() -> None:
    assert told(RECORD) == {
        "Requests": 1, "Requests/answered": 1, "AnswerMilliseconds": 31, "AnswerBytes": 5_000,
        "IncidentsDisclosed": 12, "AnswerAge": 88, "CacheHits": 1,
    }  # fmt: skip


def test_of_a_refused_token_that_was_revoked() -> None:
    assert told(DENIED) == {
        "Requests": 1, "Requests/refused": 1, "AnswerMilliseconds": 31, "AnswerBytes": 200, "Denials": 1,
        "Denials/token-revoked": 1, "RevocationRefusals": 1,
    }  # fmt: skip


def test_units_are_those_of_what_is_measured() -> None:
    units = {each.name: each.unit for each in request_measures(replace(RECORD, cold=1))}
    assert units.pop("AnswerMilliseconds") is Unit.MILLISECONDS
    assert units.pop("AnswerBytes") is Unit.BYTES
    assert units.pop("AnswerAge") is Unit.SECONDS
    assert set(units.values()) == {Unit.COUNT}


CACHE = {
    "a hit": ("hallpass; hit; ttl=5", {"CacheHits"}),
    "a stale hit": ("hallpass; hit; ttl=-5; detail=stale-while-revalidate", {"CacheHits", "StaleServed"}),
    "a miss": ("hallpass; fwd=uri-miss; fwd-status=200; stored", {"CacheMisses"}),
    "a stale page that was read anew": ("hallpass; fwd=stale; fwd-status=200; stored", {"CacheMisses"}),
    "a call of somebody else": ("hallpass; fwd=stale; collapsed", {"Collapsed"}),
    "a stale page for a failing upstream": (
        "hallpass; fwd=stale; fwd-status=503; ttl=-5; detail=stale-if-error",
        {"CacheMisses", "StaleServed", "StaleOnError"},
    ),
    "a stale page while another asks": (
        "hallpass; fwd=stale; ttl=-5; detail=stale-while-in-flight", {"CacheMisses", "StaleServed"},
    ),
    "an upstream that failed": ("hallpass; fwd=miss; detail=upstream-error", {"CacheMisses"}),
    "what is not cached": ("hallpass; detail=not-cached", {"CacheMisses"}),
}  # fmt: skip


@pytest.mark.parametrize(("field", "counted"), CACHE.values(), ids=CACHE)
def test_the_cache_is_counted_by(field: str, counted: set[str]) -> None:
    known = {"CacheHits", "CacheMisses", "Collapsed", "StaleServed", "StaleOnError"}
    assert told(replace(RECORD, cache=field)).keys() & known == counted


def test_where_the_cache_had_no_part_it_is_not_counted() -> None:
    assert not told(DENIED).keys() & {"CacheHits", "CacheMisses", "Collapsed", "StaleServed"}


def test_a_containers_first_request_is_counted() -> None:
    assert "ColdStarts" not in told(RECORD)
    assert told(replace(RECORD, cold=1))["ColdStarts"] == 1


def test_the_age_is_of_answers_alone() -> None:
    assert told(replace(RECORD, age=0))["AnswerAge"] == 0
    assert "AnswerAge" not in told(replace(RECORD, status=406, problem="not-acceptable"))
    assert "AnswerAge" not in told(replace(RECORD, age=None))


def test_an_answer_without_a_body_counts_no_bytes() -> None:
    assert told(replace(RECORD, bytes=None))["AnswerBytes"] == 0


STATUSES = {
    200: Answered.ANSWERED, 204: Answered.ANSWERED, 304: Answered.NOT_MODIFIED, 400: Answered.REFUSED,
    429: Answered.REFUSED, 499: Answered.REFUSED, 500: Answered.FAILED, 504: Answered.FAILED,
}  # fmt: skip


@pytest.mark.parametrize(("status", "became"), STATUSES.items())
def test_a_status_says_what_became_of_a_request(status: int, became: Answered) -> None:
    assert answered(status) is became


def test_what_failed_is_no_denial() -> None:
    failed = told(replace(DENIED, status=503, problem="unavailable"))
    assert "Requests/failed" in failed
    assert not any(name.startswith("Denials") for name in failed)


def test_f_33_every_refusal_of_ours_is_a_reason_and_there_is_no_other() -> None:
    assert TREE
    assert {slug for status, slug in slugs() if status < 500} == REASONS


@pytest.mark.parametrize("problem", ["of-the-future", "D1stV001", None])
def test_f_33_a_problem_that_is_not_known_is_other(problem: str | None) -> None:
    assert told(replace(DENIED, problem=problem))["Denials/other"] == 1


@pytest.mark.parametrize("slug", sorted(REASONS))
def test_denials_are_counted_by_reason_and_all_together(slug: str) -> None:
    counted = told(replace(DENIED, problem=slug))
    assert (counted["Denials"], counted[f"Denials/{slug}"]) == (1, 1)
    assert ("RevocationRefusals" in counted) == (slug == "token-revoked")


def test_of_a_call_to_the_upstream() -> None:
    assert call_measures(2, 310) == (
        Measure("UpstreamCalls", Unit.COUNT, 2),
        Measure("UpstreamMilliseconds", Unit.MILLISECONDS, 310),
    )
    assert call_measures(1, 9, "upstream-error")[-1] == Measure("UpstreamErrors", Unit.COUNT, 1)


def test_an_upstream_that_was_left_alone_was_not_called() -> None:
    assert call_measures(0, 0, "upstream-error") == ()


@pytest.mark.parametrize("calls", [1, 0], ids=["that was tried", "that is not tried for a while"])
def test_every_refusal_for_a_credential_is_counted(calls: int) -> None:
    assert upstream.UpstreamCredentialsError.slug == CREDENTIALS
    assert call_measures(calls, 9, CREDENTIALS)[-1] == Measure("UpstreamCredentialRefused", Unit.COUNT, 1)
