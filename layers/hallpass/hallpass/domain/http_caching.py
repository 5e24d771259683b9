"""RFC 9111 for a private cache of one principal whose requests carry fixed fields: what is kept, and how long.

Rule: a pure function of (request, stored, now) that could front any upstream; it knows nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Name and value pairs in the order they came, duplicates kept."""


class UpstreamControl(StrEnum):
    """Whether the origin's `Cache-Control` and `Expires` decide (RFC 9111), or the data's owner does."""

    HONOUR = "honour"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long a response may be used. Under `HONOUR` `fresh_for` is for one that says nothing of its own.

    The two others are counted from when it ceased to be fresh (RFC 5861).
    """

    fresh_for: timedelta
    stale_while_revalidate: timedelta
    stale_if_error: timedelta
    control: UpstreamControl = UpstreamControl.OVERRIDE

    def within(self, cap: timedelta | None) -> Freshness:
        """Never staler than `cap`, if there is one, whatever for."""
        if cap is None:
            return self
        behind, failing = min(self.stale_while_revalidate, cap), min(self.stale_if_error, cap)
        return replace(self, stale_while_revalidate=behind, stale_if_error=failing)


@dataclass(frozen=True, slots=True)
class Received:
    """What is kept of a response beside its body: status, fields, and when it was asked for and came (UTC)."""

    status: int
    headers: Headers
    requested_at: datetime
    received_at: datetime

    def values(self, name: str) -> list[str]:
        return field_values(self.headers, name)


def field_values(headers: Headers, name: str) -> list[str]:
    """Of every field of that name (given in lower case), in order, without the space around."""
    return [value.strip(" \t") for field, value in headers if field.lower() == name]


def list_members(values: list[str]) -> list[str]:
    """Of a list of plain tokens over several fields, in order. Empty ones are passed over (RFC 9110, 5.6.1.2)."""
    return [member for value in values for part in value.split(",") if (member := part.strip(" \t"))]
