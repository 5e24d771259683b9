"""A preview's numbers are those that a vendor with the scope would receive."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hallpass.domain.facets import Bearer
from hallpass.domain.scope import Scope
from hallpass.services.preview_scope import PreviewAsked, preview
from hypothesis import given

from tests.preview.house import OPERATOR, SECONDS, House
from tests.preview.material import NUMBERED, pages, scopes
from tests.records import DISTRICT_ID


@given(pages(), scopes())
def test_incidents_and_schools_are_those_that_a_vendor_receives(content: list[list[str]], scope: Scope) -> None:
    house = House()
    house.pages(*content)
    received = house.receive_all(scope)
    calls = len(house.world.upstream.calls)
    told = preview(house.desk, OPERATOR, DISTRICT_ID, PreviewAsked(scope), SECONDS)
    census = told.counted.proposed.census
    assert (census.incidents, census.shown) == (sum(map(len, content)), len(received))
    assert sum(census.removed.values()) == census.incidents - census.shown
    shown = {code: school.shown for code, school in census.schools.items() if school.shown}
    assert shown == Counter(one.get("school", {}).get("code") for one in received)
    assert [gap for gap in told.gaps if "naming dates" not in gap] == []
    assert told.how is None
    assert len(house.world.upstream.calls) == calls, "it asked the upstream"


def bearers(received: list[dict[str, Any]], field: str) -> set[str]:
    """Whom a vendor received a value of, by the number, else by the place."""
    return {
        party.get("student", {}).get("district_id") or f"{one['uuid']}/{place}"
        for one in received
        for place, party in enumerate(one.get("offenders", []))
        if party.get("student", {}).get(field)
    }


@given(pages(), scopes(NUMBERED), scopes(NUMBERED))
def test_the_difference_is_that_between_what_two_vendors_receive(
    content: list[list[str]], scope: Scope, current: Scope
) -> None:
    house = House()
    house.pages(*content)
    old, compared = house.receive_all(current), house.latest()
    new = house.receive_all(scope)
    told = preview(house.desk, OPERATOR, DISTRICT_ID, PreviewAsked(scope, compared), SECONDS)
    before, after = ({one["uuid"] for one in each} for each in (old, new))
    assert told.counted.showing.rows_added() == (len(after - before), len(before - after))
    for group, field in (("demographics", "race"), ("student_names", "name"), ("student_numbers", "district_id")):
        gained = bearers(new, field) - bearers(old, field)
        lost = bearers(old, field) - bearers(new, field)
        found = {change.adds: change.counts for change, _ in told.changes if change.group == group}
        assert _number(found.get(True)) == len(gained), group
        assert _number(found.get(False)) == len(lost), group


def _number(counts: Any) -> int:
    return 0 if counts is None else counts[Bearer.STUDENT] + counts[Bearer.UNNUMBERED]
