"""Keys of 32 bytes that KMS sealed for one purpose: the encryption context says which, and opens nothing else.

Rule: who makes a key never sees it; an open key is remembered for at most five minutes; in doubt, no key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from hallpass.adapters.aws_errors import aws_errors
from hallpass.domain.errors import UnavailableError
from hallpass.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

KEY_BYTES = 32
MEMORY_SECONDS = 300.0
MOST_REMEMBERED = 200

_Known = tuple[bytes, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class KmsSealedKeys:
    """Opens them. `connect`: makes the client, which a container that opens none never needs."""

    connect: Callable[[], KMSClient]
    clock: Clock
    _client: KMSClient | None = None
    _lock: Lock = field(default_factory=Lock)
    _memory: dict[_Known, tuple[float, bytes]] = field(default_factory=dict, repr=False)

    def open(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """Raises UnavailableError."""
        now, key = self.clock.monotonic(), (sealed, tuple(sorted(context.items())))
        with self._lock:
            # Also of keys that nobody asks for any more.
            self._memory = {known: kept for known, kept in self._memory.items() if now - kept[0] < MEMORY_SECONDS}
            kept = self._memory.get(key)
        if kept is not None:
            return kept[1]
        opened = self._decrypt(sealed, context)
        with self._lock:
            if len(self._memory) >= MOST_REMEMBERED:
                self._memory.clear()
            self._memory[key] = (now, opened)
        return opened

    def _decrypt(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        with self._lock:
            self._client = client = self._client or self.connect()
        with aws_errors():
            answer = client.decrypt(CiphertextBlob=sealed, EncryptionContext=context)
        opened = answer.get("Plaintext") or b""
        if len(opened) != KEY_BYTES:
            raise UnavailableError
        return opened


def new_sealed_key(client: KMSClient, key_id: str, context: Mapping[str, str]) -> bytes:
    """Raises UnavailableError. Needs no permission to open a key."""
    with aws_errors():
        answer = client.generate_data_key_without_plaintext(
            KeyId=key_id, NumberOfBytes=KEY_BYTES, EncryptionContext=context
        )
    return answer["CiphertextBlob"]
