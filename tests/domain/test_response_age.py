"""How old a response is and how long it is fresh, whatever its fields and the clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hallpass.domain.http_caching import Freshness, Headers, Received, UpstreamControl
from hallpass.domain.response_age import age, lifetime, remaining, resident
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.caching_material import (
    FRESHNESS,
    NONE,
    OFFSETS,
    RECEIVED,
    T0,
    at,
    honour,
    override,
    received,
    saying,
    seconds,
)

AGES = {
    "nothing said": (received(), 10),
    "asked for 3 seconds before it came": (received(delay=3), 13),
    "Age": (received(("Age", "7")), 17),
    "Age, and the time that asking took": (received(("Age", "7"), delay=3), 20),
    "the first of a list": (received(("Age", "7, 900")), 17),
    "the first of a list, though it is the less": (received(("Age", "0,900")), 10),
    "the first of several fields": (received(("Age", "7"), ("Age", "900")), 17),
    "an empty element is none": (received(("Age", ", 7")), 17),
    "space around": (received(("age", " 7\t")), 17),
    "letters are ignored": (received(("Age", "abc")), 10),
    "a negative one is ignored": (received(("Age", "-7")), 10),
    "a fraction is ignored": (received(("Age", "7.0")), 10),
    "a malformed first is ignored with the rest": (received(("Age", "x, 7")), 10),
    "an empty one": (received(("Age", "")), 10),
    "more than can be held": (received(("Age", "99999999999")), 2**31 + 10),
    "Date in the past": (received(("Date", at(-5))), 15),
    "Date in the past, more than Age": (received(("Date", at(-50)), ("Age", "7")), 60),
    "Age more than Date": (received(("Date", at(-5)), ("Age", "7")), 17),
    "Date ahead: the origin's clock is fast": (received(("Date", at(3600))), 10),
    "Date that is none": (received(("Date", "Mon, 02 Mar 2026 14:00:00 UTC")), 10),
    "two Dates: the older": (received(("Date", at(0)), ("Date", at(-5))), 15),
    "two Dates, one that is none": (received(("Date", "0"), ("Date", at(-5))), 15),
    "asked for after it came: a clock was set back": (received(delay=-30), 10),
    "asked for after it came, and Age": (received(("Age", "7"), delay=-30), 17),
}


@pytest.mark.parametrize(("response", "age_in_seconds"), AGES.values(), ids=AGES)
def test_ten_seconds_after_it_came_its_age_is(response: Received, age_in_seconds: int) -> None:
    assert age(response, T0 + seconds(10)) == seconds(age_in_seconds)


def test_before_it_came_by_a_slow_clock_it_has_its_first_age() -> None:
    assert age(received(("Age", "7")), T0 - seconds(100)) == seconds(7)
    assert resident(received(("Age", "7")), T0 - seconds(100)) == NONE


LIVES: dict[str, tuple[Headers, int]] = {
    "nothing said: the owner's": ((), 50),
    "max-age": ((("Cache-Control", "max-age=9"),), 9),
    "max-age longer than the owner's": ((("Cache-Control", "max-age=900"),), 900),
    "max-age=0": ((("Cache-Control", "max-age=0"),), 0),
    "max-age in two fields: the least": ((("Cache-Control", "max-age=9"), ("Cache-Control", "max-age=3")), 3),
    "max-age quoted": ((("Cache-Control", 'max-age="9"'),), 9),
    "max-age malformed": ((("Cache-Control", "max-age=9s"),), 0),
    "max-age inside a string": ((("Cache-Control", 'x="max-age=900", max-age=9'),), 9),
    "max-age before Expires": ((("Cache-Control", "max-age=9"), ("Expires", at(-900))), 9),
    "max-age=0 before Expires": ((("Cache-Control", "max-age=0"), ("Expires", at(900))), 0),
    "max-age malformed before Expires": ((("Cache-Control", "max-age=x"), ("Expires", at(900))), 0),
    "s-maxage is for shared caches": ((("Cache-Control", "s-maxage=900"),), 50),
    "s-maxage beside max-age": ((("Cache-Control", "s-maxage=900, max-age=9"),), 9),
    "s-maxage beside Expires": ((("Cache-Control", "s-maxage=900"), ("Expires", at(9))), 9),
    "private": ((("Cache-Control", "private"),), 50),
    "Expires": ((("Expires", at(9)),), 9),
    "Expires from Date on": ((("Expires", at(9)), ("Date", at(-1))), 10),
    "Expires and Date of a fast clock": ((("Expires", at(3609)), ("Date", at(3600))), 9),
    "Expires and Date of a slow clock": ((("Expires", at(-3591)), ("Date", at(-3600))), 9),
    "Expires before Date": ((("Expires", at(9)), ("Date", at(10))), 0),
    "Expires in the past": ((("Expires", at(-9)),), 0),
    "Expires: 0": ((("Expires", "0"),), 0),
    "Expires empty": ((("Expires", ""),), 0),
    "Expires in UTC": ((("Expires", "Mon, 02 Mar 2026 16:00:00 UTC"),), 0),
    "Expires with a wrong day of the week": ((("Expires", "Tue, 02 Mar 2026 16:00:00 GMT"),), 0),
    "Expires twice: the first to pass": ((("Expires", at(9)), ("Expires", at(3))), 3),
    "Expires twice, one malformed": ((("Expires", at(9)), ("Expires", "x")), 0),
    "Expires with a Date that is none": ((("Expires", at(9)), ("Date", "x")), 9),
    "Expires with two Dates: from the later": ((("Expires", at(9)), ("Date", at(0)), ("Date", at(-100))), 9),
    "Expires in the form of RFC 850": ((("Expires", "Monday, 02-Mar-26 15:00:09 GMT"),), 9),
    "Pragma says nothing of a response": ((("Pragma", "no-cache"),), 50),
}


@pytest.mark.parametrize(("headers", "life"), LIVES.values(), ids=LIVES)
def test_honoured_it_lives_for(headers: Headers, life: int) -> None:
    assert lifetime(received(*headers), honour(fresh_for=50)) == seconds(life)


@pytest.mark.parametrize("headers", [headers for headers, _ in LIVES.values()], ids=LIVES)
def test_overridden_it_lives_for_what_the_owner_says_from_when_it_came(headers: Headers) -> None:
    response = received(*headers, ("Age", "1000"), delay=20)
    assert lifetime(response, override(fresh_for=50)) == seconds(50)
    assert remaining(response, override(fresh_for=50), T0 + seconds(49)) == seconds(1)


def test_what_remains_is_the_life_without_the_age() -> None:
    response = saying("max-age=60", ("Age", "7"))
    assert remaining(response, honour(), T0 + seconds(10)) == seconds(43)
    assert remaining(response, honour(), T0 + seconds(100)) == seconds(-47)


def test_an_owner_cannot_give_less_than_no_life() -> None:
    for control in UpstreamControl:
        freshness = Freshness(timedelta(seconds=-5), NONE, NONE, control)
        assert lifetime(received(), freshness) == NONE


@given(RECEIVED, OFFSETS, OFFSETS)
def test_age_is_never_negative_and_never_falls(response: Received, one: timedelta, other: timedelta) -> None:
    earlier, later = sorted([T0 + one, T0 + other])
    assert NONE <= age(response, earlier) <= age(response, later)
    assert age(response, later) >= resident(response, later)


@given(RECEIVED, FRESHNESS)
def test_a_life_is_never_negative(response: Received, freshness: Freshness) -> None:
    assert lifetime(response, freshness) >= NONE


ENDS = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]


@pytest.mark.parametrize("now", ENDS, ids=["the first", "the last"])
@given(response=RECEIVED, freshness=FRESHNESS)
def test_at_the_ends_of_the_calendar(response: Received, freshness: Freshness, now: datetime) -> None:
    shifted = Received(response.status, response.headers, now, now)
    assert age(shifted, now) >= NONE
    assert lifetime(shifted, freshness) >= NONE
    assert remaining(response, freshness, now) <= lifetime(response, freshness)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_skewed_origin_never_adds_to_a_life(skew: int, life: int) -> None:
    response = received(("Date", at(skew)), ("Expires", at(skew + life)))
    assert remaining(response, honour(), T0) == seconds(life)
