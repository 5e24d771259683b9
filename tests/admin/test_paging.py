"""Every list comes in pages, and who goes on from one sees nothing twice and misses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.paging import USUAL

from tests.admin.conftest import Office
from tests.admin.test_people import draft, slug
from tests.docs.test_restore import table
from tests.vendor_fakes import MemoryQuarantine


def all_of(office: Office, path: str, name: str, limit: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    after = ""
    while True:
        told = office.call("GET", f"{path}?limit={limit}{after}").json
        assert len(told[name]) <= limit
        found += told[name]
        if told["next"] is None:
            return found
        after = f"&next={told['next']}"


@pytest.fixture
def lists(office: Office) -> dict[str, str]:
    """The path of each list by the name of what it lists; three of each."""
    district = office.district()
    for _ in range(2):
        office.district()
    at = office.integration(district)
    for _ in range(2):
        office.integration(district)
        office.call("POST", "/admin/v1/people", draft(office))
        office.clock.move(timedelta(seconds=1))
    for number in range(3):
        office.call("POST", "/admin/v1/invitations", draft(office))
        made = office.call("POST", f"{at}/tokens", {"expires_at": office.ahead(9)}).json["id"]
        office.call("POST", f"{at}/tokens/{made}/revoke")
        office.call("POST", f"{at}/claims", {})
        if number:
            fields = ("pseudonymised@1", "no-people@1")[number - 1]
            office.call("PUT", f"{at}/scope", {"scope": office.integration_body()["scope"] | {"fields": fields}})
    keep(office, district)
    above = f"/admin/v1/districts/{district}"
    return {
        "districts": "/admin/v1/districts", "integrations": f"{above}/integrations", "tokens": f"{at}/tokens",
        "people": "/admin/v1/people", "invitations": "/admin/v1/invitations", "scopes": f"{at}/scopes",
        "versions": f"{at}/versions", "quarantine": f"{above}/quarantine", "agreements": f"{above}/agreements",
        "claims": f"{at}/claims",
    }  # fmt: skip


def keep(office: Office, district: str) -> None:
    kept = office.desk.quarantine
    assert isinstance(kept, MemoryQuarantine)
    for number in range(3):
        kept.note(district, {f"incident/new-{number}": 1}, office.clock.at + timedelta(seconds=number))


def test_every_list_is_whole_however_it_is_cut(office: Office, lists: dict[str, str]) -> None:
    assert len(lists) == sum("next" in one.takes and "limit" in one.takes for one in table())
    for name, path in lists.items():
        whole = office.call("GET", path).json
        assert (len(whole[name]), whole["next"]) == (3, None), name
        assert [all_of(office, path, name, limit) for limit in (1, 2, 3)] == [whole[name]] * 3, name


def test_what_is_added_meanwhile_moves_nothing(office: Office) -> None:
    district = office.district()
    path = f"/admin/v1/districts/{district}/integrations"
    for _ in range(3):
        office.integration(district)
        office.clock.move(timedelta(seconds=1))
    first = office.call("GET", f"{path}?limit=2").json
    office.integration(district)
    rest = office.call("GET", f"{path}?limit=2&next={first['next']}").json
    assert len({one["id"] for one in first["integrations"] + rest["integrations"]}) == 4


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"), ("limit=501", "limit"), ("limit=-1", "limit"), ("limit=1.5", "limit"),
        ("limit=", "limit"), ("limit=%EF%BC%91", "limit"), ("limit=1000000000000", "limit"), ("next=", "next"),
        ("next=nonsense", "next"), ("limit=1&limit=2", "limit"), ("page=2", "page"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_refused(office: Office, query: str, named: str) -> None:
    reply = office.call("GET", f"/admin/v1/districts?{query}")
    assert (reply.status, slug(reply)) == (400, "invalid-parameters")
    assert [entry["name"] for entry in reply.json["errors"]] == [named]


def test_where_to_go_on_is_good_for_the_same_list_alone(office: Office) -> None:
    one, other = office.district(), office.district()
    for _ in range(2):
        office.integration(one)
    told = office.call("GET", f"/admin/v1/districts/{one}/integrations?limit=1").json
    reply = office.call("GET", f"/admin/v1/districts/{other}/integrations?next={told['next']}")
    assert [entry["name"] for entry in reply.json["errors"]] == ["next"]


def test_a_list_is_cut_unless_it_is_said_how(office: Office) -> None:
    kept = office.desk.quarantine
    assert isinstance(kept, MemoryQuarantine)
    district = office.district()
    kept.note(district, {f"incident/new-{number}": 1 for number in range(USUAL + 1)}, office.clock.at)
    told = office.call("GET", f"/admin/v1/districts/{district}/quarantine").json
    assert len(told["quarantine"]) == USUAL
    assert told["next"] is not None
