"""What of an incident is shown to whom, in bits and in words: nothing missing, nothing twice."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hallpass.domain.catalogue import VICTIMS as CARDS
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.example_incident import Placeholders, as_shown, as_upstream, invented
from hallpass.domain.facets import FACETS, THERE, Bearer, Facet, bit, facets_of, mask_of, present
from hallpass.domain.field_groups import VICTIM, Numbers, Victims
from hallpass.domain.field_table import field_table
from hallpass.domain.grant import resolve, rows_of
from hallpass.domain.model import Incident
from hallpass.domain.presets import PRESETS
from hallpass.domain.query import IncidentQuery
from hallpass.domain.reach import whole_query
from hallpass.domain.row_filter import RowFilter
from hallpass.domain.schema import FIELDS, VALUE_PATHS, Group, Identity, Treatment
from hallpass.domain.scope import Scope
from hallpass.domain.showing import VICTIMS, Change
from hallpass.domain.value_words import VALUES, change_words, rows_words, value_words
from hallpass.domain.view import FieldView, view_of
from hypothesis import given

from tests.preview.material import VIEWS, scopes

TODAY = date(2026, 3, 2)
EXAMPLE = invented(RowFilter(None, frozenset({"minor"}), None, None, deleted=False), TODAY)
NUMBER = "incident/offenders/offender/student/@district-id"


def shown_anywhere(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(shown_anywhere, value.values()))
    if isinstance(value, list):
        return any(map(shown_anywhere, value))
    return value is not None


def test_every_documented_value_has_words_of_its_own() -> None:
    assert set(VALUES) == VALUE_PATHS | {VICTIM}
    told = Counter(map(value_words, FACETS))
    assert [words for words, times in told.items() if times > 1] == []


@pytest.mark.parametrize("path", sorted(VALUE_PATHS))
def test_the_example_has_every_documented_value_and_a_view_of_one_shows_that_one(path: str) -> None:
    view = FieldView("one", frozenset({path}))
    found = present(EXAMPLE)
    assert any(bits & bit(Facet(path)) for bits in found.values())
    assert shown_anywhere(as_shown(EXAMPLE, view))
    assert mask_of(view) == THERE | bit(Facet(path))


@given(scopes())
def test_the_example_is_one_that_the_scope_shows(scope: Scope) -> None:
    window = resolve(scope.rows.window, TODAY)
    rows = rows_of(scope, IncidentQuery(whole_query(scope, TODAY)), window)
    assert rows.withholds(invented(rows, TODAY)) is None


def test_each_person_of_the_example_is_somebody() -> None:
    bearers = Counter(bearer for bearer, _ in present(EXAMPLE))
    assert bearers == {Bearer.INCIDENT: 1, Bearer.STUDENT: 2, Bearer.STAFF: 3}


PARTIES = [
    pytest.param({"student": {"district_id": "S1"}}, (Bearer.STUDENT, "S1"), id="a student with a number"),
    pytest.param({"student": {"district_id": ""}}, (Bearer.UNNUMBERED, "u#1"), id="a student whose number is empty"),
    pytest.param({"student": {"name": "Invented"}}, (Bearer.UNNUMBERED, "u#1"), id="a student without one"),
    pytest.param({}, (Bearer.UNNUMBERED, "u#1"), id="nobody at all"),
    pytest.param({"employee": {"district_id": "e1"}}, (Bearer.STAFF, "e1"), id="an employee"),
    pytest.param({"employee": {"name": "Invented"}}, (Bearer.UNNUMBERED_STAFF, "u#1"), id="one without a number"),
]


@pytest.mark.parametrize(("victim", "bearer"), PARTIES)
def test_who_is_in_an_incident(victim: Incident, bearer: tuple[Bearer, str]) -> None:
    incident: Incident = {"uuid": "u", "school": {"code": None, "name": ""}, "victims": [victim]}
    found = present(incident)
    assert set(found) == {(Bearer.INCIDENT, "u"), bearer}
    assert found[bearer] & bit(Facet(VICTIM))
    school = bit(Facet("incident/school")) | bit(Facet("incident/school/@code"))
    assert not found[Bearer.INCIDENT, "u"] & school, "an empty text shows nothing"


def test_a_student_and_an_employee_in_one_entry_are_two_persons() -> None:
    both: Incident = {"uuid": "u", "victims": [{"student": {"district_id": "S1"}, "employee": {"district_id": "e1"}}]}
    assert set(present(both)) == {(Bearer.INCIDENT, "u"), (Bearer.STUDENT, "S1"), (Bearer.STAFF, "e1")}


def test_an_incident_without_a_uuid_is_known_by_what_it_holds() -> None:
    one, other = ({"date": day} for day in ("2026-02-01", "2026-02-02"))
    first: Incident = dict(one)
    again: Incident = dict(one)
    second: Incident = dict(other)
    assert present(first).keys() == present(again).keys() != present(second).keys()


@pytest.mark.parametrize("name", [*PRESETS, *VIEWS])
def test_every_value_stands_in_one_line_shown_or_withheld(name: str) -> None:
    view = view_of(name)
    lines = field_table(view)
    assert [line.group for line in lines] == [*(group.value for group in Group), VICTIMS]
    told = Counter(words for line in lines for words in (*line.shown, *line.withheld))
    assert set(told.values()) == {1}
    assert len(told) == len(VALUES)
    assert {words for line in lines for words in line.shown} == set(map(value_words, facets_of(view)))


@pytest.mark.parametrize("level", list(Victims))
def test_victims_are_told_by_their_level(level: Victims) -> None:
    numbers = Numbers.PSEUDONYMISED if level is Victims.PSEUDONYMISED else Numbers.KEPT
    custom = CustomFields(frozenset({Group.ENVELOPE, Group.DEMOGRAPHICS}), level, numbers)
    assert field_table(view_of(custom.name))[-1].label == CARDS[level].label


def test_a_pseudonym_and_a_day_are_other_things_than_a_number_and_a_time() -> None:
    plain, hidden = (facets_of(view_of(name)) for name in ("identified@1", "pseudonymised@1"))
    assert Facet(NUMBER) in plain
    assert Facet(NUMBER, Treatment.PSEUDONYM) in hidden
    assert Facet(NUMBER) not in hidden
    assert value_words(Facet(NUMBER, Treatment.PSEUDONYM)) == "student number as a pseudonym"
    assert value_words(Facet("incident/@last-modified", Treatment.DAY)) == "day of the last change"
    assert {facet.path for facet in hidden} == view_of("pseudonymised@1").paths & set(VALUES)


def test_where_a_pseudonym_would_stand_is_a_placeholder() -> None:
    shown = as_shown(EXAMPLE, view_of("pseudonymised@1"))
    assert shown["uuid"] == "(incident pseudonym 1)"
    of = Placeholders().of(Identity.STUDENT)
    assert [of(value) for value in ("S1", "S2", "S1", "")] == [
        "(student pseudonym 1)", "(student pseudonym 2)", "(student pseudonym 1)", "",
    ]  # fmt: skip
    assert as_upstream(EXAMPLE)["uuid"] == "00000000-0000-4000-8000-000000000001"


RACE = Facet("incident/offenders/offender/student/race")
GRADE = Facet("incident/offenders/offender/student/grade")
SENTENCES = [
    ([RACE], {Bearer.STUDENT: 1240}, "Adds student race for 1,240 students."),
    ([GRADE, RACE], {Bearer.STUDENT: 1}, "Adds student grade and race for 1 student."),
    (
        [Facet("incident/date"), RACE],
        {Bearer.INCIDENT: 1, Bearer.UNNUMBERED: 2, Bearer.STAFF: 3, Bearer.UNNUMBERED_STAFF: 1},
        "Adds date and student race for 1 incident, 2 students' entries without a number, 3 employees, "
        "1 employee's entry without a number.",
    ),
]


@pytest.mark.parametrize(("facets", "counts", "sentence"), SENTENCES)
def test_a_change_in_words(facets: list[Facet], counts: dict[Bearer, int], sentence: str) -> None:
    assert change_words(Change(True, "demographics", facets, counts)) == sentence
    assert change_words(Change(False, "demographics", facets, counts)) == sentence.replace("Adds", "Removes")


def test_rows_in_words() -> None:
    assert rows_words(2, 0) == ["Adds 2 incidents."]
    assert rows_words(0, 1) == ["Removes 1 incident."]
    assert rows_words(0, 0) == []


def test_the_invented_incident_is_plainly_invented() -> None:
    assert set(FIELDS) >= set(VALUES)
    names = [party["student"]["name"] for party in as_upstream(EXAMPLE)["offenders"]]  # type: ignore[index,union-attr,call-overload]  # JSON
    assert names == ["Example O'Student"]
