"""The audit line: one flat record, with what does not apply left out."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hallpass.domain.audit import AUDIT_SCHEMA, FIELD_NAMES, AuditRecord, audit_schema
from jsonschema import Draft202012Validator

NONE = "no-records"
AT = datetime(2026, 3, 2, 15, 0, 0, 120_000, tzinfo=UTC)
DENIAL = AuditRecord(
    AT, "req-1", "incidents.read", 401, 3, "0.1.0", "192.0.2.1", NONE, problem="token-missing", incidents=0
)
ALWAYS = ["time", "request_id", "action", "status", "ms", "version", "source", "disclosure"]


def test_a_line_holds_what_applies_in_the_tables_order() -> None:
    assert list(DENIAL.line().items()) == [
        ("time", "2026-03-02T15:00:00.120000Z"), ("request_id", "req-1"), ("action", "incidents.read"),
        ("status", 401), ("ms", 3), ("version", "0.1.0"), ("source", "192.0.2.1"), ("disclosure", "no-records"),
        ("problem", "token-missing"), ("incidents", 0),
    ]  # fmt: skip


ZONES = {
    "UTC": UTC,
    "a zone west of it": timezone(timedelta(hours=-6)),
    "a zone a day ahead": timezone(timedelta(hours=13, minutes=45)),
}


@pytest.mark.parametrize("zone", ZONES.values(), ids=ZONES)
def test_the_time_is_written_in_utc_when_it_came_in(zone: timezone) -> None:
    record = AuditRecord(AT.astimezone(zone), "req-1", "health", 200, 0, "0.1.0", "192.0.2.1", NONE)
    assert record.line()["time"] == "2026-03-02T15:00:00.120000Z"


def test_every_line_says_what_was_done_when_by_whom_and_how_it_ended() -> None:
    assert [field.name for field in fields(AuditRecord) if field.default is MISSING] == ALWAYS
    assert list(AuditRecord(AT, "req-1", "health", 200, 0, "0.1.0", "192.0.2.1", NONE).line()) == ALWAYS


def test_f_31_a_line_is_flat_and_one_line_whatever_a_value_holds() -> None:
    told = AuditRecord(AT, "r\r\n\u2028\x1b[31m", '{"a":1}', 200, 0, "0.1.0", "192.0.2.1", NONE).line()
    assert all(isinstance(value, str | int) for value in told.values())
    assert len(json.dumps(told).splitlines()) == 1


def test_the_schema_is_closed_and_holds_every_field() -> None:
    schema = audit_schema()
    Draft202012Validator.check_schema(schema)
    properties, required = schema["properties"], schema["required"]
    assert isinstance(properties, dict)
    assert list(properties) == ["level", "type", "schema", *FIELD_NAMES]
    assert required == ["level", "type", "schema", *ALWAYS]
    assert schema["additionalProperties"] is False


def test_a_line_as_it_is_written_is_valid_and_one_with_anything_else_is_not() -> None:
    check = Draft202012Validator(audit_schema())
    line = {"level": "INFO", "type": "audit", "schema": AUDIT_SCHEMA, **DENIAL.line()}
    check.validate(line)
    worse: list[dict[str, object]] = [
        {"name": "Zed"}, {"status": "401"}, {"incidents": -1}, {"problem": "x y"}, {"district": "D1 st"},
        {"schema": 2}, {"time": "2026-03-02"}, {"disclosure": "maybe"}, {"people": "S1"}, {"ms": True},
    ]  # fmt: skip
    for change in worse:
        assert not check.is_valid({**line, **change}), change
    for name in ALWAYS:
        assert not check.is_valid({known: value for known, value in line.items() if known != name}), name


def test_f_30_no_field_is_for_what_a_line_must_not_hold() -> None:
    forbidden = {
        "authorization",
        "secret",
        "path",
        "raw_query",
        "user_agent",
        "uuid",
        "name",
        "text",
        "detail",
        "message",
    }
    assert not forbidden & {field.name for field in fields(AuditRecord)}
