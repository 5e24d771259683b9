"""CSV as RFC 4180 has it: the columns, the rows, what a spreadsheet must not take for a formula."""

from __future__ import annotations

import pytest
from hallpass.domain.csv_writer import header, render_csv
from hallpass.domain.reading import read_page
from hallpass.domain.view import FieldView, view_of

from tests.domain.xml.material import incident, page

TEXT = FieldView("x@1", frozenset({"incident/description"}))
OFFENDERS = "incident/offenders/offender"
NAMES = FieldView("x@1", frozenset({"incident/@uuid", f"{OFFENDERS}/student/name", f"{OFFENDERS}/offenses/offense"}))


def written(data: bytes, view: FieldView) -> str:
    model = read_page(data)
    return render_csv(model.incidents, view).body.decode()


CELLS = {
    "plain": ("note", "note"),
    "nothing": ("", '""'),
    "a comma": ("a,b", '"a,b"'),
    "quotes": ('say "so"', '"say ""so"""'),
    "a line break": ("a\nb", '"a\nb"'),
    "S-28 an equals sign": ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    "S-28 a plus": ("+1", "'+1"),
    "S-28 a minus": ("-2+3", "'-2+3"),
    "S-28 an at sign": ("@SUM(1)", "'@SUM(1)"),
    "S-28 a tab": ("\t=1", "'\t=1"),
    "S-28 a carriage return": ("&#13;=1", '"\'\r=1"'),
    "S-28 a line feed": ("\n=1", '"\'\n=1"'),
    "S-28 a wide equals sign": ("\uff1d1", "'\uff1d1"),
    "an apostrophe, which would else be taken for ours": ("'twas", "''twas"),
    "an equals sign inside": ("a=b", "a=b"),
}


@pytest.mark.parametrize(("text", "cell"), CELLS.values(), ids=CELLS)
def test_a_text(text: str, cell: str) -> None:
    assert written(incident(f"<description>{text}</description>"), TEXT) == f"description\r\n{cell}\r\n"


TYPED = {
    "a negative number is no formula": ('deleted="-3"', "", "incident/@deleted", "-3"),
    "a number that is none": ('deleted="=1"', "", "incident/@deleted", ""),
    "a date": ("", "<date>2025-09-01</date>", "incident/date", "2025-09-01"),
    "a date that is none": ("", "<date>=1+1</date>", "incident/date", ""),
    "a code that looks like a number": ("", '<school code="007">A</school>', "incident/school/@code", "007"),
    "a code that looks like a formula": ("", '<school code="-7">A</school>', "incident/school/@code", "'-7"),
    "an absent code": ("", "<school>A</school>", "incident/school/@code", ""),
}


@pytest.mark.parametrize(("attributes", "inner", "path", "cell"), TYPED.values(), ids=TYPED)
def test_a_typed_value(attributes: str, inner: str, path: str, cell: str) -> None:
    _, row = written(incident(inner, f'type="minor" {attributes}'), FieldView("x@1", frozenset({path}))).split("\r\n")[
        :2
    ]
    assert row == (cell or '""')


def test_a_row_for_each_incident_and_offender_and_none_is_lost() -> None:
    offender = (
        '<offender><student><name>{}</name></student><offenses count="1"><offense>O</offense></offenses></offender>'
    )
    two = f'<offenders count="2">{offender.format("Ann Made-Up")}{offender.format("Bo Made-Up")}</offenders>'
    told = page(
        f'<incident uuid="u1" type="minor">{two}</incident><incident uuid="u2" type="minor"/>'
        '<incident uuid="u3" type="minor"><offenders count="0"/></incident>'
    )
    assert written(told, NAMES).split("\r\n") == [
        "uuid,offender,offender.student.name,offender.offenses",
        'u1,1,Ann Made-Up,"[{""name"":""O""}]"',
        'u1,2,Bo Made-Up,"[{""name"":""O""}]"',
        "u2,,,",
        "u3,,,",
        "",
    ]


def test_a_page_without_rows_has_its_header() -> None:
    assert written(page(), NAMES) == "uuid,offender,offender.student.name,offender.offenses\r\n"


def test_the_columns_are_the_views_whatever_the_page_holds() -> None:
    view = view_of("all-documented@1")
    full = header(view)
    assert written(page(), view).strip().split(",") == full
    assert full[:6] == ["uuid", "type", "last_modified", "bounced", "deleted", "date"]
    assert "victims" in full
    assert "offenders" not in full
    assert len(set(full)) == len(full)


def test_a_view_without_offenders_has_a_row_for_each_incident() -> None:
    told = page('<incident uuid="u1" type="minor"><offenders count="1"><offender/></offenders></incident>')
    assert written(told, FieldView("x@1", frozenset({"incident/@uuid"}))) == "uuid\r\nu1\r\n"


def test_a_view_that_shows_nothing_still_has_its_rows() -> None:
    assert written(page('<incident type="minor"/>'), FieldView("x@1", frozenset())) == "\r\n\r\n"
