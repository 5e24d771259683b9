"""A scope applied to a query: what is named outside it is refused, what is not named is narrowed, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hallpass.domain.errors import DatesRequiredError, InsufficientScopeError
from hallpass.domain.grant import Grant, narrow, resolve
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.model import Incident, Node
from hallpass.domain.presets import UPSTREAM_VIEW
from hallpass.domain.query import IncidentQuery
from hallpass.domain.row_filter import UNREQUESTED, RowFilter
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

from tests.records import an_integration

TODAY = date(2026, 3, 2)
SPRING = DateRange(date(2026, 1, 1), date(2026, 5, 31))
AUTUMN = DateRange(date(2025, 8, 1), date(2025, 12, 19))
MINOR, REFERRAL, PENDING = IncidentType.MINOR, IncidentType.REFERRAL, IncidentType.PENDING


def scope(
    *types: IncidentType, schools: str = "", window: Window | None = None, deleted: bool = False
) -> Scope:  # fmt: skip
    named = frozenset(schools.split()) if schools else AllSchools()
    return Scope(Rows(frozenset(types or IncidentType), named, window or Unbounded(), deleted), "all-documented@1")


def asking(
    first: str = "", last: str = "", kind: IncidentType | None = None, *, deleted: bool = False
) -> UpstreamQuery:
    days = (date.fromisoformat(first), date.fromisoformat(last)) if first else (None, None)
    return UpstreamQuery(kind, deleted, *days)


def grant_of(granted: Scope, query: UpstreamQuery | None = None) -> Grant:
    return narrow(an_integration(scope=granted), IncidentQuery(query or UpstreamQuery()), TODAY)


def row(**changes: Node) -> Incident:
    """An incident that a wide scope shows. `None` leaves a member out."""
    told: Incident = {
        "uuid": "u-1",
        "type": "minor",
        "date": "2026-02-10",
        "school": {"code": "007", "name": "Invented"},
    }
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


ALLOWED = {
    "S-01 nothing named": (scope(MINOR), asking()),
    "a granted type": (scope(MINOR, REFERRAL), asking(kind=MINOR)),
    "deleted ones with the grant": (scope(deleted=True), asking(deleted=True)),
    "dates inside the window": (scope(window=SPRING), asking("2026-02-01", "2026-02-28")),
    "the window itself": (scope(window=SPRING), asking("2026-01-01", "2026-05-31")),
    "S-04 a day more at each side is narrowed": (scope(window=SPRING), asking("2025-12-31", "2026-06-01")),
    "S-04 the whole calendar is narrowed": (scope(window=SPRING), asking("0001-01-01", "9999-12-31")),
    "the window's first day alone": (scope(window=SPRING), asking("2026-01-01", "2026-01-01")),
    "dates that end on the window's first day": (scope(window=SPRING), asking("2025-01-01", "2026-01-01")),
    "dates that begin on the window's last day": (scope(window=SPRING), asking("2026-05-31", "2027-01-01")),
    "any dates without a window": (scope(), asking("1999-01-01", "1999-01-02")),
    "S-05 no dates, in a window that began in mid-year": (scope(window=SPRING), asking()),
    "no dates, on the window's last day": (scope(window=DateRange(TODAY, TODAY)), asking()),
    "no dates, with a rolling window, which always has today": (scope(window=RollingWindow(1)), asking()),
    "dates, though the window is past": (scope(window=AUTUMN), asking("2025-09-01", "2025-09-30")),
}


@pytest.mark.parametrize(("granted", "query"), ALLOWED.values(), ids=ALLOWED)
def test_what_is_allowed_goes_upstream_as_the_vendor_asked_it(granted: Scope, query: UpstreamQuery) -> None:
    assert grant_of(granted, query).upstream == query


REFUSED: Mapping[str, tuple[Scope, UpstreamQuery, Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]] = {
    "S-02 a type that is not granted": (
        scope(MINOR), asking(kind=REFERRAL), {"type": ["referral"]}, {"type": ["minor"]},
    ),
    "S-02 pending, which nobody has unless it was named": (
        scope(REFERRAL, MINOR), asking(kind=PENDING), {"type": ["pending"]}, {"type": ["referral", "minor"]},
    ),
    "S-06 deleted ones": (scope(), asking(deleted=True), {"deleted": ["1"]}, {"deleted": []}),
    "S-04 dates wholly before the window": (
        scope(window=SPRING), asking("2025-12-01", "2025-12-31"),
        {"from": ["2025-12-01"], "to": ["2025-12-31"]}, {"from": ["2026-01-01"], "to": ["2026-05-31"]},
    ),
    "S-04 dates wholly after the window": (
        scope(window=SPRING), asking("2026-06-01", "2026-06-01"),
        {"from": ["2026-06-01"], "to": ["2026-06-01"]}, {"from": ["2026-01-01"], "to": ["2026-05-31"]},
    ),
    "S-04 tomorrow, of a rolling window": (
        scope(window=RollingWindow(7)), asking("2026-03-03", "2026-03-09"),
        {"from": ["2026-03-03"], "to": ["2026-03-09"]}, {"from": ["2026-02-24"], "to": ["2026-03-02"]},
    ),
    "everything at once, and everything is named": (
        scope(MINOR, window=SPRING), asking("2024-01-01", "2024-01-02", REFERRAL, deleted=True),
        {"type": ["referral"], "deleted": ["1"], "from": ["2024-01-01"], "to": ["2024-01-02"]},
        {"type": ["minor"], "deleted": [], "from": ["2026-01-01"], "to": ["2026-05-31"]},
    ),
    "a refusal comes before the question for dates": (
        scope(MINOR, window=AUTUMN), asking(kind=REFERRAL), {"type": ["referral"]}, {"type": ["minor"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("granted", "query", "requested", "had"), REFUSED.values(), ids=REFUSED)
def test_what_is_named_and_not_granted_is_refused(
    granted: Scope, query: UpstreamQuery, requested: Mapping[str, Sequence[str]], had: Mapping[str, Sequence[str]]
) -> None:
    with pytest.raises(InsufficientScopeError) as caught:
        grant_of(granted, query)
    assert {name: caught.value.members[name] for name in ("requested", "granted", "drop")} == {
        "requested": requested, "granted": had, "drop": sorted(requested),
    }  # fmt: skip
    assert caught.value.members["missing"] == [
        f"{name}:{value}" for name, values in requested.items() for value in values
    ]


NO_DATES = {
    "a window that is past": AUTUMN,
    "a window that is to come": DateRange(date(2026, 3, 3), date(2026, 6, 1)),
}


@pytest.mark.parametrize("window", NO_DATES.values(), ids=NO_DATES)
def test_a_query_without_dates_needs_them_when_today_is_outside(window: DateRange) -> None:
    with pytest.raises(DatesRequiredError) as caught:
        grant_of(scope(window=window))
    assert caught.value.members == {"window": [window.first.isoformat(), window.last.isoformat()]}


def test_s_04_a_rolling_window_follows_the_districts_day_over_a_clock_change() -> None:
    chicago = ZoneInfo("America/Chicago")
    before_midnight = datetime(2026, 3, 9, 4, 59, tzinfo=ZoneInfo("UTC"))  # 23:59 of the day the clocks changed
    today = before_midnight.astimezone(chicago).date()
    assert resolve(RollingWindow(2), today) == DateRange(date(2026, 3, 7), date(2026, 3, 8))
    later = (before_midnight + timedelta(minutes=1)).astimezone(chicago).date()
    assert resolve(RollingWindow(2), later) == DateRange(date(2026, 3, 8), date(2026, 3, 9))


def test_only_the_upstream_view_is_verbatim() -> None:
    everything = Rows(frozenset(IncidentType), AllSchools(), Unbounded(), deleted=True)
    assert grant_of(Scope(everything, UPSTREAM_VIEW)).verbatim
    assert not grant_of(Scope(everything, "all-documented@1")).verbatim


WIDE = RowFilter(None, frozenset(IncidentType), None, None, deleted=True)
BY_TYPE = replace(WIDE, types=frozenset({"minor"}))
BY_SCHOOL = replace(WIDE, schools=frozenset({"007", "\u03a9"}))
BY_DATE = replace(WIDE, window=SPRING)

JUDGED = {
    "a row of a granted type is shown": (BY_TYPE, row(), None),
    "S-01 another type is out, though none was named": (BY_TYPE, row(type="referral"), "type"),
    "a row without a type is out": (BY_TYPE, row(type=None), "type"),
    "a row without a type is out of every scope": (WIDE, row(type=None), "type"),
    "a type in another case is out": (BY_TYPE, row(type="Minor"), "type"),
    "S-07 the upstream ignored the type": (replace(WIDE, asked="minor"), row(type="referral"), UNREQUESTED),
    "S-07 the upstream left out the type that was asked": (replace(WIDE, asked="minor"), row(type=None), UNREQUESTED),
    "the type that was asked is shown": (replace(WIDE, asked="minor"), row(), None),
    "S-07 deleted though not asked": (replace(WIDE, deleted=False), row(deleted="1"), UNREQUESTED),
    "S-07 deleted in an odd spelling": (replace(WIDE, deleted=False), row(deleted="no"), UNREQUESTED),
    "S-07 deleted without a value": (replace(WIDE, deleted=False), row(deleted=""), UNREQUESTED),
    "S-07 deleted 00 is no plain denial": (replace(WIDE, deleted=False), row(deleted="00"), UNREQUESTED),
    "a row that says it is not deleted is shown": (replace(WIDE, deleted=False), row(deleted="0"), None),
    "a deleted row that was asked for is shown": (WIDE, row(deleted="1"), None),
    "a row of a granted school is shown": (BY_SCHOOL, row(), None),
    "another school is out": (BY_SCHOOL, row(school={"code": "008", "name": "Invented"}), "school"),
    "a school whose code only begins so is out": (BY_SCHOOL, row(school={"code": "0071", "name": ""}), "school"),
    "a code without its zeros is another school": (BY_SCHOOL, row(school={"code": "7", "name": ""}), "school"),
    "a code with a space is another school": (BY_SCHOOL, row(school={"code": "007 ", "name": ""}), "school"),
    "a letter that looks the same is another school": (BY_SCHOOL, row(school={"code": "\u2126", "name": ""}), "school"),
    "a school with only a name is out": (BY_SCHOOL, row(school={"code": None, "name": "007"}), "school"),
    "a row without a school is out": (BY_SCHOOL, row(school=None), "school"),
    "a school that is text is out": (BY_SCHOOL, row(school="007"), "school"),
    "a row without a school is shown where schools do not judge": (WIDE, row(school=None), None),
    "the window's first day is in": (BY_DATE, row(date="2026-01-01"), None),
    "the window's last day is in": (BY_DATE, row(date="2026-05-31"), None),
    "S-07 the day before is out": (BY_DATE, row(date="2025-12-31"), "date"),
    "S-07 the day after is out": (BY_DATE, row(date="2026-06-01"), "date"),
    "a row without a date is out": (BY_DATE, row(date=None), "date"),
    "a row without a date is shown where dates do not judge": (WIDE, row(date=None), None),
    "an empty date is out": (BY_DATE, row(date=""), "date"),
    "S-04 a date without dashes is no date": (BY_DATE, row(date="20260210"), "date"),
    "S-04 a week date is no date": (BY_DATE, row(date="2026-W07-2"), "date"),
    "S-04 a day that is not in the month is no date": (BY_DATE, row(date="2026-02-30"), "date"),
    "S-04 full-width digits are no date": (BY_DATE, row(date="２０２６-02-10"), "date"),
    "a date with a time is no date": (BY_DATE, row(date="2026-02-10T08:00"), "date"),
    "a date with space around it is no date": (BY_DATE, row(date=" 2026-02-10"), "date"),
    "a date with a line break is no date": (BY_DATE, row(date="2026-02-10\n"), "date"),
    "a date that is a record is no date": (BY_DATE, row(date={"name": "2026-02-10"}), "date"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "incident", "reason"), JUDGED.values(), ids=JUDGED)
def test_a_row_is_judged_by_its_own_members(rows: RowFilter, incident: Incident, reason: str | None) -> None:
    assert rows.withholds(incident) == reason
