"""Law 3 and 4: values planted in every field, header and fault come out in no log line, error, key or header."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hallpass.domain.scope import Scope

from sandbox.simulator import Account, Settings
from tests.vendor.deployed import Answer, Deployed, deployed
from tests.vendor.world import EVERYTHING, rows

CANARY = "KANARI"
CREDENTIAL = "KANARI-upstream-credential"
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("html-200", {}), ("json-200", {}), ("error-root-200", {}), ("echo-token", {}), ("echo-token-500", {}),
    ("foreign-headers", {}), ("reset-mid-body", {}), ("not-http", {}), ("garbage-status", {}), ("401", {}),
    ("302", {"location": f"http://127.0.0.1:9/{CANARY}"}), ("500", {}), ("404", {}), ("429", {}),
    ("body", {"body": f"<incidents>{CANARY}".encode()}),
    ("body", {"body": f"<!DOCTYPE {CANARY}><incidents/>".encode()}),
)  # fmt: skip


def planted() -> bytes:
    """A page whose every text, attribute and unknown name is a canary, but for what rows are judged by."""
    person = " ".join(f"<{leaf}>{CANARY}-{leaf}</{leaf}>" for leaf in ("name", "grade", "gender", "race", "ethnicity"))
    coded = " ".join(f'<{leaf} code="{CANARY}">{CANARY}</{leaf}>' for leaf in ("location", "subject", "offense"))
    return (
        f'<incidents count="1" page="1" total-pages="1"><incident uuid="{CANARY}-uuid" type="minor" '
        f'last-modified="{CANARY}" {CANARY}="{CANARY}"><date>2026-02-02</date><time>{CANARY}</time>'
        f'<written-by district-id="{CANARY}">{CANARY}</written-by><school code="007">{CANARY}</school>{coded}'
        f"<description>{CANARY}\n{CANARY}\u2028{CANARY}</description><{CANARY}>{CANARY}</{CANARY}>"
        f'<offenders count="1"><offender><student district-id="{CANARY}-number">{person}<{CANARY}/></student>'
        f'<actions count="1"><action code="{CANARY}"><name>{CANARY}</name><details>{CANARY}</details></action>'
        f"</actions></offender></offenders></incident></incidents>"
    ).encode()


@pytest.fixture
def house() -> Iterator[Deployed]:
    with deployed(Settings(incidents=0, accounts=(Account("canary", CREDENTIAL),)), CREDENTIAL) as running:
        yield running


def quiet(text: str) -> bool:
    return re.search(CANARY, text, re.IGNORECASE) is None


def headers_of(answer: Answer) -> str:
    return json.dumps(dict(answer.headers))


def test_a_page_full_of_canaries_leaves_none_but_in_the_granted_body(
    house: Deployed, capfd: pytest.CaptureFixture[str]
) -> None:
    house.simulator.control.fault("body", body=planted(), content_type="application/xml")
    full, narrow = house.token(Scope(EVERYTHING, "upstream@1")), house.token(Scope(rows("minor"), "all-documented@1"))
    answers = [
        house.get(full, "/v1/incidents.xml"),
        house.get(full),
        house.get(narrow),
        house.get(narrow, "/v1/incidents.xml"),
        house.get(narrow, query="page=2"),
        house.get(narrow, if_none_match="*"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 200, 304]
    assert not quiet(answers[0].body.decode())
    assert all(quiet(headers_of(answer)) for answer in answers)
    assert quiet("".join(capfd.readouterr()))
    for item in house.items():
        assert quiet(repr({name: value for name, value in item.items() if name != "content"}))


@pytest.mark.parametrize("fields", ["no-people@1", "pseudonymised@1"])
def test_f06_a_preset_without_identities_lets_no_canary_out_in_any_format_header_log_or_item(
    house: Deployed, capfd: pytest.CaptureFixture[str], fields: str
) -> None:
    """Names, numbers and words in every place but the codes; the model, which is nobody's answer, holds them."""
    body = planted().replace(f'code="{CANARY}"'.encode(), b'code="12"')
    house.simulator.control.fault("body", body=body, content_type="application/xml")
    token = house.token(Scope(EVERYTHING, fields))
    answers = [house.get(token, f"/v1/incidents.{form}") for form in ("xml", "json", "ndjson", "csv")]
    answers += [house.get(token, query="page=2"), house.get(token, if_none_match="*"), house.get(token, "/v1/token")]
    answers += [house.get(token, query=f"school={CANARY.lower()}-nowhere"), house.get(token, query="type=nothing")]
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 200, 304, 200, 200, 400]
    assert json.loads(answers[1].body)["count"] == 1
    assert all(quiet(answer.body.decode()) for answer in answers)
    assert all(quiet(headers_of(answer).replace(f"{CANARY.lower()}-nowhere", "")) for answer in answers)
    assert quiet("".join(capfd.readouterr())), "nor the school's code that the caller made up"
    for table in ("pages", "usage"):
        for item in house.items(table):
            assert quiet(repr({name: value for name, value in item.items() if name != "content"}))


