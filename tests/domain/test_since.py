"""`modified_since`: in doubt a row matches, and the watermark misses nothing that changed after the reading."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hallpass.domain.since import EASTMOST, OVERLAP, WESTMOST, Since, watermark
from hallpass.domain.values import instant_of
from hypothesis import given
from hypothesis import strategies as st

NOON = Since(datetime(2026, 3, 1, 12, tzinfo=UTC))
DAY = Since(date(2026, 3, 1))

MATCHES = {
    "none at all": (NOON, None, True),
    "an empty one": (NOON, "", True),
    "no time": (NOON, "soon", True),
    "a day that there is not": (NOON, "2026-02-30T12:00:00Z", True),
    "an offset of a day": (NOON, "2026-02-01T12:00:00+24:00", True),
    "the very moment": (NOON, "2026-03-01T12:00:00Z", True),
    "a second before": (NOON, "2026-03-01T11:59:59Z", False),
    "a fraction after it": (NOON, "2026-03-01T12:00:00.5Z", True),
    "the moment in another zone": (NOON, "2026-03-01T06:00:00-06:00", True),
    "before it in another zone": (NOON, "2026-03-01T13:59:59+02:00", False),
    "a zone of hours alone": (NOON, "2026-03-01T14:00:00+02", True),
    "twelve hours, by night": (NOON, "2026-02-28 12:00 AM", False),
    "twelve hours, by day": (NOON, "2026-03-01 12:00 PM", True),
    "without a zone, after it in the westmost": (NOON, "2026-03-01T00:00:00", True),
    "without a zone, before it in every one": (NOON, "2026-02-28T23:59:59", False),
    "a day, in the eastmost zone it is in": (DAY, "2026-03-01T00:00:00+14:00", True),
    "a day, before it in every zone": (DAY, "2026-02-28T23:59:59+14:00", False),
    "a day, in UTC": (DAY, "2026-02-28T10:00:00Z", True),
}  # fmt: skip


@pytest.mark.parametrize(("since", "last_modified", "matches"), MATCHES.values(), ids=MATCHES)
def test_matches(since: Since, last_modified: str | None, matches: bool) -> None:
    assert since.matches(last_modified, whole_days=False) is matches


WHOLE_DAYS = {
    "none": (None, True), "no time": ("soon", True), "the day before": ("2026-02-28T23:59:59-12:00", False),
    "the day": ("2026-03-01T00:00:00+14:00", True), "the day, spelled as a day": ("2026-03-01", True),
}  # fmt: skip


@pytest.mark.parametrize(("last_modified", "matches"), WHOLE_DAYS.values(), ids=WHOLE_DAYS)
def test_a_view_of_whole_days_is_judged_by_what_it_shows(last_modified: str | None, matches: bool) -> None:
    assert DAY.matches(last_modified, whole_days=True) is matches


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.integers(0, 315_000_000_000_000).map(
    lambda microseconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@given(MOMENTS, st.integers(0, 10**6), ZONES, st.booleans(), st.booleans())
def test_nothing_that_changed_after_the_reading_is_missed_whatever_zone_the_upstream_writes_in(
    read_at: datetime, later: int, zone: timezone, said: bool, whole_days: bool
) -> None:
    changed = (read_at + timedelta(seconds=later)).astimezone(zone).replace(microsecond=0)
    spelled = changed.isoformat() if said else changed.replace(tzinfo=None).isoformat()
    mark = watermark(read_at, whole_days=whole_days)
    assert Since.parse(mark.text()) == mark
    assert mark.below_the_day is not whole_days
    assert mark.matches(spelled, whole_days=whole_days)


@given(MOMENTS, st.integers(0, 10**6))
def test_what_did_not_change_since_long_before_is_left_out(read_at: datetime, earlier: int) -> None:
    changed = read_at - OVERLAP - timedelta(days=3, seconds=earlier)
    assert not watermark(read_at, whole_days=False).matches(f"{changed:%Y-%m-%dT%H:%M:%S}", whole_days=False)
    assert not watermark(read_at, whole_days=True).matches(f"{changed:%Y-%m-%dT%H:%M:%S}", whole_days=True)


@given(MOMENTS | st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_one_spelling(at: date | datetime) -> None:
    since = Since(at.replace(microsecond=0) if isinstance(at, datetime) else at)
    assert Since.parse(since.text()) == since


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:30:45.999Z", datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)),
        ("2026-03-01 12:30", datetime(2026, 3, 1, 12, 30, tzinfo=WESTMOST)),
        ("2026-03-01 1:05:09 pm", datetime(2026, 3, 1, 13, 5, 9, tzinfo=WESTMOST)),
        ("2026-03-01T12:30:45+0530", datetime(2026, 3, 1, 7, 0, 45, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59", None),
        ("2026-03-01", None),
    ],
)
def test_the_upstreams_times_are_read_in_every_documented_spelling(text: str, moment: datetime | None) -> None:
    assert instant_of(text, WESTMOST) == moment


def test_the_first_day_that_could_be_meant() -> None:
    assert DAY.earliest_day() == date(2026, 2, 27)
    assert NOON.earliest_day() == date(2026, 3, 1)
    assert timedelta(hours=26) == EASTMOST.utcoffset(None) - WESTMOST.utcoffset(None)
