"""`Cache-Status` (RFC 9211): what it says of each outcome, in the grammar of RFC 8941."""

from __future__ import annotations

import re

import pytest
from hallpass.domain.cache_errors import NotCachedError, PageInFlightError, SnapshotExpiredError
from hallpass.domain.errors import UnavailableError
from hallpass.domain.failure import HallpassError
from hallpass.domain.outcome import (
    STALE_IF_ERROR,
    Collapsed,
    Forwarded,
    Hit,
    Outcome,
    Served,
    StaleIfError,
    cache_status,
    refusal_status,
    served,
)
from hallpass.domain.upstream import ListingUnstableError, UpstreamFailedError, UpstreamTimeoutError

SAID = {
    "a hit": (Hit(ttl=212), "hallpass; hit; ttl=212"),
    "a stale hit that is read anew behind the answer": (
        Hit(ttl=-30, revalidating=True), "hallpass; hit; ttl=-30; detail=stale-while-revalidate",
    ),
    "a call that somebody else made": (Collapsed(stale=False), "hallpass; fwd=uri-miss; collapsed"),
    "a call that somebody else made, with an older page there": (
        Collapsed(stale=True), "hallpass; fwd=stale; collapsed",
    ),
    "a miss that is kept": (
        Forwarded(stored=True, ms=80, attempts=1), "hallpass; fwd=uri-miss; fwd-status=200; stored",
    ),
    "a stale page that was read anew": (
        Forwarded(stored=True, ms=80, attempts=2, why="stale"), "hallpass; fwd=stale; fwd-status=200; stored",
    ),
    "a stale page that still stands": (
        Forwarded(stored=True, ms=80, attempts=2, why="stale", status=304),
        "hallpass; fwd=stale; fwd-status=304; stored",
    ),
    "a miss that the store did not take": (
        Forwarded(stored=False, ms=80, attempts=1), "hallpass; fwd=uri-miss; fwd-status=200; detail=not-stored",
    ),
    "a stale page for an upstream that answered with a fault": (
        StaleIfError(ttl=-60, status=503, ms=80, attempts=2),
        "hallpass; fwd=stale; fwd-status=503; ttl=-60; detail=stale-if-error",
    ),
    "a stale page for an upstream that did not answer": (
        StaleIfError(ttl=-60, status=None, ms=80, attempts=2), "hallpass; fwd=stale; ttl=-60; detail=stale-if-error",
    ),
    "a stale page because the wait was too long": (
        StaleIfError(ttl=-60, status=None, ms=0, attempts=0, detail="stale-while-in-flight"),
        "hallpass; fwd=stale; ttl=-60; detail=stale-while-in-flight",
    ),
}  # fmt: skip


def test_what_was_forwarded_and_became_a_page_was_answered_with_200() -> None:
    assert Forwarded(stored=True, ms=80, attempts=1).status == 200


# RFC 8941: an item that is a token, with parameters whose values are integers or tokens.
PARAMETER = r"; [a-z][a-z0-9-]*(=(-?[0-9]+|[a-z][a-z-]*))?"


@pytest.mark.parametrize(("outcome", "said"), SAID.values(), ids=SAID)
def test_says_of(outcome: Outcome, said: str) -> None:
    field = cache_status(outcome)
    assert field == said
    assert re.fullmatch(f"hallpass({PARAMETER})+", field)


def test_a_refresh_that_was_not_permitted_is_said_of_a_hit() -> None:
    assert cache_status(Hit(ttl=5), ignored=True) == "hallpass; hit; ttl=5; detail=refresh-not-permitted"


REFUSED = {
    "an upstream that failed": (
        UpstreamFailedError(upstream_status=500),
        "fwd=miss; fwd-status=500; detail=upstream-error",
    ),
    "one that did not answer": (UpstreamTimeoutError(), "fwd=miss; detail=upstream-timeout"),
    "a list that moved": (ListingUnstableError(), "fwd=miss; detail=listing-unstable"),
    "a page that is being read": (PageInFlightError(), "fwd=miss; collapsed; detail=page-in-flight"),
    "one that is not cached": (NotCachedError(), "detail=not-cached"),
    "a snapshot that is gone": (SnapshotExpiredError(), "detail=snapshot-expired"),
}


@pytest.mark.parametrize(("error", "said"), REFUSED.values(), ids=REFUSED)
def test_an_answer_without_a_page_says_of(error: HallpassError, said: str) -> None:
    field = refusal_status(error)
    assert field == f"hallpass; {said}"
    assert re.fullmatch(f"hallpass({PARAMETER})+", field)


def test_what_the_cache_had_no_part_in_says_nothing_of_it() -> None:
    assert refusal_status(UnavailableError()) is None


@pytest.mark.parametrize("outcome", [outcome for outcome, _ in SAID.values()], ids=SAID)
def test_what_was_said_is_read_back(outcome: Outcome) -> None:
    stale = isinstance(outcome, StaleIfError) or (isinstance(outcome, Hit) and outcome.ttl < 0)
    on_error = isinstance(outcome, StaleIfError) and outcome.detail == STALE_IF_ERROR
    expected = Served(isinstance(outcome, Hit), isinstance(outcome, Collapsed), stale, on_error)
    assert served(cache_status(outcome)) == expected


@pytest.mark.parametrize("error", [error for error, _ in REFUSED.values()], ids=REFUSED)
def test_an_answer_without_a_page_is_neither_a_hit_nor_stale(error: HallpassError) -> None:
    assert served(refusal_status(error) or "") == Served(False, isinstance(error, PageInFlightError), False)
