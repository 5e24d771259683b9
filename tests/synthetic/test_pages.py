"""The invented incidents: what is in them, and how they are listed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from hallpass.adapters.synthetic_upstream import INCIDENTS, incidents
from hallpass.domain.listing import UpstreamQuery
from hallpass.domain.schema import FIELDS
from hallpass.domain.scope import IncidentType
from hallpass.domain.synthetic_pages import PAGE_SIZE, listed, page, rows_of, total_pages


def paths(element: ET.Element, at: str) -> set[str]:
    own = {at, *(f"{at}/@{name}" for name in element.attrib)}
    return own.union(*(paths(child, f"{at}/{child.tag}") for child in element))


def test_everything_that_is_documented_is_there_and_so_is_what_is_not() -> None:
    root = ET.fromstring(INCIDENTS.read_bytes())  # noqa: S314 - our own file
    there = set().union(*(paths(each, "incident") for each in root))
    assert {path for path in FIELDS if path.startswith("incident")} <= there
    assert there - set(FIELDS), "something undocumented, that no scoped view may show"


def test_every_incident_is_read_as_what_it_is() -> None:
    rows, root = incidents(), ET.fromstring(INCIDENTS.read_bytes())  # noqa: S314 - our own file
    told = [(each.get("type"), each.findtext("date"), each.get("deleted") is not None) for each in root]
    assert [(row.kind, row.day.isoformat(), row.deleted) for row in rows] == told
    assert Counter(row.kind for row in rows).keys() == set(IncidentType)
    assert [row.deleted for row in rows].count(True) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (UpstreamQuery(), 25),
        (UpstreamQuery(deleted=True), 26),
        (UpstreamQuery(first=date(2026, 2, 24), last=date(2026, 3, 2)), 2),
        (UpstreamQuery(first=date(2020, 1, 1), last=date(2020, 1, 2)), 0),
    ],
    ids=["all", "the deleted too", "both ends included", "none"],
)
def test_a_query_is_answered_as_the_upstream_would(query: UpstreamQuery, expected: int) -> None:
    assert len(listed(incidents(), query)) == expected


@pytest.mark.parametrize("kind", IncidentType)
def test_a_type_is_listed_alone(kind: IncidentType) -> None:
    assert {row.kind for row in listed(incidents(), UpstreamQuery(type=kind))} == {kind.value}


def test_pages_hold_each_incident_once_and_know_how_many_they_are() -> None:
    rows = listed(incidents(), UpstreamQuery())
    roots = [ET.fromstring(page(rows, number)) for number in (1, 2, 3, 4)]  # noqa: S314 - our own file
    assert [root.get("count") for root in roots] == ["10", "10", "5", "0"]
    assert {root.get("total-pages") for root in roots} == {"3"}
    assert [root.get("page") for root in roots] == ["1", "2", "3", "4"]
    uuids = [each.get("uuid") for root in roots for each in root]
    assert len(set(uuids)) == len(uuids) == 25


def test_a_page_more_begins_with_one_incident_more() -> None:
    rows = incidents()
    assert [total_pages(rows[:count]) for count in (0, 1, PAGE_SIZE, PAGE_SIZE + 1)] == [0, 1, 1, 2]


def test_what_is_no_incident_is_no_row() -> None:
    assert rows_of(b"<incidents/>") == []
