"""The canonical form of a query: one for all its spellings, and whatever is sent is read or refused."""

from __future__ import annotations

from random import Random
from urllib.parse import urlencode

import pytest
from hallpass.domain.errors import InvalidParametersError, TokenInQueryError
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.query import Format, IncidentQuery
from hallpass.domain.scope import IncidentType
from hypothesis import example, given
from hypothesis import strategies as st


@st.composite
def queries(draw: st.DrawFn) -> IncidentQuery:
    days = sorted(draw(st.lists(st.dates(), min_size=2, max_size=2))) if draw(st.booleans()) else [None, None]
    upstream = UpstreamQuery(draw(st.none() | st.sampled_from(IncidentType)), draw(st.booleans()), days[0], days[1])
    page, form = draw(st.integers(1, 999_999_999)), draw(st.none() | st.sampled_from(Format))
    snapshot = draw(st.none() | st.from_regex("[0-9a-f]{14}-[0-9a-f]{8}", fullmatch=True))
    return IncidentQuery(upstream, page, form, snapshot=snapshot)


@given(queries())
def test_the_canonical_form_is_a_fixed_point(query: IncidentQuery) -> None:
    canonical = urlencode(query.parameters(query.page, query.snapshot))
    read = IncidentQuery.parse(canonical)
    assert read == query
    assert urlencode(read.parameters(read.page, read.snapshot)) == canonical


@given(queries(), st.randoms(use_true_random=False), st.booleans())
def test_s_12_equal_queries_in_another_spelling_are_equal(query: IncidentQuery, chance: Random, encode: bool) -> None:
    """Another order, every character encoded, empty parts between, the default page left out."""
    pairs = [pair for pair in query.parameters(query.page, query.snapshot) if pair != ("page", "1")]
    chance.shuffle(pairs)
    spell = _all_encoded if encode else str
    raw_query = "&&".join(f"{spell(name)}={spell(value)}" for name, value in pairs)
    assert IncidentQuery.parse(raw_query) == query


def _all_encoded(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _expected(raw_query: str) -> bool:
    """Whether a query of plain parameters is in order, said another way than the parser says it."""
    seen = dict(part.split("=") for part in raw_query.split("&"))
    first, last = seen.get("from"), seen.get("to")
    repeated = len(seen) != raw_query.count("&") + 1
    return not repeated and ((first is None and last is None) or (bool(first and last) and str(first) <= str(last)))


PLAIN = st.sampled_from(
    ["page=1", "page=2", "type=minor", "type=pending", "deleted=1", "from=2026-01-02", "from=2026-01-05",
     "to=2026-01-03", "to=2026-01-05", "format=xml", "format=json"],
)  # fmt: skip


@given(st.lists(PLAIN, min_size=1, max_size=6))
def test_a_query_is_in_order_exactly_when_nothing_repeats_and_dates_pair(parts: list[str]) -> None:
    raw_query = "&".join(parts)
    try:
        IncidentQuery.parse(raw_query)
        in_order = True
    except InvalidParametersError:
        in_order = False
    assert in_order == _expected(raw_query)


ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
TORN = st.lists(st.sampled_from([*"&=%+;#12-[]", "%00", "%ff", "type", "page", "from", "hp_", "live_", "\ud800", "é"]))


@example("\udfff=%ED%A0%80")
@given(ANYTHING | TORN.map("".join))
def test_whatever_is_sent_is_read_or_refused_and_nothing_else(raw_query: str) -> None:
    try:
        query = IncidentQuery.parse(raw_query)
    except (InvalidParametersError, TokenInQueryError):
        return
    assert IncidentQuery.parse(urlencode(query.parameters(query.page, query.snapshot))) == query


def test_a_flood_of_unknown_parameters_is_named_up_to_a_bound() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    with pytest.raises(InvalidParametersError) as refused:
        IncidentQuery.parse("&".join(f"{letter}=1" for letter in letters))
    assert len(refused.value.errors) == 21
    assert refused.value.errors[-1] == {"name": "(more)", "detail": "6 more parameters are not known"}
