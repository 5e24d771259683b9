"""The invented vendors: who they are, and that none is anybody's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hallpass.domain.access import DISTRICT_ID_LENGTH
from hallpass.domain.audit_words import problems
from hallpass.domain.presets import PRESETS
from hallpass.domain.synthetic import SYNTHETIC, VENDORS, Vendor, vendor_of, visitor
from hallpass.domain.tokens import TokenKind, mint, parse_token

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
EACH = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)


@EACH
def test_a_vendor_is_found_by_its_token(vendor: Vendor) -> None:
    presented = parse_token(vendor.token)
    assert presented.kind is TokenKind.TEST
    assert vendor_of(presented) is vendor


@EACH
def test_no_district_has_the_name_of_an_invented_one(vendor: Vendor) -> None:
    record = vendor.record(NOW)
    assert record.district.id.startswith(SYNTHETIC)
    assert len(record.district.id) > DISTRICT_ID_LENGTH
    assert record.integration.district_id == record.district.id
    assert record.token.holder_id == record.integration.id == vendor.integration_id


def test_no_two_are_the_same() -> None:
    assert len({vendor.token for vendor in VENDORS.values()}) == len(VENDORS)
    assert all(vendor.name == name for name, vendor in VENDORS.items())


def test_there_is_one_for_each_preset() -> None:
    assert set(PRESETS) <= {vendor.fields for vendor in VENDORS.values()}


def test_a_fault_is_a_problem_that_there_is() -> None:
    assert {vendor.fault for vendor in VENDORS.values() if vendor.fault} <= problems()


def test_a_token_of_another_number_is_nobodys() -> None:
    other = mint(TokenKind.TEST, VENDORS["identified"].integration_id, "0002", bytes(32)).text.reveal()
    assert vendor_of(parse_token(other)) is None


def test_an_address_is_one_visitor_whichever_token_it_sends() -> None:
    who = {visitor(vendor.record(NOW).integration, "192.0.2.7").id for vendor in VENDORS.values()}
    assert who == {"synthetic@192.0.2.7"}


def test_the_secret_is_plainly_none() -> None:
    assert all(vendor.token[20:63] == "0" * 43 for vendor in VENDORS.values())