@pytest.mark.parametrize(("fault", "particulars"), FAULTS, ids=[f"{n} {name}" for n, (name, _) in enumerate(FAULTS)])
def test_a_fault_of_the_upstream_is_told_in_our_words_only(
    house: Deployed, capfd: pytest.CaptureFixture[str], fault: str, particulars: dict[str, Any]
) -> None:
    """U-24, U-25, T-17."""
    house.simulator.control.fault(fault, **particulars)
    answer = house.get(house.token(Scope(EVERYTHING, "all-documented@1")))
    printed = "".join(capfd.readouterr())
    assert quiet(headers_of(answer))
    assert answer.status == 200 or quiet(answer.body.decode())
    assert quiet(printed)
    assert '"type":"audit"' in printed


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (f"type={CANARY}&page={CANARY}&{CANARY}1={CANARY}", {}),
        (f"access_token=hp_live_{CANARY}", {}),
        ("", {"authorization": f"Bearer {CANARY}"}),
        ("", {"authorization": f"Basic {CANARY}"}),
        ("", {"authorization": f"Bearer hp_live_{CANARY}\r\n{CANARY}\x00\x1b[31m"}),
        ("", {"accept": CANARY, "accept-encoding": CANARY, "if-none-match": f'"{CANARY}"', "user-agent": CANARY}),
        ("", {"cookie": CANARY, "x-forwarded-for": CANARY, "x-request-id": CANARY, "x-api-key": CANARY}),
    ],
)
def test_what_a_caller_sends_is_neither_echoed_nor_logged(
    house: Deployed, capfd: pytest.CaptureFixture[str], query: str, headers: dict[str, str]
) -> None:
    """T-12, T-13, T-17, F-30, F-31."""
    house.simulator.control.fault("body", body=b'<incidents count="0" page="1" total-pages="1"/>')
    token = house.token(Scope(rows("minor"), "all-documented@1"))
    for path in ("/v1/incidents.json", "/v1/incidents", "/v1/token", f"/v1/{CANARY}"):
        answer = house.call(path, query, {"authorization": f"Bearer {token}", **headers})
        printed = "".join(capfd.readouterr())
        assert quiet(headers_of(answer) + answer.body.decode())
        assert quiet(printed)
        assert token not in printed
        assert sum('"type":"audit"' in line for line in printed.splitlines()) == 1


def test_an_unforeseen_error_prints_its_class_and_nothing_of_its_text(
    house: Deployed, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-14."""

    def burst(_data: bytes) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("hallpass.domain.arrival.read_page", burst)
    house.simulator.control.fault("body", body=planted())
    answer = house.get(house.token(Scope(rows("minor"), "all-documented@1")))
    printed = "".join(capfd.readouterr())
    assert answer.status == 500
    assert quiet(answer.body.decode() + printed)
    assert "RuntimeError" in printed


# Powertools warns of its own switch, at most once a process: whether it does depends on what ran before.
@pytest.mark.filterwarnings("ignore:POWERTOOLS_:UserWarning")
@pytest.mark.parametrize("switch", ["POWERTOOLS_LOGGER_LOG_EVENT", "POWERTOOLS_DEV", "POWERTOOLS_DEBUG"])
def test_no_switch_of_the_environment_makes_a_request_be_printed(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    """T-18."""
    monkeypatch.setenv(switch, "true")
    with deployed(Settings(incidents=0, accounts=(Account("canary", CREDENTIAL),)), CREDENTIAL) as house:
        house.simulator.control.fault("body", body=planted())
        token = house.token(Scope(rows("minor"), "all-documented@1"))
        assert house.get(token, user_agent=CANARY).status == 200
        printed = "".join(capfd.readouterr())
    assert quiet(printed)
    assert token not in printed
