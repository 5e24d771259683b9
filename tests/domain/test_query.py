"""The query parser: what is read, what is refused and how it is named, and the one canonical form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hallpass.domain.errors import InvalidParametersError, TokenInQueryError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.query import Format, IncidentQuery, no_parameters, single_parameter
from hallpass.domain.scope import IncidentType
from hallpass.domain.since import Since

LEAP_DAY = date(2024, 2, 29)
HIDDEN = "(a name that is not shown)"


def refused(raw_query: str) -> dict[str, str]:
    """The refused parameters, each with what would be right."""
    with pytest.raises(InvalidParametersError) as caught:
        IncidentQuery.parse(raw_query)
    return {error["name"]: error["detail"] for error in caught.value.errors}


READ = {
    "nothing named is page 1 of the upstream's default": ("", UpstreamQuery(), 1, None),
    "ampersands alone name nothing": ("&&", UpstreamQuery(), 1, None),
    "a page": ("page=2", UpstreamQuery(), 2, None),
    "the largest page that is read": ("page=999999999", UpstreamQuery(), 999_999_999, None),
    "a type": ("type=minor", UpstreamQuery(type=IncidentType.MINOR), 1, None),
    "deleted ones": ("deleted=1", UpstreamQuery(deleted=True), 1, None),
    "dates": ("from=2026-01-01&to=2026-01-31", UpstreamQuery(first=date(2026, 1, 1), last=date(2026, 1, 31)), 1, None),
    "one day": ("to=2024-02-29&from=2024-02-29", UpstreamQuery(first=LEAP_DAY, last=LEAP_DAY), 1, None),
    "S-04 the ends of the calendar": (
        "from=0001-01-01&to=9999-12-31", UpstreamQuery(first=date.min, last=date.max), 1, None,
    ),
    "a format": ("format=json", UpstreamQuery(), 1, Format.JSON),
    "S-02 an encoded name is that name": ("%74ype=re%66erral", UpstreamQuery(type=IncidentType.REFERRAL), 1, None),
}  # fmt: skip


OURS = {
    "a school": ("school=007", {"schools": frozenset({"007"})}),
    "two schools": ("school=012&school=007", {"schools": frozenset({"007", "012"})}),
    "a school outside ASCII": (f"school={quote('Ü-1')}", {"schools": frozenset({"Ü-1"})}),
    "since a day": ("modified_since=2026-01-01&dataset=1.1", {"since": Since(date(2026, 1, 1)), "dataset": "1.1"}),
    "since a moment": (
        "dataset=12.3&modified_since=2026-01-01T01:00:00%2B01:00",
        {"since": Since(datetime(2026, 1, 1, tzinfo=UTC)), "dataset": "12.3"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("raw_query", "ours"), OURS.values(), ids=OURS)
def test_reads_our_own_filters(raw_query: str, ours: dict[str, Any]) -> None:
    """The upstream never sees them."""
    assert IncidentQuery.parse(raw_query) == IncidentQuery(UpstreamQuery(), **ours)


def test_one_canonical_order_whatever_order_they_came_in() -> None:
    told = "format=csv&dataset=1.1&school=b&modified_since=2026-01-01T02:00:00%2B02:00&school=a&type=minor&page=3"
    assert IncidentQuery.parse(told).parameters(4, None) == (
        ("type", "minor"), ("school", "a"), ("school", "b"), ("modified_since", "2026-01-01T00:00:00Z"),
        ("dataset", "1.1"), ("format", "csv"), ("page", "4"),
    )  # fmt: skip


@pytest.mark.parametrize(("raw_query", "upstream", "page", "form"), READ.values(), ids=READ)
def test_reads(raw_query: str, upstream: UpstreamQuery, page: int, form: Format | None) -> None:
    assert IncidentQuery.parse(raw_query) == IncidentQuery(upstream, page, form)


REFUSED = {
    "S-02 an empty type": ("type=", ["type"]),
    "S-02 a type without a value": ("type", ["type"]),
    "S-02 a type in capitals": ("type=MINOR", ["type"]),
    "S-02 every type at once": ("type=ALL", ["type"]),
    "S-02 a name in another case": ("Type=minor", ["Type"]),
    "S-02 a name with brackets": ("type[]=minor", ["type[]"]),
    "S-02 two types in one value": ("type=minor,referral", ["type"]),
    "S-02 an encoded ampersand separates nothing": ("type=minor%26type%3Dreferral", ["type"]),
    "S-02 a semicolon separates nothing": ("type=minor;type=referral", ["type"]),
    "S-02 a type with a NUL": ("type=minor%00", ["type"]),
    "S-02 a type with a line break": ("type=minor%0A", ["type"]),
    "S-02 a plus is a space, in a name too": ("+type=minor", [HIDDEN]),
    "S-02 a type after a space": ("type=+minor", ["type"]),
    "S-02 a type in letters that look the same": ("type=min%D0%BEr", ["type"]),
    "S-02 a percent sign that encodes nothing": ("type=minor%", ["type"]),
    "S-02 a byte that is no UTF-8": ("type=minor%FF", ["type"]),
    "S-02 an overlong encoding": ("type=%C1%AD", ["type"]),
    "S-02 a doubly encoded value": ("type=%256Dinor", ["type"]),
    "S-02 an equals sign in the value": ("type==minor", ["type"]),
    "a lone surrogate": ("type=minor\ud800", ["type"]),
    "S-03 two types": ("type=minor&type=referral", ["type"]),
    "S-03 two types, the other way": ("type=referral&type=minor", ["type"]),
    "S-03 the same type twice": ("type=minor&type=minor", ["type"]),
    "S-03 a second spelling of the name is a repeat": ("type=minor&%74ype=referral", ["type"]),
    "S-03 an empty repeat": ("type=minor&type", ["type"]),
    "S-04 only from": ("from=2026-01-01", ["to"]),
    "S-04 only to": ("to=2026-01-01", ["from"]),
    "S-04 only a malformed from": ("from=yesterday", ["from", "to"]),
    "S-04 a repeated from stays a repeat": ("from=2026-01-01&from=2026-01-01&to=2026-01-02", ["from"]),
    "S-04 reversed": ("from=2026-01-02&to=2026-01-01", ["from"]),
    "S-04 without dashes": ("from=20250101&to=20250102", ["from", "to"]),
    "S-04 week dates": ("from=2025-W01-1&to=2025-W01-2", ["from", "to"]),
    "S-04 a day that is not in the month": ("from=2025-02-28&to=2025-02-30", ["to"]),
    "S-04 29 February in a year without one": ("from=2025-02-28&to=2025-02-29", ["to"]),
    "S-04 the year 0": ("from=0000-01-01&to=2025-01-01", ["from"]),
    "S-04 a year of five digits": ("from=2025-01-01&to=10000-01-01", ["to"]),
    "S-04 full-width digits": (f"from={quote('２０２５-01-01')}&to=2025-01-02", ["from"]),
    "S-04 Arabic digits": (f"from=2025-01-01&to={quote('٢٠٢٥-01-02')}", ["to"]),
    "S-04 a time": ("from=2025-01-01T00:00&to=2025-01-02Z", ["from", "to"]),
    "S-04 a line break after the date": ("from=2025-01-01%0A&to=2025-01-02", ["from"]),
    "S-06 deleted as a word": ("deleted=true", ["deleted"]),
    "S-06 deleted with a zero before it": ("deleted=01", ["deleted"]),
    "S-06 deleted as a fraction": ("deleted=1.0", ["deleted"]),
    "S-06 deleted as yes": ("deleted=yes", ["deleted"]),
    "S-06 not deleted": ("deleted=0", ["deleted"]),
    "S-06 deleted without a value": ("deleted=", ["deleted"]),
    "S-06 deleted twice": ("deleted=1&deleted=1", ["deleted"]),
    "S-08 page 0": ("page=0", ["page"]),
    "S-08 a negative page": ("page=-1", ["page"]),
    "S-08 a page with a zero before it": ("page=01", ["page"]),
    "S-08 a page with a sign": ("page=%2B2", ["page"]),
    "S-08 a page with a bare plus": ("page=+2", ["page"]),
    "S-08 a page as a power of ten": ("page=1e3", ["page"]),
    "S-08 a page in hexadecimal": ("page=0x2", ["page"]),
    "S-08 a page in full-width digits": (f"page={quote('１')}", ["page"]),
    "S-08 a page in superscript": (f"page={quote('²')}", ["page"]),
    "S-08 a page with an underscore": ("page=1_0", ["page"]),
    "S-08 a fraction of a page": ("page=2.0", ["page"]),
    "S-08 a page beyond any number": ("page=1" + "0" * 20, ["page"]),
    "S-08 a page of 10,000 digits": ("page=" + "9" * 10_000, ["page"]),
    "S-08 an empty page": ("page=", ["page"]),
    "S-08 a page with a line break": ("page=1%0A", ["page"]),
    "S-09 an unknown name": ("limit=5", ["limit"]),
    "S-09 an unknown name, twice, is one entry": ("limit=5&limit=6", ["limit"]),
    "S-09 an encoded question mark": ("page=1%3Ftype=minor", ["page"]),
    "S-09 an encoded fragment": ("type=minor%23", ["type"]),
    "S-09 no name": ("=minor", [HIDDEN]),
    "S-09 a name that is markup": ("%3Cscript%3E=1", [HIDDEN]),
    "S-09 a name with digits": ("S0012345=1", [HIDDEN]),
    "S-09 a name over 40 letters": ("a" * 41 + "=1", [HIDDEN]),
    "S-21 a method in the query": ("_method=DELETE", ["_method"]),
    "a format that there is not": ("format=html", ["format"]),
    "an empty school": ("school=", ["school"]),
    "every school is no school": ("school=All", ["school"]),
    "a school with white space": ("school=0+7", ["school"]),
    "a school with a line break": ("school=007%0A", ["school"]),
    "the same school twice": ("school=007&school=007", ["school"]),
    "the same school in two spellings": ("school=007&school=%3007", ["school"]),
    "one bad school of two": ("school=007&school=", ["school"]),
    "schools over the limit": ("&".join(f"school={number}" for number in range(101)), ["school"]),
    "schools too long for four links": ("&".join(f"school={'x' * 95}{number:02}" for number in range(15)), ["school"]),
    "since without a dataset": ("modified_since=2026-01-01", ["dataset"]),
    "a dataset without since": ("dataset=1.1", ["modified_since"]),
    "since as a word": ("modified_since=yesterday&dataset=1.1", ["modified_since"]),
    "since without a zone": ("modified_since=2026-01-01T00:00:00&dataset=1.1", ["modified_since"]),
    "since with a bare plus": ("modified_since=2026-01-01T00:00:00+01:00&dataset=1.1", ["modified_since"]),
    "since with a fraction": ("modified_since=2026-01-01T00:00:00.5Z&dataset=1.1", ["modified_since"]),
    "since on no day": ("modified_since=2026-02-30&dataset=1.1", ["modified_since"]),
    "since at no time": ("modified_since=2026-01-01T24:00:00Z&dataset=1.1", ["modified_since"]),
    "since with an offset of a day": ("modified_since=2026-01-01T00:00:00%2B24:00&dataset=1.1", ["modified_since"]),
    "since before there were computers": ("modified_since=1899-12-31&dataset=1.1", ["modified_since"]),
    "since the end of the calendar": ("modified_since=9999-12-31T23:59:59-12:00&dataset=1.1", ["modified_since"]),
    "since a time in 1899 by UTC": ("modified_since=1900-01-01T00:00:00%2B14:00&dataset=1.1", ["modified_since"]),
    "a school in Latin-1": ("school=%C9cole", ["school"]),
    "since twice": ("modified_since=2026-01-01&modified_since=2026-01-01&dataset=1.1", ["modified_since"]),
    "a dataset of another shape": ("modified_since=2026-01-01&dataset=1", ["dataset"]),
    "a format in capitals": ("format=JSON", ["format"]),
    "everything that is wrong is named": (
        "page=0&type=x&deleted=2&from=a&to=b&format=c&d=e", ["d", "deleted", "format", "from", "page", "to", "type"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("raw_query", "names"), REFUSED.values(), ids=REFUSED)
def test_refuses_and_names(raw_query: str, names: list[str]) -> None:
    assert sorted(refused(raw_query)) == names


def test_what_would_be_right_is_said_and_no_value_is_echoed() -> None:
    raw_query = "page=canary&type=canary&deleted=canary&from=canary&to=2025-02-30&format=canary&limit=canary"
    assert refused(raw_query) == {
        "page": "a whole number from 1, in plain digits",
        "type": "one of referral, minor, pending",
        "deleted": "`1`, or leave it out",
        "from": "a date as YYYY-MM-DD",
        "to": "a real date as YYYY-MM-DD",
        "format": "one of xml, json, ndjson, csv",
        "limit": "unknown; the parameters are: page, type, deleted, from, to, school, modified_since, dataset, "
        "snapshot, format",
    }


def test_a_repeated_from_is_called_a_repeat_and_not_a_lonely_to() -> None:
    assert refused("from=2026-01-01&from=2026-01-01&to=2026-01-02") == {"from": "repeated; send it once"}


TOKENS_IN_QUERY = {
    "T-12 access_token": "access_token=x",
    "T-12 access_token in capitals": "ACCESS_TOKEN=x",
    "T-12 token": "page=1&token=x",
    "T-12 api_key": "api_key=",
    "T-12 authorization": "authorization=Bearer+x",
    "T-12 an encoded name": "%61ccess_token=x",
    "T-12 a live token under any name": "q=hp_live_abc",
    "T-12 an admin token inside a value": "page=1;hp_admin_abc",
    "T-12 a test token as a name": "hp_test_abc",
    "T-12 an encoded token": "q=hp%5Flive%5Fabc",
    "T-12 a token cut in two by an equals sign": "hp_live_=abc",
    "T-12 a token beside errors of other kinds": "page=0&limit=1&x=hp_live_abc",
}


@pytest.mark.parametrize("raw_query", TOKENS_IN_QUERY.values(), ids=TOKENS_IN_QUERY)
def test_a_token_in_the_query_is_told_and_never_named(raw_query: str) -> None:
    for read in (IncidentQuery.parse, no_parameters):
        with pytest.raises(TokenInQueryError) as caught:
            read(raw_query)
        assert "abc" not in caught.value.detail


def test_an_address_with_one_parameter_takes_that_and_no_other() -> None:
    assert single_parameter("fields=all-documented%401", "fields") == "all-documented@1"
    assert single_parameter("", "fields") is None
    for wrong in ("fields=a&fields=a", "other=a", "page=1"):
        with pytest.raises(InvalidParametersError):
            single_parameter(wrong, "fields")


def test_an_address_without_parameters_takes_none() -> None:
    no_parameters("")
    with pytest.raises(InvalidParametersError) as caught:
        no_parameters("page=1")
    assert caught.value.errors == ({"name": "page", "detail": "unknown; the parameters are: none"},)


HUGE = {
    "10,000 unknown names": "&".join(f"n{'x' * (i % 30)}={i}" for i in range(10_000)),
    "10,000 repeats": "&".join(["type=minor"] * 10_000),
    "100,000 percent signs": "type=" + "%" * 100_000,
    "100,000 pluses": "+" * 100_000,
    "100,000 halves of a token": "q=" + "hp_live" * 100_000,
    "100,000 digits and dashes": "from=" + "2026-01-" * 100_000,
}


@pytest.mark.parametrize("raw_query", HUGE.values(), ids=HUGE)
def test_a_huge_query_is_refused_in_linear_time(raw_query: str) -> None:
    assert refused(raw_query)
