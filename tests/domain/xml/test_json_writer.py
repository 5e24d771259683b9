"""Typed JSON under a view: one shape for 0, 1 and n children, strict types, null and a count for what has none."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from hallpass.domain.json_writer import render_json
from hallpass.domain.reading import read_page
from hallpass.domain.rendered import Rendered
from hallpass.domain.view import FieldView
from hallpass.domain.xml_writer import render_xml

from tests.domain.xml.material import EVERYTHING, incident, page

OFFENDER = "incident/offenders/offender"
STUDENT = f"{OFFENDER}/student"


def rendered(data: bytes, view: FieldView = EVERYTHING, dataset: str = "d") -> Rendered:
    model = read_page(data)
    return render_json(model, model.incidents, view, dataset)


def only(data: bytes, view: FieldView = EVERYTHING) -> dict[str, object]:
    (shown,) = orjson.loads(rendered(data, view).body)["incidents"]
    assert isinstance(shown, dict)
    return shown


def some(*paths: str) -> FieldView:
    return FieldView("x@1", frozenset(paths))


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        pytest.param('count="9" page="1" total-pages="1"', (1, 1, None), id="the only page"),
        pytest.param('count="9" page="1" total-pages="3"', (1, 3, 2), id="the first page"),
        pytest.param('count="9" page="3" total-pages="3"', (3, 3, None), id="the last page"),
        pytest.param('count="9" page="7" total-pages="3"', (7, 3, None), id="past the last page"),
        pytest.param('count="0" page="1" total-pages="0"', (1, 0, None), id="no pages at all"),
    ],
)
def test_the_page(root: str, expected: tuple[int, int, int | None]) -> None:
    shown = orjson.loads(rendered(page(root=root), dataset="2.1").body)
    assert shown == {
        "count": 0, "page": expected[0], "total_pages": expected[1], "next_page": expected[2], "dataset": "2.1",
        "incidents": [],
    }  # fmt: skip
    assert list(shown) == ["count", "page", "total_pages", "next_page", "dataset", "incidents"]


def test_rows_that_were_filtered_are_not_counted() -> None:
    model = read_page(page("<incident type='minor'/><incident type='pending'/>"))
    page_shown = render_json(model, model.incidents[1:], EVERYTHING, "d")
    assert orjson.loads(page_shown.body)["count"] == page_shown.incidents == 1


def offenses(*names: str) -> bytes:
    inner = "".join(f"<offense code='{name}'>{name}</offense>" for name in names)
    return incident(f"<offenders><offender><offenses count='7'>{inner}</offenses></offender></offenders>")


@pytest.mark.parametrize("names", [(), ("a",), ("a", "b", "c")], ids=["no child", "one child", "three children"])
def test_the_same_shape_for_0_1_and_n_children(names: tuple[str, ...]) -> None:
    offender = {"offenses": [{"code": name, "name": name} for name in names], "weapons": [], "actions": []}
    assert only(offenses(*names))["offenders"] == [offender]


SHAPES: dict[str, tuple[bytes, FieldView, dict[str, object]]] = {
    "granted lists are there without any in the source": (
        incident(), EVERYTHING, {"type": "minor", "offenders": [], "victims": []}),
    "a withheld list is absent": (offenses("a"), some("incident/@type"), {"type": "minor"}),
    "a list is granted by anything below it": (
        incident(), some(f"{OFFENDER}/actions/action/schedule/event/date"), {"offenders": []}),
    "a record in a list has its lists": (
        incident("<offenders><offender/></offenders>"), some(f"{OFFENDER}/actions/action/@code"),
        {"offenders": [{"actions": []}]}),
    "presence alone": (
        incident("<victims><victim><injury>x</injury></victim><victim/></victims>"), some("incident/victims/victim"),
        {"victims": [{}, {}]}),
    "a coded element": (incident("<school code='007'>A</school>"), some("incident/school", "incident/school/@code"),
        {"school": {"code": "007", "name": "A"}}),
    "a coded element without code": (incident("<school>A</school>"),
        some("incident/school", "incident/school/@code"), {"school": {"code": None, "name": "A"}}),
    "an empty coded element": (incident("<school code=''/>"), some("incident/school", "incident/school/@code"),
        {"school": {"code": "", "name": ""}}),
    "a code alone": (incident("<school code='007'>A</school>"), some("incident/school/@code"),
        {"school": {"code": "007"}}),
    "a name alone": (incident("<school code='007'>A</school>"), some("incident/school"), {"school": {"name": "A"}}),
    "an absent record stays absent": (incident("<offenders><offender/></offenders>"), some(f"{STUDENT}/name"),
        {"offenders": [{}]}),
    "an absent leaf stays absent": (incident("<offenders><offender><student/></offender></offenders>"),
        some(f"{STUDENT}/name"), {"offenders": [{"student": {}}]}),
    "ids and codes are strings": (
        incident("<offenders><offender><student district-id='0042'><grade>05</grade></student></offender></offenders>"),
        some(f"{STUDENT}/@district-id", f"{STUDENT}/grade"),
        {"offenders": [{"student": {"district_id": "0042", "grade": "05"}}]}),
    "a person of the staff": (
        incident("<written-by datetime='2025-09-01T08:00:00' district-id='7'>N</written-by>"),
        some("incident/written-by", "incident/written-by/@datetime", "incident/written-by/@district-id"),
        {"written_by": {"datetime": "2025-09-01T08:00:00", "district_id": "7", "name": "N"}}),
    "a person of the staff without attributes": (incident("<written-by/>"),
        some("incident/written-by", "incident/written-by/@datetime"), {"written_by": {"name": ""}}),
    "a bag": (incident("<attributes count='3'><x/></attributes>"), some("incident/attributes/@count"),
        {"attributes": {"count": 3}}),
    "members come in the table's order, not the source's": (
        incident("<time>08:00</time><date>2025-09-01</date>", "uuid='u' type='minor'"),
        some("incident/@type", "incident/@uuid", "incident/date", "incident/time"),
        {"uuid": "u", "type": "minor", "date": "2025-09-01", "time": "08:00"}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "view", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_shape(data: bytes, view: FieldView, expected: dict[str, object]) -> None:
    shown = only(data, view)
    assert shown == expected
    assert list(shown) == list(expected)


def in_action(inner: str, attributes: str = "") -> bytes:
    return incident(
        f"<offenders><offender><actions><action {attributes}>{inner}</action></actions></offender></offenders>"
    )


def _served(text: str) -> bytes:
    return in_action(f"<schedule><event><served>{text}</served></event></schedule>")


def _event(name: str) -> Callable[[str], bytes]:
    return lambda text: in_action(f"<schedule><event><{name}>{text}</{name}></event></schedule>")


def _duration(text: str) -> bytes:
    return in_action(f"<duration>{text}</duration>")


def _day_length(text: str) -> bytes:
    return in_action(f"<duration day-length='{text}'>1</duration>")


def _modified(text: str) -> bytes:
    return incident("", f"type='minor' last-modified='{text}'")


ACTION = f"{OFFENDER}/actions/action"
_EVENT = ("offenders", 0, "actions", 0, "schedule", 0)
_DURATION = ("offenders", 0, "actions", 0, "duration")
TYPED: dict[str, tuple[Callable[[str], bytes], tuple[str | int, ...], dict[str, object]]] = {
    "bool": (_served, (*_EVENT, "served"), {
        "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "TRUE": True, "No": False,
        "Yes": True, "y": None, "on": None, "2": None, "": None, " true": None, "ＹＥＳ": None, "01": None, "T": None}),
    "int": (_day_length, (*_DURATION, "day_length"), {
        "420": 420, "0": 0, "-7": -7, "007": 7, "9" * 15: 10**15 - 1, "9" * 16: None, "": None, "+1": None, "1_0": None,
        "１": None, "1.0": None, "1e3": None, " 1": None, "0x1": None, "-": None, "٣": None}),
    "float": (_duration, (*_DURATION, "value"), {
        "1.5": 1.5, "3": 3.0, "-0.25": -0.25, ".5": 0.5, "007.5": 7.5, "1e999": None, "nan": None, "inf": None,
        "-Infinity": None, "1_0": None, "１": None, "1,5": None, "": None, "1.": None, "0x1p3": None, "9" * 16: None,
        "1e3": None, "NaN": None}),
    "date": (_event("date"), (*_EVENT, "date"), {
        "2025-09-01": "2025-09-01", "2024-02-29": "2024-02-29", "0001-01-01": "0001-01-01", "2025-02-30": None,
        "2025-02-29": None, "20250901": None, "2025-W01-1": None, "0000-01-01": None, "2025-9-1": None, "1/9/25": None,
        "2025-09-01T00:00": None, "２025-09-01": None, "": None, "soon": None, "2025-09-01 ": None}),
    "time": (_event("start"), (*_EVENT, "start"), {
        "08:00": "08:00", "23:59:59": "23:59:59", "08:00:00.123": "08:00:00.123", "08:00Z": "08:00Z",
        "08:00:00-05:00": "08:00:00-05:00", "8:05 AM": "8:05 AM", "12:30pm": "12:30pm", "24:00": None, "08:60": None,
        "8:00": None, "13:00 PM": None, "noon": None, "": None, "08:00 in the hall": None}),
    "datetime": (_modified, ("last_modified",), {
        "2025-09-01T08:00:00": "2025-09-01T08:00:00", "2025-09-01 08:00": "2025-09-01 08:00",
        "2025-09-01T08:00:00Z": "2025-09-01T08:00:00Z", "2025-09-01T08:00:00.5+0500": "2025-09-01T08:00:00.5+0500",
        "2025-09-01 8:00 PM": "2025-09-01 8:00 PM", "2025-02-30T08:00:00": None, "2025-09-01": None, "1756713600": None,
        "2025-09-01T": None, "": None, "yesterday": None}),
}  # fmt: skip
CASES = [
    pytest.param(build(text), place, value, id=f"X-33 {kind} {text or 'nothing'!r}")
    for kind, (build, place, spellings) in TYPED.items()
    for text, value in spellings.items()
]


@pytest.mark.parametrize(("data", "place", "expected"), CASES)
def test_a_value_is_what_is_documented_or_null_and_counted(
    data: bytes, place: tuple[str | int, ...], expected: object
) -> None:
    page_shown = rendered(data)
    value = orjson.loads(page_shown.body)["incidents"][0]
    for step in place:
        value = value[step]
    assert value == expected
    assert type(value) is type(expected)
    assert page_shown.unparsed == (expected is None)


def test_every_value_without_meaning_is_counted_also_when_it_repeats() -> None:
    odd = "<date>soon</date><time>08:00</time>"
    source = page(f"<incident type='minor'>{odd}</incident><incident type='minor'>{odd}</incident>")
    assert rendered(source).unparsed == 2
    assert rendered(source, some("incident/time")).unparsed == 0, "what is withheld is not judged"


def test_x33_numbers_that_json_has_no_word_for() -> None:
    texts = ["1e999", "nan", "inf", "-inf", "NaN", "Infinity"]
    bodies = [rendered(_duration(text)).body for text in texts]
    assert all(b"nan" not in body.lower() and b"inf" not in body.lower().replace(b"incidents", b"") for body in bodies)


def student(number: str | None, wrapper: str = "offenders", item: str = "offender") -> str:
    attribute = "" if number is None else f" district-id='{number}'"
    return f"<{wrapper}><{item}><student{attribute}><name>N</name></student></{item}></{wrapper}>"


EMPLOYEE = "<victims><victim><employee district-id='1'>E</employee></victim></victims>"
WROTE = "<written-by district-id='1'>W</written-by>"
ASSIGNED = (
    "<offenders><offender><student district-id='1'/><actions><action>"
    "<assigned-by district-id='1'>W</assigned-by></action></actions></offender></offenders>"
)
STAFF_NAMES = some("incident/written-by", f"{OFFENDER}/actions/action/assigned-by")
NUMBERS = some(f"{STUDENT}/@district-id", "incident/victims/victim/student/@district-id",
               "incident/victims/victim/employee/@district-id")  # fmt: skip
PERSONS: dict[str, tuple[list[str], FieldView, int]] = {
    "nobody": (["", "<offenders/>", "<offenders><offender/></offenders>"], EVERYTHING, 0),
    "one student twice": ([student("1"), student("1")], EVERYTHING, 1),
    "two students": ([student("1"), student("2")], EVERYTHING, 2),
    "one student as offender and victim": ([student("1") + student("1", "victims", "victim")], EVERYTHING, 1),
    "students without a number count each": ([student(None), student(None), student("")], EVERYTHING, 3),
    "students whose number is not shown count each": ([student("1"), student("1")], some(f"{STUDENT}/name"), 2),
    "an employee is not the student of the same number": ([student("1") + EMPLOYEE], EVERYTHING, 2),
    "by numbers alone": ([student("1") + EMPLOYEE, student("1")], NUMBERS, 2),
    "victims that are not shown": ([student("1", "victims", "victim") + student("2")], some(f"{STUDENT}/name"), 1),
    "nobody is shown": ([student("1")], some("incident/date"), 0),
    "who wrote counts, once": ([WROTE, WROTE, WROTE.replace("1", "2")], EVERYTHING, 2),
    "who wrote and who assigned is one person": ([WROTE + ASSIGNED], EVERYTHING, 2),
    "who wrote is not the student of the same number": ([WROTE + student("1")], EVERYTHING, 2),
    "who wrote and assigned without a number count each": ([WROTE + ASSIGNED], STAFF_NAMES, 2),
    "who wrote and is not shown": ([WROTE + student("1")], some(f"{STUDENT}/name"), 1),
    "nobody wrote": (["<written-by/>", "<victims><victim><employee/></victim></victims>"], EVERYTHING, 0),
    "a student of whom nothing is told counts": (
        ["<offenders><offender><student/></offender></offenders>"],
        EVERYTHING,
        1,
    ),
}


@pytest.mark.parametrize(("inner", "view", "expected"), PERSONS.values(), ids=PERSONS.keys())
def test_persons_disclosed(inner: list[str], view: FieldView, expected: int) -> None:
    model = read_page(page("".join(f"<incident type='minor'>{each}</incident>" for each in inner)))
    assert render_json(model, model.incidents, view, "d").persons == expected
    assert render_xml(model, model.incidents, view).persons == expected
