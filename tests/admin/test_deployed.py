"""The control plane as it is deployed: the real handler over every real adapter, AWS by moto, the simulator upstream.

What it makes, the data plane's real handler then serves.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from hallpass.bootstrap_admin import admin_handler
from hallpass_cli.main import app
from typer.testing import CliRunner

from sandbox.simulator import Settings
from tests.admin.conftest import InvocationContext, Reply, http_event
from tests.aws_tables import CREDENTIALS, REGION, create_key
from tests.vendor.deployed import ENVIRONMENT, Deployed, deployed

ROOT = Path(__file__).parents[2]
SECRETS = {"SECRETS_KEY_ID": "key-of-the-stack"}
SETTINGS = {**ENVIRONMENT, "AWS_LAMBDA_FUNCTION_NAME": "admin-api", "WARM_CALLS_PER_DISTRICT": "60"}


@dataclass(slots=True)
class ControlPlane:
    data_plane: Deployed
    handler: Any
    token: str

    def call(self, method: str, path: str, body: object = None) -> Reply:
        event = http_event(method, f"/admin/v1{path}", {"authorization": f"Bearer {self.token}"})
        if body is not None:
            event["headers"]["content-type"] = "application/json"
            event["body"] = json.dumps(body)
            event["headers"] |= {"if-match": "*"} if method == "PUT" else {}
        answer = self.handler(json.loads(json.dumps(event)), InvocationContext())
        return Reply(answer["statusCode"], answer["headers"], answer["body"])

    def district(self) -> str:
        """One whose credential opens the simulator."""
        draft = {
            "name": "Invented Unified",
            "time_zone": "America/Chicago",
            "upstream_token": self.data_plane.simulator.token,
            "confirmed": True,
        }
        return str(self.call("POST", "/districts", draft).json["district"]["id"])

    def rows(self, token: str) -> list[dict[str, str]]:
        """What the data plane answers as CSV."""
        answer = self.data_plane.get(token, "/v1/incidents.csv")
        assert answer.status == 200
        return list(csv.DictReader(io.StringIO(answer.body.decode())))


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    for name, value in (CREDENTIALS | {"POWERTOOLS_METRICS_NAMESPACE": "Hallpass"}).items():
        monkeypatch.setenv(name, value)
    with deployed(Settings(incidents=30)) as data_plane:
        made = CliRunner().invoke(app, ["bootstrap", "--table=registry", "--name=Ada Inventada", "--json"])
        kms = boto3.client("kms", region_name=REGION)
        keys = {**SECRETS, "PSEUDONYMS_KEY_ID": create_key(kms), "LEDGER_KEY_ID": create_key(kms)}
        handler = admin_handler({**SETTINGS, **keys, "UPSTREAM_URL": data_plane.simulator.url})
        yield ControlPlane(data_plane, handler, json.loads(made.stdout)["token"])


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def integration(control: ControlPlane, district: str, fields: str) -> str:
    """The path of a new one that shows `fields` of every reviewed incident."""
    body = {
        "vendor": "Madeup Analytics",
        "contact": "pat@vendor.example",
        "purpose": "Attendance dashboards",
        "agreement": {"id": "DPA-1", "ends_on": in_days(200)[:10]},
        "scope": {
            "rows": {"types": ["referral", "minor"], "schools": "all", "window": "unbounded", "deleted": False},
            "fields": fields,
        },
    }
    made = control.call("POST", f"/districts/{district}/integrations", body).json["integration"]["id"]
    return f"/districts/{district}/integrations/{made}"


def test_from_the_first_operator_to_a_page_of_incidents_and_a_revoked_token(control: ControlPlane) -> None:
    draft = {"name": "Invented Unified", "time_zone": "America/Chicago", "upstream_token": "wrong"}
    assert control.call("POST", "/districts", draft).json["type"] == "urn:hallpass:problem:upstream-credentials"
    draft["upstream_token"] = control.data_plane.simulator.token
    seen = control.call("POST", "/districts", draft).json["account"]
    assert sum(school["incidents"] for school in seen["schools"]) == seen["incidents"] > 0
    tokens = f"{integration(control, control.district(), 'all-documented@1')}/tokens"
    issued = control.call("POST", tokens, {"expires_at": in_days(180)}).json
    answer = control.data_plane.get(issued["token"])
    assert (answer.status, json.loads(answer.body)["count"] > 0) == (200, True)
    assert control.call("GET", tokens).json["tokens"][0]["last_used"] is not None
    assert control.call("POST", f"{tokens}/{issued['id']}/revoke").status == 200
    assert control.data_plane.get(issued["token"]).status == 401
    assert control.data_plane.get(control.token).status == 403


NUMBER, UUID, OFFENDER = "offender.student.district_id", "uuid", "offender"


def by_what_is_shown(rows: list[dict[str, str]]) -> Mapping[tuple[str, ...], str]:
    """Each row's child, by everything else that the row says: here no two say the same."""
    found = {tuple(row[name] for name in row if name not in (NUMBER, UUID)): row[NUMBER] for row in rows}
    assert len(found) == len(rows) > 8
    return found


