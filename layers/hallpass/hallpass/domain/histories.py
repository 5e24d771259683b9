"""What an integration was, version by version: what was agreed and granted, who wrote it and when.

Rule: a version is written together with the change, and never again; no key of pseudonyms is in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hallpass.domain.access import Integration


@dataclass(frozen=True, slots=True)
class Written:
    """`integration`: as it was written, without its key."""

    integration: Integration
    at: datetime
    by: str
