"""The main job over real HTTP: real runtime workers, real events, DynamoDB and logs of the stand-in."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path

import boto3
import pytest
import requests
from jsonschema import Draft202012Validator

from sandbox.running import Running
from sandbox.simulator.settings import DEFAULT_TOKEN

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("sandbox")


def bearer(sandbox: Running, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {sandbox.demo['tokens'][name]['token']}"}


def upstream_calls(sandbox: Running, http: requests.Session) -> int:
    origin = sandbox.upstream_url.split("/public/")[0]
    state = http.get(f"{origin}/_simulator/requests", timeout=10).json()
    return len(state["requests"])


def upstream_page(sandbox: Running, http: requests.Session, query: str) -> bytes:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    return http.get(f"{sandbox.upstream_url}?{query}", headers=headers, timeout=30).content


def test_full_scope_xml_is_the_upstreams_bytes_and_the_second_call_stays_here(
    sandbox: Running, http: requests.Session
) -> None:
    url = f"{sandbox.url}/v1/incidents.xml?page=1"
    before = upstream_calls(sandbox, http)
    first, second = (http.get(url, headers=bearer(sandbox, "upstream"), timeout=35) for _ in range(2))
    assert upstream_calls(sandbox, http) - before <= 1
    assert first.content == second.content == upstream_page(sandbox, http, "page=1")
    assert second.headers["Cache-Status"].startswith("hallpass; hit; ttl=")
    assert first.content.count(b"<incident ") == 1000


def test_the_same_page_as_json_is_valid_and_walks_to_its_end(sandbox: Running, http: requests.Session) -> None:
    schema = http.get(f"{sandbox.url}/v1/incidents.schema.json", timeout=10).json()
    validator = Draft202012Validator(schema)
    url: str | None = f"{sandbox.url}/v1/incidents.json"
    seen: list[str] = []
    while url:
        answer = http.get(url, headers=bearer(sandbox, "all"), timeout=35)
        assert answer.status_code == 200
        validator.validate(answer.json())
        seen += [row["uuid"] for row in answer.json()["incidents"]]
        url = answer.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) > 1000


def test_304_and_head_over_the_wire(sandbox: Running, http: requests.Session) -> None:
    url = f"{sandbox.url}/v1/incidents.json"
    first = http.get(url, headers=bearer(sandbox, "narrow"), timeout=35)
    again = http.get(url, headers={**bearer(sandbox, "narrow"), "If-None-Match": first.headers["ETag"]}, timeout=35)
    head = http.head(url, headers=bearer(sandbox, "narrow"), timeout=35)
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


def test_a_token_of_another_process_works_until_it_is_revoked_and_never_after(
    sandbox: Running, http: requests.Session
) -> None:
    admin = {"Authorization": f"Bearer {sandbox.demo['operator']['token']}"}
    base = f"{sandbox.demo['admin_url']}/districts/{sandbox.demo['district']['id']}/integrations"
    integration = sandbox.demo["integrations"]["narrow"]["id"]
    issued = http.post(
        f"{base}/{integration}/tokens", json={"expires_at": "2027-01-01T00:00:00Z"}, headers=admin, timeout=35
    ).json()
    vendor = {"Authorization": f"Bearer {issued['token']}"}
    url = f"{sandbox.url}/v1/incidents.json"
    assert http.get(url, headers=vendor, timeout=35).status_code == 200
    revoked = http.post(f"{base}/{integration}/tokens/{issued['id']}/revoke", headers=admin, timeout=35)
    assert revoked.status_code in (200, 204)
    answers = [http.get(url, headers=vendor, timeout=35) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert answers[0].json()["type"] == "urn:hallpass:problem:token-revoked"


def test_what_a_handler_prints_arrives_in_cloudwatch_logs(sandbox: Running, http: requests.Session) -> None:
    answer = http.get(f"{sandbox.url}/v1/token", headers=bearer(sandbox, "narrow"), timeout=35)
    logs = boto3.client(
        "logs",
        endpoint_url=sandbox.aws_endpoint,
        region_name="us-east-1",
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )
    wanted = answer.headers["X-Request-Id"]
    group = sandbox.demo["log_groups"]["VendorApiFunction"]
    for _ in range(50):
        found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{wanted}"')["events"]
        lines = [json.loads(event["message"]) for event in found]
        if audit := [line for line in lines if line.get("type") == "audit"]:
            break
        time.sleep(0.1)  # the shipping is another process, and has a clock of its own
    assert (audit[0]["action"], audit[0]["status"]) == ("token", 200)
    token = sandbox.demo["tokens"]["narrow"]["token"]
    assert all(token not in event["message"] for event in found)


def pasted(line: str, values: dict[str, str], http: requests.Session) -> requests.Response:
    """What a README line does: curl is not on every machine, so its words are carried out here."""
    for name, value in values.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line.split(" | ")[0])
    assert words[0] == "curl"
    header = words[words.index("-H") + 1]
    name, _, value = header.partition(": ")
    return http.get(words[-1], headers={name: value}, timeout=35)


def test_the_readmes_lines_do_what_they_say(sandbox: Running, http: requests.Session) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    values = {"URL": sandbox.url, "TOKEN": sandbox.demo["tokens"]["all"]["token"]}
    lines = [line.removesuffix("; echo") for line in page.splitlines() if line.startswith("curl ")]
    xml, as_json, as_csv, token, refused = (pasted(line, values, http) for line in lines)
    assert [answer.status_code for answer in (xml, as_json, as_csv, token, refused)] == [200, 200, 200, 200, 400]
    assert xml.text.startswith("<?xml")
    assert as_json.json()["incidents"]
    assert as_csv.text.startswith("uuid,type,last_modified,")
    assert token.json()["active"] is True
    assert refused.json()["errors"][0]["name"] == "type"