def test_pseudonyms_from_their_making_over_their_renewal_to_their_end(control: ControlPlane) -> None:
    district = control.district()
    path = integration(control, district, "pseudonymised@1")
    token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
    first = control.rows(token)
    assert control.rows(token) == first
    children = by_what_is_shown(first)
    assert {child[:3] for child in children.values()} == {"p1-"}
    renewed = control.call("POST", f"{path}/renew-pseudonyms")
    assert (renewed.status, renewed.json["integration"]["dataset"]) == (200, "1.2")
    second = control.rows(token)
    later = by_what_is_shown(second)
    assert {child[:3] for child in later.values()} == {"p2-"}
    # The same incidents of the same children, under names that have nothing in common.
    assert children.keys() == later.keys()
    pairs = {(children[row], later[row]) for row in children}
    assert len(pairs) == len(set(children.values())) == len(set(later.values())) < len(children)
    assert not {old[3:] for old, _ in pairs} & {new[3:] for _, new in pairs}
    assert not {row[UUID] for row in first} & {row[UUID] for row in second}
    assert control.call("POST", f"{path}/end").json["integration"]["status"] == "ended"
    refused = control.data_plane.get(token, "/v1/incidents.csv")
    assert (refused.status, json.loads(refused.body)["type"]) == (401, "urn:hallpass:problem:token-revoked")
    assert not any(value in json.loads(refused.body).values() for value in children.values())


def test_two_integrations_of_a_district_share_no_pseudonym_and_the_numbers_stay_in(control: ControlPlane) -> None:
    district = control.district()
    seen = {}
    for name in ("pseudonymised@1", "pseudonymised@1 again", "identified@1"):
        path = integration(control, district, name.split()[0])
        token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
        seen[name] = [row for row in control.rows(token) if row[OFFENDER]]
    one, other, open_ = ({row[NUMBER] for row in rows} for rows in seen.values())
    assert len(one) == len(other) == len(open_) > 5
    assert not one & other
    assert not any(number in json.dumps(seen["pseudonymised@1"]) for number in open_)


def test_a_changed_scope_holds_on_the_vendors_next_request(control: ControlPlane) -> None:
    path = integration(control, control.district(), "identified@1")
    token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
    before = control.data_plane.get(token, "/v1/incidents.csv")
    assert before.headers["hallpass-dataset"] == "1.1"
    rows = control.call("GET", path).json["integration"]["scope"]["rows"]
    changed = control.call("PUT", f"{path}/scope", {"scope": {"rows": rows, "fields": "pseudonymised@1"}})
    assert changed.json["integration"]["dataset"] == "2.1"
    after = control.data_plane.get(token, "/v1/incidents.csv")
    assert (after.status, after.headers["hallpass-dataset"]) == (200, "2.1")
    names = {row["offender.student.name"] for row in csv.DictReader(io.StringIO(before.body.decode()))} - {""}
    assert names
    assert not any(name in after.body.decode() for name in names)
    assert "p1-" in after.body.decode()


