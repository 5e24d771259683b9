"""The pseudonym keys, sealed by KMS: the registry holds them sealed, only the data plane opens them.

Rule: who makes a key never sees it, and a sealed key opens for its own integration and epoch alone (the encryption
context says both); in doubt, no key.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from hallpass.adapters.aws_errors import aws_errors
from hallpass.domain.errors import UnavailableError
from hallpass.domain.pseudonyms import KEY_BYTES, SealedKey
from hallpass.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

MEMORY_SECONDS = 300.0
MOST_REMEMBERED = 200


class KmsPseudonymKeys:
    """The PseudonymKeys port. A container remembers an open key for at most five minutes.

    `connect`: makes the client, which a container that shows no pseudonyms never needs.
    """

    def __init__(self, connect: Callable[[], KMSClient], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._client: KMSClient | None = None
        self._lock = Lock()
        self._memory: dict[SealedKey, tuple[float, bytes]] = {}

    def open(self, key: SealedKey) -> bytes:
        now = self._clock.monotonic()
        with self._lock:
            # Also of keys that nobody asks for any more.
            self._memory = {known: kept for known, kept in self._memory.items() if now - kept[0] < MEMORY_SECONDS}
            kept = self._memory.get(key)
        if kept is not None:
            return kept[1]
        opened = self._decrypt(key)
        with self._lock:
            if len(self._memory) >= MOST_REMEMBERED:
                self._memory.clear()
            self._memory[key] = (now, opened)
        return opened

    def _decrypt(self, key: SealedKey) -> bytes:
        with self._lock:
            self._client = client = self._client or self._connect()
        with aws_errors():
            answer = client.decrypt(
                CiphertextBlob=key.sealed, EncryptionContext=_context(key.integration_id, key.epoch)
            )
        opened = answer.get("Plaintext") or b""
        if len(opened) != KEY_BYTES:
            raise UnavailableError
        return opened


class KmsPseudonymKeyMaker:
    """The PseudonymKeyMaker port. Needs no permission to open a key."""

    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def make(self, integration_id: str, epoch: int) -> bytes:
        with aws_errors():
            answer = self._client.generate_data_key_without_plaintext(
                KeyId=self._key_id, NumberOfBytes=KEY_BYTES, EncryptionContext=_context(integration_id, epoch)
            )
        return answer["CiphertextBlob"]


def _context(integration_id: str, epoch: int) -> dict[str, str]:
    return {"integration": integration_id, "epoch": str(epoch)}
