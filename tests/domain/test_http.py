"""Requests and responses as values, and the size of an answer as Lambda will count it."""

from __future__ import annotations

import json

import pytest
from hallpass.adapters.api_gateway import answer_of
from hallpass.domain.http import (
    ANSWER_LIMIT_BYTES,
    TEXT_BODY_BYTES,
    HttpRequest,
    HttpResponse,
    answer_size,
    sent_as_text,
)
from hypothesis import example, given
from hypothesis import strategies as st

HEADERS = (("Content-Type", "application/json"), ("ETag", '"a"'))
REQUEST = HttpRequest("GET", "/v1/health", "", {"accept": "*/*"}, "192.0.2.1", "req-1", "https://hallpass.example")


def test_a_header_that_was_not_sent_is_none() -> None:
    assert (REQUEST.header("accept"), REQUEST.header("authorization")) == ("*/*", None)


@pytest.mark.parametrize("name", ["ETag", "etag", "ETAG"])
def test_a_responses_header_is_found_in_any_case(name: str) -> None:
    assert HttpResponse(200, HEADERS, b"").header(name) == '"a"'


def test_a_responses_missing_header_is_none() -> None:
    assert HttpResponse(200, HEADERS, b"").header("age") is None


def test_headers_are_added_behind_the_others_on_a_copy() -> None:
    before = HttpResponse(200, HEADERS, b"body")
    after = before.with_headers(("Age", "0"), ("Vary", "Accept"))
    assert after.headers == (*HEADERS, ("Age", "0"), ("Vary", "Accept"))
    assert (before.headers, after.body, after.status) == (HEADERS, b"body", 200)


CODED = (*HEADERS, ("content-encoding", "gzip"))
SENT = {
    "an empty body as text": (HEADERS, b"", True),
    "a short body as text": (HEADERS, b"{}", True),
    "the longest text": (HEADERS, b"x" * TEXT_BODY_BYTES, True),
    "a longer body as base64": (HEADERS, b"x" * (TEXT_BODY_BYTES + 1), False),
    "a coded body as base64": (CODED, b"\x1f\x8b", False),
}


@pytest.mark.parametrize(("headers", "body", "text"), SENT.values(), ids=SENT)
def test_sends(headers: tuple[tuple[str, str], ...], body: bytes, text: bool) -> None:
    assert sent_as_text(HttpResponse(200, headers, body)) is text


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60) | st.text('"\\', max_size=300)
BODIES = st.text(max_size=200).map(str.encode) | st.text('\x00\x1f"\\\u2028\U0001f600', max_size=300).map(str.encode)
BINARIES = st.builds(lambda seed, times: seed * times, st.binary(min_size=1, max_size=7), st.integers(5_000, 9_000))


@example(HttpResponse(200, (("link", '"' * 2_000),), b"\x00" * TEXT_BODY_BYTES))
@example(HttpResponse(200, CODED, b"x"))
@given(
    st.builds(HttpResponse, st.integers(200, 599), st.lists(st.tuples(NAMES, VALUES), max_size=12).map(tuple), BODIES)
    | st.builds(lambda body: HttpResponse(200, CODED, body), BINARIES)
)
def test_l_01_an_answer_is_never_larger_than_was_measured(response: HttpResponse) -> None:
    assert len(json.dumps(answer_of(response)).encode()) <= answer_size(response, len(response.body))


def test_l_01_the_limit_is_what_the_runtime_enforces() -> None:
    assert ANSWER_LIMIT_BYTES == 6 * 1024 * 1024 + 100


def test_l_01_a_large_answer_is_measured_closely_enough_to_use_the_limit() -> None:
    response = HttpResponse(200, CODED, b"x" * 4_700_000)
    assert answer_size(response, len(response.body)) <= ANSWER_LIMIT_BYTES
    assert answer_size(response, len(response.body)) - len(json.dumps(answer_of(response))) < 1_000
