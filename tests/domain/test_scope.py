"""Scopes: what is blank is refused, what is wide is said."""

from __future__ import annotations

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

EVERYTHING = Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True)
NARROW: dict[str, Any] = {
    "types": frozenset({IncidentType.MINOR}),
    "schools": frozenset({"10"}),
    "window": RollingWindow(30),
    "deleted": False,
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"types": frozenset()}, "rows.types", id="no type"),
        pytest.param({"schools": frozenset()}, "rows.schools", id="no school"),
        pytest.param({"schools": frozenset({"10", ""})}, "rows.schools", id="a blank school"),
        pytest.param({"window": DateRange(date(2026, 2, 2), date(2026, 2, 1))}, "rows.window", id="to before from"),
        pytest.param({"window": RollingWindow(0)}, "rows.window", id="no day"),
        pytest.param({"window": RollingWindow(3661)}, "rows.window", id="more than ten years of days"),
    ],
)
def test_rows_that_are_blank_or_turned_around_are_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ScopeInvalidError) as refused:
        Rows(**{**NARROW, **changes})
    assert refused.value.field == field
    assert str(refused.value) == refused.value.detail


@pytest.mark.parametrize(
    "window", [RollingWindow(1), RollingWindow(3660), DateRange(date(2026, 2, 1), date(2026, 2, 1)), Unbounded()]
)
def test_the_edges_of_a_window_are_granted(window: Any) -> None:
    assert Rows(**{**NARROW, "window": window}).window == window


@pytest.mark.parametrize(
    "narrower",
    [
        {"types": frozenset({IncidentType.REFERRAL, IncidentType.MINOR})},
        {"schools": frozenset({"10"})},
        {"window": RollingWindow(3660)},
        {"deleted": False},
    ],
)
def test_the_upstreams_bytes_need_unrestricted_rows(narrower: dict[str, Any]) -> None:
    everything = {
        "types": EVERYTHING.types,
        "schools": EVERYTHING.schools,
        "window": EVERYTHING.window,
        "deleted": True,
    }
    assert EVERYTHING.unrestricted
    assert Scope(EVERYTHING, "upstream@1").fields == "upstream@1"
    rows = Rows(**{**everything, **narrower})
    assert not rows.unrestricted
    with pytest.raises(ScopeInvalidError):
        Scope(rows, "upstream@1")
    assert Scope(rows, "all-documented@1").rows == rows


@pytest.mark.parametrize(
    ("day", "inside"),
    [("2026-01-31", False), ("2026-02-01", True), ("2026-02-03", True), ("2026-02-04", False)],
)
def test_both_ends_of_a_range_are_in_it(day: str, inside: bool) -> None:
    assert (date.fromisoformat(day) in DateRange(date(2026, 2, 1), date(2026, 2, 3))) is inside


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [(1, 9, False), (1, 10, True), (12, 13, True), (1, 31, True), (20, 31, True), (21, 31, False)],
)
def test_ranges_overlap_when_they_share_a_day(first: int, last: int, overlaps: bool) -> None:
    range_, other = (
        DateRange(date(2026, 1, 10), date(2026, 1, 20)),
        DateRange(date(2026, 1, first), date(2026, 1, last)),
    )
    assert range_.overlaps(other) is other.overlaps(range_) is overlaps


def test_a_rolling_window_ends_today() -> None:
    assert RollingWindow(1).on(date(2026, 3, 1)) == DateRange(date(2026, 3, 1), date(2026, 3, 1))
    assert RollingWindow(30).on(date(2026, 3, 1)) == DateRange(date(2026, 1, 31), date(2026, 3, 1))
