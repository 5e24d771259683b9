"""The one table: its own consistency, the presets that are derived from it, and the docs that are written from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hallpass.domain.csv_doc import csv_format_doc
from hallpass.domain.json_doc import EXAMPLE_PAGE, json_format_doc
from hallpass.domain.presets import ALL_DOCUMENTED_VIEW, PRESETS, UPSTREAM_VIEW
from hallpass.domain.reading import read_page
from hallpass.domain.schema import BY_NAME_GROUPS, FIELDS, GRANTABLE_PATHS, TABLE, VALUE_PATHS, Group, Kind
from hallpass.domain.scope_doc import scopes_doc
from hallpass.domain.tree import DOCUMENTED, Element
from hallpass.domain.view import FieldView, UnknownPathError, UnknownPresetError, view_of

DOC = Path(__file__).parents[3] / "docs" / "json-format.md"


def test_every_path_stands_once_below_a_parent_that_stands_before_it() -> None:
    assert len(FIELDS) == len(TABLE)
    seen = {""}
    for field in TABLE:
        assert field.parent in seen, field.path
        seen.add(field.path)


def test_no_two_members_of_an_object_share_a_json_name() -> None:
    """X-34: attributes, children and an element's own text become members of one object."""
    names = Counter((field.parent, field.json) for field in TABLE)
    names.update((field.path, field.text_json) for field in TABLE if field.text_json)
    assert [name for name, count in names.items() if count > 1] == []


def test_a_value_has_a_group_and_a_structure_has_none() -> None:
    for field in TABLE:
        assert (field.group is not None) == field.holds_value, field.path


def test_only_an_element_with_attributes_has_a_name_for_its_text() -> None:
    owners = {field.parent for field in TABLE if field.is_attribute}
    for field in TABLE:
        assert bool(field.text_json) == (field.holds_value and field.path in owners), field.path


def test_a_list_repeats_one_element() -> None:
    for field in TABLE:
        if field.kind is Kind.LIST:
            assert len([below for below in TABLE if below.parent == field.path]) == 1


def test_victims_are_marked_and_nobody_else() -> None:
    assert {field.path for field in TABLE if field.victim} == {
        field.path for field in TABLE if field.path.startswith("incident/victims")
    }


def test_the_tree_reaches_every_path() -> None:
    def paths(element: Element) -> set[str]:
        found = {element.field.path} | {field.path for field in element.attributes.values()}
        return found.union(*map(paths, element.children.values()))

    assert paths(DOCUMENTED) == set(FIELDS)
    assert DOCUMENTED.whole


def test_exact_paths_of_all_documented(golden: Callable[[str, object], None]) -> None:
    golden(f"preset-{ALL_DOCUMENTED_VIEW}.json", sorted(view_of(ALL_DOCUMENTED_VIEW).paths))


def test_the_table_is_a_reviewed_decision(golden: Callable[[str, object], None]) -> None:
    golden(
        "schema.json",
        [[field.path, field.kind, field.group, field.since, field.json, field.text_json] for field in TABLE],
    )


def test_all_documented_is_all_but_the_groups_that_are_granted_by_name() -> None:
    hidden = VALUE_PATHS - view_of(ALL_DOCUMENTED_VIEW).paths
    assert {FIELDS[path].group for path in hidden} == BY_NAME_GROUPS
    assert {path.rpartition("/")[2] for path in hidden} == {"iep", "plan", "ell", "homeless", "foster", "frpl"}
    assert {Group.STAFF, Group.NARRATIVE} <= {FIELDS[path].group for path in view_of(ALL_DOCUMENTED_VIEW).paths}


def test_the_typed_forms_of_the_upstreams_own_view_have_every_value() -> None:
    assert view_of(UPSTREAM_VIEW).paths == VALUE_PATHS


@pytest.mark.parametrize("name", ["", "all-documented", "all-documented@2", "upstream", "Upstream@1"])
def test_no_other_preset(name: str) -> None:
    with pytest.raises(UnknownPresetError):
        view_of(name)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("incident/mood", id="not documented"),
        pytest.param("incident/*", id="a pattern"),
        pytest.param("!incident/description", id="an exclusion"),
        pytest.param("incident/offenders/offender/name", id="a documented name elsewhere"),
        pytest.param("incident/victims", id="a list, which follows from what is below it"),
        pytest.param("", id="nothing"),
    ],
)
def test_f03_a_view_names_documented_paths_only(path: str) -> None:
    assert path not in GRANTABLE_PATHS
    with pytest.raises(UnknownPathError):
        FieldView("x@1", frozenset({path, "incident/date"}))


def test_the_docs_are_what_the_code_writes(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        DOC.write_text(json_format_doc(), encoding="utf-8")
    assert DOC.read_text(encoding="utf-8") == json_format_doc()


def test_the_docs_name_every_path() -> None:
    text = json_format_doc()
    for field in TABLE[1:]:
        assert f"| `{field.path.removeprefix('incident/')}`" in text


def test_the_example_of_the_docs_is_all_documented() -> None:
    assert read_page(EXAMPLE_PAGE.encode()).quarantine == {}


WRITTEN: dict[str, Callable[[], str]] = {"scopes.md": scopes_doc, "csv-format.md": csv_format_doc}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_docs_of_scopes_and_csv_are_what_the_code_writes(request: pytest.FixtureRequest, name: str) -> None:
    page = DOC.parent / name
    if request.config.getoption("--update-golden"):
        page.write_text(WRITTEN[name](), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == WRITTEN[name]()


def test_the_docs_of_scopes_name_every_preset_and_group() -> None:
    for name in (*PRESETS, *Group):
        assert f"| `{name}`" in scopes_doc()
