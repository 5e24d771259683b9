"""Law 3 in the control plane: a change is on record before it is made, and what cannot be recorded is not done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hallpass.domain.audit import AuditRecord

from tests.admin.conftest import CREDENTIAL, ListedVault, Office
from tests.admin.test_cache_settings import OTHER
from tests.ledger_fake import MemoryLedger

DISTRICTS = "/admin/v1/districts"


def ledger_of(office: Office) -> MemoryLedger:
    assert isinstance(office.desk.ledger, MemoryLedger)
    return office.desk.ledger


def told(office: Office) -> list[tuple[str, str | None, int]]:
    return [(row.action, row.phase, row.status) for row in ledger_of(office).records]


def new_district() -> dict[str, Any]:
    return {"name": "Invented", "time_zone": "America/Chicago", "upstream_token": CREDENTIAL, "confirmed": True}


def test_a_change_has_a_row_before_it_is_made_and_one_with_its_outcome(office: Office) -> None:
    district = office.district()
    assert told(office) == [("district.create", "begun", 102), ("district.create", "ended", 201)]
    begun, ended = ledger_of(office).records
    assert (begun.district, ended.district, begun.request_id) == (None, district, ended.request_id)
    assert {begun.disclosure, ended.disclosure} == {"no-records"}


def test_a_change_that_is_refused_says_so(office: Office) -> None:
    office.call("POST", DISTRICTS, new_district() | {"time_zone": "Nowhere/Invented"})
    assert told(office)[1:] == [("district.create", "ended", 400)]
    assert ledger_of(office).records[-1].problem == "body-invalid"


def test_a_look_has_one_row(office: Office) -> None:
    office.call("GET", DISTRICTS)
    assert told(office) == [("district.list", None, 200)]


CHANGES = ["create", "pause", "delete", "integration", "token", "person", "cache", "limits"]


def change(office: Office, name: str, district: str, integration: str) -> int:
    """The status of a change that would succeed."""
    at = f"{DISTRICTS}/{district}"
    calls: dict[str, tuple[str, str, object]] = {
        "create": ("POST", DISTRICTS, new_district()),
        "pause": ("POST", f"{integration}/pause", None),
        "delete": ("DELETE", at, {"confirm": district}),
        "integration": ("POST", f"{at}/integrations", office.integration_body()),
        "token": ("POST", f"{integration}/tokens", {"expires_at": office.ahead(30)}),
        "person": ("POST", "/admin/v1/people", {
            "name": "Bo Inventado", "role": "operator", "district": None, "expires_at": office.ahead(9),
        }),
        "cache": ("PUT", f"{at}/cache", OTHER),
        "limits": ("PUT", f"{integration}/limits", {"per_minute": 6, "burst": 12, "pages_a_day": 100}),
    }  # fmt: skip
    method, path, body = calls[name]
    return office.call(method, path, body).status


def state(office: Office) -> str:
    vault = office.desk.vault
    assert isinstance(vault, ListedVault)
    return repr((office.desk.registry, vault.kept, ledger_of(office).opened))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_cannot_be_recorded_is_not_made(office: Office, name: str) -> None:
    district = office.district()
    integration = office.integration(district)
    before = state(office)
    ledger_of(office).fails = {"add"}
    assert change(office, name, district, integration) == 503
    assert state(office) == before
    assert office.telemetry.counts["LedgerFailures"] >= 1
    assert office.call("GET", DISTRICTS).status == 503, "nor is anything shown"
    ledger_of(office).fails = set()
    assert change(office, name, district, integration) in (200, 201)
    assert state(office) != before


class EndlessLedger(MemoryLedger):
    """Takes what has begun, and not how it ended."""

    def add(self, record: AuditRecord) -> None:
        self.fails = {"add"} if record.phase == "ended" else set()
        MemoryLedger.add(self, record)


def test_a_change_whose_end_cannot_be_recorded_has_its_beginning_on_record(office: Office) -> None:
    """It was made, the caller hears 503, and the begun row without an end tells where to look."""
    ledger = EndlessLedger()
    office.admin._recorder = replace(office.recorder, ledger=ledger)
    assert office.call("POST", DISTRICTS, new_district()).status == 503
    assert [(row.phase, row.status) for row in ledger.records] == [("begun", 102)]
    assert len(office.desk.registry.districts()) == 1
    assert office.telemetry.counts["LedgerFailures"] == 1


def test_a_district_without_an_account_in_the_ledger_is_none(office: Office) -> None:
    """Whose persons could not be recorded must not be read."""
    ledger_of(office).fails = {"open"}
    assert office.call("POST", DISTRICTS, new_district()).status == 503
    assert office.desk.registry.districts() == []
