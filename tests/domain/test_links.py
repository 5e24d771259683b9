"""`Link`: where a walk goes on. Each address is read back by our own parser as the same query."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hallpass.domain.links import page_links, schema_link
from hallpass.domain.query import IncidentQuery

BASE = "https://hallpass.example/prod"
LINK = re.compile(r'<([^>]+)>; rel="([a-z]+)"')


def links(raw_query: str, total_pages: int) -> dict[str, str]:
    """Address by relation."""
    query = IncidentQuery.parse(raw_query)
    field = page_links(BASE, "/v1/incidents.json", query, query.snapshot, total_pages)
    return {relation: address for address, relation in LINK.findall(field)}


WALKS = {
    "the only page": ("", 1, {"first": 1, "last": 1}),
    "the first of three": ("page=1", 3, {"first": 1, "next": 2, "last": 3}),
    "one in the middle": ("page=2", 3, {"first": 1, "prev": 1, "next": 3, "last": 3}),
    "the last": ("page=3", 3, {"first": 1, "prev": 2, "last": 3}),
    "the one past the last goes back to the last": ("page=4", 3, {"first": 1, "prev": 3, "last": 3}),
    "the one past the only page": ("page=2", 1, {"first": 1, "prev": 1, "last": 1}),
    "S-08 one far past the last goes back to the last": ("page=999999999", 3, {"first": 1, "prev": 3, "last": 3}),
    "no pages at all": ("", 0, {"first": 1}),
    "a later page where there is none at all": ("page=5", 0, {"first": 1}),
}


@pytest.mark.parametrize(("raw_query", "total_pages", "expected"), WALKS.values(), ids=WALKS)
def test_the_walk_from(raw_query: str, total_pages: int, expected: dict[str, int]) -> None:
    told = links(raw_query, total_pages)
    assert {
        relation: IncidentQuery.parse(urlsplit(address).query).page for relation, address in told.items()
    } == expected


def test_a_walk_by_next_ends_after_every_page_once() -> None:
    seen, raw_query = [1], "type=minor"
    while "next" in (told := links(raw_query, 20)):
        raw_query = urlsplit(told["next"]).query
        seen.append(IncidentQuery.parse(raw_query).page)
    assert seen == list(range(1, 21))


def test_s_12_a_link_carries_the_whole_query_in_its_canonical_form_and_nothing_else() -> None:
    spelled = "to=2026-01-31&format=json&from=2026-01-01&deleted=1&%74ype=minor&page=2&snapshot=0123456789abcd-01234567"
    canonical = "type=minor&deleted=1&from=2026-01-01&to=2026-01-31&snapshot=0123456789abcd-01234567&format=json&page=3"
    assert links(spelled, 3)["next"] == f"{BASE}/v1/incidents.json?{canonical}"


def test_the_schema_link_names_the_view() -> None:
    address = "https://hallpass.example/prod/v1/incidents.schema.json?fields=all-documented%401"
    assert schema_link(BASE, "all-documented@1") == f'<{address}>; rel="describedby"'
