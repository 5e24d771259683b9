"""L-05, L-06: calls at the same time in one process get their own data, and leave nothing behind for the next."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import boto3
import pytest
from hallpass.domain.scope import Scope

from sandbox.simulator import Account, Settings
from tests import records
from tests.aws_tables import REGION
from tests.shared_state import fingerprint
from tests.vendor.deployed import Deployed, deployed
from tests.vendor.world import rows

ACCOUNTS = {"D1st": Account("one", "credential-of-one"), "D2nd": Account("two", "credential-of-two")}
SCOPES = {
    "minors": Scope(rows("minor"), "all-documented@1"),
    "referrals": Scope(rows("referral"), "identified@1"),
    "pseudonyms": Scope(rows("minor referral"), "pseudonymised@1"),
}
WORKERS, ROUNDS = 8, 12
FORMATS = ("json", "ndjson", "csv", "xml")
Told = tuple[int, str, str, bytes]


@pytest.fixture
def house() -> Iterator[Deployed]:
    accounts = tuple(ACCOUNTS.values())
    with deployed(Settings(incidents=40, accounts=accounts), ACCOUNTS["D1st"].token) as running:
        running.add_district(records.a_district("D2nd", "Madeup Unified"))
        secrets = boto3.client("secretsmanager", region_name=REGION)
        secrets.create_secret(Name="hallpass/districts/D2nd", SecretString=ACCOUNTS["D2nd"].token)
        yield running


@pytest.fixture
def often_switched() -> Iterator[None]:
    """Threads give way to each other all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def ask(house: Deployed, token: str, form: str, request_id: str = "alone") -> Told:
    headers = {"authorization": f"Bearer {token}", "accept-encoding": "gzip"}
    answer = house.call(f"/v1/incidents.{form}", "", headers, request_id=request_id)
    assert answer.headers["x-request-id"] == request_id
    return answer.status, answer.headers["content-type"], answer.headers.get("etag", ""), gzip.decompress(answer.body)


def forget(house: Deployed) -> None:
    """A new container over an empty cache."""
    for item in house.items():
        house.dynamodb.delete_item(TableName="pages", Key={"pk": item["pk"], "sk": item["sk"]})
    house.restart()


def lines(printed: str) -> list[dict[str, Any]]:
    """The JSON objects that were printed, also of two lines that fell into one another's place."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while (at := printed.find("{", at)) >= 0:
        line, at = decoder.raw_decode(printed, at)
        found.append(line)
    return found


def at_once(house: Deployed, calls: Mapping[str, tuple[str, str]]) -> dict[str, Told]:
    """All calls (request id -> token, format) through one handler, by threads that start together."""
    start = Barrier(WORKERS)
    mine = [list(calls.items())[worker::WORKERS] for worker in range(WORKERS)]

    def work(worker: int) -> dict[str, Told]:
        start.wait()
        return {request: ask(house, *asked, request_id=request) for request, asked in mine[worker]}

    with ThreadPoolExecutor(WORKERS) as pool:
        return {request: told for done in pool.map(work, range(WORKERS)) for request, told in done.items()}


@pytest.mark.usefixtures("often_switched")
def test_calls_at_the_same_time_get_what_each_gets_alone(house: Deployed, capfd: pytest.CaptureFixture[str]) -> None:
    tokens = {house.token(scope, district): district for district in ACCOUNTS for scope in SCOPES.values()}
    alone = {(token, form): ask(house, token, form) for token in tokens for form in FORMATS}
    assert {told[0] for told in alone.values()} == {200}
    assert len({told[3] for told in alone.values()}) == len(alone)
    told_alone = lines(capfd.readouterr().out)
    before = fingerprint()
    forget(house)
    wanted = [*alone] * (WORKERS * ROUNDS // len(alone))
    calls = {f"request-{number}": asked for number, asked in enumerate(wanted)}
    answers = at_once(house, calls)
    assert {request: alone[calls[request]] == told for request, told in answers.items()} == dict.fromkeys(calls, True)
    assert fingerprint() == before
    _each_line_is_of_one_call(lines(capfd.readouterr().out), told_alone, calls, tokens)


def _each_line_is_of_one_call(
    told: list[dict[str, Any]],
    told_alone: list[dict[str, Any]],
    calls: Mapping[str, tuple[str, str]],
    tokens: Mapping[str, str],
) -> None:
    audits = [line for line in told if line.get("type") == "audit"]
    assert sorted(line["request_id"] for line in audits) == sorted(calls)
    for line in audits:
        token, form = calls[line["request_id"]]
        assert (line["district"], line["integration"], line["format"]) == (tokens[token], token[8:16], form)
    quarantined = {line["district"]: _of_quarantine(line) for line in told_alone if "quarantined_paths" in line}
    assert set(quarantined) == set(ACCOUNTS)
    for line in told:
        if {"QuarantinedNodes", "quarantined_paths", "district"} & set(line) and "_aws" in line:
            assert _of_quarantine(line) == quarantined[line["district"]]


def _of_quarantine(line: Mapping[str, Any]) -> tuple[object, object]:
    return line["quarantined_paths"], line["QuarantinedNodes"]


def test_no_tenants_incident_is_in_anothers_answer(house: Deployed) -> None:
    uuids = {
        district: {str(row["uuid"]) for row in house.simulator.control.incidents(account.name)}
        for district, account in ACCOUNTS.items()
    }
    assert uuids["D1st"].isdisjoint(uuids["D2nd"])
    tokens = {house.token(SCOPES["minors"], district): district for district in ACCOUNTS}
    calls = {f"{token[8:16]}-{number}": (token, "json") for token in tokens for number in range(WORKERS)}
    for request, told in at_once(house, calls).items():
        shown = {row["uuid"] for row in json.loads(told[3])["incidents"]}
        assert shown
        assert shown <= uuids[tokens[calls[request][0]]]
