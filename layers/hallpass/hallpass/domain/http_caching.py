"""RFC 9111 for a private cache of one principal whose requests always carry the same fields: what is kept, and how long.

Rule: a pure function of (request, stored, now) that could front any upstream; it knows nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """How long a response may be used. Under `HONOUR` `fresh_for` is for one that says nothing of its own."""

    fresh_for: timedelta
    stale_while_revalidate: timedelta
    stale_if_error: timedelta
    control: UpstreamControl = UpstreamControl.OVERRIDE


@dataclass(frozen=True, slots=True)
class Received:
    """What is kept of a response beside its body: its status and fields, when it was asked for and when it came (UTC)."""

    status: int
    headers: Headers
    requested_at: datetime
    received_at: datetime
