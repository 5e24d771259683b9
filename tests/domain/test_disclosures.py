"""What is told of an answer: its words, how it was come by, and which numbers can be asked about."""

from __future__ import annotations

from datetime import date

import pytest
from hallpass.domain.csv_cells import csv_of
from hallpass.domain.disclosures import SHOWN_WORDS, sent, unusable_number
from hallpass.domain.field_words import field_words, row_words
from hallpass.domain.ledger import Row
from hallpass.domain.outcome import Collapsed, Forwarded, Hit, Outcome, StaleIfError, cache_status
from hallpass.domain.people import DISCLOSED, Shown
from hallpass.domain.presets import PRESETS
from hallpass.domain.row_query import RowQuery
from hallpass.domain.scope import AllSchools, DateRange, IncidentType, RollingWindow, Rows, Unbounded


@pytest.mark.parametrize(
    ("outcome", "cached", "stale"),
    [
        pytest.param(Hit(60), True, False, id="a hit"),
        pytest.param(Hit(0), True, False, id="a hit at its end"),
        pytest.param(Hit(-5, revalidating=True), True, True, id="a hit past its end"),
        pytest.param(Forwarded(True, 5, 1), False, False, id="just fetched"),
        pytest.param(Forwarded(False, 5, 1, "stale"), False, False, id="fetched anew"),
        pytest.param(Collapsed(False), False, False, id="fetched by somebody else meanwhile"),
        pytest.param(Collapsed(True), False, False, id="fetched anew by somebody else meanwhile"),
        pytest.param(StaleIfError(-5, 503, 5, 1), True, True, id="kept, and the upstream failed"),
        pytest.param(StaleIfError(-5, None, 0, 0, "stale-while-in-flight"), True, True, id="kept, and it was slow"),
    ],
)
def test_how_an_answer_was_come_by_is_read_from_what_was_recorded(outcome: Outcome, cached: bool, stale: bool) -> None:
    for ignored in (False, True):
        told = sent(a_row(cache=cache_status(outcome, ignored=ignored)), Shown.IDENTIFIED)
        assert (told.cached, told.stale) == (cached, stale)


def test_what_was_not_recorded_of_the_cache_is_not_claimed() -> None:
    told = sent(a_row(), Shown.IDENTIFIED)
    assert (told.cached, told.stale) == (False, False)


def a_row(**facts: str) -> Row:
    told = {"time": "2026-02-02T12:00:00.000000Z", "request_id": "r-1", "integration": "D1stVnd1", **facts}
    return Row("key", told)


def test_every_way_of_being_shown_has_its_words() -> None:
    assert set(SHOWN_WORDS) == DISCLOSED


@pytest.mark.parametrize("number", ["1", "0000042", " 7", "A-1 b", "ä", "x" * 128, "\u200b7", "\U0001f600"])
def test_a_number_may_be_nearly_anything(number: str) -> None:
    assert unusable_number(number) is None


@pytest.mark.parametrize("number", ["", "x" * 129, "1\n", "\t1", "1\x00", "\x7f", "\x85", "\ud800"])
def test_what_no_number_can_be_is_refused_with_the_rule_alone(number: str) -> None:
    told = unusable_number(number)
    assert told is not None
    assert told.startswith("is a number")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        *(pytest.param(name, [preset.card.label], id=name) for name, preset in PRESETS.items()),
        pytest.param(
            "groups@2025-12:context,student_names:victims-presence:numbers-dropped",
            ["When, where and what: date, time, school, location, subject, arrangement, offense", "Offenders' names",
             "Of victims: how many victims there were", "Numbers: left out, of students and of staff"],
            id="a list of groups",
        ),
        pytest.param("retired@9", ["retired@9"], id="what nobody knows any more"),
        pytest.param("groups@1999:x:victims-none:numbers-kept", ["groups@1999:x:victims-none:numbers-kept"],
                     id="groups that nobody knows any more"),
    ],
)  # fmt: skip
def test_fields_are_told_in_the_catalogues_words(fields: str, words: list[str]) -> None:
    assert list(field_words(fields)) == words


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            Rows(frozenset({IncidentType.MINOR, IncidentType.REFERRAL}), AllSchools(), RollingWindow(30), False),
            ["Types: referral, minor", "Schools: all", "Dates: the last 30 days",
             "Incidents without the deleted ones"],
        ),
        (
            Rows(frozenset({IncidentType.PENDING}), frozenset({"12", "007"}), Unbounded(), deleted=True),
            ["Types: pending", "Schools: 007, 12", "Dates: without a bound", "Incidents with the deleted ones"],
        ),
        (
            Rows(frozenset({IncidentType.MINOR}), frozenset({"1"}), DateRange(date(2026, 1, 2), date(2026, 3, 4)),
                 deleted=False),
            ["Types: minor", "Schools: 1", "Dates: 2026-01-02 to 2026-03-04", "Incidents without the deleted ones"],
        ),
    ],
    ids=["a rolling window", "no bound", "from a day to a day"],
)  # fmt: skip
def test_rows_are_told_in_words(rows: Rows, words: list[str]) -> None:
    assert list(row_words(rows)) == words


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], b"", id="nothing"),
        pytest.param([["a", "b"]], b"a,b\r\n", id="texts"),
        pytest.param([[""]], b'""\r\n', id="a line of one empty cell"),
        pytest.param([['a"b', "c,d", "e\nf"]], b'"a""b","c,d","e\nf"\r\n', id="what is quoted"),
        pytest.param([["=1", "+1", "-1", "@1", "'1", "\t1"]], b"'=1,'+1,'-1,'@1,''1,'\t1\r\n", id="formulas"),
        pytest.param([["\r=1", "\uff1d1"]], b"\"'\r=1\",'\xef\xbc\x9d1\r\n", id="formulas in other clothes"),
    ],
)
def test_cells_are_quoted_and_begin_no_formula(lines: list[list[str]], expected: bytes) -> None:
    assert csv_of(lines) == expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (RowQuery(), "none"),
        (RowQuery({"token": "Tok1", "action": "token"}, 4), "token,action,status"),
        (RowQuery({}, 5), "status"),
    ],
    ids=["nothing", "texts and a status", "a status"],
)
def test_the_audit_hears_what_is_asked_about_and_not_what_is_asked(query: RowQuery, words: str) -> None:
    assert query.words() == words


def test_a_row_without_a_status_is_in_no_class() -> None:
    assert not RowQuery({}, 2).matches(Row("key", {}))
