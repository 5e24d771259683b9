"""What every ledger and every index does: the same for the fake and for the adapters over two stand-ins."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hallpass.domain.ledger import NO_DISTRICT, Appearance, Received, row_key
from hallpass.domain.people import LEVELS, People, Person, Shown

from tests.ledger.conftest import Books
from tests.ledger.material import AT, MARKS, group, later, record, row, student
from tests.records import DISTRICT_ID, INTEGRATION_ID

OTHER = "D2nd"
STUDENT, STAFF = Person
DAY = AT.date()


def keys(books: Books, day: date = DAY, district: str = DISTRICT_ID, **paging: object) -> list[str]:
    return [found.key for found in books.ledger.rows(district, day, **paging).rows]


def test_a_row_is_the_record_and_is_found_under_its_district_and_day(books: Books) -> None:
    told = record(people=group("S1"), query="type=minor", page=2, removed="type=9", age=0)
    books.ledger.add(told)
    found = books.ledger.rows(DISTRICT_ID, DAY)
    assert ([dict(each.facts) for each in found.rows], found.more) == ([dict(told.line())], False)
    assert found.rows[0].time == AT
    assert keys(books, DAY + timedelta(days=1)) == keys(books, DAY, OTHER) == keys(books, DAY, NO_DISTRICT) == []


def test_a_row_of_nobodys_district_has_a_place_of_its_own(books: Books) -> None:
    books.ledger.add(record(district=None, integration=None, status=401, problem="token-missing"))
    assert len(keys(books, district=NO_DISTRICT)) == 1
    assert keys(books) == []


def test_the_day_of_a_row_is_in_utc(books: Books) -> None:
    books.ledger.add(record(at=later(hours=9)))
    assert (len(keys(books)), len(keys(books, DAY + timedelta(days=1)))) == (0, 1)


def test_a_change_has_two_rows(books: Books) -> None:
    for phase in ("begun", "ended"):
        books.ledger.add(record(phase=phase, action="token.issue"))
    assert [found.text("phase") for found in books.ledger.rows(DISTRICT_ID, DAY).rows] == ["begun", "ended"]


@pytest.mark.parametrize("newest", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_rows_are_paged_in_order_and_none_is_lost_or_told_twice(books: Books, newest: bool, limit: int) -> None:
    told = [record(number, at=later(seconds=13 * number % 7, microseconds=number)) for number in range(7)]
    for each in told:
        books.ledger.add(each)
    found: list[str] = []
    after, more = "", True
    while more:
        page = books.ledger.rows(DISTRICT_ID, DAY, after=after, limit=limit, newest=newest)
        assert len(page.rows) <= limit
        found += [each.key for each in page.rows]
        after, more = found[-1], page.more and bool(page.rows)
    assert found == sorted((row_key(each.line()) for each in told), reverse=newest)


def test_a_set_comes_back_as_it_was_and_is_kept_once(books: Books) -> None:
    people = group("S1 S2", "S3 S4 S5", "u-1", pseudonymised="S6", unidentified="S7")
    assert books.ledger.keep(DISTRICT_ID, people) == books.ledger.keep(DISTRICT_ID, people) == people.name
    assert books.ledger.people(DISTRICT_ID, people.name) == people
    assert books.ledger.people(OTHER, people.name) is None


def test_a_set_of_nobody_is_a_set(books: Books) -> None:
    nobody = People((), ())
    books.ledger.keep(DISTRICT_ID, nobody)
    assert books.ledger.people(DISTRICT_ID, nobody.name) == nobody


def test_a_set_larger_than_an_item_comes_back_whole(books: Books) -> None:
    """One item holds 24,374 marks."""
    crowd = People(((Shown.IDENTIFIED, tuple(number.to_bytes(16, "big") for number in range(60_000))),), ())
    books.ledger.keep(DISTRICT_ID, crowd)
    assert books.ledger.people(DISTRICT_ID, crowd.name) == crowd


def test_an_account_is_opened_once_and_keeps_its_key(books: Books) -> None:
    books.ledger.open(DISTRICT_ID, AT)
    first = books.ledger.account(DISTRICT_ID)
    books.ledger.open(DISTRICT_ID, later(days=3))
    books.ledger.open(OTHER, later(days=1))
    assert first is not None
    assert (first.opened_at, books.ledger.account(DISTRICT_ID)) == (AT, first)
    assert books.ledger.accounts() == [DISTRICT_ID, OTHER]
    assert books.ledger.account(OTHER).sealed_key != first.sealed_key
    assert books.ledger.account("None") is None
    assert first.sealed_key.decode() not in repr(first)


def test_the_index_knows_until_when_it_is_complete_and_never_goes_back(books: Books) -> None:
    assert books.index.indexed_until(DISTRICT_ID) is None
    books.index.advance(DISTRICT_ID, later(minutes=5))
    books.index.advance(DISTRICT_ID, AT)
    assert books.index.indexed_until(DISTRICT_ID) == later(minutes=5)
    assert books.index.indexed_until(OTHER) is None


def test_a_disclosure_is_filed_under_each_person_as_they_were_shown(books: Books) -> None:
    people = group("S1", "S3", "u-1 u-2", pseudonymised="S2", unidentified="S4", described="S5")
    told = row(people=people)
    books.index.add(DISTRICT_ID, told, people)
    for number, level in zip(("S1", "S5", "S2", "S4"), LEVELS[:4], strict=True):
        known = books.index.known(DISTRICT_ID, student(number))
        assert (known.seen, known.appearances) == (True, [Appearance(DAY, INTEGRATION_ID, people.name, level)])
        assert books.index.disclosures(DISTRICT_ID, known.appearances[0]) == [told]
    withheld, nobody = books.index.known(DISTRICT_ID, student("S3")), books.index.known(DISTRICT_ID, student("S9"))
    assert (withheld.seen, withheld.appearances, nobody.seen, nobody.appearances) == (True, [], False, [])
    assert not books.index.known(OTHER, student("S1")).seen
    places = [(DISTRICT_ID, STUDENT), (DISTRICT_ID, STAFF), (OTHER, STUDENT)]
    assert [books.index.unnumbered(*place) for place in places] == [2, 0, 0]


def test_filing_again_changes_nothing_and_each_answer_is_there_once(books: Books) -> None:
    people = group("S1", unnumbered="u-1")
    answers = [row(number, at=later(minutes=number), people=people) for number in range(3)]
    for told in [*answers, *reversed(answers), answers[1]]:
        books.index.add(DISTRICT_ID, told, people)
    (appearance,) = books.index.known(DISTRICT_ID, student("S1")).appearances
    assert books.index.disclosures(DISTRICT_ID, appearance) == answers
    assert books.index.unnumbered(DISTRICT_ID, STUDENT) == 1


def test_days_integrations_and_sets_are_kept_apart(books: Books) -> None:
    one, other = group("S1"), group("S1 S2")
    filed = [
        (row(1, people=one), one),
        (row(2, people=other), other),
        (row(3, people=one, integration="D1stVnd2"), one),
        (row(4, at=later(days=1), people=one), one),
    ]
    for told, people in filed:
        books.index.add(DISTRICT_ID, told, people)
    appearances = books.index.known(DISTRICT_ID, student("S1")).appearances
    assert len(appearances) == 4
    assert [each.day for each in appearances] == sorted(each.day for each in appearances)
    found = [books.index.disclosures(DISTRICT_ID, each) for each in appearances]
    assert sorted(told.key for (told,) in found) == [told.key for told, _ in filed]


def test_what_an_admin_was_shown_is_filed_under_the_admin(books: Books) -> None:
    people = group("S1")
    previewed = row(2, people=people, integration=None, token=None, actor="Person02")
    for told in (row(1, people=people), previewed):
        books.index.add(DISTRICT_ID, told, people)
    appearances = books.index.known(DISTRICT_ID, student("S1")).appearances
    assert [each.recipient for each in appearances] == [INTEGRATION_ID, "person:Person02"]
    assert books.index.disclosures(DISTRICT_ID, appearances[1]) == [previewed]


def test_more_persons_than_a_batch_takes_are_all_filed(books: Books) -> None:
    crowd = group(" ".join(f"S{number}" for number in range(60)))
    books.index.add(DISTRICT_ID, row(people=crowd), crowd)
    assert all(books.index.known(DISTRICT_ID, student(f"S{number}")).appearances for number in range(60))


def test_who_was_only_on_a_page_is_seen_and_was_sent_to_nobody(books: Books) -> None:
    people = group("S1", "S2", "u-1")
    for _ in range(2):
        books.index.see(DISTRICT_ID, people)
    for number in ("S1", "S2"):
        known = books.index.known(DISTRICT_ID, student(number))
        assert (known.seen, list(known.appearances)) == (True, [])
    assert not books.index.known(OTHER, student("S1")).seen
    assert (books.index.unnumbered(DISTRICT_ID, STUDENT), list(books.index.received(DISTRICT_ID))) == (0, [])
    books.index.add(DISTRICT_ID, row(people=people), people)
    assert len(books.index.known(DISTRICT_ID, student("S1")).appearances) == 1
    books.index.see(DISTRICT_ID, people)
    assert len(books.index.known(DISTRICT_ID, student("S1")).appearances) == 1


def test_what_an_integration_received_is_told_by_day_and_fields(books: Books) -> None:
    people = group("S1")
    for number, (hours, fields) in enumerate(
        [(0, "no-people@1"), (0, "no-people@1"), (24, "groups@2025-12:context:x:y")]
    ):
        told = row(number, at=later(hours=hours), people=people, fields_preset=fields)
        books.index.add(DISTRICT_ID, told, people)
    books.index.add(OTHER, row(7, people=people, fields_preset="identified@1"), people)
    assert list(books.index.received(DISTRICT_ID)) == [
        Received(INTEGRATION_ID, DAY, "no-people@1"),
        Received(INTEGRATION_ID, DAY + timedelta(days=1), "groups@2025-12:context:x:y"),
    ]


def test_a_set_of_parties_of_both_kinds_comes_back_as_it_was(books: Books) -> None:
    people = People((), tuple((person, tuple(sorted(MARKS.of(person, n) for n in "12"))) for person in Person))
    books.ledger.keep(DISTRICT_ID, people)
    assert books.ledger.people(DISTRICT_ID, people.name) == people
    books.index.add(DISTRICT_ID, row(people=people), people)
    assert [books.index.unnumbered(DISTRICT_ID, person) for person in Person] == [2, 2]
