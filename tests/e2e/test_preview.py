"""A data officer looks before granting, over real HTTP: what is counted is what a vendor has just received."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from hallpass_cli.main import app
from typer.testing import CliRunner

from sandbox.running import Running

pytestmark = pytest.mark.xdist_group("sandbox")


def hallpass(sandbox: Running, *words: str, token: str | None = None) -> Any:
    environment = {"HALLPASS_URL": sandbox.url, "HALLPASS_TOKEN": token or sandbox.demo["operator"]["token"]}
    told = CliRunner().invoke(app, [*words, "--json"], env=environment)
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def walk(sandbox: Running, http: requests.Session, name: str) -> list[dict[str, Any]]:
    """Every incident that a vendor gets."""
    headers = {"Authorization": f"Bearer {sandbox.demo['tokens'][name]['token']}"}
    found: list[dict[str, Any]] = []
    page: int | None = 1
    for _ in range(40):
        answer = http.get(f"{sandbox.url}/v1/incidents.json?page={page}", headers=headers, timeout=35)
        if answer.status_code == 503:
            # The walk is being read; the request waited for it as long as it might.
            continue
        assert answer.status_code == 200, answer.text
        found += answer.json()["incidents"]
        page = answer.json()["next_page"]
        if page is None:
            return found
    raise AssertionError("the walk did not end")


def test_a_preview_counts_what_a_vendor_received_and_a_real_example_is_on_record(
    sandbox: Running, http: requests.Session
) -> None:
    district = sandbox.demo["district"]["id"]
    received = walk(sandbox, http, "all")
    integration = sandbox.demo["integrations"]["all"]["id"]
    scope = hallpass(sandbox, "integration", "show", integration)["integration"]["scope"]
    options = ["--fields=no-people@1", "--all-schools", "--unbounded"]
    options += [f"--type={kind}" for kind in scope["rows"]["types"]]
    told = hallpass(sandbox, "preview", district, *options, "--against", integration)
    current = told["current"]["counts"]["incidents"]
    assert current["in"] == len(received) > 1_000
    assert told["proposed"]["counts"]["incidents"]["in"] >= current["in"]
    schools = {one["school"]["code"] for one in received if one.get("school", {}).get("code")}
    assert told["current"]["counts"]["schools"]["in"] == len(schools)
    assert any(sentence.startswith("Removes student name for ") for sentence in told["sentences"])
    explained = hallpass(sandbox, "explain", integration, "page=2", "--token", sandbox.demo["tokens"]["all"]["id"])
    assert explained["cache"]["found"] in {"hit", "past-the-last"}
    made = hallpass(
        sandbox,
        "person",
        "create",
        "--name=Bo Inventado",
        "--role=district-admin",
        f"--district={district}",
        "--days=9",
    )
    real = hallpass(sandbox, "preview", district, *options, "--example=real", token=made["token"])
    assert real["example"]["kind"] == "real"
    search = hallpass(sandbox, "audit", "search", district, "--action=scope.preview")
    # Other tests of the folder look at real incidents too.
    [row] = [row for row in search["rows"] if row["disclosure"] == "records" and row["actor"] == made["id"]]
    assert (row["incidents"], row["role"]) == (1, "district-admin")
