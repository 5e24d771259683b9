"""An audit line as it is read back from a log: what it says, whether it is wanted, and how it looks on a terminal.

Rule: whatever stands in a log is text; what is no audit line is passed over, what only looks like one is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hallpass_cli.output import plain

Facts = Mapping[str, Any]
HEAD = f"{'time':20}  {'sta':3}  {'action':24}  {'dist':4}  {'who':8}  {'token':5}  what"
# Of a line that was cut off, or mixed with another.
_LOOKS_LIKE_ONE = re.compile(r'"type"\s*:\s*"audit"')


class MalformedLineError(Exception):
    """A line that calls itself an audit line, and cannot be read as one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What lines have to say. None: anything. `status`: as 403, or a class as 4xx."""

    district: str | None = None
    integration: str | None = None
    action: str | None = None
    problem: str | None = None
    status: str | None = None

    def wants(self, facts: Facts) -> bool:
        asked = {name: getattr(self, name) for name in ("district", "integration", "action", "problem")}
        if any(value is not None and facts.get(name) != value for name, value in asked.items()):
            return False
        return self.status is None or str(facts["status"]).startswith(self.status.rstrip("x"))


def parse(message: str) -> Facts | None:
    """None: no audit line. Raises MalformedLineError."""
    try:
        facts = json.loads(message)
    except (ValueError, RecursionError) as error:
        if _LOOKS_LIKE_ONE.search(message):
            raise MalformedLineError from error
        return None
    if not isinstance(facts, dict) or facts.get("type") != "audit":
        return None
    try:
        _time(facts)
        whole = isinstance(facts["action"], str) and isinstance(facts["status"], int)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MalformedLineError from error
    if not whole:
        raise MalformedLineError
    return facts


def text(facts: Facts) -> str:
    """One line under HEAD, of visible characters."""
    district, token = (str(facts.get(name, "-")) for name in ("district", "token"))
    who = str(facts.get("actor") or facts.get("integration") or "-")
    head = f"{_time(facts):%Y-%m-%dT%H:%M:%SZ}  {facts['status']:3}  {facts['action']:24}"
    return plain(f"{head}  {district:4}  {who:8}  {token:5}  {_what(facts)}").plain


def _what(facts: Facts) -> str:
    told = []
    if facts.get("actor") and facts.get("integration"):
        told.append(f"of {facts['integration']}")
    if "problem" in facts:
        told.append(str(facts["problem"]))
    if facts.get("phase") == "begun":
        told.append("begun")
    if facts.get("incidents"):
        told.append(f"{facts['incidents']} incidents, {facts.get('persons', 0)} persons")
    told += [f"{name} {facts[name]}" for name in ("before", "after", "query") if facts.get(name)]
    return "; ".join([*told, f"{facts.get('ms', '?')} ms"])


def _time(facts: Facts) -> datetime:
    """Raises KeyError, TypeError, ValueError, OverflowError."""
    return datetime.fromisoformat(facts["time"]).astimezone(UTC)
