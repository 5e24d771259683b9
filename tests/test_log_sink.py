"""The sink that every test's log goes through finds what it is there for."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.ledger.material import record
from tests.log_sink import complaints

LINE = {"level": "INFO", "type": "audit", "schema": 1, **record().line()}
TOKEN = "hp_live_D1stVnd1Tok1" + "0" * 40


def found(line: Mapping[str, object] | str) -> int:
    printed = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
    return len(list(complaints(f"before\n{printed}\n  {{no line of ours\n")))


def test_an_audit_line_and_what_is_no_log_pass() -> None:
    assert found(LINE) == found(json.dumps(LINE) * 2) == found("text") == found('{"_aws": {}}') == 0


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({**LINE, "name": "S1"}, id="a field that the schema does not have"),
        pytest.param({**LINE, "problem": "not a slug"}, id="a value that the schema does not have"),
        pytest.param({**LINE, "query": "school=Zed Madeup"}, id="a name"),
        pytest.param({"message": "Testina O'Placeholder"}, id="a name of the simulator's"),
        pytest.param({"message": TOKEN}, id="a token"),
        pytest.param({"message": "Authorization: Bearer x"}, id="a header"),
        pytest.param('{"half', id="half a line"),
        pytest.param('{"a":"\x1b[31m"}', id="an escape sequence"),
        pytest.param('{"a":"\u2028"}', id="a line separator"),
    ],
)
def test_what_must_not_be_in_a_log_is_found(line: Mapping[str, object] | str) -> None:
    assert found(line) >= 1
