"""Test tokens at the function as it is deployed: of all tables the ledger alone hears of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hallpass.domain.synthetic import VENDORS

from sandbox.simulator import Settings
from tests.aws_tables import CREDENTIALS
from tests.vendor.deployed import Deployed, deployed


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with deployed(Settings(incidents=3)) as running:
        yield running


def test_every_vendor_costs_a_row_and_no_call_else(house: Deployed) -> None:
    before = len(house.items("ledger"))
    with house.operations() as operations:
        for vendor in VENDORS.values():
            house.get(vendor.token)
    assert operations == ["PutItem"] * len(VENDORS)
    assert len(house.items("ledger")) == before + len(VENDORS)
    assert house.items("pages") == house.items("usage") == []
    assert house.simulator.requests == []
    assert house.background.events == []


def test_the_site_costs_none(house: Deployed) -> None:
    with house.operations() as operations:
        assert house.call("/docs", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert operations == []
