"""The doctor over both APIs: what is good, what is not, and that its canary is ended in every case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from hallpass.domain.access import Role
from hallpass_cli.canary import LIFE, MOST_SEARCHES, VENDOR
from hallpass_cli.doctor_http import MOST_LAG

from tests.cli.clinic import Bend, Clinic, Told, open_clinic, told, unbent
from tests.cli.conftest import Terminal
from tests.docs.test_docs import rows, text
from tests.ledger_fake import MemoryIndex

STEPS = [
    "canary: leftovers", "canary: integration created", "canary: token issued", "canary: token used",
    "canary: token revoked", "canary: token refused", "canary: on record", "canary: ended",
]  # fmt: skip
READ = "canary: incidents read"


@pytest.fixture
def clinic(terminal: Terminal) -> Iterator[Clinic]:
    with open_clinic(terminal) as opened:
        yield opened


def results(found: dict[str, dict[str, str]], result: str) -> list[str]:
    return [name for name, one in found.items() if one["result"] == result]


def test_the_docs_explain_every_check() -> None:
    told = [row[0] for row in rows(text("docs/operations.md"), "## The doctor")]
    assert told[: len(STEPS) + 4] == ["vendor API", "admin token", "district", *STEPS[:4], READ, *STEPS[4:]]
    assert f"at most {MOST_LAG.seconds // 60} minutes behind" in text("docs/operations.md")
    assert timedelta(minutes=10) == LIFE, "a token of ten minutes, as docs and command say"


def test_what_is_good_is_told_with_what_was_seen(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    found = clinic.findings("--only=http", "--district", district)
    assert list(found) == ["vendor API", "admin token", "district", *STEPS]
    assert results(found, "ok") == list(found)
    assert found["admin token"]["seen"].startswith("holds, of Ada Inventada, operator, to ")
    assert found["canary: token refused"]["seen"] == "token-revoked, on the next request"
    assert found["canary: on record"]["seen"] == "all 2 requests of the token are in the ledger"


def test_the_canary_sees_nobody_reads_nothing_and_is_over(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    clinic.findings("--only=http", "--district", district)
    [canary] = clinic.integrations(district)
    assert (canary["vendor"], canary["agreement"]["id"], canary["status"]) == (VENDOR, "doctor", "ended")
    assert canary["scope"]["fields"] == "no-people@1"
    assert canary["scope"]["rows"]["window"] == {"from": "2000-01-03", "to": "2000-01-03"}
    assert clinic.world.upstream.calls == []
    [token] = clinic.terminal.json("token", "list", canary["id"])["tokens"]
    assert token["status"] == "revoked"


def test_it_reads_only_when_it_is_asked_to(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    found = clinic.findings("--only=http", "--district", district, "--read")
    assert found[READ]["seen"] == "0 incidents of 2000-01-03, without persons"
    assert found["canary: on record"]["seen"] == "all 3 requests of the token are in the ledger"
    assert len(clinic.world.upstream.calls) == 1


def test_a_script_gets_the_counts(clinic: Clinic) -> None:
    answer = json.loads(clinic.doctor("--only=http", "--json").stdout)
    assert (answer["ok"], answer["failed"], answer["not_checked"]) == (2, 0, 1 + len(STEPS))


def test_a_table_tells_what_to_do(clinic: Clinic) -> None:
    shown = clinic.doctor("--district", "None", COLUMNS="200")
    assert shown.exit_code == 1
    lines = shown.stdout.splitlines()
    assert lines[0].split() == ["check", "result", "seen", "do"]
    [district] = [line for line in lines if line.startswith("district")]
    assert "There is nothing at this address (404)" in district
    assert "hallpass district list" in shown.stdout
    assert lines[-1].endswith("not checked")


def test_without_a_district_every_step_is_told_as_not_checked(clinic: Clinic) -> None:
    found = clinic.findings("--only=http")
    assert results(found, "ok") == ["vendor API", "admin token"]
    assert results(found, "not checked") == ["district", *STEPS]
    assert {one["seen"] for one in found.values() if one["result"] == "not checked"} == {"no --district was given"}
    assert not [asked for asked in clinic.asked if asked.startswith("POST")], "nothing was changed"


def answers(method: str, end: str, given: Told, *, after: bool = False) -> Bend:
    """Bends what ends so. `after`: it was done, and the answer was lost."""

    def bend(asked: str, path: str, straight: Callable[[], Told]) -> Told:
        if (asked, path.endswith(end)) != (method, True):
            return straight()
        if after:
            straight()
        return given

    return bend


REFUSED = told(503, {"type": "urn:hallpass:problem:unavailable", "title": "Unavailable"})


@pytest.mark.parametrize(
    ("bend", "failed", "unchecked"),
    [
        pytest.param(answers("GET", "/v1/health", told(500)), ["vendor API"], [], id="the front door is shut"),
        pytest.param(answers("GET", "/v1/health", told(200, {})), ["vendor API"], [], id="somebody else's door"),
        pytest.param(answers("GET", "/v1/health", Told(200, b"[1]")), ["vendor API"], [], id="no document"),
        pytest.param(answers("GET", "/v1/health", Told(200, b"<p>")), ["vendor API"], [], id="no JSON"),
        pytest.param(answers("GET", "/people", told(200, {"people": []})), ["admin token"], [], id="nobody knows me"),
        pytest.param(answers("GET", "/status", REFUSED), ["district"], [], id="the status is not told"),
        pytest.param(answers("GET", "/integrations", REFUSED), ["canary: leftovers"], [], id="leftovers are not told"),
        pytest.param(
            answers("POST", "/integrations", REFUSED),
            ["canary: integration created"],
            STEPS[2:7],
            id="no integration",
        ),
        pytest.param(
            answers("POST", "/integrations", REFUSED, after=True),
            ["canary: integration created"],
            STEPS[2:7],
            id="an integration, and no answer",
        ),
        pytest.param(
            answers("POST", "/tokens", REFUSED),
            ["canary: token issued"],
            STEPS[3:7],
            id="no token",
        ),
        pytest.param(
            answers("POST", "/tokens", told(201, {})), ["canary: token issued"], STEPS[3:7], id="half a token"
        ),
        pytest.param(
            answers("GET", "/v1/token", told(503)),
            ["canary: token used", "canary: token refused", "canary: on record"],
            [],
            id="the data plane does not answer",
        ),
        pytest.param(
            answers("POST", "/revoke", REFUSED), ["canary: token revoked"], ["canary: token refused"], id="not revoked"
        ),
        pytest.param(
            answers("POST", "/revoke", told(200, {})),
            ["canary: token refused"],
            [],
            id="a revocation that does not hold",
        ),
        pytest.param(answers("POST", "/audit/search", told(404)), ["canary: on record"], [], id="no search"),
        pytest.param(
            answers("POST", "/audit/search", told(200, {"rows": [], "next": None})),
            ["canary: on record"],
            [],
            id="requests that are not on record",
        ),
        pytest.param(answers("POST", "/end", REFUSED), ["canary: ended"], [], id="a canary that stays"),
    ],
)
def test_one_fault_fails_its_check_and_the_others_go_on(
    clinic: Clinic, bend: Bend, failed: list[str], unchecked: list[str]
) -> None:
    district = clinic.terminal.district()
    clinic.bend = bend
    found = clinic.findings("--only=http", "--district", district, code=1)
    assert list(found) == ["vendor API", "admin token", "district", *STEPS]
    assert (results(found, "FAILED"), results(found, "not checked")) == (failed, unchecked)
    assert all(found[name]["advice"] for name in failed)
    clinic.bend = unbent
    alive = [one for one in clinic.integrations(district) if one["status"] != "ended"]
    assert bool(alive) == ("canary: ended" in failed)


def test_what_could_not_be_ended_is_named(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    clinic.bend = answers("POST", "/end", REFUSED)
    found = clinic.findings("--only=http", "--district", district, code=1)
    [left] = clinic.integrations(district)
    assert found["canary: ended"]["advice"] == f"End it: `hallpass integration end`, {left['id']}."
    clinic.bend = unbent
    again = clinic.findings("--only=http", "--district", district)
    assert again["canary: leftovers"]["seen"] == f"ended what was left: {left['id']}"
    assert {one["status"] for one in clinic.integrations(district)} == {"ended"}


def test_a_vendors_integration_is_no_leftover(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    vendor = clinic.terminal.integration(district)
    clinic.findings("--only=http", "--district", district)
    assert {one["id"]: one["status"] for one in clinic.integrations(district)}[vendor] == "active"


def test_a_check_that_breaks_off_has_failed_and_says_nothing_of_what_it_met(clinic: Clinic) -> None:
    clinic.bend = answers("GET", "/people", told(200, {"people": "Zed Madeup"}))
    found = clinic.findings("--only=http", code=1)["admin token"]
    assert (found["seen"], found["advice"]) == ("it broke off: TypeError", "Report this as a defect.")


@pytest.mark.parametrize(
    ("status", "advised"),
    [(503, "tables"), (500, "instance"), (403, "operator"), (404, "operator")],
)
def test_the_advice_goes_by_the_status(clinic: Clinic, status: int, advised: str) -> None:
    clinic.bend = answers("GET", "/people", told(status))
    assert advised in clinic.findings("--only=http", code=1)["admin token"]["advice"]


def test_an_index_that_cannot_be_read_is_a_fault_of_the_index_alone(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    assert isinstance(clinic.office.desk.index, MemoryIndex)
    clinic.office.desk.index.broken = True
    found = clinic.findings("--only=http", "--district", district, code=1)
    assert results(found, "FAILED") == ["district"]
    assert found["district"]["seen"] == "the index of disclosures cannot be read"
    assert "tables" in found["district"]["advice"]
    shown = clinic.terminal.run("district", "status", district)
    assert (shown.exit_code, "unknown: the index cannot be read now" in shown.stdout) == (0, True)


def test_ctrl_c_ends_the_canary_too(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    district = clinic.terminal.district()
    send = requests.Session.send

    def interrupted(session: requests.Session, request: requests.PreparedRequest, **also: object) -> requests.Response:
        if str(request.url).endswith("/v1/token"):
            raise KeyboardInterrupt
        return send(session, request, **also)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(requests.Session, "send", interrupted)
    assert clinic.doctor("--only=http", "--district", district).exit_code != 0
    assert [one["status"] for one in clinic.integrations(district)] == ["ended"]


def test_the_record_is_looked_for_page_by_page_and_not_for_ever(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    clinic.bend = answers("POST", "/audit/search", told(200, {"rows": [], "next": "further"}))
    clinic.findings("--only=http", "--district", district, code=1)
    assert sum(asked.endswith("/audit/search") for asked in clinic.asked) == MOST_SEARCHES


def test_an_answer_may_hold_a_part_of_the_record(clinic: Clinic) -> None:
    district = clinic.terminal.district()

    kept: list[object] = []

    def bend(_method: str, path: str, straight: Callable[[], Told]) -> Told:
        if not path.endswith("/audit/search"):
            return straight()
        if kept:
            return told(200, {"rows": kept, "next": None})
        rows = json.loads(straight().body)["rows"]
        kept.extend(rows[1:])
        return told(200, {"rows": rows[:1], "next": "further"})

    clinic.bend = bend
    clinic.findings("--only=http", "--district", district)
    assert kept


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param(None, "not an operator's", id="a district's"),
        pytest.param("hp_admin_nonsense", "is no token", id="no token"),
    ],
)
def test_the_admin_token_has_to_be_an_operators(clinic: Clinic, text: str | None, seen: str) -> None:
    token = text or clinic.office.person(Role.DISTRICT_ADMIN, clinic.terminal.district())
    found = clinic.findings("--only=http", code=1, HALLPASS_TOKEN=token)["admin token"]
    assert (found["result"], seen in found["seen"]) == ("FAILED", True)
    assert "operator" in found["advice"]


def test_a_district_that_has_ended_is_no_place_for_a_canary(clinic: Clinic) -> None:
    district = clinic.terminal.district()
    clinic.office.call("DELETE", f"/admin/v1/districts/{district}", {"confirm": district})
    found = clinic.findings("--only=http", "--district", district, code=1)
    assert found["district"]["seen"] == f"{district} is ended"
    assert clinic.integrations(district) == []


@pytest.mark.parametrize(
    ("behind", "ok"),
    [
        pytest.param(timedelta(seconds=90), True, id="as it rests"),
        pytest.param(MOST_LAG + timedelta(minutes=1), False, id="it stands"),
    ],
)
@pytest.mark.parametrize("begun", [True, False], ids=["it has begun", "it never ran"])
def test_an_index_that_stands_is_told(clinic: Clinic, behind: timedelta, ok: bool, begun: bool) -> None:
    district, since = clinic.terminal.district(), clinic.office.clock.now() - behind
    clinic.world.ledger.opened[district] = replace(clinic.world.ledger.opened[district], opened_at=since)
    if begun:
        clinic.office.desk.index.advance(district, since)
    found = clinic.findings("--only=http", "--district", district, code=0 if ok else 1)["district"]
    assert (found["result"] == "ok") is ok
    assert ok or "complete until" in found["seen"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--only=aws"], "--stack", id="AWS without a stack"),
        pytest.param(["--read"], "--district", id="reading without a district"),
        pytest.param(["--read", "--district=D1st", "--only=aws", "--stack=hallpass"], "--read", id="reading in AWS"),
        pytest.param(["--only=logs"], "logs", id="a part that there is not"),
        pytest.param(["--district=../people"], "letters and digits", id="an id that is none"),
    ],
)
def test_what_cannot_be_is_told(clinic: Clinic, arguments: list[str], said: str) -> None:
    done = clinic.doctor(*arguments)
    assert (done.exit_code, said in done.stderr, done.stdout) == (2, True, "")


def test_nothing_that_answers_is_a_failed_check_and_no_traceback(clinic: Clinic) -> None:
    found = clinic.findings("--only=http", "--district=D1st", code=1, HALLPASS_URL="http://127.0.0.1:1")
    assert results(found, "ok") == []
    assert found["vendor API"]["seen"].startswith("Nothing usable answers at http://127.0.0.1:1")
