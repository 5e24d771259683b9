"""Law 1 over generated pages and every kind of view: what is shown follows from what is granted, in all four formats.

Facts are read out of each format by a way of its own (`facts.py`); neither reader nor writers of the product are used.
"""

from __future__ import annotations

import csv
import re

import orjson
import pytest
from hallpass.domain.csv_writer import header, render_csv
from hallpass.domain.json_schema import json_schema
from hallpass.domain.json_writer import render_json, render_ndjson
from hallpass.domain.model import Incident, PageModel
from hallpass.domain.presets import PRESETS
from hallpass.domain.pseudonyms import Pseudonyms
from hallpass.domain.reading import read_page
from hallpass.domain.row_order import arranged
from hallpass.domain.schema import FIELDS, Kind
from hallpass.domain.view import FieldView, UnboundViewError, view_of
from hallpass.domain.xml_writer import render_xml
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.domain.test_fields import customs
from tests.domain.xml.cut import cut_to
from tests.domain.xml.facts import Facts, of_json, of_xml, path_of, without_empty_lists
from tests.domain.xml.material import EVERYTHING, Node, roots, written

KEY = Pseudonyms(bytes(32), 1)
CANARY = "KANARI"
GRANTED = st.one_of(st.sampled_from(sorted(PRESETS)), customs().map(lambda custom: custom.name)).map(view_of)
TIME_OF_DAY = re.compile(r"\d:\d\d")


def bound(view: FieldView) -> FieldView:
    return view.bound(KEY) if view.pseudonymised else view


def bodies(model: PageModel, view: FieldView) -> dict[str, bytes]:
    shown = bound(view)
    rows = arranged(model.incidents, shown)
    return {
        "xml": render_xml(model, rows, shown).body,
        "json": render_json(model, rows, shown, "d").body,
        "ndjson": render_ndjson(rows, shown).body,
        "csv": render_csv(rows, shown).body,
    }


