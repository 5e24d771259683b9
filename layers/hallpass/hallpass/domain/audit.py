"""The record of a request: what the ledger's row and the audit line both hold, from one table of fields.

Rule: no name, student or staff number, uuid, free text, token or raw query; what is free text stays in
the registry and is referred to by id. Lists are delimited strings, because log queries flatten arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from hallpass.domain.json_schema import DIALECT
from hallpass.domain.values import Json

AUDIT_SCHEMA = 1
"""Of the row and the line. A field more is a new version, and readers of an older one are told so."""

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
# What the gateway says, and what a client claims: ids of ours are base62.
_WORD = r"[0-9A-Za-z._:=/-]{1,128}"
_ID = r"[0-9A-Za-z]{4,8}"


class Disclosure(StrEnum):
    """Whether incidents left with an answer. Every 304, HEAD and denial is `no-records`.

    `synthetic`: a test token's request, whatever became of it: nothing that it could get is about anybody.
    """

    RECORDS = "records"
    NONE = "no-records"
    SYNTHETIC = "synthetic"


class Phase(StrEnum):
    """A change is recorded before it is made, and again when it has ended."""

    BEGUN = "begun"
    ENDED = "ended"


def _told(told: str, **schema: Json) -> dict[str, Any]:
    return {"schema": {**schema, "description": told}}


def _text(told: str, pattern: str | None = None, most: int = 4_000) -> Any:
    bounds: dict[str, Json] = {"pattern": f"^(?:{pattern})$"} if pattern else {"maxLength": most}
    return field(default=None, metadata=_told(told, type="string", **bounds))


def _number(told: str) -> Any:
    return field(default=None, metadata=_told(told, type="integer", minimum=0))


def _always(told: str, **schema: Json) -> Any:
    return field(metadata=_told(told, **schema))


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What happened. None: does not apply, and is left out. The table is `audit_schema`'s and the docs'."""

    time: datetime = _always(  # noqa: RUF009 - makes a field
        "when the request began, UTC", type="string", pattern=f"^{TIME}$"
    )
    request_id: str = _always("the gateway's; also in the answer's `X-Request-Id`", type="string", maxLength=128)
    action: str = _always("what was asked for", type="string", pattern="^[a-z0-9.-]{1,40}$")
    status: int = _always("as answered", type="integer", minimum=100, maximum=599)
    ms: int = _always("the whole request", type="integer", minimum=0)
    version: str = _always("of Hallpass", type="string", maxLength=32)
    source: str = _always("the caller's address, as the gateway saw it", type="string", maxLength=64)
    disclosure: str = _always("whether incidents left with the answer", enum=[each.value for each in Disclosure])
    phase: str | None = _text("changes: `begun` before it is made, `ended` with its outcome", "begun|ended")
    attempts: int | None = _number(
        "requests of this address without a good token in this minute, so far; from 20 on not each has a row"
    )
    problem: str | None = _text("the problem's type, without `urn:hallpass:problem:`", "[a-z0-9-]{1,40}")
    actor: str | None = _text("admin requests: the person's id", _ID)
    role: str | None = _text("admin requests: the person's role", "[a-z-]{1,20}")
    target: str | None = _text("admin requests: the id of what was changed", _ID)
    district: str | None = _text(
        "the district's id; of a refused token when it knew the secret; else an admin's own", _ID
    )
    integration: str | None = _text("the integration's id; of a refused token as it claimed it", _ID)
    token: str | None = _text("the token's public id; of a refused token as it claimed it", _ID)
    agreement: str | None = _text("the agreement's id", most=64)
    integration_version: int | None = _number("the state of the integration, whose purpose stands in the registry")
    query: str | None = _text("canonical, as it was asked; schools that the scope does not name are counted")
    page: int | None = _number("as it was asked")
    format: str | None = _text("of the answer", "xml|json|ndjson|csv")
    scope_version: int | None = _number("of the integration's scope")
    fields_preset: str | None = _text("the fields that the answer was rendered under")
    types: str | None = _text("the scope's incident types, separated by a space")
    schools: str | None = _text("the scope's school codes, separated by a space, or `all`")
    window: str | None = _text("the scope's dates, `first/last` or `unbounded`", most=32)
    cache: str | None = _text("`Cache-Status`", most=200)
    snapshot: str | None = _text("the snapshot's id", "[0-9a-f-]{1,40}")
    age: int | None = _number("seconds since the upstream answered")
    incidents: int | None = _number("disclosed by this answer")
    persons: int | None = _number("of these incidents that the answer shows")
    people: str | None = _text("the stored set of persons of the page, by how its rendering shows each", "[0-9a-f]{64}")
    removed: str | None = _text("rows left out, by reason; only when just computed", most=200)
    unknown_paths: int | None = _number("undocumented nodes withheld; only when just fetched")
    unparsed: int | None = _number("values sent as `null`; only when just computed")
    bytes: int | None = _number("of the body as sent")
    upstream_calls: int | None = _number("when the upstream was asked: how often")
    upstream_status: int | None = _number("when the upstream was asked: its status")
    upstream_ms: int | None = _number("when the upstream was asked: how long it took")
    before: str | None = _text("changes by admins: the state before, in short words")
    after: str | None = _text("changes by admins: the state after, in short words")
    trace: str | None = _text("the trace that the client's `traceparent` or the platform names", "[0-9a-f]{32}")
    invocation: str | None = _text("the function's own request id, which `platform.report` names", _WORD)
    cold: int | None = _number("1 in a container's first request")

    def line(self) -> Mapping[str, str | int]:
        """The fields that apply, in the table's order; `time` as RFC 3339 in UTC."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["time"] = time_text(self.time)
        return {name: value for name, value in values.items() if value is not None}


FIELD_NAMES = tuple(each.name for each in fields(AuditRecord))
_ALWAYS = ("time", "request_id", "action", "status", "ms", "version", "source", "disclosure")


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals, so that times compare as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def audit_schema() -> dict[str, Json]:
    """The JSON Schema (2020-12) of an audit line, closed."""
    members: dict[str, Json] = {
        "level": {"const": "INFO"},
        "type": {"const": "audit"},
        "schema": {"const": AUDIT_SCHEMA},
    }
    members |= {each.name: each.metadata["schema"] for each in fields(AuditRecord)}
    return {
        "$schema": DIALECT,
        "title": f"Hallpass audit line, version {AUDIT_SCHEMA}",
        "type": "object",
        "properties": members,
        "required": ["level", "type", "schema", *_ALWAYS],
        "additionalProperties": False,
    }
