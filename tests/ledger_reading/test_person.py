"""Who received something about a person: the three verdicts, what is told beside them, and what is never told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hallpass.domain.access import Actor
from hallpass.domain.disclosures import PersonAsked, Sent, Verdict, recipients
from hallpass.domain.errors import BodyInvalidError, NotFoundError, UnavailableError
from hallpass.domain.ledger_cursor import cursor_text
from hallpass.domain.people import People, Person, Shown
from hallpass.domain.scope import DateRange
from hallpass.domain.secret import Secret
from hallpass.services import disclosures as service
from hallpass.services.disclosures import PersonAnswer, disclosures

from tests.ledger_reading.house import (
    ADMIN,
    FOREIGN_ADMIN,
    NUMBER,
    OPENED,
    OPERATOR,
    OTHER_VENDOR,
    House,
    an_incident,
    at,
)
from tests.records import DISTRICT_ID, INTEGRATION_ID, NOW, a_district

STUDENT = PersonAsked(Person.STUDENT, Secret(NUMBER))


def ask(
    house: House, asked: PersonAsked = STUDENT, actor: Actor = OPERATOR, district: str = DISTRICT_ID
) -> PersonAnswer:
    return disclosures(house.desk, actor, district, asked)


def ask_all(house: House, asked: PersonAsked = STUDENT) -> list[Sent]:
    told: list[Sent] = []
    while True:
        answer = ask(house, asked)
        told += answer.sent
        if answer.next is None:
            return told
        asked = replace(asked, cursor=answer.next)


def test_a_number_that_was_on_no_page_was_never_seen(house: House) -> None:
    house.send(at(2), [an_incident("u1", ["another"])])
    answer = ask(house)
    assert (answer.verdict, list(answer.sent), answer.next) == (Verdict.NEVER_SEEN, [], None)


def test_a_person_of_an_incident_that_was_withheld_was_seen_and_not_disclosed(house: House) -> None:
    house.send(at(2), [an_incident("u1", ["another"])], page=[an_incident("u2", [NUMBER])])
    answer = ask(house)
    assert (answer.verdict, list(answer.sent)) == (Verdict.NOT_DISCLOSED, [])


def test_each_answer_about_a_person_is_told_with_how_it_was_come_by(house: House) -> None:
    first = house.send(at(2), [an_incident("u1", [NUMBER])], cache="hallpass; fwd=uri-miss; fwd-status=200; stored")
    stale = "hallpass; fwd=stale; fwd-status=503; ttl=-90; detail=stale-if-error"
    other: dict[str, Any] = {
        "integration": OTHER_VENDOR,
        "token": "Tok2",
        "fields_preset": "pseudonymised@1",
        "format": "csv",
    }
    second = house.send(at(3), [an_incident("u1", [NUMBER]), an_incident("u2", ["another"])], cache=stale, **other)
    answer = ask(house)
    assert answer.verdict is Verdict.DISCLOSED
    assert list(answer.sent) == [
        Sent(first.line()["time"], first.request_id, INTEGRATION_ID, "Tok1", "DPA-2026-01", "identified@1", "json",  # type: ignore[arg-type]
             1, Shown.IDENTIFIED, cached=False, stale=False),
        Sent(second.line()["time"], second.request_id, OTHER_VENDOR, "Tok2", "DPA-2026-01", "pseudonymised@1", "csv",  # type: ignore[arg-type]
             2, Shown.PSEUDONYMISED, cached=True, stale=True),
    ]  # fmt: skip


def test_beside_every_answer_stands_what_it_cannot_tell(house: House) -> None:
    house.send(at(2), [an_incident("u1", [None]), an_incident("u2", [None, NUMBER])])
    house.send(at(3), [an_incident("u1", [None])])
    for number in (NUMBER, "nobody's"):
        answer = ask(house, PersonAsked(Person.STUDENT, Secret(number)))
        assert (answer.unnumbered, answer.records_since) == (2, OPENED)
        assert answer.complete_until == NOW - timedelta(hours=1)
        assert answer.time_zone == "America/Chicago"


def test_of_a_district_without_records_it_is_said_that_there_are_none(house: House) -> None:
    house.desk.registry.add_district(a_district("D3rd"))
    answer = ask(house, district="D3rd")
    assert (answer.verdict, answer.records_since, answer.complete_until) == (Verdict.NEVER_SEEN, None, None)


def test_what_is_indexed_while_it_is_read_is_not_promised(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    for name in ("indexed_until", "known"):
        real = getattr(type(house.index), name)

        def noted(*arguments: object, _name: str = name, _real: object = real) -> object:
            order.append(_name)
            return _real(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(type(house.index), name, noted)
    ask(house)
    assert order == ["indexed_until", "known"]


def test_a_student_and_an_employee_of_one_number_are_two_persons(house: House) -> None:
    house.send(at(2), [an_incident("u1", writer=NUMBER)], fields_preset="all-documented@1")
    assert ask(house).verdict is Verdict.NEVER_SEEN
    assert ask(house, PersonAsked(Person.STAFF, Secret(NUMBER))).verdict is Verdict.DISCLOSED


@pytest.mark.parametrize("other", ["0000042", " canary-0000042", "canary-0000042 ", "CANARY-0000042", "canary-000042"])
def test_a_number_is_taken_as_it_is_written(house: House, other: str) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    assert ask(house, PersonAsked(Person.STUDENT, Secret(other))).verdict is Verdict.NEVER_SEEN


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        pytest.param(date(2026, 2, 9), date(2026, 2, 9), True, id="the district's day, which is the one before of UTC"),
        pytest.param(date(2026, 2, 10), date(2026, 2, 10), False, id="the day of UTC, which had not begun there"),
        pytest.param(date(2026, 2, 11), date(2026, 2, 20), False, id="later"),
        pytest.param(date(2026, 2, 1), date(2026, 2, 8), False, id="earlier"),
        pytest.param(date(2000, 1, 1), date(2999, 12, 31), True, id="all days that there are"),
    ],
)
def test_a_period_is_of_the_districts_own_days(house: House, first: date, last: date, told: bool) -> None:
    house.send(at(10, 3), [an_incident("u1", [NUMBER])])
    answer = ask(house, replace(STUDENT, period=DateRange(first, last)))
    assert answer.verdict is (Verdict.DISCLOSED if told else Verdict.NOT_DISCLOSED)
    assert (len(answer.sent), answer.outside) == (int(told), not told)


def test_a_period_has_its_days_in_order(house: House) -> None:
    with pytest.raises(BodyInvalidError):
        ask(house, replace(STUDENT, period=DateRange(date(2026, 2, 2), date(2026, 2, 1))))


@pytest.mark.parametrize("most", [1, 2, 3, 5, 100])
def test_pages_of_answers_lose_and_repeat_nothing(house: House, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(service, "MOST_ANSWERS", most)
    made = [
        house.send(at(day, hour), [an_incident(f"u{day}", [NUMBER])], integration=vendor).request_id
        for day in (1, 2, 3) for hour in (1, 2) for vendor in (INTEGRATION_ID, OTHER_VENDOR)
    ]  # fmt: skip
    told = [each.request_id for each in ask_all(house)]
    assert len(told) == len(made)
    assert set(told) == set(made)


@pytest.mark.parametrize("most", [2, 3, 4])
def test_a_call_looks_into_a_bounded_number_of_sets(house: House, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(service, "MOST_SETS", most)
    made = [house.send(at(day), [an_incident(f"u{day}", [NUMBER])]).request_id for day in range(1, 10)]
    first = ask(house)
    assert (len(first.sent), first.verdict, first.next is None) == (most, Verdict.DISCLOSED, False)
    assert [each.request_id for each in ask_all(house)] == made


def test_sets_whose_rows_are_not_there_hold_nothing_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_SETS", 2)
    for day in range(1, 8):
        house.send(at(day), [an_incident("u1", [NUMBER])])
    house.index.rows = dict(list(house.index.rows.items())[-1:])
    assert len(ask_all(house)) == 1


def test_what_comes_meanwhile_does_not_disturb_what_was_there(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ANSWERS", 2)
    made = [house.send(at(day), [an_incident("u1", [NUMBER])]).request_id for day in range(1, 8)]
    asked, told = STUDENT, []
    for hour in range(13, 23):
        answer = ask(house, asked)
        told += [each.request_id for each in answer.sent]
        house.send(at(hour - 12, hour), [an_incident("u1", [NUMBER]), an_incident("u2", ["another"])])
        if answer.next is None:
            break
        asked = replace(asked, cursor=answer.next)
    assert len(told) == len(set(told))
    assert set(made) <= set(told)


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("nonsense", id="no cursor"),
        pytest.param(cursor_text(["person", "D2nd", "student"], ["2026-02-01", "a", "b", "c"]), id="of a district"),
        pytest.param(cursor_text(["person", DISTRICT_ID, "staff"], ["2026-02-01", "a", "b", "c"]), id="of the staff"),
        pytest.param(cursor_text(["person", DISTRICT_ID, "student"], ["a day", "a", "b", "c"]), id="without a day"),
        pytest.param(cursor_text(["person", DISTRICT_ID, "student"], ["2026-02-01", "a", "b"]), id="without a row"),
    ],
)
def test_a_cursor_of_something_else_is_refused(house: House, cursor: str) -> None:
    with pytest.raises(BodyInvalidError):
        ask(house, replace(STUDENT, cursor=cursor))


def test_a_cursor_holds_neither_number_nor_mark(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for whoever is asked about, where the same sets hold them."""
    monkeypatch.setattr(service, "MOST_ANSWERS", 1)
    for day in (1, 2):
        house.send(at(day), [an_incident("u1", [NUMBER, "another"])])
    cursors = {ask(house, PersonAsked(Person.STUDENT, Secret(number))).next for number in (NUMBER, "another")}
    assert len(cursors) == 1
    assert None not in cursors


