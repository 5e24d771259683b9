"""How much a vendor may ask for: set by the district, within bounds, on record."""

from __future__ import annotations

from typing import Any

import pytest
from hallpass.domain.access import Role
from hallpass.domain.limits import LIMIT_BOUNDS

from tests.admin.conftest import Office
from tests.admin.test_cache_settings import lines, told

USUAL = {"per_minute": 60, "burst": 60, "pages_a_day": 5_000}
OTHER = {"per_minute": 6, "burst": 12, "pages_a_day": 100}


@pytest.mark.parametrize("who", ["an operator", "the district's admin"])
def test_limits_are_shown_changed_and_recorded(either: Office, who: str, capfd: pytest.CaptureFixture[str]) -> None:
    district = either.district()
    token = either.operator if who == "an operator" else either.person(Role.DISTRICT_ADMIN, district)
    at = either.integration(district)
    assert either.call("GET", at, token=token).json["integration"]["limits"] == USUAL
    capfd.readouterr()
    changed = either.call("PUT", f"{at}/limits", OTHER, token=token)
    assert (changed.status, changed.json["integration"]["limits"]) == (200, OTHER)
    line = lines(capfd)[0]
    assert (line["action"], line["before"], line["after"]) == ("integration.limits", told(USUAL), told(OTHER))
    kept = either.desk.registry.integration(at[-8:])
    either.call("PUT", f"{at}/limits", OTHER, token=token)
    assert either.desk.registry.integration(at[-8:]) == kept, "the same limits are no new version"


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, bound + step) for name, bounds in LIMIT_BOUNDS.items() for bound, step in zip(bounds, (-1, 1), strict=True)]
    + [("burst", 1.5), ("burst", "12"), ("burst", True), ("burst", None)],
)
def test_what_is_no_limit_is_refused_by_name(office: Office, name: str, value: Any) -> None:
    at = office.integration(office.district())
    refused = office.call("PUT", f"{at}/limits", OTHER | {name: value})
    assert (refused.status, [one["name"] for one in refused.json["errors"]]) == (400, [name])
    assert office.call("GET", at).json["integration"]["limits"] == USUAL


@pytest.mark.parametrize("name", LIMIT_BOUNDS)
def test_both_bounds_are_limits_and_none_may_be_left_out(office: Office, name: str) -> None:
    at = office.integration(office.district())
    for bound in LIMIT_BOUNDS[name]:
        wanted = OTHER | {name: bound}
        assert office.call("PUT", f"{at}/limits", wanted).json["integration"]["limits"] == wanted
    rest = {other: value for other, value in OTHER.items() if other != name}
    assert office.call("PUT", f"{at}/limits", rest).json["errors"] == [{"name": name, "detail": "is required"}]


def test_anothers_integration_is_none_and_an_ended_one_stays_as_it_is(office: Office) -> None:
    mine, theirs = office.district(), office.integration(office.district())
    token = office.person(Role.DISTRICT_ADMIN, mine)
    for at in (theirs, f"/admin/v1/districts/{mine}/integrations/{theirs[-8:]}"):
        assert office.call("PUT", f"{at}/limits", OTHER, token=token).status == 404
    assert office.call("POST", f"{theirs}/end").status == 200
    assert office.call("PUT", f"{theirs}/limits", OTHER).status == 409
