"""XML under a view: exact bytes, counts of what is left, and what the writer refuses to write."""

from __future__ import annotations

import pytest
from hallpass.domain.model import Incident, PageModel
from hallpass.domain.reading import read_page
from hallpass.domain.view import FieldView, view_of
from hallpass.domain.xml_writer import UnwritableTextError, render_xml

from tests.domain.xml.material import EVERYTHING, incident, page

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SOURCE = incident(
    "\n <victims count='9'> <victim> <student district-id='2'><name>V</name></student> </victim> </victims>"
    "<offenders count='9'> <offender> <offenses count='9'><offense code='1'>a</offense><offense>b</offense></offenses>"
    "<student district-id='1'><name>O&apos;N &amp; &lt;x></name><iep>1</iep></student></offender></offenders>"
    "<date>2025-09-01</date>",
    'uuid="a&quot;&#10;&lt;" type="minor"',
)


def rendered(view: FieldView, data: bytes = SOURCE) -> str:
    model = read_page(data)
    body = render_xml(model, model.incidents, view).body.decode()
    lines = body.splitlines()
    assert lines[:2] == [HEAD.strip(), '<incidents count="1" page="1" total-pages="1">']
    assert lines[3:] == ["</incidents>"]
    return lines[2]


VIEWS = {
    "everything, in the source's order, counts recomputed": (
        EVERYTHING,
        '<incident uuid="a&quot;&#10;&lt;" type="minor"><victims count="1"><victim><student district-id="2"><name>V'
        '</name></student></victim></victims><offenders count="1"><offender><offenses count="2"><offense code="1">a'
        '</offense><offense>b</offense></offenses><student district-id="1"><name>O\'N &amp; &lt;x&gt;</name>'
        "<iep>1</iep></student></offender></offenders><date>2025-09-01</date></incident>",
    ),
    "all documented, without what is granted by name": (
        view_of("all-documented@1"),
        '<incident uuid="a&quot;&#10;&lt;" type="minor"><victims count="1"><victim><student district-id="2"><name>V'
        '</name></student></victim></victims><offenders count="1"><offender><offenses count="2"><offense code="1">a'
        '</offense><offense>b</offense></offenses><student district-id="1"><name>O\'N &amp; &lt;x&gt;</name></student>'
        "</offender></offenders><date>2025-09-01</date></incident>",
    ),
    "one leaf": (FieldView("x@1", frozenset({"incident/date"})), "<incident><date>2025-09-01</date></incident>"),
    "one attribute": (FieldView("x@1", frozenset({"incident/@type"})), '<incident type="minor"></incident>'),
    "nothing": (FieldView("x@1", frozenset()), "<incident></incident>"),
    "codes without their text": (
        FieldView("x@1", frozenset({"incident/offenders/offender/offenses/offense/@code"})),
        '<incident><offenders count="1"><offender><offenses count="2"><offense code="1"></offense><offense></offense>'
        "</offenses></offender></offenders></incident>",
    ),
    "text without its code": (
        FieldView("x@1", frozenset({"incident/offenders/offender/offenses/offense"})),
        '<incident><offenders count="1"><offender><offenses count="2"><offense>a</offense><offense>b</offense>'
        "</offenses></offender></offenders></incident>",
    ),
    "how many victims, and nothing of them": (
        FieldView("x@1", frozenset({"incident/victims/victim"})),
        '<incident><victims count="1"><victim></victim></victims></incident>',
    ),
}


@pytest.mark.parametrize(("view", "expected"), VIEWS.values(), ids=VIEWS.keys())
def test_exact_bytes(view: FieldView, expected: str) -> None:
    assert rendered(view) == expected


def test_the_pages_own_count_is_of_the_rows_that_are_left() -> None:
    source = page("<incident type='minor'/><incident type='pending'/>", root='count="812" page="2" total-pages="9"')
    model = read_page(source)
    kept = render_xml(model, model.incidents[1:], EVERYTHING)
    assert kept.body.decode() == (
        f'{HEAD}<incidents count="1" page="2" total-pages="9">\n<incident type="pending"></incident>\n</incidents>\n'
    )
    assert (kept.incidents, kept.unparsed) == (1, 0)
    empty = render_xml(model, (), EVERYTHING)
    assert empty.body.decode() == f'{HEAD}<incidents count="0" page="2" total-pages="9">\n</incidents>\n'


def tampered(incident: Incident) -> PageModel:
    return PageModel(1, 1, 1, (incident,), {})


FORBIDDEN = [*range(0x20), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF]


@pytest.mark.parametrize("code", sorted(set(FORBIDDEN) - {0x09, 0x0A, 0x0D}), ids=lambda code: f"X-36 U+{code:04X}")
@pytest.mark.parametrize("place", ["text", "attribute"])
def test_forbidden_characters_are_never_written(code: int, place: str) -> None:
    model = tampered({"date": f"a{chr(code)}"} if place == "text" else {"uuid": f"a{chr(code)}"})
    with pytest.raises(UnwritableTextError):
        render_xml(model, model.incidents, EVERYTHING)


@pytest.mark.parametrize("name", ["a><script", 'x="1"', "!--", "incident", "date time"])
def test_x36_a_name_comes_from_the_table_alone(name: str) -> None:
    model = tampered({"type": "minor", name: "x", "offenders": [{name: "x"}]})
    body = render_xml(model, model.incidents, EVERYTHING).body.decode()
    assert body.splitlines()[2] == (
        '<incident type="minor"><offenders count="1"><offender></offender></offenders></incident>'
    )