def test_roles(house: House) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    assert ask(house, actor=ADMIN).verdict is Verdict.DISCLOSED
    for actor, district in ((FOREIGN_ADMIN, DISTRICT_ID), (FOREIGN_ADMIN, "none"), (ADMIN, "none"), (OPERATOR, "Nope")):
        with pytest.raises(NotFoundError):
            ask(house, actor=actor, district=district)


@pytest.mark.parametrize("broken", ["ledger", "index"])
def test_in_doubt_there_is_no_verdict(house: House, broken: str) -> None:
    getattr(house, broken).broken = True
    with pytest.raises(UnavailableError):
        ask(house)


def test_a_recipient_is_told_with_all_it_received(house: House) -> None:
    for preset, day, agreement in (
        ("identified@1", 9, "DPA-2"),
        ("pseudonymised@1", 3, "DPA-1"),
        ("identified@1", 5, "DPA-2"),
    ):
        house.send(at(day), [an_incident("u1", [NUMBER])], fields_preset=preset, agreement=agreement)
    mark = house.ledger.marks(DISTRICT_ID).of(Person.STUDENT, NUMBER)
    bare: dict[str, Any] = {
        "integration": OTHER_VENDOR,
        "fields_preset": None,
        "agreement": None,
        "format": None,
        "cache": None,
    }
    house.file(at(1), People(((Shown.IDENTIFIED, (mark,)),), ()), **bare)
    second, first = recipients(ask(house).sent)[::-1]
    assert (first.integration, first.answers) == (OTHER_VENDOR, 1)
    assert (list(first.fields), list(first.agreements), list(first.formats)) == ([], [], [])
    assert (second.first, second.last) == ("2026-02-03T12:00:00.000000Z", "2026-02-09T12:00:00.000000Z")
    assert dict(second.shown) == {Shown.IDENTIFIED: 2, Shown.PSEUDONYMISED: 1}
    assert list(second.fields) == ["identified@1", "pseudonymised@1"]
    assert (list(second.agreements), list(second.formats)) == (["DPA-1", "DPA-2"], ["json"])


