"""Metrics as CloudWatch reads them: the embedded format, a line for each set of dimensions, each thread its own."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
from hallpass.adapters.telemetry import PowertoolsTelemetry, make_telemetry
from hallpass.domain.metrics import Unit

from tests.domain.test_metrics import DENIED, RECORD

Line = dict[str, Any]
BOUNDED = {"outcome", "reason"}


@pytest.fixture
def telemetry() -> PowertoolsTelemetry:
    return make_telemetry("stack-vendor-api", "Hallpass")


def flushed(telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, ...], Line]:
    """The lines by the values of their dimensions beside the service."""
    telemetry.flush()
    found = {}
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Hallpass"
        [names] = directive["Dimensions"]
        assert line["service"] == "stack-vendor-api"
        assert "service" in names
        assert set(names) - {"service"} <= BOUNDED
        found[tuple(line[name] for name in names if name != "service")] = line
    return found


def units(line: Line) -> dict[str, str]:
    return {each["Name"]: each["Unit"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


def test_what_has_a_dimension_goes_on_a_line_of_its_own(
    telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.measure(DENIED)
    told = flushed(telemetry, capsys)
    assert set(told) == {(), ("refused",), ("token-revoked",)}
    assert units(told["token-revoked",]) == {"Denials": "Count"}
    assert units(told["refused",]) == {"Requests": "Count"}
    assert units(told[()])["AnswerMilliseconds"] == "Milliseconds"
    assert told[()]["AnswerBytes"] == [200]


def test_two_requests_of_one_invocation_add_up(
    telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.measure(RECORD)
    telemetry.measure(replace(RECORD, age=99, status=304))
    told = flushed(telemetry, capsys)
    assert set(told) == {(), ("answered",), ("not-modified",)}
    assert told[()]["Requests"] == [1, 1]
    assert told[()]["AnswerAge"] == [88, 99]


def test_f_33_no_line_holds_an_id(telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]) -> None:
    ids = ("D1st", "D1stV001", "Tok1", "agreement-7", "req-of-someone", "192.0.2.77")
    district, integration, token, agreement, request, source = ids
    of_someone = replace(DENIED, district=district, integration=integration, token=token, agreement=agreement)
    # Even where a problem's name would be one.
    telemetry.measure(replace(of_someone, request_id=request, source=source, problem=integration))
    telemetry.flush()
    told = capsys.readouterr().out
    assert told
    assert not [value for value in ids if value in told]


def test_what_was_flushed_is_not_told_again(telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.measure(DENIED)
    assert flushed(telemetry, capsys)
    assert flushed(telemetry, capsys) == {}
    telemetry.count("LedgerFailures")
    assert units(flushed(telemetry, capsys)[()]) == {"LedgerFailures": "Count"}


def test_a_call_to_the_upstream_is_measured(telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.upstream_asked("D1st", 2, 310)
    assert not flushed(telemetry, capsys)[()].keys() & {"district", "upstream_fault"}
    telemetry.upstream_asked("D1st", 2, 310, "upstream-error")
    told = flushed(telemetry, capsys)[()]
    assert units(told) == {"UpstreamCalls": "Count", "UpstreamMilliseconds": "Milliseconds", "UpstreamErrors": "Count"}
    assert told["UpstreamCalls"] == [2]
    # Beside the metrics and no dimension of them.
    assert (told["district"], told["upstream_fault"]) == ("D1st", "upstream-error")


def test_what_stands_beside_no_metric_does_not_stand_beside_the_next(
    telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.upstream_asked("D1st", 0, 0, "upstream-error")
    assert flushed(telemetry, capsys) == {}
    telemetry.upstream_asked("D2nd", 1, 31)
    assert "district" not in flushed(telemetry, capsys)[()]


def test_a_credential_that_is_refused_names_its_district_also_while_it_is_not_tried(
    telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.upstream_asked("D1st", 0, 0, "upstream-credentials")
    told = flushed(telemetry, capsys)[()]
    assert units(told) == {"UpstreamCredentialRefused": "Count"}
    assert (told["district"], told["upstream_fault"]) == ("D1st", "upstream-credentials")


def test_a_reading_has_its_unit(telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.gauge("LedgerIndexLagSeconds", Unit.SECONDS, 120)
    assert units(flushed(telemetry, capsys)[()]) == {"LedgerIndexLagSeconds": "Seconds"}


def test_a_count_by_district_is_one_number_and_says_whose(
    telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.count_by_district("TokensExpiring", "expiring", {"D2nd": 1, "D1st": 2, "D3rd": 0})
    told = flushed(telemetry, capsys)[()]
    assert (told["TokensExpiring"], told["expiring"]) == ([3], "D1st=2 D2nd=1")


def test_threads_do_not_see_each_others_metrics(
    telemetry: PowertoolsTelemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.measure(DENIED)
    other = Thread(target=telemetry.flush)
    other.start()
    other.join()
    assert capsys.readouterr().out == ""
    assert len(flushed(telemetry, capsys)) == 3
