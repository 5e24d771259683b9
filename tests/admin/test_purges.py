"""Purging, and the end of a district: who may, what is done, what is told, and what is recorded of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hallpass.adapters.dynamodb_accounts import DynamoDbAccountStore
from hallpass.adapters.dynamodb_pages import DynamoDbPageStore
from hallpass.adapters.dynamodb_walks import DynamoDbWalkStore
from hallpass.adapters.pages_table import PagesTable
from hallpass.domain.access import Role, Status
from hallpass.domain.erasure import OneListing, OneSnapshot, WholeDistrict
from hallpass.domain.errors import NotFoundError
from hallpass.domain.health import Health
from hallpass.domain.listing import Account, Listing, UpstreamQuery
from hallpass.domain.pages import StoredPage
from hallpass.domain.scope import IncidentType
from hallpass.page_ports import AccountStore, PageStore, WalkStore

from tests.admin.conftest import ListedVault, Office
from tests.admin.scopes import PSEUDONYMISED, create, kept, use
from tests.page_eraser_fake import MemoryEraser
from tests.store.material import FIRST, arrive, publish, told_body, written

MOMENT = "2026-03-02T15:05:00Z"
NOTHING = {
    "listings": 0, "snapshots": 0, "pages": 0, "artefacts": 0, "chunks": 0, "bytes": 0, "watched": 0,
}  # fmt: skip


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


@dataclass(frozen=True, slots=True)
class DataPlane:
    """Its stores."""

    pages: PageStore
    walks: WalkStore
    accounts: AccountStore

    def current(self, listing: Listing) -> StoredPage | None:
        pointer = self.walks.pointer(listing)
        assert pointer is not None
        return self.pages.find_page(listing, pointer.snapshot, 1) if pointer.snapshot else None


def plane(office: Office) -> DataPlane:
    """Over the same table, or the same memory."""
    eraser = office.desk.eraser
    if isinstance(eraser, MemoryEraser):
        return DataPlane(eraser.store, eraser.walks, eraser.accounts)
    client, name = eraser._client, eraser._name  # type: ignore[attr-defined]  # the real one's own
    table = PagesTable(client, name, office.clock, office.telemetry)
    return DataPlane(DynamoDbPageStore(table), DynamoDbWalkStore(table), DynamoDbAccountStore(table))


def listing(office: Office, district: str, **query: Any) -> Listing:
    return Listing(Account(district, office.upstream.origin, 1), UpstreamQuery(**query))


def fill(office: Office, district: str, **query: Any) -> Listing:
    at = listing(office, district, **query)
    arrival = arrive(told_body(f"{district}{query}"), district=district)
    assert plane(office).pages.save_page(at, *written(arrival))
    publish(plane(office).walks, at, arrival.page.snapshot)
    return at


@pytest.fixture
def eraser(office: Office) -> MemoryEraser:
    assert isinstance(office.desk.eraser, MemoryEraser)
    return office.desk.eraser


def test_a_hard_purge_erases_proves_tells_and_is_recorded(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    district, other = either.district(), either.district("Another Invented")
    mine, theirs = fill(either, district), fill(either, other)
    capfd.readouterr()
    reply = either.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": "hard"})
    told = reply.json
    erased = told.pop("erased")
    assert (reply.status, told) == (200, {"mode": "hard", "finished": True, "proven": True, "again_after": MOMENT})
    assert {name: erased[name] for name in ("listings", "snapshots", "pages", "artefacts", "chunks")} == {
        "listings": 1, "snapshots": 1, "pages": 1, "artefacts": 2, "chunks": 2,
    }  # fmt: skip
    assert erased["bytes"] > 0
    assert plane(either).current(mine) is None
    assert plane(either).current(theirs) is not None
    line = lines(capfd)[0]
    assert (line["action"], line["target"], line["before"]) == ("district.purge-hard", district, "district")
    assert line["after"].startswith("listings=1 snapshots=1 pages=1 artefacts=2 chunks=2 bytes=")
    assert line["after"].endswith("proven")


def test_a_soft_purge_makes_stale_and_erases_nothing(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    district = either.district()
    fill(either, district)
    fill(either, district, deleted=True)
    capfd.readouterr()
    reply = either.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": "soft"})
    assert (reply.status, reply.json) == (200, {"mode": "soft", "finished": True, "stale": {"listings": 2}})
    line = lines(capfd)[0]
    assert (line["action"], line["before"], line["after"]) == ("district.purge-soft", "district", "stale listings=2")


def test_a_districts_admin_purges_its_own(office: Office) -> None:
    district = office.district()
    admin = office.person(Role.DISTRICT_ADMIN, district)
    for mode in ("soft", "hard"):
        assert office.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": mode}, token=admin).status == 200


@pytest.mark.parametrize(
    ("body", "query", "words"),
    [
        pytest.param({}, UpstreamQuery(), "(no parameters)", id="the upstream's default period"),
        pytest.param(
            {"type": "minor", "deleted": True, "from": "2026-01-01", "to": "2026-01-31"},
            UpstreamQuery(IncidentType.MINOR, True, date(2026, 1, 1), date(2026, 1, 31)),
            "type=minor&deleted=1&from=2026-01-01&to=2026-01-31",
            id="every parameter",
        ),
    ],
)
def test_one_listing_is_named_by_the_upstreams_parameters(
    office: Office, eraser: MemoryEraser, body: object, query: UpstreamQuery, words: str,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    district = office.district()
    capfd.readouterr()
    for mode in ("soft", "hard"):
        reply = office.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": mode, "listing": body})
        assert reply.status == 200
    named = OneListing(Listing(Account(district, office.upstream.origin, 1), query))
    assert eraser.targets == [named, named]
    assert {line["before"] for line in lines(capfd)} == {f"listing {words}"}


def test_one_snapshot_is_purged_hard(either: Office, capfd: pytest.CaptureFixture[str]) -> None:
    district = either.district()
    at = fill(either, district)
    path = f"/admin/v1/districts/{district}/purge"
    reply = either.call("POST", path, {"mode": "hard", "snapshot": FIRST})
    assert (reply.status, reply.json["erased"]["pages"], reply.json["erased"]["listings"]) == (200, 1, 0)
    assert plane(either).current(at) is None
    assert lines(capfd)[-1]["before"] == f"snapshot {FIRST}"
    if isinstance(either.desk.eraser, MemoryEraser):
        assert either.desk.eraser.targets == [OneSnapshot(district, FIRST)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "mode"),
        ({"mode": "canary"}, "mode"),
        ({"mode": "hard", "canary": 1}, "body"),
        ({"mode": "soft", "snapshot": FIRST}, "snapshot"),
        ({"mode": "hard", "snapshot": FIRST, "listing": {}}, "snapshot"),
        ({"mode": "hard", "snapshot": "canary"}, "snapshot"),
        ({"mode": "hard", "snapshot": FIRST + "#"}, "snapshot"),
        ({"mode": "hard", "snapshot": 7}, "snapshot"),
        ({"mode": "hard", "listing": []}, "listing"),
        ({"mode": "hard", "listing": {"canary": 1}}, "listing"),
        ({"mode": "hard", "listing": {"first": "2026-01-01"}}, "listing"),
        ({"mode": "hard", "listing": {"type": "canary"}}, "listing.type"),
        ({"mode": "hard", "listing": {"deleted": 1}}, "listing.deleted"),
        ({"mode": "hard", "listing": {"from": "2026-01-01"}}, "listing"),
        ({"mode": "hard", "listing": {"to": "2026-01-01"}}, "listing"),
        ({"mode": "hard", "listing": {"from": "2026-02-01", "to": "2026-01-01"}}, "listing"),
        ({"mode": "hard", "listing": {"from": "20260101", "to": "2026-01-01"}}, "listing.from"),
    ],
)
def test_a_purge_that_cannot_be_names_the_field_and_erases_nothing(
    office: Office, eraser: MemoryEraser, body: object, field: str
) -> None:
    reply = office.call("POST", f"/admin/v1/districts/{office.district()}/purge", body)
    assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, [field])
    assert "canary" not in reply.text
    assert eraser.targets == []


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_what_does_not_fit_in_one_request_is_said_and_called_again(
    office: Office, eraser: MemoryEraser, mode: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = f"/admin/v1/districts/{office.district()}/purge"
    eraser.calls_needed = 2
    capfd.readouterr()
    first, second = (office.call("POST", path, {"mode": mode}) for _ in range(2))
    assert (first.status, first.json["finished"], first.json.get("proven", False)) == (202, False, False)
    assert (second.status, second.json["finished"]) == (200, True)
    assert mode == "soft" or lines(capfd)[0]["after"].endswith("unfinished")
    assert eraser.seconds == [26.0, 26.0], "the request's time, not the function's"


def test_readers_are_waited_for_from_the_end_of_a_purge(office: Office, eraser: MemoryEraser) -> None:
    eraser.meanwhile = lambda: office.clock.move(timedelta(seconds=20))
    reply = office.call("POST", f"/admin/v1/districts/{office.district()}/purge", {"mode": "hard"})
    assert reply.json["again_after"] == "2026-03-02T15:05:20Z"


def test_what_can_still_be_read_is_an_error(
    office: Office, eraser: MemoryEraser, capfd: pytest.CaptureFixture[str]
) -> None:
    district = office.district()
    eraser.stubborn = True
    capfd.readouterr()
    for method, path, body in (
        ("POST", f"/admin/v1/districts/{district}/purge", {"mode": "hard"}),
        ("DELETE", f"/admin/v1/districts/{district}", {"confirm": district}),
    ):
        reply = office.call(method, path, body)
        assert (reply.status, reply.json["type"]) == (500, "urn:hallpass:problem:erasure-unproven")
        assert (reply.json["left_chunks"], reply.json["left_pages"]) == (1, 0)
        assert lines(capfd)[0]["problem"] == "erasure-unproven"


def test_without_the_table_nothing_is_called_purged(office: Office, eraser: MemoryEraser) -> None:
    eraser.unreachable = True
    for mode in ("soft", "hard"):
        reply = office.call("POST", f"/admin/v1/districts/{office.district()}/purge", {"mode": mode})
        assert (reply.status, reply.json["type"]) == (503, "urn:hallpass:problem:unavailable")


def test_a_deleted_district_keeps_its_name_in_the_registry_and_nothing_else(
    either: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    district = either.district()
    path = f"/admin/v1/districts/{district}"
    paths = [f"{path}/integrations/{create(either, district, PSEUDONYMISED).json['integration']['id']}" for _ in "ab"]
    tokens = [either.call("POST", f"{at}/tokens", {"expires_at": either.ahead(30)}).json["token"] for at in paths]
    either.call("POST", f"{paths[0]}/end")
    at = fill(either, district)
    plane(either).accounts.note_refusal(at.account, either.clock.now())
    capfd.readouterr()
    reply = either.call("DELETE", path, {"confirm": district})
    told = reply.json
    assert (reply.status, told["integrations_ended"], told["credential"]) == (200, 1, "erased")
    assert (told["finished"], told["proven"], told["erased"]["pages"], told["again_after"]) == (True, True, 1, MOMENT)
    assert (told["district"]["status"], told["district"]["ended_at"]) == ("ended", "2026-03-02T15:00:00Z")
    assert {use(either, token) for token in tokens} == {"token-revoked"}
    assert [(kept(either, one).status, kept(either, one).sealed_key) for one in paths] == [(Status.ENDED, None)] * 2
    assert plane(either).current(at) is None
    assert plane(either).accounts.health(at.account) == Health()
    line = lines(capfd)[0]
    assert (line["action"], line["target"], line["before"]) == ("district.delete", district, "active")
    assert line["after"].startswith("ended integrations=1 credential=erased listings=1 ")
    assert line["after"].endswith("proven")
    shown = either.call("GET", path).json["district"]
    assert (shown["id"], shown["name"], shown["status"]) == (district, "Invented Unified", "ended")


def test_the_credential_of_a_deleted_district_is_gone(office: Office, aws_office: Office) -> None:
    for one in (office, aws_office):
        district = one.district()
        one.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
        vault = one.desk.vault
        if isinstance(vault, ListedVault):
            assert vault.kept == {}
        else:
            assert vault._client.list_secrets(IncludePlannedDeletion=True)["SecretList"] == []  # type: ignore[attr-defined]


def test_a_deletion_is_said_again_to_prove_that_nothing_came_back(either: Office) -> None:
    district = either.district()
    path, body = f"/admin/v1/districts/{district}", {"confirm": district}
    fill(either, district)
    assert either.call("DELETE", path, body).json["erased"]["pages"] == 1
    # A reader that had begun before writes what it has read.
    fill(either, district)
    either.clock.move(timedelta(seconds=299))
    soon = either.call("DELETE", path, body).json
    assert (soon["erased"]["pages"], soon["again_after"], soon["integrations_ended"]) == (1, MOMENT, 0)
    fill(either, district)
    either.clock.move(timedelta(seconds=1))
    assert either.call("DELETE", path, body).json["erased"]["pages"] == 1
    last = either.call("DELETE", path, body).json
    assert (last["erased"], last["proven"], last["again_after"]) == (NOTHING, True, None)
    # The last word tells all of it.
    told = last["erased_in_all"]
    assert (told["calls"], told["uncounted"], told["pages"], told["artefacts"]) == (4, 0, 3, 6)
    assert told["bytes"] == 3 * soon["erased"]["bytes"] > 0
    assert soon["erased_in_all"]["pages"] == 2
    assert last["district"]["ended_at"] == "2026-03-02T15:00:00Z", "the end stays where it was"


def test_nobody_but_an_operator_deletes_and_not_without_typing_which(office: Office, eraser: MemoryEraser) -> None:
    mine, other = office.district(), office.district("Another Invented")
    admin = office.person(Role.DISTRICT_ADMIN, mine)
    for district in (mine, other, "None"):
        reply = office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district}, token=admin)
        assert (reply.status, reply.json["type"]) == (403, "urn:hallpass:problem:role-insufficient")
    for confirm in (other, "", "yes", mine.lower(), f"{mine} ", None, True):
        reply = office.call("DELETE", f"/admin/v1/districts/{mine}", {"confirm": confirm})
        assert (reply.status, [entry["name"] for entry in reply.json["errors"]]) == (400, ["confirm"])
    assert office.call("DELETE", f"/admin/v1/districts/{mine}", {}).status == 400
    assert office.call("DELETE", "/admin/v1/districts/None", {"confirm": "None"}).status == 404
    assert eraser.targets == []
    assert office.call("GET", f"/admin/v1/districts/{mine}").json["district"]["status"] == "active"


def test_in_a_deleted_district_nothing_begins_again(office: Office) -> None:
    district = office.district()
    office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
    path = f"/admin/v1/districts/{district}/integrations"
    assert office.call("POST", path, office.integration_body()).status == 409
    assert office.call("GET", path).json == {"integrations": [], "next": None}
    assert office.call("POST", f"/admin/v1/districts/{district}/purge", {"mode": "hard"}).status == 200
    assert district in {one["id"] for one in office.call("GET", "/admin/v1/districts").json["districts"]}


def test_where_a_deletion_is_broken_off_the_next_goes_on(office: Office, eraser: MemoryEraser) -> None:
    district = office.district()
    at = office.integration(district)
    eraser.unreachable = True
    path, body = f"/admin/v1/districts/{district}", {"confirm": district}
    assert office.call("DELETE", path, body).status == 503
    # What lets vendors out is done first.
    assert office.call("GET", path).json["district"]["status"] == "ended"
    assert kept(office, at).status is Status.ENDED
    eraser.unreachable = False
    eraser.calls_needed = 2
    assert office.call("DELETE", path, body).status == 202
    done = office.call("DELETE", path, body)
    assert (done.json["erased_in_all"]["calls"], done.json["erased_in_all"]["uncounted"]) == (3, 1)
    assert (done.status, done.json["integrations_ended"], done.json["credential"]) == (200, 0, "erased")
    ended = office.desk.registry.district(district)
    assert ended is not None
    assert eraser.targets[-1] == WholeDistrict(district, 1, ended.ended_at)


def test_an_integration_made_while_the_district_ends_is_ended_by_the_next_call(office: Office) -> None:
    district = office.district()
    office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
    late = office.desk.registry.integration(office.integration(office.district("Another Invented"))[-8:])
    if late is None:
        raise NotFoundError
    office.desk.registry.add_integration(replace(late, id=f"{district}Late", district_id=district))
    again = office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
    assert again.json["integrations_ended"] == 1
    assert kept(office, f"{district}Late").status is Status.ENDED
