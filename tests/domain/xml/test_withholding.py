"""What the reader keeps, and what it withholds and counts: by full path, never by name, and never a value."""

from __future__ import annotations

import hashlib

import pytest
from hallpass.domain.json_writer import render_json
from hallpass.domain.model import Incident, Node, dump_model
from hallpass.domain.quarantine import MORE, MOST_PATHS, WITHHELD_INCIDENT, safe_name, unnamed
from hallpass.domain.reading import Reason, UnreadablePageError, read_page
from hallpass.domain.xml_writer import render_xml

from tests.domain.xml.material import EVERYTHING, incident, page

CANARY = "CANARY"
STUDENT = "incident/offenders/offender/student"


def in_student(inner: str, attributes: str = "") -> bytes:
    return incident(f"<offenders><offender><student {attributes}>{inner}</student></offender></offenders>")


# What is sent -> the path that is counted, how often. Every CANARY must be gone.
WITHHELD: dict[str, tuple[bytes, dict[str, int]]] = {
    "S-22 an unknown attribute of the root": (page(root=f'count="0" page="1" total-pages="0" x="{CANARY}"'),
        {"incidents/@x": 1}),
    "S-22 an unknown member": (page(f"<event>{CANARY}</event>"), {"incidents/event": 1}),
    "S-22 an unknown element in an incident": (incident(f"<mood>{CANARY}</mood>"), {"incident/mood": 1}),
    "S-22 an unknown attribute of an incident": (incident("", f'type="minor" mood="{CANARY}"'), {"incident/@mood": 1}),
    "S-22 an unknown attribute of a leaf": (incident(f'<date zone="{CANARY}">2025-09-01</date>'),
        {"incident/date/@zone": 1}),
    "S-22 an unknown attribute of a coded element": (incident(f'<school code="1" x="{CANARY}">A</school>'),
        {"incident/school/@x": 1}),
    "S-22 an unknown attribute of a coded element without code": (incident(f'<school x="{CANARY}">A</school>'),
        {"incident/school/@x": 1}),
    "S-22 an unknown attribute of a list": (incident(f'<offenders count="0" x="{CANARY}"/>'),
        {"incident/offenders/@x": 1}),
    "S-22 an unknown element in a record": (in_student(f"<lunch>{CANARY}</lunch>"), {f"{STUDENT}/lunch": 1}),
    "S-22 an unknown attribute of a record": (in_student("", f'sis-id="{CANARY}"'), {f"{STUDENT}/@sis-id": 1}),
    "S-22 an unknown element in a list": (incident(f"<victims><witness>{CANARY}</witness></victims>"),
        {"incident/victims/witness": 1}),
    "S-22 a whole unknown tree is one path": (incident(f'<a x="{CANARY}"><b>{CANARY}<c/></b>{CANARY}</a>'),
        {"incident/a": 1}),
    "S-22 a documented attribute in a namespace": (
        incident("", f'type="minor" xmlns:x="urn:x" x:uuid="{CANARY}"'),
        {f"incident/@{safe_name('urn:x}uuid')}": 1}),
    "S-22 a documented element in a namespace": (incident(f'<date xmlns="urn:x">{CANARY}</date>'),
        {f"incident/{safe_name('urn:x}date')}": 1}),
    "S-23 a description in a student": (in_student(f"<description>{CANARY}</description>"),
        {f"{STUDENT}/description": 1}),
    "S-23 a name in a victim": (incident(f"<victims><victim><name>{CANARY}</name></victim></victims>"),
        {"incident/victims/victim/name": 1}),
    "S-23 an employee in an offender": (
        incident(f"<offenders><offender><employee>{CANARY}</employee></offender></offenders>"),
        {"incident/offenders/offender/employee": 1}),
    "S-23 an incident in an incident": (incident(f'<incident type="minor" uuid="{CANARY}"/>'),
        {"incident/incident": 1}),
    "S-23 offenses of an incident": (incident(f"<offenses><offense>{CANARY}</offense></offenses>"),
        {"incident/offenses": 1}),
    "S-24 a leaf that grows a child": (incident(f"<description>{CANARY}<b>{CANARY}</b>{CANARY}</description>"),
        {"incident/description/b": 1}),
    "S-24 a leaf that grows a child with a documented name": (incident(f"<date><time>{CANARY}</time></date>"),
        {"incident/date/time": 1}),
    "S-24 a coded element that grows a child": (incident(f'<school code="{CANARY}">{CANARY}<a/></school>'),
        {"incident/school/a": 1}),
    "S-24 a leaf that grows two children": (incident(f"<date>{CANARY}<a/>{CANARY}<b>{CANARY}</b></date>"),
        {"incident/date/a": 1}),
    "S-24 a grown leaf before its repeat": (incident(f"<date><a/></date><date>{CANARY}</date>"),
        {"incident/date/a": 1, "incident/date": 1}),
    "S-24 a grown leaf after its twin": (incident(f"<date>{CANARY}</date><date><a/></date>"), {"incident/date": 2}),
    "S-24 a container that gets text": (incident(CANARY), {"incident/#text": 1}),
    "S-24 a container that gets text between children": (incident(f"<date/> {CANARY} <time/>"), {"incident/#text": 1}),
    "S-24 a container that gets text in a section": (incident(f"<![CDATA[{CANARY}]]>"), {"incident/#text": 1}),
    "S-24 text before an unknown element": (incident(f"{CANARY}<a/>"), {"incident/a": 1, "incident/#text": 1}),
    "S-24 a list that gets text": (incident(f"<victims>{CANARY}<victim/></victims>"), {"incident/victims/#text": 1}),
    "S-24 the root gets text": (page(CANARY), {"incidents/#text": 1}),
    "X-32 a leaf twice": (incident(f"<date>{CANARY}</date><date>{CANARY}</date>"), {"incident/date": 2}),
    "X-32 a leaf three times": (incident(f"<date>{CANARY}</date>" * 3), {"incident/date": 3}),
    "X-32 a coded element twice": (incident(f'<school code="{CANARY}"/>' * 2), {"incident/school": 2}),
    "X-32 a record twice": (
        incident(f'<offenders><offender>{f"<student><name>{CANARY}</name></student>" * 2}</offender></offenders>'),
        {STUDENT: 2}),
    "an incident of an unknown type": (incident(f"<a/><date>{CANARY}</date>", f'type="{CANARY}"'),
        {"incident/@type": 1}),
    "an incident whose type is spelled otherwise": (incident(f"<date>{CANARY}</date>", 'type="Minor"'),
        {"incident/@type": 1}),
    "F-09 a name that is not plain": (incident(f"<{CANARY}>x</{CANARY}>"), {f"incident/{safe_name(CANARY)}": 1}),
    "F-09 an attribute name that is not plain": (incident("", f'type="minor" {CANARY}="x"'),
        {f"incident/@{safe_name(CANARY)}": 1}),
    "F-09 a name that is too long to be plain": (incident(f"<a{'b' * 41}>{CANARY}</a{'b' * 41}>"),
        {f"incident/{safe_name('a' + 'b' * 41)}": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "paths"), WITHHELD.values(), ids=WITHHELD.keys())
def test_withheld_and_counted(data: bytes, paths: dict[str, int]) -> None:
    model = read_page(data)
    assert dict(model.quarantine) == paths
    outputs = (
        dump_model(model),
        render_xml(model, model.incidents, EVERYTHING).body,
        render_json(model, model.incidents, EVERYTHING, "d").body,
        repr(model).encode(),
    )
    assert all(CANARY.encode() not in output for output in outputs)


def kept(data: bytes) -> Incident:
    (only,) = read_page(data).incidents
    return only


# What is kept beside something withheld.
KEPT: dict[str, tuple[bytes, Node]] = {
    "neighbours of an unknown element": (
        incident("<date>d</date><a><date>x</date></a><time>t</time>"), {"type": "minor", "date": "d", "time": "t"}),
    "neighbours of a grown leaf": (
        incident("<date>d</date><time>x<a/>x</time><description>e</description>"),
        {"type": "minor", "date": "d", "description": "e"}),
    "neighbours of a repeat": (
        incident("<date>d</date><time>x</time><time>x</time><description>e</description>"),
        {"type": "minor", "date": "d", "description": "e"}),
    "other items when one has grown": (
        incident("<offenders><offender><offenses><offense>a</offense><offense>x<b/></offense><offense>c</offense>"
                 "</offenses></offender></offenders>"),
        {"type": "minor", "offenders": [{"offenses": [{"code": None, "name": "a"}, {"code": None, "name": "c"}]}]}),
    "a leaf whose attribute is withheld": (incident('<date x="1">d</date>'), {"type": "minor", "date": "d"}),
    "an empty coded element": (incident("<school/>"), {"type": "minor", "school": {"code": None, "name": ""}}),
    "an empty code": (incident('<school code=""/>'), {"type": "minor", "school": {"code": "", "name": ""}}),
    "an empty list": (incident("<victims/>"), {"type": "minor", "victims": []}),
    "an empty record in a list": (incident("<victims><victim/></victims>"), {"type": "minor", "victims": [{}]}),
    "an empty bag": (incident("<attributes/>"), {"type": "minor", "attributes": {}}),
    "a bag with its count": (incident('<attributes count="2"><a/><b/></attributes>'),
        {"type": "minor", "attributes": {"count": "2"}}),
    "a student and an employee in one victim": (
        incident("<victims><victim><student/><employee district-id='1'>E</employee></victim></victims>"),
        {"type": "minor", "victims": [{"student": {}, "employee": {"district_id": "1", "name": "E"}}]}),
    "people, numbers and nested lists": (
        incident("<offenders count='1'>\n <offender>\n <actions> <action code='A' cost='1'> <duration day-length='7'>2"
                 "</duration> <schedule> <event> <served>1</served> </event> <event/> </schedule> <assigned-by "
                 "datetime='t' district-id='s'>N</assigned-by></action> <action/> </actions></offender></offenders>"),
        {"type": "minor", "offenders": [{"actions": [
            {"code": "A", "cost": "1", "duration": {"day_length": "7", "value": "2"},
             "schedule": [{"served": "1"}, {}],
             "assigned_by": {"datetime": "t", "district_id": "s", "name": "N"}}, {}]}]}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), KEPT.values(), ids=KEPT.keys())
def test_kept(data: bytes, expected: Node) -> None:
    assert kept(data) == expected


def test_source_order_is_kept() -> None:
    """Element order is not a contract of the upstream: `injury` has moved before."""
    assert list(kept(incident("<time/><school/><date/>", 'uuid="u" type="minor"'))) == [
        "uuid", "type", "time", "school", "date",
    ]  # fmt: skip


def test_only_the_incidents_of_documented_types_are_left() -> None:
    members = [f'<incident type="{kind}" uuid="{kind}"/>' for kind in ("referral", "odd", "minor", "pending", "")]
    model = read_page(page("".join(members), root='count="5" page="1" total-pages="1"'))
    assert [row["uuid"] for row in model.incidents] == ["referral", "minor", "pending"]
    assert (model.count, model.quarantine) == (5, {"incident/@type": 2})


def test_after_fifty_paths_the_rest_is_counted_together() -> None:
    names = [f"z{first}{second}" for first in "abcdefgh" for second in "abcdefgh"][: MOST_PATHS + 7]
    model = read_page(incident("".join(f"<{name}/>" for name in names) + f"<{names[0]}/>"))
    assert len(model.quarantine) == MOST_PATHS + 1
    assert (model.quarantine[MORE], model.quarantine[f"incident/{names[0]}"]) == (7, 2)


def test_withheld_incidents_are_always_counted_by_themselves() -> None:
    """What leaves as the upstream's own bytes is counted with them."""
    unknown = "".join(f"<a{n}/>" for n in range(MOST_PATHS + 1))
    model = read_page(page(f'{unknown}<incident type="other"/><incident type="odd"/>'))
    assert (model.quarantine[WITHHELD_INCIDENT], model.quarantine[MORE]) == (2, 1)


LISTS = {
    "X-32 offenders twice": incident("<offenders/><offenders/>"),
    "X-32 offenses twice": incident("<offenders><offender><offenses/><offenses/></offender></offenders>"),
}


@pytest.mark.parametrize("sent", LISTS.values(), ids=LISTS)
def test_a_list_that_comes_twice_refuses_the_page(sent: bytes) -> None:
    """Withheld, it would read as `[]` in JSON: a false fact."""
    with pytest.raises(UnreadablePageError) as refused:
        read_page(sent)
    assert refused.value.reason is Reason.REPEATED_LIST


@pytest.mark.parametrize("name", ["a", "z-a", "a" * 40, "written-by-whom-then"])
def test_f09_plain_names_stand_as_they_are(name: str) -> None:
    assert safe_name(name) == name


ODD = [
    "A", "9", "-a", "a_b", "é", "a" * 41, "z-9", "s0000042", "a1b2c3d4-1111-4222-8333-444455556666", "a--b", "a-",
    "a-b-c-d-e", "urn:x}a", "a\n", "",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_f09_other_names_are_hashed(name: str) -> None:
    assert safe_name(name).startswith("~")
    assert len(safe_name(name)) == 13
    assert safe_name(name) == safe_name(name)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("incident/@type", "incident/@type"),
        ("incident/offenders/#text", "incident/offenders/#text"),
        ("incident/~0123456789ab", "incident/~0123456789ab"),
        ("(more)", "(more)"),
        ("incident/madeup-pat", f"incident/~{hashlib.sha256(b'madeup-pat').hexdigest()[:12]}"),
        ("incident/@madeup", f"incident/@~{hashlib.sha256(b'madeup').hexdigest()[:12]}"),
    ],
)
def test_in_a_log_a_name_that_nobody_documented_is_hashed_however_plain(path: str, logged: str) -> None:
    """F-09: an element's name could be a person's."""
    assert unnamed(path) == logged
