"""Pseudonyms of one integration: keyed, and of a domain of its own for each kind of identity.

Rule: HMAC-SHA-256 over the value's bytes exactly as they came (UTF-8, nothing trimmed or folded), under a key that no
other integration has. The same value of two kinds, or under two keys, has nothing in common.
"""

from __future__ import annotations

import base64
import hmac
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from hallpass.domain.model import Incident
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


class _Memory(dict[str, str]):
    """A value -> its pseudonym. Values of a page repeat."""

    def __init__(self, make: Callable[[str], str]) -> None:
        # An empty value identifies nobody and stays empty.
        super().__init__({"": ""})
        self._make = make

    def __missing__(self, value: str) -> str:
        self[value] = made = self._make(value)
        return made


class Pseudonyms:
    """`epoch` stands in front of every number's pseudonym, so that those of two keys are told apart at sight."""

    __slots__ = ("_epoch", "_key", "_known")

    def __init__(self, key: bytes, epoch: int) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a pseudonym key is 32 bytes")
        self._key = key
        self._epoch = epoch
        self._known = {identity: _Memory(self._maker(identity)) for identity in Identity}

    def __repr__(self) -> str:
        return f"Pseudonyms(epoch={self._epoch})"

    def of(self, identity: Identity) -> Callable[[str], str]:
        """The function from a value to its pseudonym; empty for an empty one.

        An incident's is a UUID of version 8 (RFC 9562 section 5.8), a person's `p<epoch>-` and 26 letters.
        """
        return self._known[identity].__getitem__

    def _maker(self, identity: Identity) -> Callable[[str], str]:
        digest, prefix = self._digests(identity), f"p{self._epoch}-"
        if identity is Identity.INCIDENT:
            return lambda value: _uuid8(digest(value))
        return lambda value: prefix + _letters(digest(value))

    def in_order(
        self, rows: Sequence[Incident], name: Callable[[Incident], str], shown: Callable[[Incident], bytes]
    ) -> Sequence[Incident]:
        """By the pseudonym of a row's `name` and, where names are empty or alike, a digest of what is `shown` of it."""
        alike = Counter(map(name, rows))
        by_name, by_content = self.of(Identity.INCIDENT), self._digests("order")

        def place(row: Incident) -> tuple[str, bytes]:
            known = name(row)
            return by_name(known), by_content(shown(row).hex()) if alike[known] > 1 or not known else b""

        return sorted(rows, key=place)

    def _digests(self, domain: str) -> Callable[[str], bytes]:
        """The function from a value to its digest in a domain."""
        key, head = self._key, b"v1|%s|" % domain.encode()

        def digest(value: str) -> bytes:
            content = value.encode()
            # The length keeps domain and value apart, whatever either holds.
            return hmac.digest(key, b"%s%d|%s" % (head, len(content), content), "sha256")

        return digest


def _letters(digest: bytes) -> str:
    # 20 bytes are 32 letters, without padding.
    return base64.b32encode(digest[:20]).decode("ascii")[:_LETTERS].lower()


def _uuid8(digest: bytes) -> str:
    """RFC 9562 section 5.8: version 8, variant 10, the rest the digest's."""
    h = digest.hex()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:32]}"