PREVIEW: dict[str, Any] = {
    "integration": None, "token": None, "agreement": None, "cache": None, "actor": "Person02",
    "action": "scope.preview",
}  # fmt: skip


def test_an_admin_who_was_shown_a_preview_is_told_beside_the_vendors(house: House) -> None:
    house.send(at(2), [an_incident("u1", [NUMBER])])
    for hour in (1, 2):
        house.send(at(3, hour), [an_incident("u1", [NUMBER])], **PREVIEW)
    answer = ask(house)
    assert [(each.integration, each.person) for each in answer.sent] == [
        (INTEGRATION_ID, None), (None, "Person02"), (None, "Person02"),
    ]  # fmt: skip
    vendor, admin = recipients(answer.sent)
    assert (vendor.integration, vendor.person, vendor.answers) == (INTEGRATION_ID, None, 1)
    assert (admin.integration, admin.person, admin.answers) == (None, "Person02", 2)
    assert (answer.sent[1].cached, answer.sent[1].stale) == (False, False)


def test_a_set_that_holds_the_person_among_many_is_found(house: House) -> None:
    marks = house.ledger.marks(DISTRICT_ID)
    crowd = sorted(marks.of(Person.STUDENT, str(number)) for number in range(500))
    people = People(((Shown.UNIDENTIFIED, tuple(crowd)),), ())
    house.file(at(4), people)
    answer = ask(house, PersonAsked(Person.STUDENT, Secret("499")))
    assert [each.shown for each in answer.sent] == [Shown.UNIDENTIFIED]
