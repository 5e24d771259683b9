"""Cursors: what was given out is read, and everything else is refused."""

from __future__ import annotations

import base64
import json

import pytest
from hallpass.domain.ledger_cursor import CursorInvalidError, cursor_text, read_cursor
from hallpass.domain.scope import DateRange
from hallpass.services.ledger_access import place_of
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger_reading.test_searching import FEBRUARY

QUESTION = ["rows", "D1st"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=4))
def test_a_place_comes_back_as_it_was(place: list[str]) -> None:
    text = cursor_text(QUESTION, place)
    assert text.isascii()
    assert list(read_cursor(text, QUESTION, len(place))) == place


def sealed(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


DIGEST = json.loads(base64.urlsafe_b64decode(cursor_text(QUESTION, []) + "=="))[1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("not a cursor", id="other characters"),
        pytest.param("é", id="beyond ASCII"),
        pytest.param("A", id="a length that base64 has not"),
        pytest.param("AAAA", id="no JSON"),
        pytest.param(sealed({}), id="an object"),
        pytest.param(sealed([]), id="an empty list"),
        pytest.param(sealed([2, DIGEST, "a", "b"]), id="another version"),
        pytest.param(sealed([1, "0" * 16, "a", "b"]), id="another question"),
        pytest.param(sealed([1, DIGEST, "a"]), id="a part too few"),
        pytest.param(sealed([1, DIGEST, "a", "b", "c"]), id="a part too many"),
        pytest.param(sealed([1, DIGEST, "a", 7]), id="a number as a part"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 1_500).decode(), id="brackets in brackets"),
    ],
)
def test_what_was_not_given_out_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalidError):
        read_cursor(text, QUESTION, 2)


@given(st.text(max_size=80))
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(CursorInvalidError):
        read_cursor(text, QUESTION, 2)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        pytest.param("2026-03-01", "", id="a day outside"),
        pytest.param("yesterday", "", id="no day"),
        pytest.param("2026-02-02", "2026-02-03T00:00:00.000000Z#req#", id="a row of another day"),
    ],
)
def test_a_place_outside_of_what_is_asked_about_is_refused(day: str, key: str) -> None:
    span: DateRange = FEBRUARY
    with pytest.raises(Exception, match="body-invalid"):
        place_of(cursor_text(QUESTION, [day, key]), QUESTION, span)
