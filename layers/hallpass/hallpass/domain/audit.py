"""The audit line: one record per request and denial, from one table of fields.

Rule: no name, student or staff number, uuid, free text, token or raw query; what is free text stays in
the registry and is referred to by id. Lists are delimited strings, because log queries flatten arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What happened. None: does not apply, and is left out of the line.

    `query`, `types`, `schools`: canonical, of the vendor's own parameters and the scope. `removed`: rows
    withheld, by reason. `ms`: of the whole request; `age`: seconds; `bytes`: the body's as sent.
    """

    time: datetime
    request_id: str
    action: str
    status: int
    ms: int
    version: str
    source: str
    problem: str | None = None
    actor: str | None = None
    role: str | None = None
    target: str | None = None
    district: str | None = None
    integration: str | None = None
    token: str | None = None
    agreement: str | None = None
    query: str | None = None
    page: int | None = None
    format: str | None = None
    scope_version: int | None = None
    fields_preset: str | None = None
    types: str | None = None
    schools: str | None = None
    window: str | None = None
    cache: str | None = None
    snapshot: str | None = None
    age: int | None = None
    incidents: int | None = None
    persons: int | None = None
    removed: str | None = None
    unknown_paths: int | None = None
    unparsed: int | None = None
    bytes: int | None = None
    upstream_calls: int | None = None
    upstream_status: int | None = None
    upstream_ms: int | None = None
    before: str | None = None
    after: str | None = None

    def line(self) -> Mapping[str, str | int]:
        """The fields that apply, in the table's order; `time` as RFC 3339 in UTC."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["time"] = self.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {name: value for name, value in values.items() if value is not None}
