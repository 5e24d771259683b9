"""Schemathesis, `--checks all`, against the real handler for tokens of every preset: the document is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hallpass.domain.custom_fields import CustomFields
from hallpass.domain.field_groups import Numbers, Victims
from hallpass.domain.presets import PRESETS
from hallpass.domain.schema import Group
from hallpass.domain.scope import Scope
from hypothesis import settings
from jsonschema import Draft202012Validator

from tests.openapi.front import Asked, Call, Exchange, Front, document_for, handler_of, serving
from tests.vendor.deployed import Answer, Deployed
from tests.vendor.world import EVERYTHING

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CUSTOM = CustomFields(
    frozenset({Group.ENVELOPE, Group.CONTEXT, Group.DISCIPLINE}), Victims.PRESENCE, Numbers.DROPPED
).name
LONG = settings.get_current_profile_name() == "long"


@dataclass(frozen=True, slots=True)
class Report:
    """What Schemathesis found. `text` is for a reader, `found` counts operations by the kind of failure."""

    text: str
    told: Mapping[str, Any]
    code: int

    @property
    def found(self) -> dict[str, list[str]]:
        return {failure["type"]: failure["operations"] for failure in self.told["failures"]}


def schemathesis(document: Mapping[str, Any], url: str, token: str, fields: str, folder: Path, *more: str) -> Report:
    (folder / "openapi.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", "openapi.json", "--url", url, "--checks", "all", "--continue-on-failure", "--no-color"]
    command += ["--report", "json", "--report-json-path", "report.json", "--workers", "2", *more]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HALLPASS_HOOKS": str(HERE / "said_in_words.py"),
        "HALLPASS_TOKEN": token,
        "HALLPASS_FIELDS": fields,
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    report = folder / "report.json"
    assert report.exists(), done.stdout + done.stderr
    return Report(done.stdout + done.stderr, json.loads(report.read_text()), done.returncode)


@pytest.mark.parametrize("fields", [*PRESETS, CUSTOM])
def test_every_check_of_schemathesis_holds_for(fields: str, house: Deployed, tmp_path: Path) -> None:
    token = house.token(Scope(EVERYTHING, fields))
    with serving(handler_of(house)) as front:
        document = document_for(house, fields, front.url)
        report = schemathesis(document, front.url, token, fields, tmp_path, "--max-examples", "4", "--mode", "all")
        print(len(front.exchanges), Counter((e.asked.method, e.answer.status) for e in front.exchanges))
        print(report.told)
    assert report.code == 0, report.text
