"""Which tokens there are, by their digests: enough to be sure that one is not, without a look-up for each.

Rule: what is a moment old is read again before anything is denied by it, and no token is shown to anybody before that
moment has passed; what cannot be read denies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hallpass.adapters.partition import items_of
from hallpass.adapters.registry_keys import DIRECTORY
from hallpass.domain.access import DISTRICT_ID_LENGTH
from hallpass.domain.bad_tokens import ROSTER_SECONDS
from hallpass.domain.errors import UnavailableError
from hallpass.domain.tokens import PresentedToken
from hallpass.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Digests are to be found with neither names nor states: the role allows these attributes and no others.
_PROJECTED = {"ProjectionExpression": "sk, digest", "Select": "SPECIFIC_ATTRIBUTES"}

Digests = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Moment:
    """By both clocks: one may be set, the other may stand while a container is frozen."""

    now: datetime
    monotonic: float

    def soon_after(self, earlier: _Moment) -> bool:
        ages = ((self.now - earlier.now).total_seconds(), self.monotonic - earlier.monotonic)
        return all(0 <= age < ROSTER_SECONDS for age in ages)


class RegistryRoster:
    """The Roster port over the registry's table."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Clock) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._read: dict[str, tuple[_Moment, Digests]] = {}

    def may_hold(self, presented: PresentedToken) -> bool:
        district = presented.holder_id[:DISTRICT_ID_LENGTH]
        try:
            if f"district#{district}" not in self._fresh(DIRECTORY, "district#"):
                return False
            kept = self._fresh(f"district#{district}", "token#")
        except UnavailableError:
            return True
        return kept.get(f"token#{presented.holder_id}#{presented.token_id}") == presented.digest

    def _fresh(self, partition: str, begins: str) -> Digests:
        """Of a partition, by sort key. Only what a district's directory names is asked for and kept."""
        began = _Moment(self._clock.now(), self._clock.monotonic())
        read_at, digests = self._read.get(partition, (None, {}))
        if read_at is not None and began.soon_after(read_at):
            return digests
        items = items_of(self._client, self._table, partition, begins, **_PROJECTED)
        digests = {str(item["sk"]["S"]): _digest(item) for item in items}
        self._read[partition] = (began, digests)
        return digests


def _digest(item: Any) -> bytes:
    return bytes(item.get("digest", {}).get("B", b""))
