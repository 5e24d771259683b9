"""The pseudonym keys, sealed by KMS: the registry holds them sealed, only the data plane opens them.

Rule: a sealed key opens for its own integration and epoch alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hallpass.adapters.kms_sealed_keys import KmsSealedKeys, new_sealed_key
from hallpass.domain.pseudonyms import SealedKey
from hallpass.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsPseudonymKeys:
    """The PseudonymKeys port."""

    def __init__(self, connect: Callable[[], KMSClient], clock: Clock) -> None:
        self._keys = KmsSealedKeys(connect, clock)

    def open(self, key: SealedKey) -> bytes:
        return self._keys.open(key.sealed, _context(key.integration_id, key.epoch))


class KmsPseudonymKeyMaker:
    """The PseudonymKeyMaker port."""

    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def make(self, integration_id: str, epoch: int) -> bytes:
        return new_sealed_key(self._client, self._key_id, _context(integration_id, epoch))


def _context(integration_id: str, epoch: int) -> dict[str, str]:
    return {"integration": integration_id, "epoch": str(epoch)}
