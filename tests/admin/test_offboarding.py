"""What is told of a district's end: all that fell and all that stays, the same however often it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hallpass.domain.access import District, Integration, Role, Status
from hallpass.domain.erasure import Erased

from tests.admin.conftest import ListedVault, Office, open_office
from tests.admin.scopes import PSEUDONYMISED, create
from tests.admin.test_purges import fill
from tests.fakes import MemoryRegistry
from tests.ledger_fake import MemoryLedger
from tests.page_eraser_fake import MemoryEraser
from tests.records import an_integration
from tests.vendor_fakes import ListedUsage

BEFORE = "2026-03-02T15:00:00Z"


def delete(office: Office, district: str) -> Any:
    reply = office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
    assert reply.status == 200, reply.text
    return reply.json


def token(office: Office, path: str, days: int = 30) -> str:
    return str(office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(days)}).json["id"])


def test_every_integration_is_told_with_its_agreement_its_key_and_how_each_token_ended(either: Office) -> None:
    district = either.district()
    plain = either.integration(district)
    secret = plain[:-8] + create(either, district, PSEUDONYMISED).json["integration"]["id"]
    revoked = token(either, plain)
    either.call("POST", f"{plain}/tokens/{revoked}/revoke")
    short = token(either, plain, 1)
    either.clock.move(timedelta(days=2))
    fell, other = token(either, plain), token(either, secret)
    either.desk.usage.token_used(plain[-8:], fell, either.clock.now())
    told = {one["id"]: one for one in delete(either, district)["integrations"]}
    assert sorted(told) == sorted([plain[-8:], secret[-8:]])
    one = told[plain[-8:]]
    assert (one["vendor"], one["contact"]) == ("Madeup Analytics", "pat@vendor.example")
    assert one["agreement"] == {"id": "DPA-2026-01", "ends_on": "2026-12-31"}
    assert (one["status"], one["pseudonym_key"]) == ("ended", "never made")
    assert {each["id"]: each["end"] for each in one["tokens"]} == {
        revoked: "revoked before", short: "expired before", fell: "fell with the integration",
    }  # fmt: skip
    used = next(each for each in one["tokens"] if each["id"] == fell)
    assert (used["last_used"], used["expires_at"]) == ("2026-03-04T15:00:00Z", "2026-04-03T15:00:00Z")
    assert told[secret[-8:]]["pseudonym_key"] == "destroyed"
    assert [each["id"] for each in told[secret[-8:]]["tokens"]] == [other]


def test_the_second_time_tells_all_of_it_again(either: Office) -> None:
    district = either.district()
    token(either, either.integration(district))
    first = delete(either, district)
    either.clock.move(timedelta(days=40))
    second = delete(either, district)
    assert second["integrations"] == first["integrations"]
    assert second["integrations"][0]["tokens"][0]["end"] == "fell with the integration"
    assert (first["integrations_ended"], second["integrations_ended"]) == (1, 0)


def test_nothing_of_the_ledger_is_touched_and_it_still_answers(office: Office) -> None:
    district, ledger = office.district(), office.desk.ledger
    assert isinstance(ledger, MemoryLedger)
    marks, account = ledger.marks(district), ledger.account(district)
    ledger.calls.clear()
    told = delete(office, district)
    assert told["ledger_since"] == BEFORE
    assert ledger.calls.keys() <= {"account", "add"}, "read, and recorded"
    assert (ledger.account(district), ledger.marks(district)) == (account, marks)
    assert ledger.accounts() == [district]
    days = {"from": BEFORE[:10], "to": BEFORE[:10]}
    answer = office.call("POST", f"/admin/v1/districts/{district}/audit/search", days).json
    assert {"district.create", "district.delete"} <= {row["action"] for row in answer["rows"]}


def test_of_a_district_of_before_the_ledger_it_is_told_that_there_is_no_record(office: Office) -> None:
    district, ledger = office.district(), office.desk.ledger
    assert isinstance(ledger, MemoryLedger)
    ledger.opened.clear()
    assert delete(office, district)["ledger_since"] is None


@dataclass(slots=True)
class Contended(MemoryRegistry):
    """Others write the district too, each time before it is saved, as often as is said."""

    others: int = 0

    def save_district(self, district: District) -> None:
        known = self.district(district.id)
        if self.others and known is not None and known.status is Status.ENDED:
            self.others -= 1
            told = replace(known.erased.begin().count(Erased(pages=100)), begun=known.erased.begun + 1)
            MemoryRegistry.save_district(self, replace(known, erased=told, version=known.version + 1))
        MemoryRegistry.save_district(self, district)


@pytest.mark.parametrize(
    ("others", "status", "pages", "uncounted"),
    [
        pytest.param(0, 200, 1, 0, id="nobody"),
        pytest.param(1, 200, 101, 0, id="one before it began"),
        pytest.param(4, 200, 401, 0, id="as many as are waited for"),
        pytest.param(5, 409, 500, 0, id="more, before anything is erased"),
    ],
)
def test_what_two_erase_at_once_is_told_of_both(others: int, status: int, pages: int, uncounted: int) -> None:
    registry = Contended()
    office = open_office(registry, ListedVault(), ListedUsage())
    district = office.district()
    fill(office, district)
    registry.others = others
    reply = office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
    assert reply.status == status
    known = registry.district(district)
    assert known is not None
    assert (known.erased.pages, known.erased.begun - known.erased.counted) == (pages, uncounted)


def test_what_is_erased_and_not_proven_is_counted_all_the_same(office: Office) -> None:
    district = office.district()
    fill(office, district)
    eraser = office.desk.eraser
    assert isinstance(eraser, MemoryEraser)
    eraser.stubborn = True
    path, body = f"/admin/v1/districts/{district}", {"confirm": district}
    refused = office.call("DELETE", path, body)
    assert (refused.status, refused.json["type"]) == (500, "urn:hallpass:problem:erasure-unproven")
    eraser.stubborn = False
    told = office.call("DELETE", path, body).json["erased_in_all"]
    assert (told["pages"], told["calls"], told["uncounted"]) == (1, 2, 0)


def test_when_and_by_whom_each_thing_ended_is_told(either: Office) -> None:
    district = either.district()
    plain = either.integration(district)
    revoked, fell = token(either, plain), token(either, plain)
    admin = either.person(Role.DISTRICT_ADMIN, district)
    who = next(one for one in either.desk.registry.people() if one.district_id == district).id
    either.call("POST", f"{plain}/tokens/{revoked}/revoke", token=admin)
    stopped = either.integration(district)
    gone = token(either, stopped)
    either.call("POST", f"{stopped}/stop")
    either.clock.move(timedelta(days=2))
    either.call("POST", f"{stopped}/end", token=admin)
    either.clock.move(timedelta(days=2))
    answer = delete(either, district)
    operator = answer["district"]["ended_by"]
    assert operator not in (None, who)
    told = {one["id"]: one for one in answer["integrations"]}
    assert (told[plain[-8:]]["ended_at"], told[plain[-8:]]["ended_by"]) == ("2026-03-06T15:00:00Z", operator)
    assert (told[stopped[-8:]]["ended_at"], told[stopped[-8:]]["ended_by"]) == ("2026-03-04T15:00:00Z", who)
    ends = {each["id"]: (each["end"], each["ended_at"], each["ended_by"])
            for one in told.values() for each in one["tokens"]}  # fmt: skip
    assert ends == {
        revoked: ("revoked before", BEFORE, who),
        fell: ("fell with the integration", "2026-03-06T15:00:00Z", operator),
        gone: ("stopped before", None, None),
    }


def test_the_admins_of_the_district_whose_tokens_go_on_are_told(either: Office) -> None:
    district, other = either.district(), either.district("Another Invented")
    for place in (district, district, other):
        either.person(Role.DISTRICT_ADMIN, place)
    first, second = (one.id for one in either.desk.registry.people() if one.district_id == district)
    either.call("POST", f"/admin/v1/people/{first}/revoke")
    [told] = delete(either, district)["admins"]
    assert (told["id"], told["role"]) == (second, "district-admin")
    [token_told] = told["tokens"]
    assert token_told["expires_at"] > BEFORE
    either.call("POST", f"/admin/v1/people/{second}/revoke")
    assert delete(either, district)["admins"] == []


class Hasty(MemoryRegistry):
    """Somebody adds an integration while the others are being ended."""

    __slots__ = ("late",)

    def save_integration(self, integration: Integration) -> None:
        MemoryRegistry.save_integration(self, integration)
        self.add_integration(replace(an_integration(), id=integration.id[:4] + "Late", district_id=integration.id[:4]))


def test_what_was_added_meanwhile_has_it_said_again() -> None:
    office = open_office(Hasty(), ListedVault(), ListedUsage())
    district = office.district()
    office.integration(district)
    path, body = f"/admin/v1/districts/{district}", {"confirm": district}
    refused = office.call("DELETE", path, body)
    assert (refused.status, refused.json["type"]) == (409, "urn:hallpass:problem:conflict")
    assert "added meanwhile" in refused.json["detail"]
    assert office.call("GET", path).json["district"]["status"] == "ended"
