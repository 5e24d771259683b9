"""A scope's JSON: one shape, read strictly, written the same for the same scope."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hallpass.domain.scope import (
    AllSchools,
    DateRange,
    IncidentType,
    RollingWindow,
    Rows,
    Scope,
    ScopeInvalidError,
    Unbounded,
)
from hallpass.domain.scope_format import MAX_SCHOOLS, scope_from_json, scope_to_json
from hypothesis import given
from hypothesis import strategies as st

codes = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=100).filter(
    lambda code: code.casefold() != "all"
)
windows = st.one_of(
    st.builds(RollingWindow, st.integers(1, 3660)),
    st.just(Unbounded()),
    st.tuples(st.dates(), st.dates()).map(lambda pair: DateRange(min(pair), max(pair))),
)
rows = st.builds(
    Rows,
    st.frozensets(st.sampled_from(IncidentType), min_size=1),
    st.one_of(st.just(AllSchools()), st.frozensets(codes, min_size=1)),
    windows,
    deleted=st.booleans(),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["rows", "fields", "types", "days", "x"]), inner),
    max_leaves=8,
)


def a_shape(**changes: Any) -> dict[str, Any]:
    shape: dict[str, Any] = {"types": ["minor"], "schools": ["10"], "window": {"days": 30}, "deleted": False}
    return {"rows": shape | changes, "fields": "all-documented@1"}


@given(rows)
def test_what_is_written_is_read_back(granted: Rows) -> None:
    scope = Scope(granted, "all-documented@1")
    assert scope_from_json(json.loads(json.dumps(scope_to_json(scope)))) == scope


@given(anything)
def test_whatever_is_said_is_a_scope_or_refused(value: object) -> None:
    with pytest.raises(ScopeInvalidError):
        scope_from_json(value)


def test_one_scope_has_one_spelling() -> None:
    first = scope_from_json(a_shape(types=["pending", "minor"], schools=["b", "a"]))
    second = scope_from_json(a_shape(types=["minor", "pending"], schools=["a", "b"]))
    assert json.dumps(scope_to_json(first)) == json.dumps(scope_to_json(second))


def test_the_shape_is_kept() -> None:
    everything = Scope(Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True), "upstream@1")
    window = DateRange(date(2026, 1, 2), date(2026, 3, 4))
    dated = Rows(frozenset({IncidentType.MINOR}), frozenset({"7", "10"}), window, deleted=False)
    assert json.dumps(scope_to_json(everything)) == (
        '{"rows": {"types": ["referral", "minor", "pending"], "schools": "all", "window": "unbounded", '
        '"deleted": true}, "fields": "upstream@1"}'
    )
    assert json.dumps(scope_to_json(Scope(dated, "all-documented@1"))) == (
        '{"rows": {"types": ["minor"], "schools": ["10", "7"], "window": {"from": "2026-01-02", "to": "2026-03-04"}, '
        '"deleted": false}, "fields": "all-documented@1"}'
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"types": "minor"}, "rows.types"),
        ({"types": []}, "rows.types"),
        ({"types": ["Minor"]}, "rows.types"),
        ({"types": ["minor", "minor"]}, "rows.types"),
        ({"types": ["minor", 7]}, "rows.types"),
        ({"types": [["minor"]]}, "rows.types"),
        ({"schools": "ALL"}, "rows.schools"),
        ({"schools": "10"}, "rows.schools"),
        ({"schools": []}, "rows.schools"),
        ({"schools": [""]}, "rows.schools"),
        ({"schools": [10]}, "rows.schools"),
        ({"schools": ["10", "10"]}, "rows.schools"),
        ({"schools": ["x" * 101]}, "rows.schools"),
        ({"schools": ["a\nb"]}, "rows.schools"),
        ({"schools": ["all"]}, "rows.schools"),
        ({"schools": ["10", "All"]}, "rows.schools"),
        ({"schools": [" "]}, "rows.schools"),
        ({"schools": ["10 "]}, "rows.schools"),
        ({"schools": [" 10"]}, "rows.schools"),
        ({"schools": ["1 0"]}, "rows.schools"),
        ({"schools": ["1\u00a00"]}, "rows.schools"),
        ({"schools": [str(number) for number in range(MAX_SCHOOLS + 1)]}, "rows.schools"),
        ({"window": None}, "rows.window"),
        ({"window": "all"}, "rows.window"),
        ({"window": {}}, "rows.window"),
        ({"window": {"days": 30, "from": "2026-01-01"}}, "rows.window"),
        ({"window": {"from": "2026-01-01"}}, "rows.window"),
        ({"window": {"days": "30"}}, "rows.window.days"),
        ({"window": {"days": True}}, "rows.window.days"),
        ({"window": {"days": 0}}, "rows.window"),
        ({"window": {"from": "20260101", "to": "2026-01-31"}}, "rows.window.from"),
        ({"window": {"from": "2026-01-01", "to": "2026-W05-1"}}, "rows.window.to"),
        ({"window": {"from": "2026-01-01", "to": "2026-02-30"}}, "rows.window.to"),
        ({"window": {"from": "２０２６-01-01", "to": "2026-01-31"}}, "rows.window.from"),
        ({"window": {"from": "2026-01-01\n", "to": "2026-01-31"}}, "rows.window.from"),
        ({"window": {"from": 20260101, "to": "2026-01-31"}}, "rows.window.from"),
        ({"window": {"from": "2026-01-31", "to": "2026-01-01"}}, "rows.window"),
        ({"deleted": 0}, "rows.deleted"),
        ({"deleted": "false"}, "rows.deleted"),
        ({"deleted": None}, "rows.deleted"),
        ({"more": 1}, "rows"),
    ],
)
def test_a_part_that_cannot_be_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ScopeInvalidError) as refused:
        scope_from_json(a_shape(**changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "fields", [None, "", "all-documented", "all-documented@2", "ALL-DOCUMENTED@1", "upstream@1", 1, []]
)
def test_fields_pin_a_preset_that_there_is(fields: object) -> None:
    with pytest.raises(ScopeInvalidError) as refused:
        scope_from_json(a_shape() | {"fields": fields})
    assert refused.value.field == "fields"
