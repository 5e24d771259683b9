"""A parent's question over real HTTP: pages are read, the index files them, and the command line answers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from hallpass_cli.main import app
from typer.testing import CliRunner

from sandbox.running import Running

pytestmark = pytest.mark.xdist_group("sandbox")


def read(sandbox: Running, http: requests.Session, name: str, **headers: str) -> requests.Response:
    token = sandbox.demo["tokens"][name]["token"]
    url = f"{sandbox.url}/v1/incidents.json"
    return http.get(url, headers={"Authorization": f"Bearer {token}", **headers}, timeout=35)


def file_now(sandbox: Running) -> None:
    """As the schedule does every minute."""
    client = boto3.client(
        "lambda",
        endpoint_url=sandbox.demo["lambda_endpoint"],
        region_name="us-east-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )
    name = sandbox.demo["environment"]["LedgerIndexFunction"]["POWERTOOLS_SERVICE_NAME"].removesuffix("-ledger-index")
    answer = client.invoke(FunctionName=f"{name}-LedgerIndexFunction", Payload=b'{"action":"index"}')
    assert "FunctionError" not in answer, answer["Payload"].read()


def ask(sandbox: Running, number: str, file: Path) -> Any:
    environment = {"HALLPASS_URL": sandbox.url, "HALLPASS_TOKEN": sandbox.demo["operator"]["token"]}
    file.write_text(f"{number}\n", encoding="utf-8")
    words = ["disclosures", "person", sandbox.demo["district"]["id"], "--json", "--number-file", str(file)]
    told = CliRunner().invoke(app, words, env=environment)
    assert told.exit_code == 0, told.output
    assert number not in told.output
    return json.loads(told.stdout)


def offenders(page: requests.Response) -> list[str]:
    parties = [party for incident in page.json()["incidents"] for party in incident.get("offenders", [])]
    return [number for party in parties if (number := party.get("student", {}).get("district_id"))]


def test_each_vendor_that_received_a_childs_incidents_is_named(
    sandbox: Running, http: requests.Session, tmp_path: Path
) -> None:
    everything, pseudonymised = read(sandbox, http, "all"), read(sandbox, http, "pseudonymised")
    again = read(sandbox, http, "all", **{"If-None-Match": everything.headers["ETag"]})
    assert [answer.status_code for answer in (everything, pseudonymised, again)] == [200, 200, 304]
    file_now(sandbox)
    number = Counter(offenders(everything)).most_common(1)[0][0]
    told = ask(sandbox, number, tmp_path / "number.txt")
    assert told["verdict"] == "disclosed"
    requested = {one["request_id"]: one for one in told["disclosures"]}
    assert requested[everything.headers["X-Request-Id"]]["shown"] == "identified"
    assert requested[pseudonymised.headers["X-Request-Id"]]["shown"] == "pseudonymised"
    assert again.headers["X-Request-Id"] not in requested
    integrations = sandbox.demo["integrations"]
    named = {one["integration"]: one["vendor"] for one in told["recipients"]}
    received = {integrations[name]["id"]: integrations[name]["vendor"] for name in ("all", "pseudonymised")}
    # Other tests of the folder read with the other vendors' tokens.
    assert received.items() <= named.items()
    assert ask(sandbox, "no-such-number", tmp_path / "number.txt")["verdict"] == "never-seen"
