"""Whom the upstream's own bytes are about: numbers wherever they stand, and incidents of which nobody can tell."""

from __future__ import annotations

import pytest
from hallpass.domain.people import KEY_BYTES, Marks, Person, people_of
from hallpass.domain.reading import read_page
from hallpass.domain.verbatim_people import Verbatim, verbatim_people
from hallpass.domain.view import view_of
from hypothesis import given

from tests.domain.xml.material import Node, roots, written

STUDENT, STAFF = Person
BOTH = {STUDENT, STAFF}


def page(inside: str, root: str = 'count="1" page="1" total-pages="1"') -> bytes:
    return f"<incidents {root}>{inside}</incidents>".encode()


def incident(inside: str, attributes: str = 'uuid="u-1" type="minor"') -> str:
    return f"<incident {attributes}>{inside}</incident>"


def offender(inside: str) -> str:
    return f'<offenders count="1"><offender>{inside}</offender></offenders>'


def pupil(number: str) -> str:
    return f'<student district-id="{number}"><name>Zed Madeup</name></student>'


def read(inside: str) -> Verbatim:
    return verbatim_people(page(inside), "raw")


def test_what_is_documented_is_told_as_the_model_tells_it() -> None:
    told = read(
        incident(
            '<written-by district-id="E1">A Teacher</written-by>' + offender(pupil("S1"))
            + '<victims count="2"><victim><student district-id="S2"/></victim>'
            '<victim><employee district-id="E2">B</employee></victim></victims>'
            '<attributes count="1"><bully>true</bully></attributes>'
        )
    )  # fmt: skip
    numbers = {(STAFF, "E1"), (STUDENT, "S1"), (STUDENT, "S2"), (STAFF, "E2")}
    assert told == Verbatim(1, frozenset(numbers), frozenset())


@pytest.mark.parametrize(
    ("inside", "kinds"),
    [
        pytest.param(
            incident(offender("<student><name>X</name></student>")), {STUDENT}, id="a student without a number"
        ),
        pytest.param(incident(offender('<student district-id=""/>')), {STUDENT}, id="an empty number"),
        pytest.param(incident(offender("<injury>x</injury>")), {STUDENT}, id="an offender without a student"),
        pytest.param(incident("<victims><victim/></victims>"), BOTH, id="a victim who is nobody"),
        pytest.param(incident("<written-by>A Teacher</written-by>"), {STAFF}, id="a teacher without a number"),
        pytest.param(incident(offender(pupil("S1") + pupil("S2"))), BOTH, id="two students in one offender"),
        pytest.param(incident("<witnesses><witness/></witnesses>"), BOTH, id="a place that nobody documented"),
        pytest.param(incident("", 'uuid="u-1" type="minor" student-id="S1"'), BOTH, id="an attribute of the incident"),
        pytest.param(incident(offender('<student district-id="S1" nick="X"/>')), BOTH, id="an attribute of a student"),
        pytest.param(incident('<written-by district-id="E1">A <b/></written-by>'), BOTH, id="a leaf that grew a child"),
        pytest.param(incident('<attributes count="1"><seen value="7"/></attributes>'), set(), id="a flag"),
        pytest.param(incident("<attributes><seen><by/></seen></attributes>"), BOTH, id="a flag with a child"),
        pytest.param(incident('<offenders count="0" of="S1"/>'), BOTH, id="an attribute of a list"),
    ],
)
def test_who_may_be_in_an_incident_of_which_nobody_can_tell(inside: str, kinds: set[Person]) -> None:
    assert read(inside).nameless == {(person, b"u-1") for person in kinds}


@pytest.mark.parametrize(
    ("inside", "numbers"),
    [
        pytest.param(
            incident(offender(pupil("S1") + pupil("S2"))), {(STUDENT, "S1"), (STUDENT, "S2"), (STAFF, "S2")},
            id="two students in one offender",
        ),
        pytest.param(
            incident("<witnesses><witness>" + pupil("W1") + "</witness></witnesses>"), {(STUDENT, "W1"), (STAFF, "W1")},
            id="in a place that nobody documented",
        ),
        pytest.param(
            incident('<written-by district-id="E1">A</written-by><written-by district-id="E2">B</written-by>'),
            {(STAFF, "E1"), (STUDENT, "E2"), (STAFF, "E2")}, id="the second of two",
        ),
        pytest.param("<archived>" + incident(offender(pupil("N1"))) + "</archived>", {(STUDENT, "N1"), (STAFF, "N1")},
                     id="an incident inside of something"),
        pytest.param(
            incident(offender(pupil("S9")), 'uuid="u-9" type="what"'), {(STUDENT, "S9")}, id="of no documented type"
        ),
        pytest.param(incident(offender(pupil("S&#233;"))), {(STUDENT, "Sé")}, id="written as a character reference"),
    ],
)  # fmt: skip
def test_a_number_counts_wherever_it_stands(inside: str, numbers: set[tuple[Person, str]]) -> None:
    assert read(inside).numbers == numbers


@pytest.mark.parametrize(
    ("inside", "incidents"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param(incident("") + incident("", 'uuid="u-2"'), 2, id="two"),
        pytest.param("<archived>" + incident("") + "</archived>", 1, id="one inside of something"),
        pytest.param("<archived><record/></archived>", 1, id="something that nobody documented"),
    ],
)
def test_the_incidents_are_counted_wherever_they_stand(inside: str, incidents: int) -> None:
    assert read(inside).incidents == incidents


def test_a_part_without_a_uuid_is_named_by_the_page_and_its_place() -> None:
    told = read(incident("<odd/>", "") + "<odd/>")
    assert {name for _, name in told.nameless} == {b"raw|1", b"raw|2"}
    root = verbatim_people(page("", 'count="0" page="1" total-pages="1" of="S1"'), "raw")
    assert (root.incidents, {name for _, name in root.nameless}) == (1, {b"raw|page"})


@given(roots())
def test_of_what_is_documented_the_bytes_and_the_model_tell_the_same(root: Node) -> None:
    """They are read a second time, by other rules."""
    marks, view, data = Marks(bytes(KEY_BYTES)), view_of("upstream@1"), written(root)
    told, model = verbatim_people(data, "raw"), read_page(data)
    beside = people_of((), (), view, marks, told.numbers, told.nameless)
    of_model = people_of(model.incidents, model.incidents, view, marks)
    assert beside.shown == of_model.shown
    assert [person for person, _ in beside.unnumbered] == [person for person, _ in of_model.unnumbered]
    assert told.incidents == len(model.incidents)
