"""A house for every test of reading the ledger."""

from __future__ import annotations

import pytest

from tests.ledger_reading.house import House, open_house


@pytest.fixture
def house() -> House:
    return open_house()
