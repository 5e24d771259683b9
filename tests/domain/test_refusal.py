"""What a scope refuses of our own filters, and that nobody filters by what they are not shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.errors import InsufficientScopeError, ResyncRequiredError, UnavailableError
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.grant import Grant, narrow
from hallpass.domain.query import IncidentQuery
from hallpass.domain.row_filter import UNCHANGED
from hallpass.domain.schema import Group
from hallpass.domain.scope import (
    AllSchools,
    DateRange,
    IncidentType,
    RollingWindow,
    Rows,
    Scope,
    ScopeInvalidError,
    Unbounded,
    Window,
)

from tests.records import an_integration

TODAY = date(2026, 3, 2)


def fields(*groups: Group, numbers: Numbers = Numbers.KEPT) -> str:
    return CustomFields(frozenset(groups), Victims.NONE, numbers).name


WITHOUT_ENVELOPE, WITHOUT_CONTEXT = fields(Group.CONTEXT), fields(Group.ENVELOPE)
BY_DAYS = fields(Group.ENVELOPE, Group.CONTEXT, numbers=Numbers.PSEUDONYMISED)


def granted(query: str, preset: str = "all-documented@1", schools: str = "", window: Window | None = None) -> Grant:
    named = frozenset(schools.split()) if schools else AllSchools()
    rows = Rows(frozenset(IncidentType), named, window or Unbounded(), deleted=True)
    integration = replace(an_integration(scope=Scope(rows, preset)), sealed_key=b"sealed")
    return narrow(integration, IncidentQuery.parse(query), TODAY)


REFUSED = {
    "a school of another": ("school=012", "all-documented@1", "007", {"school": ["007"]}, ["school:012"]),
    "one school of two": ("school=007&school=012", "all-documented@1", "007", {"school": ["007"]}, ["school:012"]),
    "a school that nobody has": ("school=nowhere", "all-documented@1", "007", {"school": ["007"]}, ["school:nowhere"]),
    "a school, where none is shown": ("school=007", WITHOUT_CONTEXT, "007", {"school": []}, ["fields:context"]),
    "a type, where none is shown": ("type=minor", WITHOUT_ENVELOPE, "", {"type": []}, ["fields:envelope"]),
    "deleted ones, where none is marked": ("deleted=1", WITHOUT_ENVELOPE, "", {"deleted": []}, ["fields:envelope"]),
    "days, where no date is shown": (
        "from=2026-01-01&to=2026-01-02", WITHOUT_CONTEXT, "", {"from": [], "to": []}, ["fields:context"],
    ),
    "days, where no last change is shown": (
        "from=2026-01-01&to=2026-01-02", WITHOUT_ENVELOPE, "", {"from": [], "to": []}, ["fields:envelope"],
    ),
    "since, where no last change is shown": (
        "modified_since=2026-01-01&dataset=1.1", WITHOUT_ENVELOPE, "", {"modified_since": []}, ["fields:envelope"],
    ),
    "since a time, where days are shown": (
        "modified_since=2026-01-01T00:00:00Z&dataset=1.1", BY_DAYS, "",
        {"modified_since": ["a day as YYYY-MM-DD"]}, ["modified_since:time"],
    ),
    "since a time, under a preset of days": (
        "modified_since=2026-01-01T00:00:00Z&dataset=1.1", "no-people@1", "",
        {"modified_since": ["a day as YYYY-MM-DD"]}, ["modified_since:time"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "preset", "schools", "had", "missing"), REFUSED.values(), ids=REFUSED)
def test_refused(query: str, preset: str, schools: str, had: dict[str, list[str]], missing: list[str]) -> None:
    with pytest.raises(InsufficientScopeError) as caught:
        granted(query, preset, schools)
    assert caught.value.members["granted"] == had
    assert caught.value.members["missing"] == missing
    assert caught.value.members["drop"] == sorted(had)


def test_s27_a_school_that_exists_elsewhere_is_refused_as_one_that_exists_nowhere() -> None:
    told = []
    for code in ("012", "999"):
        with pytest.raises(InsufficientScopeError) as caught:
            granted(f"school={code}", schools="007")
        told.append(str(caught.value.members).replace(code, "?") + caught.value.headers[0][1].replace(code, "?"))
    assert told[0] == told[1]


ALLOWED = {
    "a school of the scope": ("school=007", "all-documented@1", "007 012"),
    "all of its schools": ("school=007&school=012", "all-documented@1", "007 012"),
    "any school of all": ("school=anything", "all-documented@1", ""),
    "since a day, where times are shown": ("modified_since=2026-01-01&dataset=1.1", "all-documented@1", ""),
    "since a time": ("modified_since=2026-01-01T00:00:00Z&dataset=1.1", "all-documented@1", ""),
    "since a day, where days are shown": ("modified_since=2026-01-01&dataset=1.1", "pseudonymised@1", ""),
    "days, types, schools without people": (
        "from=2026-01-01&to=2026-01-02&type=minor&school=1&deleted=1", "no-people@1", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "preset", "schools"), ALLOWED.values(), ids=ALLOWED)
def test_allowed(query: str, preset: str, schools: str) -> None:
    assert granted(query, preset, schools).fields == preset


def test_the_schools_of_a_query_narrow_those_of_the_scope() -> None:
    rows = granted("school=012", schools="007 012").rows
    assert rows.schools == frozenset({"012"})
    assert rows.withholds({"type": "minor", "school": {"code": "007", "name": "Invented"}}) == "school"
    assert rows.withholds({"type": "minor", "school": {"code": "012", "name": "Invented"}}) is None


def test_what_has_not_changed_is_withheld_and_what_may_have_is_not() -> None:
    rows = granted("modified_since=2026-03-01T00:00:00Z&dataset=1.1").rows
    assert rows.withholds({"type": "minor", "last_modified": "2026-02-01T00:00:00Z"}) == UNCHANGED
    assert rows.withholds({"type": "minor", "last_modified": "2026-03-01T00:00:00Z"}) is None
    assert rows.withholds({"type": "minor"}) is None, "a row without a last change always matches"


def test_a_row_that_came_into_a_rolling_window_matches_though_it_has_not_changed() -> None:
    row = {"type": "minor", "last_modified": "2026-01-01T00:00:00Z", "date": "2026-03-02"}
    query = "modified_since=2026-03-01T12:00:00Z&dataset=1.1"
    assert granted(query, window=RollingWindow(30)).rows.withholds({**row}) is None
    assert granted(query, window=Unbounded()).rows.withholds({**row}) == UNCHANGED
    assert granted(query, window=RollingWindow(30)).rows.withholds({**row, "date": "2026-02-27"}) == UNCHANGED
    assert granted(query, window=RollingWindow(30)).rows.withholds({**row, "date": "soon"}) == "date"


def test_a_poll_of_another_dataset_is_sent_back_to_the_beginning() -> None:
    with pytest.raises(ResyncRequiredError) as caught:
        granted("modified_since=2026-03-01&dataset=1.2")
    assert caught.value.members == {"dataset": "1.1"}


@pytest.mark.parametrize(
    ("query", "preset", "window"),
    [
        ("modified_since=2026-03-01T00:00:00Z", "no-people@1", None),
        ("modified_since=2026-03-01", WITHOUT_ENVELOPE, None),
        ("modified_since=2026-03-01&school=012", "all-documented@1", None),
        ("modified_since=2026-03-01", "all-documented@1", DateRange(date(2025, 1, 1), date(2025, 2, 1))),
    ],
)
def test_a_poll_hears_of_another_dataset_whatever_else_it_may_not_ask_any_more(
    query: str, preset: str, window: Window | None
) -> None:
    """Else a vendor keeps what it is not shown any more, for its every poll is refused for another reason."""
    with pytest.raises(ResyncRequiredError):
        granted(f"{query}&dataset=1.2", preset, "007", window)


def test_a_rolling_window_without_its_dates_is_not_polled() -> None:
    """A row comes into it on the day of its date, which no last change tells."""
    query = "modified_since=2026-03-01&dataset=1.1"
    with pytest.raises(InsufficientScopeError) as caught:
        granted(query, WITHOUT_CONTEXT, window=RollingWindow(30))
    assert caught.value.members["missing"] == ["fields:context"]
    assert not granted("", WITHOUT_CONTEXT, window=RollingWindow(30)).pollable
    assert granted(query, WITHOUT_CONTEXT, window=Unbounded()).pollable


def test_pseudonyms_without_a_key_are_doubt_and_doubt_denies() -> None:
    rows = Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True)
    with pytest.raises(UnavailableError):
        narrow(an_integration(scope=Scope(rows, "pseudonymised@1")), IncidentQuery.parse(""), TODAY)
    assert granted("", "pseudonymised@1").key is not None
    assert granted("", "no-people@1").key is None


@pytest.mark.parametrize("preset", [WITHOUT_ENVELOPE, WITHOUT_CONTEXT])
def test_a_window_of_days_needs_fields_that_let_days_be_named(preset: str) -> None:
    rows = Rows(frozenset(IncidentType), AllSchools(), DateRange(TODAY, TODAY), deleted=False)
    with pytest.raises(ScopeInvalidError) as refused:
        Scope(rows, preset)
    assert refused.value.field == "fields"


def test_fields_that_there_are_not_are_refused() -> None:
    rows = Rows(frozenset(IncidentType), AllSchools(), DateRange(TODAY, TODAY), deleted=False)
    with pytest.raises(ScopeInvalidError):
        Scope(rows, "all-documented@9")
