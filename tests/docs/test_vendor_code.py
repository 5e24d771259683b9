"""The code in docs/vendors.md, run as it stands there against the real handler and the simulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import pytest
from hallpass.domain.scope import Scope

from sandbox.simulator import Settings
from tests.aws_tables import CREDENTIALS
from tests.vendor.deployed import Answer, Deployed, deployed
from tests.vendor.world import EVERYTHING, rows

CODE = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[2] / "docs/vendors.md").read_text(), re.DOTALL)


@dataclass(slots=True)
class Reply:
    """As much of a `requests.Response` as the docs use."""

    answer: Answer

    @property
    def status_code(self) -> int:
        return self.answer.status

    @property
    def headers(self) -> dict[str, str]:
        return {name.title(): value for name, value in self.answer.headers.items()}

    def raise_for_status(self) -> None:
        assert self.answer.status < 400, self.answer.body

    def json(self) -> Any:
        return orjson.loads(self.answer.body)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with deployed(Settings(incidents=300, page_size=50, absent_share=0)) as running:
        yield running


def namespace(house: Deployed, code: str) -> dict[str, Any]:
    """The code of the docs, with `requests` that leads to the handler. The store is passed by, to be asked anew."""

    def get(url: str, params: dict[str, Any], headers: dict[str, str], timeout: float) -> Reply:
        lowered = {name.lower(): value for name, value in headers.items()}
        return Reply(house.call(urlsplit(url).path, urlencode(params), lowered))

    found: dict[str, Any] = {}
    exec(code.replace("import requests\n", ""), {"requests": SimpleNamespace(get=get)}, found)  # noqa: S102 - our own
    return found


def forget(house: Deployed) -> None:
    """The cache goes, so that what changed upstream is seen at once."""
    for item in house.items():
        house.dynamodb.delete_item(TableName="pages", Key={"pk": item["pk"], "sk": item["sk"]})


def test_reading_everything(house: Deployed) -> None:
    incidents = namespace(house, CODE[0])["incidents"]
    token = house.token(Scope(EVERYTHING, "all-documented@1"))
    read = list(incidents("https://hallpass.example", token))
    assert len({row["uuid"] for row in read}) == len(read) > 60


def test_a_copy_misses_doubles_and_keeps_nothing(house: Deployed) -> None:
    copy = namespace(house, CODE[1])["Copy"]("https://hallpass.example", house.token(Scope(EVERYTHING, "identified@1")))
    copy.poll()
    before = dict(copy.incidents)
    assert len(before) > 60
    one, other, *_ = before
    house.simulator.control.edit(one, {"@last-modified": "2099-01-01T00:00:00"})
    house.simulator.control.remove(other)
    forget(house)
    copy.poll()
    assert copy.incidents[one]["last_modified"] == "2099-01-01T00:00:00"
    assert other in copy.incidents, "a poll cannot tell what is gone"
    forget(house)
    copy.reconcile()
    assert set(copy.incidents) == set(before) - {other}


def test_a_copy_is_made_anew_when_the_scope_changes(house: Deployed) -> None:
    token = house.token(Scope(EVERYTHING, "identified@1"))
    copy = namespace(house, CODE[1])["Copy"]("https://hallpass.example", token)
    copy.poll()
    assert {row["type"] for row in copy.incidents.values()} > {"minor"}
    kept = house.registry.integration(token[8:16])
    assert kept is not None
    narrower = replace(kept, scope=Scope(rows("minor"), "identified@1"), scope_version=2, version=kept.version + 1)
    house.registry.save_integration(narrower)
    copy.poll()
    assert {row["type"] for row in copy.incidents.values()} == {"minor"}
    assert copy.dataset == "2.1"
