"""Whether a stored page may be used now: the times in it decide."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.pages import Artefact, ArtefactKind, Fresh, Missing, Stale, StoredPage, classify, digest

FETCHED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BLOB = Artefact("D1st", ArtefactKind.RAW, "a" * 64, "b" * 64, 10, 1)
PAGE = StoredPage(
    snapshot="s-1", number=1, raw=BLOB, model=BLOB, rows=0, total_pages=1, first_row="", last_row="",
    fetched_at=FETCHED, fresh_until=FETCHED + timedelta(minutes=5), stale_until=FETCHED + timedelta(hours=24),
)  # fmt: skip
INSTANT = timedelta(microseconds=1)

AT = {
    "a clock that is behind": (FETCHED - timedelta(minutes=5), Fresh(PAGE)),
    "the instant it was fetched": (FETCHED, Fresh(PAGE)),
    "the last fresh instant": (PAGE.fresh_until - INSTANT, Fresh(PAGE)),
    "the first instant after": (PAGE.fresh_until, Stale(PAGE)),
    "the last stale instant": (PAGE.stale_until - INSTANT, Stale(PAGE)),
    "D-13 the instant it ends, though the store still has it": (PAGE.stale_until, Missing()),
    "D-13 two days after": (PAGE.stale_until + timedelta(days=2), Missing()),
}


@pytest.mark.parametrize(("now", "expected"), AT.values(), ids=AT)
def test_at(now: datetime, expected: Fresh | Stale | Missing) -> None:
    assert classify(PAGE, now) == expected


def test_a_page_that_is_not_there_is_missing() -> None:
    assert classify(None, FETCHED) == Missing()


AGES = {
    "at once": (timedelta(0), 0),
    "just under a second": (timedelta(seconds=1) - INSTANT, 0),
    "a second": (timedelta(seconds=1), 1),
    "a day": (timedelta(days=1), 86_400),
    "D-14 by a clock that is behind": (timedelta(minutes=-5), 0),
}


@pytest.mark.parametrize(("after", "seconds"), AGES.values(), ids=AGES)
def test_its_age(after: timedelta, seconds: int) -> None:
    assert PAGE.age(FETCHED + after) == seconds


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest(b"page") == hashlib.sha256(b"page").hexdigest()
