"""Responses, moments and spans to test the cache's decisions with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hallpass.domain.http_caching import Freshness, Headers, Received, UpstreamControl
from hypothesis import strategies as st

T0 = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NONE = timedelta(0)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def at(offset: float) -> str:
    """An HTTP-date, `offset` seconds from when the response came."""
    return format_datetime(T0 + seconds(offset), usegmt=True)


def received(*headers: tuple[str, str], status: int = 200, delay: float = 0) -> Received:
    """Came at `T0`; was asked for `delay` seconds before."""
    return Received(status, headers, T0 - seconds(delay), T0)


def saying(cache_control: str, *headers: tuple[str, str]) -> Received:
    return received(("Cache-Control", cache_control), *headers)


def honour(fresh_for: float = 0, while_revalidating: float = 0, if_error: float = 0) -> Freshness:
    return Freshness(seconds(fresh_for), seconds(while_revalidating), seconds(if_error), UpstreamControl.HONOUR)


def override(fresh_for: float = 0, while_revalidating: float = 0, if_error: float = 0) -> Freshness:
    return Freshness(seconds(fresh_for), seconds(while_revalidating), seconds(if_error), UpstreamControl.OVERRIDE)


_NAMES = ["Cache-Control", "Expires", "Date", "Age", "ETag", "Last-Modified", "Vary", "Pragma", "cache-control", "X"]
_WORDS = [
    "max-age=60", "max-age=0", "MAX-AGE=9", "s-maxage=5", "no-cache", "no-store", "private", "must-revalidate",
    "proxy-revalidate", "stale-while-revalidate=30", "stale-if-error=40", "must-understand", "public", '"', "\\",
    ",", ", ", "=", " ", "\t", "*", "0", "7200", "-1", "99999999999999999999", "\x00", "é", "𝟜", "max-age=٣",
    "Mon, 02 Mar 2026 15:00:00 GMT", "Mon, 02 Mar 2026 16:00:00 GMT", "Mon, 02 Mar 2026 14:00:00 GMT",
    "Monday, 02-Mar-26 15:00:00 GMT", "Mon Mar  2 15:00:00 2026", "Mon, 02 Mar 2026 15:00:00 UTC", "no-cache=\"a\"",
    '"v1"', 'W/"v1"', "Accept", "only-if-cached", "max-stale", "max-stale=50", "min-fresh=10",
]  # fmt: skip
VALUES = st.one_of(
    st.lists(st.sampled_from(_WORDS), max_size=6).map("".join),
    st.lists(st.sampled_from(_WORDS), max_size=4).map(", ".join),
    st.text(max_size=20),
)
HEADERS: st.SearchStrategy[Headers] = st.lists(st.tuples(st.sampled_from(_NAMES), VALUES), max_size=6).map(tuple)
SPANS = st.integers(0, 200).map(seconds) | st.sampled_from([NONE, timedelta(days=400)])
OFFSETS = st.integers(-10_000, 10_000).map(seconds) | st.sampled_from([NONE, timedelta(days=3000)])
RECEIVED = st.builds(
    lambda headers, asked, status: Received(status, headers, T0 + asked, T0),
    HEADERS,
    OFFSETS,
    st.sampled_from([200, 200, 200, 404, 206]),
)
FRESHNESS = st.builds(Freshness, SPANS, SPANS, SPANS, st.sampled_from(UpstreamControl))
