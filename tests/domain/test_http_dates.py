"""HTTP-dates: the three forms to the letter, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hallpass.domain.http_dates import read_http_date
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.caching_material import T0, VALUES

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)

DATES = {
    "IMF-fixdate": ("Sun, 06 Nov 1994 08:49:37 GMT", MOMENT),
    "RFC 850": ("Sunday, 06-Nov-94 08:49:37 GMT", MOMENT),
    "asctime": ("Sun Nov  6 08:49:37 1994", MOMENT),
    "asctime with two digits of the day": ("Wed Nov 16 08:49:37 1994", MOMENT + timedelta(days=10)),
    "a leap second": ("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "a leap day": ("Thu, 29 Feb 2024 00:00:00 GMT", datetime(2024, 2, 29, tzinfo=UTC)),
    "RFC 850, less than 50 years ahead": ("Sunday, 01-Mar-76 00:00:00 GMT", datetime(2076, 3, 1, tzinfo=UTC)),
    "RFC 850, 50 years ahead": ("Monday, 02-Mar-76 15:00:00 GMT", datetime(2076, 3, 2, 15, tzinfo=UTC)),
    "RFC 850, over 50 years ahead": ("Tuesday, 02-Mar-76 15:00:01 GMT", datetime(1976, 3, 2, 15, 0, 1, tzinfo=UTC)),
    "the farthest": ("Fri, 31 Dec 9999 23:59:59 GMT", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "moment"), DATES.values(), ids=DATES)
def test_a_date(text: str, moment: datetime) -> None:
    assert read_http_date(text, T0) == moment


NO_DATES = [
    "", "0", "-1", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 EST", "SUN, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 NOV 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06  Nov  1994 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT", "Wed, 30 Feb 1994 08:49:37 GMT", "Thu, 29 Feb 2023 00:00:00 GMT",
    "Sat, 00 Nov 1994 08:49:37 GMT", "Sat, 06 Nov 0000 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Monday, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
    "Sun Nov 06 08:49:37 94", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\n", "Sun, ٠٦ Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT, x", "784111777",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES)
def test_no_date(text: str) -> None:
    assert read_http_date(text, T0) is None


MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001  # hypothesis takes them naive
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@given(MOMENTS, MOMENTS)
def test_what_is_written_is_read_again_in_each_form_of_four_digits(moment: datetime, near: datetime) -> None:
    assert read_http_date(format_datetime(moment, usegmt=True), near) == moment
    assert (
        read_http_date(moment.strftime("%a %b ") + f"{moment.day:2}" + moment.strftime(" %H:%M:%S %Y"), near) == moment
    )


@given(MOMENTS, st.integers(-49 * 365, 49 * 365))
def test_two_digits_of_a_year_are_read_near_enough(near: datetime, days: int) -> None:
    try:
        moment = near + timedelta(days=days)
    except OverflowError:
        return
    read = read_http_date(moment.strftime("%A, %d-%b-%y %H:%M:%S GMT"), near)
    # In another century the weekday differs (then it is no date), or it is read as long past: never as later.
    assert read is None or read <= moment
    if moment.year // 100 == near.year // 100:
        assert read == moment


@given(VALUES, MOMENTS)
def test_any_text_is_a_date_or_none(text: str, near: datetime) -> None:
    read = read_http_date(text, near)
    assert read is None or read.tzinfo is UTC
