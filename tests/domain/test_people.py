"""Whom an answer is about: every person of the page once, at the level of the most that was shown of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

import pytest
from hallpass.domain.model import Incident
from hallpass.domain.people import LEVELS, MARK_BYTES, Marks, People, Person, Shown, people_of
from hallpass.domain.view import view_of
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger_reading.house import an_incident

KEY = bytes(range(32))
MARKS = Marks(KEY)
PRESETS = ("no-people@1", "pseudonymised@1", "identified@1", "all-documented@1", "upstream@1")
ONE, OTHER = an_incident("u-1", ["1"], ["2"], "9"), an_incident("u-2", ["2", None], (), "9")


def student(number: str) -> bytes:
    return MARKS.of(Person.STUDENT, number)


def staff(number: str) -> bytes:
    return MARKS.of(Person.STAFF, number)


def told(preset: str, sent: Iterable[Incident] = (), page: Iterable[Incident] = ()) -> People:
    return people_of(sent, page, view_of(preset), MARKS)


def nameless(*uuids: bytes, person: Person = Person.STUDENT) -> tuple[tuple[Person, tuple[bytes, ...]], ...]:
    return ((person, tuple(sorted(MARKS.of_incident(uuid) for uuid in uuids))),) if uuids else ()


def test_a_mark_is_an_hmac_under_the_districts_key_for_one_kind_of_person() -> None:
    whole = hmac.new(KEY, b"1|student|00042", hashlib.sha256).digest()
    assert student("00042") == whole[:MARK_BYTES]
    assert (
        len({student("42"), student("00042"), student(" 42"), staff("42"), Marks(bytes(32)).of(Person.STUDENT, "42")})
        == 5
    )


def test_a_key_is_never_shown() -> None:
    assert repr(MARKS) == "Marks()"


LEVEL_CASES = [
    pytest.param("no-people@1", {"1": "unidentified", "2": "unidentified"}, "unidentified", id="nobody"),
    pytest.param("pseudonymised@1", {"1": "pseudonymised", "2": "unidentified"}, "unidentified", id="pseudonyms"),
    pytest.param("identified@1", {"1": "identified", "2": "unidentified"}, "unidentified", id="those who did it"),
    pytest.param("all-documented@1", {"1": "identified", "2": "identified"}, "identified", id="all"),
    pytest.param("upstream@1", {"1": "identified", "2": "identified"}, "identified", id="as it came"),
]


@pytest.mark.parametrize(("preset", "students", "writer"), LEVEL_CASES)
def test_a_preset_shows_each_place_so(preset: str, students: dict[str, str], writer: str) -> None:
    people = told(preset, [ONE], [ONE])
    for level in LEVELS:
        want = [student(number) for number, shown in students.items() if shown == level]
        want += [staff("9")] if writer == level else []
        assert sorted(people.at(level)) == sorted(want)
    assert people.unnumbered == ()


def test_who_stands_in_two_places_counts_at_the_one_that_shows_more() -> None:
    people = told("identified@1", [ONE, OTHER], [ONE, OTHER])
    assert people.at(Shown.IDENTIFIED) == tuple(sorted([student("1"), student("2")]))
    assert people.at(Shown.UNIDENTIFIED) == (staff("9"),)


def test_who_was_on_the_page_and_not_sent_was_withheld_unless_also_sent() -> None:
    people = told("identified@1", [ONE], [ONE, OTHER, an_incident("u-3", ["7"])])
    assert people.at(Shown.WITHHELD) == (student("7"),)


def test_an_incident_that_held_somebody_without_a_number_is_told_once() -> None:
    unknown = an_incident("u-4", [None, None, "5"])
    people = told("no-people@1", [unknown, OTHER], [unknown, OTHER, an_incident("u-5", [None])])
    assert people.unnumbered == nameless(b"u-4", b"u-2")


def test_an_incident_without_a_uuid_is_named_by_what_it_holds() -> None:
    first: Incident = {"offenders": [{"student": {"name": "Unknown"}}], "date": "2026-02-02"}
    second = first | {"date": "2026-02-03"}
    same = dict(reversed(first.items()))
    assert len(told("no-people@1", [first, second, same]).without_number(Person.STUDENT)) == 2


def test_what_was_sent_beside_the_rows_counts_as_it_came() -> None:
    beside = [(Person.STUDENT, "7"), (Person.STAFF, "7")]
    people = people_of((), (), view_of("upstream@1"), MARKS, beside, [(Person.STAFF, b"u-9"), (Person.STAFF, b"u-8")])
    assert people.at(Shown.IDENTIFIED) == tuple(sorted([student("7"), staff("7")]))
    assert people.unnumbered == nameless(b"u-9", b"u-8", person=Person.STAFF)


def test_a_name_without_its_number_identifies_too() -> None:
    people = told("groups@2025-12:envelope,student_names:victims-none:numbers-dropped", [ONE], [ONE])
    assert people.at(Shown.IDENTIFIED) == (student("1"),)


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        pytest.param("envelope,narrative", "described", id="with free text"),
        pytest.param("context,envelope", "unidentified", id="without"),
    ],
)
def test_free_text_may_name_anybody(fields: str, level: str) -> None:
    people = told(f"groups@2025-12:{fields}:victims-none:numbers-dropped", [ONE], [ONE])
    assert {shown.value for shown, _ in people.shown} == {level}


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"uuid": "u"}, id="without anybody"),
        pytest.param({"uuid": "u", "offenders": []}, id="a list of none"),
        pytest.param({"uuid": "u", "offenders": None}, id="nothing for a list"),
        pytest.param({"uuid": "u", "offenders": [{"student": {"district_id": "1"}, "actions": [{}]}]}, id="an action"),
    ],
)
def test_where_nobody_stands_nobody_is_told(odd: Incident) -> None:
    assert told("upstream@1", [odd], [odd]).unnumbered == ()


@pytest.mark.parametrize(
    ("odd", "kinds"),
    [
        pytest.param({"uuid": "u", "offenders": [{}]}, ["student"], id="an offender without a student"),
        pytest.param({"uuid": "u", "offenders": [None]}, ["student"], id="nothing for an offender"),
        pytest.param({"uuid": "u", "victims": [{"injury": "x"}]}, ["student", "staff"], id="a victim without a person"),
        pytest.param({"uuid": "u", "victims": [{"employee": {}}]}, ["staff"], id="an employee without a number"),
    ],
)
def test_a_party_of_whom_nothing_is_left_is_somebody(odd: Incident, kinds: list[str]) -> None:
    assert [person.value for person, _ in told("no-people@1", [odd], [odd]).unnumbered] == kinds


@pytest.mark.parametrize(
    "student_",
    [
        pytest.param({}, id="without anything"),
        pytest.param({"district_id": None, "name": "X"}, id="null for a number"),
        pytest.param({"district_id": ""}, id="an empty number"),
        pytest.param(None, id="null"),
    ],
)
def test_a_person_without_a_number_is_somebody(student_: object) -> None:
    incident: Incident = {"uuid": "u", "offenders": [{"student": student_}]}  # type: ignore[dict-item]  # odd on purpose
    assert told("upstream@1", [incident], [incident]).unnumbered == nameless(b"u")


def test_the_name_of_a_set_does_not_change_unnoticed() -> None:
    """Rows name sets for as long as the ledger is kept."""
    people = told("identified@1", [ONE, OTHER], [ONE, OTHER, an_incident("u-3", ["7"])])
    assert people.name == "2e144fa7b0ad1589a0ce77585241e3af799439f59547a04d155c65858e7b8b48"


NUMBERS = st.sampled_from(["1", "2", "3", "03"])
INCIDENTS = st.lists(
    st.builds(
        an_incident, st.uuids().map(str), st.lists(NUMBERS | st.none(), max_size=3), st.lists(NUMBERS, max_size=2),
        st.none() | NUMBERS,
    ),
    max_size=5,
)  # fmt: skip


@given(INCIDENTS, st.sampled_from(PRESETS), st.randoms(use_true_random=False), st.integers(0, 5))
def test_the_same_persons_have_the_same_name_in_whatever_order(
    page: list[Incident], preset: str, random: object, count: int
) -> None:
    sent = page[:count]
    people = told(preset, sent, page)
    random.shuffle(page)  # type: ignore[attr-defined]  # Hypothesis' own kind of Random
    assert told(preset, list(reversed(sent)), page) == people
    marks = [mark for level in LEVELS for mark in people.at(level)]
    assert len(marks) == len(set(marks)), "each person once"
    if count < len(page) or people.at(Shown.WITHHELD):
        assert told(preset, page, page).at(Shown.WITHHELD) == ()


@given(INCIDENTS, INCIDENTS)
def test_other_persons_have_another_name(one: list[Incident], other: list[Incident]) -> None:
    first, second = told("all-documented@1", one, one), told("all-documented@1", other, other)
    assert (first.name == second.name) == (first == second)
