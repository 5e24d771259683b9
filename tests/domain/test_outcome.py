"""`Cache-Status` (RFC 9211): what it says of each outcome, in the grammar of RFC 8941, and never the key."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.outcome import Forwarded, Hit, Outcome, StaleIfError, cache_status
from hallpass.domain.pages import Artefact, ArtefactKind, StoredPage

FETCHED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BLOB = Artefact("D1st", ArtefactKind.RAW, "a" * 64, "b" * 64, 10, 1)
PAGE = StoredPage(
    snapshot="s-1", number=1, raw=BLOB, model=BLOB, rows=0, total_pages=1, first_row="", last_row="",
    fetched_at=FETCHED, fresh_until=FETCHED + timedelta(minutes=5), stale_until=FETCHED + timedelta(hours=24),
)  # fmt: skip

SAID = {
    "a hit": (Hit(), "hallpass; hit; ttl=212"),
    "a miss that is kept": (
        Forwarded(stored=True, ms=80, attempts=1), "hallpass; fwd=uri-miss; fwd-status=200; stored",
    ),
    "a stale page that was read anew": (
        Forwarded(stored=True, ms=80, attempts=2, stale=True), "hallpass; fwd=stale; fwd-status=200; stored",
    ),
    "a miss that the store did not take": (
        Forwarded(stored=False, ms=80, attempts=1), "hallpass; fwd=uri-miss; fwd-status=200; detail=not-stored",
    ),
    "a stale page for an upstream that answered with a fault": (
        StaleIfError(status=503, ms=80, attempts=2), "hallpass; fwd=stale; fwd-status=503; detail=stale-if-error",
    ),
    "a stale page for an upstream that did not answer": (
        StaleIfError(status=None, ms=80, attempts=2), "hallpass; fwd=stale; detail=stale-if-error",
    ),
}  # fmt: skip


def test_what_was_forwarded_and_became_a_page_was_answered_with_200() -> None:
    assert Forwarded(stored=True, ms=80, attempts=1).status == 200


# RFC 8941: an item that is a token, with parameters whose values are integers or tokens.
PARAMETER = r"; [a-z][a-z0-9-]*(=([0-9]+|[a-z][a-z-]*))?"


@pytest.mark.parametrize(("outcome", "said"), SAID.values(), ids=SAID)
def test_says_of(outcome: Outcome, said: str) -> None:
    field = cache_status(outcome, PAGE, FETCHED + timedelta(seconds=88))
    assert field == said
    assert re.fullmatch(f"hallpass({PARAMETER})+", field)


@pytest.mark.parametrize("outcome", [outcome for outcome, _ in SAID.values()], ids=SAID)
def test_nothing_of_the_key_is_said_of(outcome: Outcome) -> None:
    field = cache_status(outcome, PAGE, FETCHED)
    assert not any(part in field for part in (BLOB.district_id, BLOB.name, BLOB.sha256, PAGE.snapshot))