def test_a_preview_counts_what_the_vendor_receives_and_an_explanation_knows_it_is_cached(control: ControlPlane) -> None:
    district = control.district()
    path = integration(control, district, "identified@1")
    rows = control.call("GET", path).json["integration"]["scope"]["rows"]
    asked = {"scope": {"rows": rows, "fields": "no-people@1"}, "compare_with": path.rpartition("/")[2]}
    preview = f"/districts/{district}/preview"
    assert control.call("POST", preview, asked).json["proposed"]["counts"] is None
    assert control.call("POST", f"{path}/explain", {}).json["cache"]["found"] == "fetch"
    token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
    answer = json.loads(control.data_plane.get(token).body)
    assert answer["total_pages"] == 1
    told = control.call("POST", preview, asked).json
    assert all("reaches them by naming dates" in sentence for sentence in told["not_counted"])
    assert told["proposed"]["counts"]["incidents"]["in"] == len(answer["incidents"]) > 8
    named = {
        offender["student"]["district_id"] for one in answer["incidents"] for offender in one.get("offenders", [])
        if offender.get("student", {}).get("district_id")
    }  # fmt: skip
    removed = next(one for one in told["changes"] if one["group"] == "student_numbers")
    assert (removed["change"], removed["for"]["student"]) == ("removes", len(named))
    explained = control.call("POST", f"{path}/explain", {"query": "", "format": "json"}).json
    assert (explained["cache"]["found"], explained["cache"]["computed_before"]) == ("hit", True)
    assert explained["rows"]["shown"] == len(answer["incidents"])


def test_what_nobody_documented_is_listed_for_the_district(control: ControlPlane) -> None:
    district = control.district()
    path = integration(control, district, "no-people@1")
    assert control.call("GET", f"/districts/{district}/quarantine").json == {"quarantine": [], "next": None}
    token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
    control.rows(token)
    listed = control.call("GET", f"/districts/{district}/quarantine").json["quarantine"]
    assert [(found["path"], found["nodes"] > 0) for found in listed] == [
        (f"incident/{below}attributes/attribute", True)
        for below in ("", "offenders/offender/actions/action/", "victims/victim/")
    ]


def chunks() -> int:
    """How many there are in the pages table."""
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName=ENVIRONMENT["PAGES_TABLE"])["Items"]
    return sum(item["pk"]["S"].startswith("chunk#") for item in items)


def test_a_purge_and_a_deletion_reach_what_the_data_plane_keeps(control: ControlPlane) -> None:
    district = control.district()
    path = integration(control, district, "no-people@1")
    token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
    first = control.rows(token)
    assert chunks() == 3
    purged = control.call("POST", f"/districts/{district}/purge", {"mode": "hard"}).json
    assert (purged["proven"], purged["erased"]["pages"], purged["erased"]["artefacts"]) == (True, 1, 3)
    assert chunks() == 0
    assert control.rows(token) == first
    # Raw and model; the container still remembers what it had made of the same model.
    assert chunks() == 2
    deleted = control.call("DELETE", f"/districts/{district}", {"confirm": district}).json
    assert (deleted["proven"], deleted["erased"]["artefacts"], deleted["integrations_ended"]) == (True, 2, 1)
    assert chunks() == 0
    assert control.data_plane.get(token).status == 401
    assert chunks() == 0


def test_what_is_warmed_is_read_by_the_background_and_answered_without_the_upstream(control: ControlPlane) -> None:
    district = control.district()
    data_plane = control.data_plane
    data_plane.background.environment = {**data_plane.background.environment, "WARM_CALLS_PER_DISTRICT": "60"}
    # A district is tried when it is added, and that is no reading of it.
    before = len(data_plane.simulator.requests)
    asked = control.call("POST", f"/districts/{district}/warm", {})
    assert (asked.status, asked.json["listings"], asked.json["most_calls"]) == (202, 1, 60)
    statistics = control.call("GET", asked.json["statistics"].removeprefix("/admin/v1")).json
    assert (statistics["pages"], statistics["reading"]) == (1, 0)
    assert [control.call("POST", f"/districts/{district}/warm", {}).status for _ in range(3)] == [202] * 3
    path = integration(control, district, "no-people@1")
    token = control.call("POST", f"{path}/tokens", {"expires_at": in_days(90)}).json["token"]
    assert data_plane.get(token).headers["cache-status"].startswith("hallpass; hit")
    assert len(data_plane.simulator.requests) - before == 1


def test_the_handler_imports_from_its_own_environment() -> None:
    environment = {
        **CREDENTIALS,
        **SETTINGS,
        **SECRETS,
        "LEDGER_KEY_ID": "key-of-the-stack",
        "UPSTREAM_URL": "https://upstream.example/incidents.xml",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/hallpass'}",
    }
    code = "from functions.admin_api.app import handler; print(handler.__name__)"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("handle", "")
