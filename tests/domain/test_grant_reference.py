"""The rule of a scope said another way, as sets of spelled-out values, and the identity of what a grant shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hallpass.domain.errors import DatesRequiredError, InsufficientScopeError
from hallpass.domain.grant import Grant, narrow
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.model import Incident
from hallpass.domain.pseudonyms import SealedKey
from hallpass.domain.query import IncidentQuery
from hallpass.domain.row_filter import Changed, RowFilter
from hallpass.domain.scope import (
    AllSchools,
    DateRange,
    IncidentType,
    RollingWindow,
    Rows,
    Scope,
    Unbounded,
    Window,
)
from hallpass.domain.since import Since
from hypothesis import given
from hypothesis import strategies as st

from tests.records import an_integration

SPRING = DateRange(date(2026, 1, 1), date(2026, 5, 31))
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 12))
SCHOOL_CODES = ["007", "7", "A", "a", " A"]
WINDOWS = st.one_of(
    st.just(Unbounded()),
    st.integers(1, 8).map(RollingWindow),
    st.tuples(DAYS, DAYS).map(lambda pair: DateRange(min(pair), max(pair))),
)
SCOPES = st.builds(
    Scope,
    st.builds(
        Rows,
        st.frozensets(st.sampled_from(IncidentType), min_size=1),
        st.just(AllSchools()) | st.frozensets(st.sampled_from(SCHOOL_CODES), min_size=1),
        WINDOWS,
        st.booleans(),
    ),
    st.just("all-documented@1"),
)
QUERIES = st.one_of(
    st.builds(UpstreamQuery, st.none() | st.sampled_from(IncidentType), st.booleans()),
    st.builds(
        lambda kind, deleted, pair: UpstreamQuery(kind, deleted, min(pair), max(pair)),
        st.none() | st.sampled_from(IncidentType), st.booleans(), st.tuples(DAYS, DAYS),
    ),
)  # fmt: skip
INCIDENTS = st.fixed_dictionaries({}, optional={
    "type": st.sampled_from([*IncidentType, "other"]).map(str),
    "date": DAYS.map(str) | st.sampled_from(["", "20260105", "2026-W01-1", "2026-13-01"]),
    "school": st.sampled_from(SCHOOL_CODES).map(lambda code: {"code": code, "name": "Invented"})
    | st.just({"code": None, "name": "007"}),
    "deleted": st.sampled_from(["0", "1", "", "true"]),
})  # fmt: skip
NEW_YEAR_WEEK = date(2026, 1, 8)


def _days_of(window: Window) -> set[str] | None:
    """Every day of a window, written out."""
    if isinstance(window, Unbounded):
        return None
    if isinstance(window, RollingWindow):
        return {str(NEW_YEAR_WEEK - timedelta(days=back)) for back in range(window.days)}
    return {str(window.first + timedelta(days=on)) for on in range((window.last - window.first).days + 1)}


def _shown(granted: Scope, query: UpstreamQuery, incident: Mapping[str, object]) -> bool:
    """The reference: a row is shown iff scope and query both admit it, by sets of spelled-out values."""
    rows, school, days = granted.rows, incident.get("school"), _days_of(granted.rows.window)
    code = school["code"] if isinstance(school, dict) else None
    return all((
        incident.get("type") in {str(kind) for kind in rows.types} or (rows.unrestricted and "type" not in incident),
        query.type is None or incident.get("type") == str(query.type),
        isinstance(rows.schools, AllSchools) or (code is not None and code in rows.schools),
        days is None or incident.get("date") in days,
        (rows.deleted and query.deleted) or incident.get("deleted", "0") == "0",
    ))  # fmt: skip


def _refused(granted: Scope, query: UpstreamQuery) -> str | None:
    days = _days_of(granted.rows.window)
    named = query.first and query.last and _days_of(DateRange(query.first, query.last))
    if (query.type and query.type not in granted.rows.types) or (query.deleted and not granted.rows.deleted):
        return "insufficient-scope"
    if named and days is not None and not named & days:
        return "insufficient-scope"
    return "dates-required" if not named and days is not None and str(NEW_YEAR_WEEK) not in days else None


def _narrowed(granted: Scope, query: UpstreamQuery) -> Grant | str:
    try:
        return narrow(an_integration(scope=granted), IncidentQuery(query), NEW_YEAR_WEEK)
    except (InsufficientScopeError, DatesRequiredError) as refusal:
        return refusal.slug


@given(SCOPES, QUERIES, st.lists(INCIDENTS, max_size=8))
def test_s_07_no_row_is_ever_shown_outside_the_scope_and_none_is_lost(
    granted: Scope, query: UpstreamQuery, incidents: list[Incident]
) -> None:
    outcome = _narrowed(granted, query)
    assert (outcome if isinstance(outcome, str) else None) == _refused(granted, query)
    if isinstance(outcome, str):
        return
    kept = [incident for incident in incidents if outcome.rows.withholds(incident) is None]
    assert kept == [incident for incident in incidents if _shown(granted, query, incident)]


BASIS = Grant(
    UpstreamQuery(), RowFilter(None, frozenset({"minor"}), frozenset({"a", "b"}), SPRING, deleted=False), "f@1", "1.1"
)


def changed(since: Changed) -> Grant:
    return replace(BASIS, rows=replace(BASIS.rows, changed=since))


VARIANTS = {
    "the grant itself": BASIS,
    "another type asked": replace(BASIS, rows=replace(BASIS.rows, asked="minor")),
    "another type granted": replace(BASIS, rows=replace(BASIS.rows, types=frozenset({"minor", "referral"}))),
    "all schools": replace(BASIS, rows=replace(BASIS.rows, schools=None)),
    "one school fewer": replace(BASIS, rows=replace(BASIS.rows, schools=frozenset({"a"}))),
    "two codes that read as one": replace(BASIS, rows=replace(BASIS.rows, schools=frozenset({"a,b"}))),
    "two codes with JSON between them": replace(BASIS, rows=replace(BASIS.rows, schools=frozenset({'a","b'}))),
    "no window": replace(BASIS, rows=replace(BASIS.rows, window=None)),
    "a day less": replace(BASIS, rows=replace(BASIS.rows, window=DateRange(SPRING.first, date(2026, 5, 30)))),
    "deleted ones too": replace(BASIS, rows=replace(BASIS.rows, deleted=True)),
    "another preset": replace(BASIS, fields="f@2"),
    "another dataset": replace(BASIS, dataset="2.1"),
    "pseudonyms": replace(BASIS, key=SealedKey("D1stVnd1", 1, b"")),
    "pseudonyms of another integration": replace(BASIS, key=SealedKey("D1stVnd2", 1, b"")),
    "pseudonyms of another epoch": replace(BASIS, key=SealedKey("D1stVnd1", 2, b"")),
    "pseudonyms under another key of the epoch": replace(BASIS, key=SealedKey("D1stVnd1", 1, b"\0")),
    "changed since": changed(Changed(Since(SPRING.first), whole_days=False, entered=None)),
    "changed since a later day": changed(Changed(Since(SPRING.last), whole_days=False, entered=None)),
    "changed since, by whole days": changed(Changed(Since(SPRING.first), whole_days=True, entered=None)),
    "changed or entered": changed(Changed(Since(SPRING.first), whole_days=False, entered=SPRING.last)),
}  # fmt: skip


def test_s_13_every_difference_in_what_is_seen_is_another_view() -> None:
    alike = [
        (one, other)
        for one, other in combinations(VARIANTS, 2)
        if VARIANTS[one].view_key() == VARIANTS[other].view_key()
    ]
    assert alike == []


def test_s_12_the_order_in_which_a_scope_was_written_makes_no_other_view() -> None:
    codes = [str(number) for number in range(50)]
    keys = {
        replace(BASIS, rows=replace(BASIS.rows, schools=frozenset(order))).view_key()
        for order in (codes, codes[::-1], sorted(codes, key=lambda code: code[::-1]))
    }
    assert len(keys) == 1


@given(SCOPES, SCOPES)
def test_two_scopes_share_a_view_exactly_when_they_filter_alike(one: Scope, other: Scope) -> None:
    query = IncidentQuery(UpstreamQuery(first=date(2026, 1, 1), last=date(2026, 1, 12)))
    first, second = (narrow(an_integration(scope=granted), query, NEW_YEAR_WEEK) for granted in (one, other))
    assert (first.view_key() == second.view_key()) == (first.rows == second.rows)
