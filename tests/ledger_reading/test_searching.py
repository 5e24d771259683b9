"""Searching: what is found, who may look, and that a cut answer can be gone on with and misses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hallpass.domain.access import Actor
from hallpass.domain.audit import AuditRecord
from hallpass.domain.errors import BodyInvalidError, NotFoundError, UnavailableError
from hallpass.domain.ledger import LATE
from hallpass.domain.row_query import RowQuery, Search
from hallpass.domain.scope import DateRange
from hallpass.services import ledger_access, review_access
from hallpass.services.review_access import search
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger_reading.house import ADMIN, FOREIGN_ADMIN, OPERATOR, House, at, open_house
from tests.records import DISTRICT_ID, NOW

FEBRUARY = DateRange(date(2026, 2, 1), date(2026, 2, 28))


def ids(house: House, asked: Search, actor: Actor = OPERATOR, district: str = DISTRICT_ID) -> list[str]:
    return [str(row.facts["request_id"]) for row in search(house.desk, actor, district, asked).rows]


def all_ids(house: House, asked: Search, meanwhile: Callable[[], None] = lambda: None) -> list[str]:
    """Goes on until nothing follows; `meanwhile`: what happens between two calls."""
    told, cursor = [], None
    while True:
        found = search(
            house.desk, OPERATOR, DISTRICT_ID, Search(asked.span, asked.query, asked.newest, asked.limit, cursor)
        )
        told += [str(row.facts["request_id"]) for row in found.rows]
        if found.next is None:
            return told
        cursor = found.next
        meanwhile()


@pytest.mark.parametrize(
    ("exact", "hundreds"),
    [
        pytest.param({"integration": "D1stVnd2"}, None, id="an integration"),
        pytest.param({"token": "Tok9"}, None, id="a token"),
        pytest.param({"action": "token.revoke"}, None, id="an action"),
        pytest.param({"problem": "token-expired"}, None, id="a problem"),
        pytest.param({"disclosure": "no-records"}, None, id="whether incidents left"),
        pytest.param({"actor": "Person01"}, None, id="an actor"),
        pytest.param({"request_id": "wanted"}, None, id="a request"),
        pytest.param({"trace": "0" * 32}, None, id="a trace"),
        pytest.param({}, 4, id="a class of statuses"),
        pytest.param({"problem": "token-expired", "token": "Tok9"}, 4, id="all of them at once"),
    ],
)
def test_a_condition_finds_the_rows_that_meet_it_and_no_other(
    house: House, exact: dict[str, str], hundreds: int | None
) -> None:
    facts: dict[str, Any] = {
        "integration": "D1stVnd2", "token": "Tok9", "action": "token.revoke", "problem": "token-expired",
        "actor": "Person01", "request_id": "wanted", "trace": "0" * 32, "status": 401,
    }  # fmt: skip
    house.record(at(1))
    house.nothing(at(2), **facts)
    house.record(at(3))
    assert ids(house, Search(FEBRUARY, RowQuery(exact, hundreds))) == ["wanted"]


@pytest.mark.parametrize(("status", "found"), [(401, ["wanted"]), (403, []), (400, [])])
def test_a_status_finds_its_own_and_not_its_class(house: House, status: int, found: list[str]) -> None:
    house.nothing(at(2), status=401, request_id="wanted")
    house.record(at(3))
    assert ids(house, Search(FEBRUARY, RowQuery(status=status))) == found
    assert RowQuery(status=status).words() == "status"


def test_the_newest_come_first_unless_the_oldest_are_asked_for(house: House) -> None:
    told = [house.record(at(day)).request_id for day in (3, 1, 28)]
    assert ids(house, Search(FEBRUARY, RowQuery())) == [told[2], told[0], told[1]]
    assert ids(house, Search(FEBRUARY, RowQuery(), newest=False)) == [told[1], told[0], told[2]]


def test_only_the_days_that_are_asked_about_are_read(house: House) -> None:
    house.record(at(31, 23, month=1))
    first, last = house.record(at(1, 0)), house.record(at(2, 23))
    house.record(at(3, 0))
    span = DateRange(date(2026, 2, 1), date(2026, 2, 2))
    assert ids(house, Search(span, RowQuery())) == [last.request_id, first.request_id]
    assert house.ledger.calls["rows"] == 2


@pytest.mark.parametrize("newest", [True, False], ids=["newest first", "oldest first"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_of_any_size_lose_and_repeat_nothing(house: House, newest: bool, limit: int) -> None:
    told = [house.record(at(day, hour)).request_id for day in (1, 2, 9, 28) for hour in (1, 2, 3)]
    expected = told[::-1] if newest else told
    assert all_ids(house, Search(FEBRUARY, RowQuery(), newest, limit)) == expected


def test_the_last_row_of_all_has_nothing_behind_it(house: House) -> None:
    house.record(at(28))
    assert search(house.desk, OPERATOR, DISTRICT_ID, Search(FEBRUARY, RowQuery(), newest=False, limit=1)).next is None


def test_a_call_reads_a_bounded_number_of_rows_and_says_where_to_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_access, "MOST_READ", 6)
    monkeypatch.setattr(ledger_access, "ROWS_AT_ONCE", 4)
    wanted = house.record(at(1), request_id="wanted")
    for hour in range(20):
        house.record(at(2, hour))
    asked = Search(FEBRUARY, RowQuery({"request_id": "wanted"}))
    first = search(house.desk, OPERATOR, DISTRICT_ID, asked)
    assert (list(first.rows), first.read, first.next is None) == ([], 8, False)
    assert all_ids(house, asked) == [wanted.request_id]


def test_what_is_complete_is_what_began_before_a_row_can_still_be_written(house: House) -> None:
    assert search(house.desk, OPERATOR, DISTRICT_ID, Search(FEBRUARY, RowQuery())).complete_until == NOW - LATE


@given(st.lists(st.integers(0, 3 * 86_400), max_size=25), st.lists(st.integers(0, 600), max_size=12),
       st.integers(1, 6), st.booleans())  # fmt: skip
def test_what_was_settled_is_told_once_whatever_is_added_meanwhile(
    before: list[int], late: list[int], limit: int, newest: bool
) -> None:
    """A row is written at most LATE after the time that it bears: those of before the first answer are all told."""
    house = open_house()
    span = DateRange(date(2026, 2, 25), date(2026, 3, 3))
    settled = {house.record(NOW - LATE - timedelta(seconds=ago + 1)).request_id for ago in before}
    added: list[AuditRecord] = []

    def write() -> None:
        house.clock.move(timedelta(seconds=1))
        if len(added) < len(late):
            began: datetime = NOW - LATE + timedelta(seconds=late[len(added)])
            added.append(house.record(began))

    told = all_ids(house, Search(span, RowQuery(), newest, limit), write)
    assert len(told) == len(set(told))
    assert settled <= set(told) <= settled | {record.request_id for record in added}


def test_a_district_admin_reads_one_district_and_others_do_not_exist(house: House) -> None:
    row = house.record(at(2))
    asked = Search(FEBRUARY, RowQuery())
    assert ids(house, asked, ADMIN) == [row.request_id]
    for district in (DISTRICT_ID, "Nope", "none"):
        with pytest.raises(NotFoundError):
            search(house.desk, FOREIGN_ADMIN, district, asked)
    with pytest.raises(NotFoundError):
        search(house.desk, OPERATOR, "Nope", asked)
    assert house.ledger.calls["rows"] == 28


def test_only_an_operator_reads_what_named_no_known_district(house: House) -> None:
    row = house.nothing(at(2), district=None, integration=None, token=None, status=401, problem="token-missing")
    asked = Search(FEBRUARY, RowQuery())
    assert ids(house, asked, OPERATOR, "none") == [row.request_id]
    with pytest.raises(NotFoundError):
        search(house.desk, ADMIN, "none", asked)


def test_an_operator_reads_what_a_district_left_that_the_registry_knows_no_more(house: House) -> None:
    """As after a restore of the registry from before the district was made."""
    house.ledger.open("Gone", NOW)
    row = house.record(at(2), district="Gone")
    assert ids(house, Search(FEBRUARY, RowQuery()), OPERATOR, "Gone") == [row.request_id]
    with pytest.raises(NotFoundError):
        search(house.desk, ADMIN, "Gone", Search(FEBRUARY, RowQuery()))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param(date(2026, 2, 2), date(2026, 2, 1), id="from after to"),
        pytest.param(date(2026, 1, 1), date(2026, 2, 1), id="32 days"),
        pytest.param(date(1999, 12, 31), date(2000, 1, 1), id="before there was anything"),
        pytest.param(date(9999, 12, 31), date(9999, 12, 31), id="the last day that there is"),
    ],
)
def test_days_have_bounds(house: House, first: date, last: date) -> None:
    with pytest.raises(BodyInvalidError) as refused:
        search(house.desk, OPERATOR, DISTRICT_ID, Search(DateRange(first, last), RowQuery()))
    assert [error["name"] for error in refused.value.members["errors"]] == ["to"]  # type: ignore[index,union-attr]
    assert house.ledger.calls["rows"] == 0


def test_31_days_are_not_too_many(house: House) -> None:
    assert ids(house, Search(DateRange(date(2026, 1, 1), date(2026, 1, 31)), RowQuery())) == []


def next_of(house: House, asked: Search, district: str = DISTRICT_ID) -> str:
    cursor = search(house.desk, OPERATOR, district, asked).next
    assert cursor is not None
    return cursor


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(Search(FEBRUARY, RowQuery(), newest=False, limit=1), id="the other order"),
        pytest.param(Search(DateRange(date(2026, 2, 1), date(2026, 2, 27)), RowQuery(), limit=1), id="other days"),
        pytest.param(Search(FEBRUARY, RowQuery({"token": "Tok1"}), limit=1), id="another condition"),
        pytest.param(Search(FEBRUARY, RowQuery({}, 2), limit=1), id="a class of statuses"),
    ],
)
def test_a_cursor_is_good_for_its_question_alone(house: House, question: Search) -> None:
    house.record(at(1))
    house.record(at(2))
    cursor = next_of(house, question)
    with pytest.raises(BodyInvalidError):
        search(house.desk, OPERATOR, DISTRICT_ID, Search(FEBRUARY, RowQuery(), limit=1, cursor=cursor))


def test_a_cursor_of_another_district_opens_nothing(house: House) -> None:
    house.record(at(1), district="D2nd")
    house.record(at(2), district="D2nd")
    house.ledger.calls.clear()
    cursor = next_of(house, Search(FEBRUARY, RowQuery(), limit=1), "D2nd")
    with pytest.raises(BodyInvalidError):
        search(house.desk, OPERATOR, DISTRICT_ID, Search(FEBRUARY, RowQuery(), limit=1, cursor=cursor))


def test_a_ledger_in_doubt_is_no_answer(house: House) -> None:
    house.ledger.broken = True
    with pytest.raises(UnavailableError):
        search(house.desk, OPERATOR, DISTRICT_ID, Search(FEBRUARY, RowQuery()))
