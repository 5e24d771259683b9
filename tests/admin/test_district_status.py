"""A district at one look, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hallpass.domain.access import Role

from tests.admin.conftest import Office
from tests.ledger_fake import MemoryIndex, MemoryLedger


def status(office: Office, district: str) -> Any:
    reply = office.call("GET", f"/admin/v1/districts/{district}/status")
    assert reply.status == 200, reply.text
    return reply.json


def test_a_new_district_has_nothing_to_tell(either: Office) -> None:
    district = either.district()
    told = status(either, district)
    assert told["district"]["id"] == district
    assert told["integrations"] == {"draft": 0, "active": 0, "paused": 0, "ended": 0}
    assert told["tokens"] == {"alive": 0, "expiring": [], "dormant": []}
    assert told["agreements"] == {"ending": [], "over": []}
    assert (told["quarantined_paths"], told["quarantined_unreviewed"]) == (0, 0)
    assert told["ledger"] == {
        "since": "2026-03-02T15:00:00Z",
        "indexed_until": None,
        "lag_seconds": None,
        "index": "ok",
    }
    assert told["cache"] == either.call("GET", f"/admin/v1/districts/{district}/cache").json["cache"]


def test_what_wants_attention_is_named(office: Office) -> None:
    district = office.district()
    path, other = office.integration(district), office.integration(district)
    office.call("POST", f"{other}/pause")
    office.call("POST", f"{office.integration(district)}/end")
    soon, late = (
        office.call("POST", f"{path}/tokens", {"expires_at": office.ahead(days)}).json["id"] for days in (120, 300)
    )
    office.desk.usage.token_used(path[-8:], late, office.clock.now() + timedelta(days=30))
    office.clock.move(timedelta(days=100))
    told = status(office, district)
    assert told["integrations"] == {"draft": 0, "active": 1, "paused": 1, "ended": 1}
    expiring = {"integration": path[-8:], "id": soon, "expires_at": "2026-06-30T15:00:00Z"}
    assert told["tokens"] == {"alive": 2, "expiring": [expiring], "dormant": [expiring]}
    office.clock.move(timedelta(days=150))
    ends = {"id": "DPA-2026-01", "ends_on": "2026-12-31"}
    ending = status(office, district)["agreements"]["ending"]
    assert sorted(ending, key=lambda one: str(one["integration"])) == sorted(
        [{"integration": path[-8:], **ends}, {"integration": other[-8:], **ends}],
        key=lambda one: str(one["integration"]),
    )
    office.clock.move(timedelta(days=60))
    assert len(status(office, district)["agreements"]["over"]) == 2


def test_what_was_withheld_is_counted_and_the_ledger_told(office: Office) -> None:
    district, now = office.district(), office.clock.now()
    index, quarantine = office.desk.index, office.desk.quarantine
    quarantine.note(district, {"incident/new": 1, "incident/other": 2}, now)  # type: ignore[attr-defined]  # the fake's
    office.clock.move(timedelta(days=3))
    index.advance(district, now + timedelta(days=3, seconds=-90))
    body = {"path": "incident/new", "as": "asked-upstream"}
    assert office.call("POST", f"/admin/v1/districts/{district}/quarantine/review", body).status == 200
    told = status(office, district)
    assert (told["quarantined_paths"], told["quarantined_unreviewed"]) == (2, 1)
    assert told["ledger"] == {
        "since": "2026-03-02T15:00:00Z", "indexed_until": "2026-03-05T14:58:30Z", "lag_seconds": 90,
        "index": "ok",
    }  # fmt: skip


def test_a_district_of_before_the_ledger_has_no_record_yet(office: Office) -> None:
    district, ledger = office.district(), office.desk.ledger
    assert isinstance(ledger, MemoryLedger)
    ledger.opened.clear()
    told = status(office, district)["ledger"]
    assert told == {"since": None, "indexed_until": None, "lag_seconds": None, "index": "ok"}


def test_nothing_is_told_that_is_in_doubt(office: Office) -> None:
    district = office.district()
    assert isinstance(office.desk.ledger, MemoryLedger)
    office.desk.ledger.broken = True
    reply = office.call("GET", f"/admin/v1/districts/{district}/status")
    assert (reply.status, reply.json["type"]) == (503, "urn:hallpass:problem:unavailable")


def test_without_its_index_a_district_is_told_and_that_it_could_not_be_read(office: Office) -> None:
    district, whole = office.district(), status(office, office.district("Another Invented"))
    assert isinstance(office.desk.index, MemoryIndex)
    office.desk.index.broken = True
    told = status(office, district)
    assert told["ledger"] == {
        "since": "2026-03-02T15:00:00Z", "indexed_until": None, "lag_seconds": None, "index": "unavailable",
    }  # fmt: skip
    assert told["tokens"] == whole["tokens"]


def test_a_district_admin_sees_their_own_alone(office: Office) -> None:
    mine, other = office.district(), office.district("Another Invented")
    token = office.person(Role.DISTRICT_ADMIN, mine)
    replies = [office.call("GET", f"/admin/v1/districts/{one}/status", token=token) for one in (mine, other, "None")]
    assert [reply.status for reply in replies] == [200, 404, 404]
