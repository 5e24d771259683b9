"""Conditions for the origin, and what a 304 does to what is stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hallpass.domain.http_caching import Headers, Received
from hallpass.domain.response_age import age, remaining
from hallpass.domain.revalidation import freshened, validators
from hypothesis import given

from tests.domain.caching_material import NONE, OFFSETS, RECEIVED, T0, at, honour, received, seconds

TAG, MODIFIED = ("ETag", '"v1"'), ("Last-Modified", at(-900))

CONDITIONS: dict[str, tuple[Headers, list[str]]] = {
    "no validator": ((), []),
    "a tag": ((TAG,), ['If-None-Match: "v1"']),
    "a weak tag": ((("etag", 'W/"v1" '),), ['If-None-Match: W/"v1"']),
    "a date": ((MODIFIED,), [f"If-Modified-Since: {at(-900)}"]),
    "both": ((MODIFIED, TAG), ['If-None-Match: "v1"', f"If-Modified-Since: {at(-900)}"]),
    "a tag twice the same": ((TAG, TAG), ['If-None-Match: "v1"']),
    "two tags": ((TAG, ("ETag", '"v2"')), []),
    "a list of tags": ((("ETag", '"v1", "v2"'),), []),
    "a tag without quotes": ((("ETag", "v1"),), []),
    "a star": ((("ETag", "*"),), []),
    "a small w": ((("ETag", 'w/"v1"'),), []),
    "a tag with a space": ((("ETag", '"v 1"'),), []),
    "a tag with a line break behind": ((("ETag", '"v1"\n'),), []),
    "a date that is none": ((("Last-Modified", "yesterday"),), []),
    "two dates": ((MODIFIED, ("Last-Modified", at(-800))), []),
    "a tag beside a date that is none": ((TAG, ("Last-Modified", "0")), ['If-None-Match: "v1"']),
}


@pytest.mark.parametrize(("headers", "conditions"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(headers: Headers, conditions: list[str]) -> None:
    assert [f"{name}: {value}" for name, value in validators(received(*headers))] == conditions


def not_modified(*headers: tuple[str, str], after: float = 100) -> Received:
    """A 304 that came `after` seconds after what is stored, asked for a second before."""
    return Received(304, headers, T0 + seconds(after - 1), T0 + seconds(after))


SPEAKS: dict[str, tuple[Headers, Headers, bool]] = {
    "no validator on either side": ((), (), True),
    "no validator in the 304": ((TAG, MODIFIED), (), True),
    "the same tag": ((TAG,), (TAG,), True),
    "another tag": ((TAG,), (("ETag", '"v2"'),), False),
    "another tag with the same date": ((TAG, MODIFIED), (("ETag", '"v2"'), MODIFIED), False),
    "the same tag with another date": ((TAG, MODIFIED), (TAG, ("Last-Modified", at(-1))), True),
    "the same tag, now a weak one": ((TAG,), (("ETag", 'W/"v1"'),), True),
    "another weak tag": ((TAG,), (("ETag", 'W/"v2"'),), False),
    "a strong one where a weak one is stored": ((("ETag", 'W/"v1"'),), (TAG,), False),
    "weak ones on both sides": ((("ETag", 'W/"v1"'),), (("ETag", 'W/"v1"'),), True),
    "a tag where none is stored": ((MODIFIED,), (TAG, MODIFIED), False),
    "a malformed tag": ((("ETag", "v1"),), (("ETag", "v1"),), False),
    "two tags": ((TAG,), (TAG, ("ETag", '"v2"')), False),
    "the same date": ((MODIFIED,), (MODIFIED,), True),
    "another date": ((MODIFIED,), (("Last-Modified", at(-1)),), False),
    "a date where none is stored": ((), (MODIFIED,), False),
}


@pytest.mark.parametrize(("stored", "newer", "speaks"), SPEAKS.values(), ids=SPEAKS)
def test_a_304_freshens_what_it_speaks_of(stored: Headers, newer: Headers, speaks: bool) -> None:
    assert (freshened(received(*stored), not_modified(*newer)) is not None) is speaks


UPDATES: dict[str, tuple[Headers, Headers, Headers]] = {
    "a field that the 304 does not have stays": ((("A", "1"),), (), (("A", "1"),)),
    "one that it has is replaced": ((("A", "1"), ("B", "2")), (("a", "3"),), (("B", "2"), ("a", "3"))),
    "one that came twice is replaced whole": ((("A", "1"), ("A", "2")), (("A", "3"),), (("A", "3"),)),
    "one that comes twice replaces one": ((("A", "1"),), (("A", "2"), ("A", "3")), (("A", "2"), ("A", "3"))),
    "a new one is added": ((), (("A", "1"),), (("A", "1"),)),
    "Cache-Control is replaced whole": (
        (("Cache-Control", "max-age=1, private"),), (("Cache-Control", "max-age=9"),), (("Cache-Control", "max-age=9"),)
    ),
    "Content-Type is replaced": ((("Content-Type", "a/b"),), (("Content-Type", "c/d"),), (("Content-Type", "c/d"),)),
    "the content's length stays": ((("Content-Length", "5"),), (("Content-Length", "0"),), (("Content-Length", "5"),)),
    "its coding stays": ((("Content-Encoding", "x"),), (("content-encoding", "y"),), (("Content-Encoding", "x"),)),
    "its range stays away": ((), (("Content-Range", "bytes 0-1/2"),), ()),
    "fields of the connection stay away": ((), (("Connection", "A"), ("A", "1"), ("Keep-Alive", "1")), ()),
    "the old Age goes": ((("Age", "900"),), (), ()),
    "the new Age comes": ((("Age", "900"),), (("Age", "5"),), (("Age", "5"),)),
    "the old Date goes": ((("Date", at(0)),), (), ()),
    "the new Date comes": ((("Date", at(0)),), (("Date", at(100)),), (("Date", at(100)),)),
}  # fmt: skip


@pytest.mark.parametrize(("stored", "newer", "headers"), UPDATES.values(), ids=UPDATES)
def test_a_304_updates_the_fields(stored: Headers, newer: Headers, headers: Headers) -> None:
    updated = freshened(received(*stored), not_modified(*newer))
    assert updated == Received(200, headers, T0 + seconds(99), T0 + seconds(100))


def test_what_a_304_freshened_is_fresh_again_though_it_had_an_age() -> None:
    stored = received(("Cache-Control", "max-age=60"), ("Age", "59"), ("Date", at(-59)), TAG)
    again = freshened(stored, not_modified())
    assert again is not None
    assert age(again, T0 + seconds(100)) == seconds(1)
    assert remaining(again, honour(), T0 + seconds(100)) == seconds(59)


@given(RECEIVED, RECEIVED, OFFSETS)
def test_freshening_is_never_older_than_the_304(stored: Received, newer: Received, later: timedelta) -> None:
    again = freshened(stored, newer)
    assert again is None or age(again, T0 + later) == age(newer, T0 + later) >= NONE


@given(RECEIVED)
def test_a_304_of_the_same_fields_changes_nothing_but_their_order(response: Received) -> None:
    again = freshened(response, response)
    assert again is None or sorted(again.headers) == sorted(response.headers)
