"""The code in docs/vendors.md, run as it stands there against the real handler and the simulator."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import pytest
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.schema import Group
from hallpass.domain.scope import AllSchools, DateRange, IncidentType, Rows, Scope

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

    @property
    def ok(self) -> bool:
        return self.answer.status < 400

    def json(self) -> Any:
        return orjson.loads(self.answer.body)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with deployed(Settings(incidents=300, page_size=50, absent_share=0)) as running:
        yield running


def namespace(house: Deployed, code: str) -> dict[str, Any]:
    return namespace_of(house.call, code)


def namespace_of(call: Callable[[str, str, dict[str, str]], Answer], code: str) -> dict[str, Any]:
    """The code of the docs, with `requests` that leads to the handler."""

    def get(url: str, params: dict[str, Any], headers: dict[str, str], timeout: float) -> Reply:
        lowered = {name.lower(): value for name, value in headers.items()}
        return Reply(call(urlsplit(url).path, urlencode(params), lowered))

    found: dict[str, Any] = {}
    own = {"requests": SimpleNamespace(get=get), "time": time}
    exec(code.replace("import time\n\nimport requests\n", ""), own, found)  # noqa: S102 - our own
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


PAST = Rows(frozenset(IncidentType), AllSchools(), DateRange(date(2020, 1, 1), date(2020, 2, 1)), deleted=False)
BLIND = CustomFields(frozenset({Group.CONTEXT}), Victims.NONE, Numbers.KEPT).name
CHANGED = {
    "fewer types": Scope(rows("minor"), "identified@1"),
    "pseudonyms": Scope(EVERYTHING, "pseudonymised@1"),
    "no people": Scope(EVERYTHING, "no-people@1"),
    "all documented": Scope(EVERYTHING, "all-documented@1"),
    "groups without ids and last changes": Scope(EVERYTHING, BLIND),
    "a window that is past": Scope(PAST, "identified@1"),
}


@pytest.mark.parametrize("scope", CHANGED.values(), ids=CHANGED)
def test_a_copy_holds_nothing_after_its_next_poll_that_a_changed_scope_does_not_show(
    house: Deployed, scope: Scope
) -> None:
    token = house.token(Scope(EVERYTHING, "identified@1"))
    copy = namespace(house, CODE[1])["Copy"]("https://hallpass.example", token)
    copy.poll()
    before = dict(copy.incidents)
    kept = house.registry.integration(token[8:16])
    assert kept is not None
    changed = replace(kept, scope=scope, scope_version=2, version=kept.version + 1)
    house.registry.save_integration(replace(changed, sealed_key=house.keys.make(kept.id, kept.pseudonym_epoch)))
    if scope.rows is PAST:
        with pytest.raises(AssertionError, match="dates-required"):
            copy.poll()
        assert copy.incidents == {}
        return
    copy.poll()
    assert (copy.dataset, len(copy.incidents) > 5) == ("2.1", True)
    fresh = namespace(house, CODE[1])["Copy"]("https://hallpass.example", token)
    fresh.reconcile()
    assert copy.incidents == fresh.incidents != before


def test_a_copy_begins_again_when_the_list_changes_while_it_is_read(house: Deployed) -> None:
    copy = namespace(house, CODE[1])["Copy"]("https://hallpass.example", house.token(Scope(EVERYTHING, "identified@1")))
    copy.poll()
    first, *_, last = copy.incidents
    forget(house)
    call = house.call
    removed: list[str] = []

    def meanwhile(path: str, query: str, headers: dict[str, str]) -> Answer:
        if "page=2" in query and not removed:
            removed.append(first)
            house.simulator.control.remove(first)
        return call(path, query, headers)

    again = namespace_of(meanwhile, CODE[1])["Copy"]("https://hallpass.example", copy.headers["Authorization"][7:])
    again.reconcile()
    assert removed
    assert set(again.incidents) == set(copy.incidents) - {first}
    assert last in again.incidents
