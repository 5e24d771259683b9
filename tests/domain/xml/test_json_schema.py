"""The JSON Schema of a view: valid as a schema, right about what is sent, closed to what was not granted."""

from __future__ import annotations

import json

import orjson
import pytest
from hallpass.domain.json_doc import EXAMPLE_PAGE
from hallpass.domain.json_schema import json_schema
from hallpass.domain.json_writer import render_json
from hallpass.domain.reading import read_page
from hallpass.domain.schema import VALUE_PATHS
from hallpass.domain.view import FieldView, view_of
from jsonschema import Draft202012Validator

from tests.domain.xml.material import EVERYTHING, page

VIEWS = {
    "all-documented@1": view_of("all-documented@1"),
    "upstream@1": view_of("upstream@1"),
    "everything": EVERYTHING,
    "nothing": FieldView("x@1", frozenset()),
    "presence": FieldView("x@1", frozenset({"incident/victims/victim"})),
    **{path: FieldView("x@1", frozenset({path})) for path in sorted(VALUE_PATHS)},
}
EXAMPLE = read_page(EXAMPLE_PAGE.encode())


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_page_is_valid_under_its_own_schema(view: FieldView) -> None:
    schema = json_schema(view)
    Draft202012Validator.check_schema(schema)
    shown = orjson.loads(render_json(EXAMPLE, EXAMPLE.incidents, view, "d").body)
    Draft202012Validator(schema).validate(shown)
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("path", sorted(VALUE_PATHS))
def test_a_page_with_more_than_was_granted_is_not_valid(path: str) -> None:
    narrower = Draft202012Validator(json_schema(FieldView("x@1", VALUE_PATHS - {path})))
    shown = orjson.loads(render_json(EXAMPLE, EXAMPLE.incidents, EVERYTHING, "d").body)
    sent = render_json(EXAMPLE, EXAMPLE.incidents, FieldView("x@1", VALUE_PATHS - {path}), "d").body
    assert narrower.is_valid(shown) == (orjson.loads(sent) == shown)
    assert narrower.is_valid(orjson.loads(sent))


VALIDATOR = Draft202012Validator(json_schema(view_of("all-documented@1")))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"extra": 1}, id="a member that nobody documented"),
        pytest.param({"count": None}, id="no count"),
        pytest.param({"page": 0}, id="page 0"),
        pytest.param({"next_page": "2"}, id="a number in a string"),
        pytest.param({"incidents": {}}, id="an object for a list"),
        pytest.param({"incidents": [{"offenders": []}]}, id="a granted list that is missing"),
        pytest.param({"incidents": [{"offenders": [], "victims": [], "mood": "x"}]}, id="an unknown member below"),
        pytest.param({"incidents": [{"offenders": [], "victims": [], "type": "odd"}]}, id="an unknown type"),
        pytest.param({"incidents": [{"offenders": [], "victims": [], "date": "soon"}]}, id="a date that is none"),
        pytest.param({"incidents": [{"offenders": [], "victims": [], "school": {"name": "A"}}]}, id="half a coded one"),
        pytest.param({"incidents": [{"offenders": [], "victims": [], "written_by": {}}]}, id="a person without name"),
    ],
)
def test_what_is_never_sent_is_not_valid(change: dict[str, object]) -> None:
    empty = read_page(page(root='count="0" page="1" total-pages="1"'))
    shown = orjson.loads(render_json(empty, (), view_of("all-documented@1"), "d").body)
    assert VALIDATOR.is_valid(shown)
    assert not VALIDATOR.is_valid(shown | change)


def test_the_title_names_the_preset() -> None:
    assert json_schema(view_of("all-documented@1"))["title"] == "A page of incidents, all-documented@1"
