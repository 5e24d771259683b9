"""Pseudonyms of one integration: keyed, and of a domain of its own for each kind of identity.

Rule: HMAC-SHA-256 over the value's bytes exactly as they came (UTF-8, nothing trimmed or folded), under a key that no
other integration has. The same value of two kinds, or under two keys, has nothing in common.
"""

from __future__ import annotations

import base64
import hmac
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from hallpass.domain.model import Incident, incident_uuid
from hallpass.domain.schema import Identity

KEY_BYTES: Final = 32
_LETTERS: Final = 26
"""Of base32: 130 bits."""
PSEUDONYM_PATTERN: Final = (
    "^(?:|p[0-9]+-[a-z2-7]{26}|[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$"
)
"""Of any identity: nothing, a person's or an incident's."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """An integration's pseudonym key as the key service sealed it, for this integration and epoch and no other."""

    integration_id: str
    epoch: int
    sealed: bytes = field(repr=False)


class Pseudonyms:
    """`epoch` stands in front of every number's pseudonym, so that those of two keys are told apart at sight."""

    __slots__ = ("_epoch", "_key")

    def __init__(self, key: bytes, epoch: int) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a pseudonym key is 32 bytes")
        self._key = key
        self._epoch = epoch

    def __repr__(self) -> str:
        return f"Pseudonyms(epoch={self._epoch})"

    def of(self, identity: Identity) -> Callable[[str], str]:
        """The function from a value to its pseudonym. An empty value identifies nobody and stays empty.

        An incident's is a UUID of version 8 (RFC 9562 section 5.8), a person's `p<epoch>-` and 26 letters.
        """
        if identity is Identity.INCIDENT:
            return lambda value: str(_uuid8(self._digest(identity, value))) if value else ""
        return lambda value: f"p{self._epoch}-{_letters(self._digest(identity, value))}" if value else ""

    def in_order(self, rows: Sequence[Incident]) -> Sequence[Incident]:
        """By a digest of the row's id, and of the whole row where ids are missing or alike."""
        return sorted(rows, key=self._place)

    def _place(self, row: Incident) -> tuple[bytes, bytes]:
        return self._digest("order", incident_uuid(row) or ""), self._digest("order-row", orjson.dumps(row).decode())

    def _digest(self, domain: str, value: str) -> bytes:
        content = value.encode()
        # The length keeps domain and value apart, whatever either holds.
        return hmac.digest(self._key, b"v1|%s|%d|%s" % (domain.encode(), len(content), content), "sha256")


def _letters(digest: bytes) -> str:
    return base64.b32encode(digest).decode("ascii")[:_LETTERS].lower()


def _uuid8(digest: bytes) -> uuid.UUID:
    number = int.from_bytes(digest[:16], "big")
    number = (number & ~(0xF << 76)) | (8 << 76)
    return uuid.UUID(int=(number & ~(3 << 62)) | (2 << 62))