@given(roots(), GRANTED)
def test_a_view_only_removes_and_removes_all_that_is_not_granted(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    everything = of_json(render_json(model, model.incidents, EVERYTHING, "d").body)
    # Without a treatment the plain values are a sub-multiset; with one, the places still are.
    shown = of_json(bodies(model, FieldView("x@1", view.paths))["json"])
    assert shown <= everything
    assert {path_of(place) for place, value in shown if value != "is there"} <= view.paths
    assert not {path_of(place) for place, value in everything - shown if value != "is there"} & view.paths


@given(roots(), GRANTED)
def test_xml_and_json_of_one_view_carry_the_same_facts(root: Node, view: FieldView) -> None:
    """F-07, under pseudonyms and whole days too: a value that cannot be cut is null here and empty there."""
    model = read_page(written(root))
    body = bodies(model, view)
    in_xml = of_xml(body["xml"], view)
    silent = EVERYTHING.paths - view.paths
    said = Facts({fact: n for fact, n in in_xml.items() if path_of(fact[0]) not in silent or fact[1] == "is there"})
    assert without_empty_lists(of_json(body["json"])) == without_empty_lists(said)


@given(roots(most=3), GRANTED)
def test_lines_of_json_are_the_members_of_the_list(root: Node, view: FieldView) -> None:
    body = bodies(read_page(written(root)), view)
    lines = body["ndjson"].split(b"\n")
    assert lines.pop() == b""
    assert [orjson.loads(line) for line in lines] == orjson.loads(body["json"])["incidents"]


@given(roots(most=3), GRANTED)
def test_csv_has_every_incident_and_offender_once_and_every_cell_says_what_the_json_says(
    root: Node, view: FieldView
) -> None:
    model = read_page(written(root))
    body = bodies(model, view)
    names, *rows = _rows(body["csv"])
    assert names == header(bound(view))
    expected = [line for row in orjson.loads(body["json"])["incidents"] for line in _lines(row, names)]
    assert rows == expected


def _rows(body: bytes) -> list[list[str]]:
    """RFC 4180 section 2 by the standard reader: CRLF ends a row, also of quoted line breaks."""
    text = body.decode()
    assert text.endswith("\r\n")
    # The reader takes lines of any length: cut behind each line feed, nothing is changed.
    return list(csv.reader(re.split(r"(?<=\n)", text)[:-1], strict=True))


def _lines(row: dict[str, object], names: list[str]) -> list[list[str]]:
    offenders = row.get("offenders")
    assert offenders is None or isinstance(offenders, list)
    nobody: list[tuple[int | None, object]] = [(None, {})]
    parties: list[tuple[int | None, object]] = [*enumerate(offenders or [], 1)] or nobody
    told = parties if "offender" in names else nobody
    return [[_cell(name, row, number, party) for name in names] for number, party in told]


def _cell(name: str, row: dict[str, object], number: int | None, party: object) -> str:
    if name == "offender":
        return "" if number is None else str(number)
    node: object = party if name.startswith("offender.") else row
    for key in name.removeprefix("offender.").split("."):
        node = node.get(key) if isinstance(node, dict) else None
    if node is None:
        return ""
    if isinstance(node, list):
        return orjson.dumps(node).decode()
    if isinstance(node, bool):
        return "true" if node else "false"
    text = str(node)
    guarded = isinstance(node, str) and text[:1] in tuple("=+-@\t\r\n'\uff1d\uff0b\uff0d\uff20") and text != ""
    return f"'{text}" if guarded else text


@given(roots(), GRANTED)
def test_a_view_of_a_view_is_the_view(root: Node, view: FieldView) -> None:
    """What is cut is cut for good; what is shown by its day or checked is shown the same again."""
    model = read_page(written(root))
    cut = tuple(cut_to(view, row) for row in model.incidents)
    assert tuple(cut_to(view, row) for row in cut) == cut
    assert bodies(_with(model, cut), view) == bodies(model, view)
    if not view.pseudonymised:
        once = bodies(model, view)["xml"]
        again = read_page(once)
        assert again.quarantine == {}
        assert render_xml(again, again.incidents, view).body == once


def _with(model: PageModel, rows: tuple[Incident, ...]) -> PageModel:
    return PageModel(model.count, model.page, model.total_pages, rows, model.quarantine)


@given(roots(most=3), GRANTED)
def test_what_is_sent_is_valid_under_the_schema_of_the_view(root: Node, view: FieldView) -> None:
    body = bodies(read_page(written(root)), view)
    schema = json_schema(view)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(orjson.loads(body["json"]))


@st.composite
def canaries(draw: st.DrawFn) -> Node:
    """A page with a canary in every value that is not what rows are judged by, each naming its place."""
    root = draw(roots(most=2))
    for node in root.all():
        if node is root:
            continue
        if not any(isinstance(part, Node) for part in node.content) and node.content:
            node.content = [f"{CANARY}-{node.name}"]
        for name in node.attributes:
            if name not in ("type", "count", "code"):
                node.attributes[name] = f"{CANARY}-{name}"
    return root


@pytest.mark.parametrize("name", ["no-people@1", "pseudonymised@1"])
@given(root=canaries())
def test_f06_no_preset_without_identities_shows_a_word_that_somebody_typed(name: str, root: Node) -> None:
    model = read_page(written(root))
    for body in bodies(model, view_of(name)).values():
        assert CANARY.encode() not in body


@given(canaries(), GRANTED)
def test_no_canary_of_a_withheld_path_is_in_any_format(root: Node, view: FieldView) -> None:
    model = read_page(written(root))
    shown = {FIELDS[path].name for path in view.paths if FIELDS[path].kind is not Kind.RECORD}
    for body in bodies(model, view).values():
        found = set(re.findall(rf"{CANARY}-([a-z-]+)".encode(), body))
        assert {name.decode() for name in found} <= shown


@given(roots(most=3), GRANTED)
def test_no_time_below_the_day_under_whole_days(root: Node, view: FieldView) -> None:
    assume(view.whole_days)
    plain = bodies(read_page(written(root)), view)["json"]
    for path, value in of_json(plain):
        if FIELDS[path_of(path)].kind in (Kind.DATE, Kind.DATETIME) and value != "is there":
            assert value is None or re.fullmatch(r"\d{4}-\d\d-\d\d", str(value))
        assert FIELDS[path_of(path)].kind is not Kind.TIME


@pytest.mark.parametrize(
    "fields", ["pseudonymised@1", "groups@2025-12:context,student_numbers:victims-none:numbers-pseudonymised"]
)
def test_the_order_follows_an_id_only_where_it_is_shown(fields: str) -> None:
    """The same incidents under other ids: without ids in the view there is no difference at all."""
    view = view_of(fields)
    once, other = (
        "".join(f'<incident uuid="{name}{day}"><date>2026-03-{day}</date></incident>' for day in range(10, 30))
        for name in "ab"
    )
    shown = [
        bodies(read_page(f'<incidents count="20" page="1" total-pages="1">{rows}</incidents>'.encode()), view)
        for rows in (once, other)
    ]
    days = [re.findall(r"2026-03-[0-9]{2}", found["csv"].decode()) for found in shown]
    assert sorted(days[0]) == sorted(days[1])
    assert len(days[0]) == 20
    assert (days[0] == days[1]) == (not view.shows("incident/@uuid"))
    assert (shown[0] == shown[1]) == (not view.shows("incident/@uuid"))


@given(roots(most=2))
def test_a_pseudonymising_view_without_its_key_shows_nothing(root: Node) -> None:
    model, view = read_page(written(root)), view_of("pseudonymised@1")
    with pytest.raises(UnboundViewError):
        arranged(model.incidents, view)
    with pytest.raises(UnboundViewError):
        render_json(model, model.incidents, view, "d")
    with pytest.raises(UnboundViewError):
        render_xml(model, model.incidents, view)
