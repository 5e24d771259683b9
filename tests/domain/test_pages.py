"""What is kept of a page."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hallpass.domain.http_caching import Received
from hallpass.domain.pages import Artefact, ArtefactKind, StoredPage, digest, revalidated

CAME = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BLOB = Artefact("D1st", ArtefactKind.RAW, "a" * 64, "b" * 64, 10, 1)
RECEIVED = Received(200, (), CAME - timedelta(seconds=1), CAME)
PAGE = StoredPage(
    snapshot="s-1", number=1, raw=BLOB, model=BLOB, rows=0, withheld=0, count=0, total_pages=1, first_row="",
    last_row="", received=RECEIVED, written_at=CAME,
)  # fmt: skip


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest(b"page") == hashlib.sha256(b"page").hexdigest()


def test_a_page_that_still_stands_is_as_young_as_the_word_that_it_does() -> None:
    later = Received(200, (), CAME + timedelta(hours=1), CAME + timedelta(hours=2))
    again = revalidated(PAGE, "s-2", later)
    assert (again.snapshot, again.fetched_at, again.written_at) == ("s-2", CAME + timedelta(hours=2), CAME)
    assert (again.raw, again.model) == (PAGE.raw, PAGE.model)


def test_two_readings_are_told_apart_by_their_bytes_where_the_model_lacks_incidents() -> None:
    page = replace(PAGE, model=replace(BLOB, kind=ArtefactKind.MODEL, name="c" * 64))
    assert page.mark == page.model.name
    assert replace(page, withheld=1).mark == page.raw.name
