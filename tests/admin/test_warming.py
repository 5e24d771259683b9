"""Warming as an admin asks for it: who may, what is handed over, what is told and recorded, and when nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hallpass.adapters.dynamodb_kept_pages import DynamoDbKeptPages
from hallpass.domain.access import Role, Status
from hallpass.domain.leases import Pointer
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.refresh_order import MOST_LISTINGS, Asked
from hallpass.domain.scope import IncidentType

from tests import records
from tests.admin.conftest import ListedVault, Office, open_office
from tests.admin.test_purges import lines, plane
from tests.fakes import MemoryRegistry, SetClock
from tests.kept_pages_fake import MemoryKeptPages
from tests.page_store_fake import MemoryPageStore
from tests.records import NOW
from tests.vendor.world import World, incident, page
from tests.vendor_fakes import ListedUsage, ListedWarmer
from tests.walk_store_fake import MemoryAccountStore, MemoryWalkStore

BARE, MINOR = UpstreamQuery(), UpstreamQuery(IncidentType.MINOR)


@pytest.fixture
def walks() -> MemoryWalkStore:
    return MemoryWalkStore(SetClock(NOW))


@pytest.fixture
def office(walks: MemoryWalkStore) -> Office:
    """Its pages are those of `walks`."""
    kept = MemoryKeptPages(MemoryPageStore(), walks, MemoryAccountStore())
    return open_office(MemoryRegistry(), ListedVault(), ListedUsage(), kept=kept)


def warmer(office: Office) -> ListedWarmer:
    assert isinstance(office.desk.warmer, ListedWarmer)
    return office.desk.warmer


def account(office: Office, district: str) -> Account:
    return Account(district, office.upstream.origin, 1)


def warm(office: Office, district: str, body: object = None, **call: Any) -> Any:
    return office.call("POST", f"/admin/v1/districts/{district}/warm", body if body is not None else {}, **call)


def with_calls(office: Office, calls: int) -> Office:
    """The same registry and people under another budget."""
    desk = replace(office.desk, warm_calls=calls)
    admin = type(office.admin)(desk, office.recorder, office.telemetry)
    return replace(office, admin=admin, desk=desk)


def test_what_vendors_ask_for_and_the_list_without_parameters_are_handed_over_and_recorded(
    office: Office, walks: MemoryWalkStore, capfd: pytest.CaptureFixture[str]
) -> None:
    district, other = office.district(), office.district("Another Invented")
    for query in (BARE, MINOR):
        walks.note_use(Listing(account(office, district), query), Pointer(), walked=False)
    walks.note_use(Listing(account(office, other), UpstreamQuery(deleted=True)), Pointer(), walked=False)
    capfd.readouterr()
    reply = warm(office, district)
    assert (reply.status, reply.json) == (
        202,
        {
            "listings": 2, "left_out": 0, "most_calls": 60, "asked_at": "2026-03-02T15:00:00Z",
            "statistics": f"/admin/v1/districts/{district}/cache/statistics",
        },
    )  # fmt: skip
    assert warmer(office).taken == [Asked(account(office, district), (BARE, MINOR))]
    assert office.call("GET", reply.json["statistics"]).status == 200
    [line] = [line for line in lines(capfd) if line["action"] == "district.warm"]
    assert (line["target"], line["before"], line["after"]) == (district, "district", "asked listings=2 left_out=0")


def test_where_nobody_has_asked_yet_it_is_the_list_without_parameters(office: Office) -> None:
    district = office.district()
    assert warm(office, district).json["listings"] == 1
    assert warmer(office).taken == [Asked(account(office, district), (BARE,))]


@pytest.mark.parametrize(
    ("body", "query", "words"),
    [
        pytest.param({}, BARE, "(no parameters)", id="the upstream's default period"),
        pytest.param(
            {"type": "minor", "deleted": True, "from": "2026-01-01", "to": "2026-01-31"},
            UpstreamQuery(IncidentType.MINOR, True, date(2026, 1, 1), date(2026, 1, 31)),
            "type=minor&deleted=1&from=2026-01-01&to=2026-01-31",
            id="every parameter",
        ),
    ],
)
def test_one_listing_is_named_by_the_upstreams_parameters(
    office: Office, body: object, query: UpstreamQuery, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    district = office.district()
    capfd.readouterr()
    assert warm(office, district, {"listing": body}).json["listings"] == 1
    assert warmer(office).taken == [Asked(account(office, district), (query,))]
    assert {line["before"] for line in lines(capfd)} == {f"listing {words}"}


def test_of_very_many_those_of_longest_ago_are_left_out_and_it_is_said(office: Office, walks: MemoryWalkStore) -> None:
    district = office.district()
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(MOST_LISTINGS + 3)]
    clock = walks.clock
    assert isinstance(clock, SetClock)
    for day in days:
        query = UpstreamQuery(first=day, last=day)
        walks.note_use(Listing(account(office, district), query), Pointer(), walked=False)
        clock.move(timedelta(seconds=1))
    told = warm(office, district).json
    assert (told["listings"], told["left_out"]) == (MOST_LISTINGS, 4)
    [asked] = warmer(office).taken
    assert [query.first for query in asked.queries] == [None, *reversed(days[4:])]


def test_what_is_not_taken_over_is_not_promised(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    district = office.district()
    warmer(office).unreachable = True
    capfd.readouterr()
    reply = warm(office, district)
    assert (reply.status, "listings" in reply.json) == (503, False)
    [line] = lines(capfd)
    assert (line["status"], line["problem"], "after" in line) == (503, "unavailable", False)


def test_without_the_table_nobody_knows_what_is_asked_for(office: Office, walks: MemoryWalkStore) -> None:
    district = office.district()
    walks.unreachable = True
    assert warm(office, district).status == 503
    assert warmer(office).taken == []
    assert warm(office, district, {"listing": {"type": "minor"}}).status == 202, "what is named needs no look"


def test_a_budget_of_nothing_is_said_and_nothing_handed_over(office: Office) -> None:
    closed = with_calls(office, 0)
    reply = warm(closed, closed.district())
    assert (reply.status, "switched off" in reply.json["detail"], warmer(closed).taken) == (409, True, [])


@pytest.mark.parametrize("status", [Status.PAUSED, Status.ENDED])
def test_a_district_that_is_not_read_is_not_warmed(office: Office, status: Status) -> None:
    district = office.district()
    found = office.desk.registry.district(district)
    assert found is not None
    office.desk.registry.save_district(replace(found, status=status, version=found.version + 1))
    assert (warm(office, district).status, warmer(office).taken) == (409, [])


@pytest.mark.parametrize(("role", "status"), [(Role.DISTRICT_ADMIN, 202), (Role.AUDITOR, 403), (Role.OPERATOR, 202)])
def test_an_auditor_warms_nothing(office: Office, role: Role, status: int) -> None:
    district = office.district()
    token = office.person(role, None if role is Role.OPERATOR else district)
    assert warm(office, district, token=token).status == status
    assert len(warmer(office).taken) == (status == 202)


def test_another_district_is_as_one_that_is_not_there(office: Office) -> None:
    admin, other = office.person(Role.DISTRICT_ADMIN, office.district()), office.district("Another Invented")
    replies = [warm(office, district, token=admin) for district in (other, "None")]
    assert [(reply.status, reply.json["detail"]) for reply in replies] == [(404, replies[0].json["detail"])] * 2
    assert warmer(office).taken == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"listing": {"type": "nonsense"}}, "listing.type"),
        ({"listing": {"from": "2026-01-01"}}, "listing"),
        ({"listing": {"school": "10"}}, "listing"),
        ({"snapshot": "064c0bd7415c00-1a2b3c4d"}, "body"),
        ({"mode": "soft"}, "body"),
    ],
)
def test_a_body_that_cannot_be_names_the_field(office: Office, body: object, field: str) -> None:
    reply = warm(office, office.district(), body)
    assert (reply.status, [error["name"] for error in reply.json["errors"]]) == (400, [field])
    assert warmer(office).taken == []


def test_what_the_data_plane_noted_is_what_is_handed_over(aws_office: Office) -> None:
    district = aws_office.district()
    eraser = aws_office.desk.eraser
    kept = DynamoDbKeptPages(eraser._client, "pages", aws_office.clock, aws_office.telemetry)  # type: ignore[attr-defined]  # the real one's own
    desk = replace(aws_office.desk, kept=kept)
    aws_office.admin = type(aws_office.admin)(desk, aws_office.recorder, aws_office.telemetry)
    plane(aws_office).walks.note_use(Listing(account(aws_office, district), MINOR), Pointer(), walked=False)
    assert warm(aws_office, district).json["listings"] == 2
    assert warmer(aws_office).taken[0].queries == (BARE, MINOR)


def test_however_often_somebody_asks_the_upstream_is_called_for_each_page_once(office: Office) -> None:
    """From the request to the upstream: what is handed over is what `page_refresh` does."""
    world = World()
    world.upstream.pages = {number: page(incident(number), number=number, total=3) for number in (1, 2, 3)}
    warmer(office).meanwhile = lambda asked: world.refresher.warm_asked(
        Asked(Account(records.DISTRICT_ID, world.upstream.origin, 1), asked.queries), lambda: 300.0
    )
    district = office.district()
    for _ in range(5):
        assert warm(office, district).status == 202
    assert [number for _, number in world.upstream.calls] == [1, 2, 3, 1, 3]
    assert str(world.walk_to(world.token(), 3).header("Cache-Status")).startswith("hallpass; hit")
    assert len(world.upstream.calls) == 5
