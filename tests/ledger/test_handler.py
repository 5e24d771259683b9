"""What starts the function that keeps the index: its schedules' inputs, and an operator's `file-again`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hallpass.bootstrap_index import index_handler
from hallpass.domain.refresh_order import OrderInvalidError
from hallpass.domain.scope import Scope
from hallpass.settings import SettingsError

from sandbox.simulator import Settings
from tests.aws_tables import CREDENTIALS
from tests.vendor.deployed import ENVIRONMENT, Remaining, deployed
from tests.vendor.world import EVERYTHING

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("event", "filed"),
    [
        pytest.param({"action": "index"}, 1, id="each minute"),
        pytest.param({"action": "file-again"}, 1, id="each day"),
        pytest.param({"action": "file-again", "since": (TODAY - timedelta(days=30)).isoformat()}, 1, id="since a day"),
        pytest.param(
            {"action": "file-again", "since": (TODAY + timedelta(days=2)).isoformat()}, 0, id="since a later day"
        ),
    ],
)
def test_it_files_what_it_is_asked_to(event: dict[str, Any], filed: int) -> None:
    with deployed(Settings(incidents=20)) as house:
        assert house.get(house.token(Scope(EVERYTHING, "all-documented@1"))).status == 200
        assert index_handler(ENVIRONMENT)(event, Remaining()) == {"filed": filed}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"action": "warm"}, id="another function's"),
        pytest.param({"action": "file-again", "since": "yesterday"}, id="no day"),
        pytest.param({"action": "file-again", "since": 20261126}, id="a number for a day"),
    ],
)
def test_what_is_no_order_is_refused(event: dict[str, Any]) -> None:
    with deployed(Settings(incidents=1)), pytest.raises(OrderInvalidError):
        index_handler(ENVIRONMENT)(event, Remaining())


@pytest.mark.parametrize("name", ["LEDGER_TABLE", "DISCLOSURE_INDEX_TABLE", "REGISTRY_TABLE", "USAGE_TABLE"])
def test_without_a_table_it_does_not_start(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        index_handler({**ENVIRONMENT, name: ""})
